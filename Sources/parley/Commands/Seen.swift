import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley seen`: everything there is now counts as seen.
struct Seen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seen", abstract: "Mark a conversation as seen.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "A user id, or a room such as #lobby.")
    var peer: String

    func run() throws {
        let place = try Place(argument: peer)
        let client = try DeskClient(try global.settings())
        defer { client.close() }
        let me = try client.identity()
        let conversation = try client.conversation(place, me)
        let page = try client.ask(.page(place, .newest, limit: 1)) { status, body throws(DeskFailure) in
            try DeskReply.page(status: status, body: body, in: conversation)
        }
        if page.last > 0 {
            try client.ask(.seen(place, through: page.last)) { status, body throws(DeskFailure) in
                try DeskReply.accepted(status: status, body: body)
            }
        }
        if output.json {
            try Output.json([
                ("conversation", .string(conversation.channel)), ("peer", .string(peer)), ("seq", JSON(page.last)),
            ])
        } else {
            try Output.line(page.last > 0 ? "seen up to number \(page.last)" : "nothing is there yet")
        }
    }
}
