import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession
import Glibc

/// `parley export`: transcripts.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write transcripts, or check one.",
        discussion: """
            With participants, time zone, states, and what is missing. Without PEER every conversation of yours, one \
            after the other. The json format is one object a line, each with a hash of itself and the line before: \
            --verify names the first line that is not what was exported. It proves that a file was not changed since \
            its last hash was written down elsewhere.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case md, json, html, text
    }

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A user id, or a room such as #lobby.")
    var peer: String?
    @Option(help: ArgumentHelp("md, json, html or text.", valueName: "format"))
    var format = Format.text
    @Option(
        help: ArgumentHelp(
            "Make this file (0600) instead of writing to stdout; one that is there is not overwritten.",
            valueName: "file"))
    var output: String?
    @Option(help: ArgumentHelp("Check this file, which the json format wrote.", valueName: "file"))
    var verify: String?

    func run() throws {
        if let verify {
            Interruption.watch()
            let file = try Self.read(verify)
            let count = file.parts.reduce(0) { $0 + $1.messages.count }
            return try Output.line(
                "\(Text.shown(verify)): in order, \(Text.count(count, "message")) in "
                    + Text.count(file.parts.count, "conversation"))
        }
        let place = try peer.map { text throws(Failure) in try Place(argument: text) }
        if let output { try SmallFile.insistOnNothing(at: output) }
        let client = try DeskClient(try global.settings(), timeout: .seconds(300))
        defer { client.close() }
        let me = try client.identity()
        let users = try client.people()
        var lines: [String] = []
        Interruption.watch()
        for (name, seenByPeer) in try conversations(place, client, me) {
            let transcript = try survey(name, seenByPeer, client, me, users)
            var writer = TranscriptWriter(transcript, format)
            func write(_ part: [String]) throws(Failure) {
                guard output == nil else { return lines += part }
                for line in part {
                    try Interruption.check()
                    try Output.line(line)
                }
            }
            try write(writer.begin())
            if let place = Place(name, me: me.id, rooms: me.rooms), transcript.last > 0 {
                let progress = Progress(
                    "\(Text.shown(name.description)): writing", isShown: output != nil || isatty(1) != 1)
                defer { progress.end() }
                try client.pages(of: name, at: place) { page throws(Failure) in
                    try Interruption.check()
                    try write(writer.add(page.messages))
                    if let last = page.messages.last { progress.note(last.seq, of: transcript.last) }
                }
            }
            try write(writer.end())
        }
        if let output { try SmallFile.create(lines.joined(separator: "\n") + "\n", at: output) }
    }

    private func survey(
        _ name: ConversationName, _ seenByPeer: Int, _ client: DeskClient, _ me: Identity, _ users: [DeskUser]
    ) throws(Failure) -> Transcript {
        let progress = Progress("\(Text.shown(name.description)): reading")
        // Before anything of it is printed: both may go to one terminal.
        defer { progress.end() }
        return try Transcript.survey(name, seenByPeer: seenByPeer, client, me, users) { progress.note($0, of: $1) }
    }

    /// What is exported, and how far the other side has seen each of it.
    private func conversations(
        _ place: Place?, _ client: DeskClient, _ me: Identity
    ) throws(Failure) -> [(name: ConversationName, seenByPeer: Int)] {
        let all = try client.conversations(of: me.id)
        guard let place else { return all.filter { $0.last != nil }.map { ($0.name, $0.seenByPeer) } }
        let name = try client.conversation(place, me)
        return [(name, all.first { $0.name == name }?.seenByPeer ?? 0)]
    }

    static func read(_ path: String) throws(Failure) -> TranscriptFile {
        guard let contents = try SmallFile.read(path, limit: 1 << 30) else {
            throw Failure(.badInput, "\(Text.shown(path)): there is no such file")
        }
        let progress = Progress("checking")
        defer { progress.end() }
        return try TranscriptFile(contents.text, name: path) { (count, total) throws(Failure) in
            try Interruption.check()
            progress.note(count, of: total)
        }
    }
}
