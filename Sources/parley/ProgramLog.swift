import ChannelsProtocol
import Chat
import Glibc
import Logging
import Synchronization

/// The log: `$XDG_STATE_HOME/parley/parley.log` (0600), opened when the first line is written. What cannot be written is
/// let go; a log never stops the program.
struct ProgramLog: Sendable {
    private let logger: Logger

    init(_ settings: Settings) { logger = Self.logger(settings) }

    /// Something from outside was not understood, or could not be kept, and was survived.
    func note(_ line: String) { logger.notice("\(line)") }

    /// - Parameter toStandardError: instead of the file, for those whose keeper collects what they print.
    static func logger(
        _ settings: Settings, label: String = "parley", toStandardError: Bool = false
    ) -> Logger {
        let level = settings.text(.logLevel).flatMap { Logger.Level(rawValue: $0) } ?? .notice
        let isJSON = settings.text(.logFormat) == "json"
        let file = (try? settings.environment.stateFolder).map { LogFile(path: $0 + "/parley.log") }
        var logger = Logger(label: label) { label -> any LogHandler in
            if toStandardError { return LineLogHandler(label: label, isJSON: isJSON) { Output.note($0) } }
            guard let file else { return SwiftLogNoOpLogHandler(label) }
            return LineLogHandler(label: label, isJSON: isJSON) { file.write($0) }
        }
        logger.logLevel = level
        return logger
    }
}

/// Lines to the end of one file, which never gets longer than `limit`: its older half is let go.
final class LogFile: Sendable {
    static let limit = 1 << 20
    private let path: String
    private let descriptor = Mutex<Int32?>(nil)

    init(path: String) { self.path = path }

    deinit {
        if let open = descriptor.withLock({ $0 }), open >= 0 { close(open) }
    }

    func write(_ line: String) {
        descriptor.withLock { descriptor in
            let file = descriptor ?? open()
            descriptor = file
            guard file >= 0 else { return }
            var status = stat()
            if fstat(file, &status) == 0, status.st_size > Self.limit { halve(file, Int(status.st_size)) }
            let bytes = Array((line + "\n").utf8)
            _ = Glibc.write(file, bytes, bytes.count)
        }
    }

    private func open() -> Int32 {
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) { try? SmallFile.makeFolder(String(path[..<slash])) }
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard file >= 0 else { return file }
        // What somebody else laid there, a file of theirs or a pipe, is not told anything.
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
            close(file)
            return -1
        }
        if status.st_mode & 0o077 != 0 { fchmod(file, 0o600) }
        return file
    }

    private func halve(_ file: Int32, _ size: Int) {
        // Several processes may write: one of them shortens, the others go on.
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else { return }
        defer { flock(file, LOCK_UN) }
        var kept = [UInt8](repeating: 0, count: Self.limit / 2)
        let count = pread(file, &kept, kept.count, size - kept.count)
        guard count > 0, ftruncate(file, 0) == 0 else { return }
        let rest = kept[..<count].drop { $0 != UInt8(ascii: "\n") }.dropFirst()
        _ = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    }
}

struct LineLogHandler: LogHandler {
    let label: String
    let isJSON: Bool
    let write: @Sendable (_ line: String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    init(label: String, isJSON: Bool, write: @escaping @Sendable (_ line: String) -> Void) {
        self.label = label
        self.isJSON = isJSON
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = (event.metadata ?? [:]).merging(metadata) { mine, _ in mine }.sorted { $0.key < $1.key }
        guard !isJSON else {
            let members: [(String, JSON)] = [
                ("at", .string(Now.date.rfc3339)), ("pid", .init(Int(getpid()))), ("level", .string("\(event.level)")),
                ("label", .string(label)), ("message", .string("\(event.message)")),
            ]
            // Beside the members that every line has, and never in their place.
            return write(Text.json(members + facts.map { ("fact_\($0.key)", .string("\($0.value)")) }))
        }
        let extra = facts.map { " \($0.key)=\($0.value)" }.joined()
        // What came from outside stays on its line and obeys nobody's terminal.
        write("\(Now.date.rfc3339) \(getpid()) \(event.level) \(label): \(Text.shown("\(event.message)\(extra)"))")
    }
}
