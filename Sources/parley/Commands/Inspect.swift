import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession
import Glibc

/// `parley inspect`: every frame both ways.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show every frame both ways, decoded, with the secrets hidden.",
        discussion: """
            On a connection of its own, until stopped. With --record everything the session hears is written to a file \
            as well, from which parley replay makes the same again without a network. Tokens, signatures and keys of \
            channels are in neither; what people wrote is.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(
        help: ArgumentHelp(
            "Make this file (0600) and write a record into it; one that is there is not overwritten.", valueName: "file"
        ))
    var record: String?
    @Option(help: ArgumentHelp("End after this time, such as 30s.", valueName: "time"))
    var timeout: TimeSpan?
    @Option(help: ArgumentHelp("End after so many frames.", valueName: "n"))
    var count: Int?
    @Flag(help: "Be in the roster meanwhile.")
    var present = false

    func run() throws {
        let route = try DeskRoute(try global.settings())
        let redaction = Redaction([(try? route.target.token()) ?? ""])
        if record != nil { try route.target.insistOnDesk() }
        let file = try record.map { path throws(Failure) in try RecordFile(path) }
        let frames = FrameQueue()
        let loop = VerbLoop(
            route: route, joinsLobby: present, tap: Self.tap(frames, SessionRecord(redaction), file, redaction))
        var shown = 0
        let end = try loop.run(until: timeout.map { Now.uptime + $0.duration }) { () throws(Failure) in
            _ = loop.runner.takeNotices()
            if let problem = file?.problem { throw problem }
            for frame in frames.take() {
                try output.json ? Output.json(frame.members) : Output.line(frame.line)
                shown += 1
                if shown == count { return true }
            }
            return false
        }
        if end == .timeUp, let count { throw Failure(.tryAgain, "inspect: \(shown) of \(count) frames came in time") }
    }

    private static func tap(
        _ frames: FrameQueue, _ record: SessionRecord, _ file: RecordFile?, _ redaction: Redaction
    ) -> SessionTap {
        SessionTap(
            began: { settings, seed in file?.write(record.head(settings, seed, version: Version.text)) },
            event: { event, now in
                if let line = record.event(event, now) { file?.write(line) }
                if let frame = frame(event, now, redaction) { frames.add(frame) }
            },
            tick: { file?.write(record.tick($0)) },
            effects: { effects, now in
                for effect in effects {
                    switch effect {
                    case .sendText(let text): frames.add(FrameLine(text, direction: "out", at: now.date, redaction))
                    case .openSocket(let attempt, _):
                        frames.add(
                            FrameLine(
                                at: now.date, direction: "link", event: "connecting", data: ["attempt": JSON(attempt)])
                        )
                    default: break
                    }
                }
            })
    }

    private static func frame(_ event: SessionEvent, _ now: Moment, _ redaction: Redaction) -> FrameLine? {
        switch event {
        case .socketText(_, let text): FrameLine(text, direction: "in", at: now.date, redaction)
        case .socketOpened: FrameLine(at: now.date, direction: "link", event: "open")
        case .socketClosed(_, let code, let reason):
            FrameLine(
                at: now.date, direction: "link", event: "closed",
                data: ["code": code.map { JSON(Int($0)) } ?? .null, "reason": .string(redaction.text(reason))])
        default: nil
        }
    }
}

/// Frames between the tap and the loop, on one thread.
private final class FrameQueue {
    private var frames: [FrameLine] = []

    func add(_ frame: FrameLine) { frames.append(frame) }

    func take() -> [FrameLine] {
        defer { frames = [] }
        return frames
    }
}

/// Lines to a file of its owner's alone.
private final class RecordFile {
    private let path: String
    private let descriptor: Int32
    private(set) var problem: Failure?

    init(_ path: String) throws(Failure) {
        self.path = path
        descriptor = try SmallFile.open(new: path)
    }

    deinit { close(descriptor) }

    func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        if Glibc.write(descriptor, bytes, bytes.count) != bytes.count, problem == nil {
            problem = Failure(.cannotWrite, "\(Text.shown(path)): cannot be written (\(systemText(errno)))")
        }
    }
}
