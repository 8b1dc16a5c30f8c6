import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley sessions`: where one is connected; and an end to one of them.
struct Sessions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Show where you are connected, or end one of these connections.",
        subcommands: [List.self, End.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show your connections, the oldest first.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let client = try DeskClient(try global.settings())
            defer { client.close() }
            let sessions = try client.ask(.sessions) { status, body throws(DeskFailure) in
                try DeskReply.sessions(status: status, body: body)
            }
            for session in sessions {
                if output.json {
                    try Output.json([
                        ("id", .string(session.id.text)), ("since", session.since.map { .string($0.rfc3339) } ?? .null),
                        ("from", .string(session.from)), ("client", .string(session.client)),
                        ("present", .bool(session.isPresent)),
                        ("channels", .array(session.channels.map { .string($0) })),
                    ])
                } else {
                    try Output.line(Self.line(session))
                }
            }
        }

        static func line(_ session: DeskSession) -> String {
            var parts = [session.id.text]
            if let since = session.since { parts.append("since \(Text.stamp(since))") }
            if !session.from.isEmpty { parts.append("from \(Text.shown(session.from))") }
            if !session.client.isEmpty { parts.append("with \(Text.shown(session.client))") }
            if !session.isPresent { parts.append("not in the lobby") }
            return parts.joined(separator: "  ")
        }
    }

    struct End: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end", abstract: "End one of your connections.",
            discussion: "Its program can come back as long as the token is good; parley user token makes a new one.")
        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "The connection's id, as parley sessions shows it.")
        var id: String

        func run() throws {
            guard let id = SocketID(id) else {
                throw Failure(
                    .usage, "\(Text.shown(id)): is no connection's id; parley sessions shows them, such as 1234.5678")
            }
            let client = try DeskClient(try global.settings())
            defer { client.close() }
            try client.ask(.endSession(id)) { status, body throws(DeskFailure) in
                try DeskReply.accepted(status: status, body: body)
            }
            if output.json { try Output.json([("id", .string(id.text))]) } else { Output.note("\(id): ended") }
        }
    }
}
