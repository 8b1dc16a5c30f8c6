import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley history`: stored messages, oldest first.
struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Print stored messages, oldest first; marks nothing as seen.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "A user id, or a room such as #lobby.")
    var peer: String
    @Option(help: ArgumentHelp("The most messages to print.", valueName: "n"))
    var limit = 50
    @Option(help: ArgumentHelp("Only those before this number.", valueName: "seq"))
    var before: Int?

    /// For each page.
    private static let patience: Duration = .seconds(10)

    func run() throws {
        let place = try Place(argument: peer)
        guard (1...1_000_000).contains(limit) else {
            throw Failure(.usage, "--limit is \(limit); expected a number from 1 to 1000000")
        }
        if let before, before < 1 { throw Failure(.usage, "--before is \(before); expected a message's number") }
        let client = try DeskClient(try global.settings(), timeout: Self.patience)
        defer { client.close() }
        let me = try client.identity()
        var next: Int?
        for message in try read(place, try client.conversation(place, me), client) {
            if let next, message.seq > next { try tellGap(message.conversation, next...message.seq - 1) }
            next = message.seq + 1
            if output.json { try Output.json(Text.members(message)) } else { try Output.line(Text.message(message)) }
        }
    }

    /// What the desk has no message for, though there must be one: it is named, not passed over.
    private func tellGap(_ conversation: ConversationName, _ missing: ClosedRange<Int>) throws(Failure) {
        guard output.json else {
            return try Output.line("-- \(missing.count) missing: \(missing.lowerBound) to \(missing.upperBound) --")
        }
        try Output.json([
            ("type", "gap"), ("conversation", .string(conversation.channel)), ("from", JSON(missing.lowerBound)),
            ("through", JSON(missing.upperBound)),
        ])
    }

    /// Pages back from the newest, or from `before`, until there is enough.
    private func read(
        _ place: Place, _ conversation: ConversationName, _ client: DeskClient
    ) throws(Failure) -> [Message] {
        var pages: [[Message]] = []
        var left = limit
        var query = before.map { PageQuery.before($0) } ?? .newest
        while left > 0 {
            let page = try client.within(Self.patience).ask(.page(place, query, limit: min(left, DeskCall.maxPage))) {
                status, body throws(DeskFailure) in try DeskReply.page(status: status, body: body, in: conversation)
            }
            guard let oldest = page.messages.first else { break }
            guard zip(page.messages, page.messages.dropFirst()).allSatisfy({ $0.seq < $1.seq }) else {
                throw Failure(
                    .unavailable, "\(client.target.name): the desk's messages are out of order; is it a desk?")
            }
            pages.append(page.messages)
            left -= page.messages.count
            guard oldest.seq > page.first, oldest.seq > 1 else { break }
            if case .before(let seq) = query, oldest.seq >= seq { break }
            query = .before(oldest.seq)
        }
        return pages.reversed().flatMap(\.self)
    }
}
