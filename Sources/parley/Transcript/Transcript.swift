import ChannelsProtocol
import Chat
import ChatSession

/// A conversation as it was at one moment, with everything a later reader has to know to judge it.
struct Transcript: Sendable {
    var desk: String
    var store: String
    var user: UserID
    var conversation: ConversationName
    /// `bob`, or `#lobby`.
    var title: String
    /// Whoever wrote or is one of the two.
    var participants: [(id: UserID, name: String)]
    /// Ascending.
    var messages: [Message]
    /// What the other side has seen; nothing in a room.
    var seenByPeer: Int
    /// The last number there was.
    var last: Int
    var exportedAt: Timestamp
    var zone: String
    /// Seconds east of UTC, at a moment.
    var offset: @Sendable (Timestamp) -> Int

    /// The numbers that should be there and are not.
    var gaps: [ClosedRange<Int>] {
        var gaps: [ClosedRange<Int>] = []
        var next = 1
        for message in messages {
            if message.seq > next { gaps.append(next...message.seq - 1) }
            next = message.seq + 1
        }
        if next <= last { gaps.append(next...last) }
        return gaps
    }

    func state(of message: Message) -> String {
        guard message.from == user else { return "received" }
        return message.seq <= seenByPeer ? "seen" : "sent"
    }

    enum Item {
        case message(Message)
        case gap(ClosedRange<Int>)
    }

    /// Messages and gaps in their order.
    var items: [Item] {
        var items: [Item] = []
        var gaps = gaps[...]
        for message in messages {
            if let gap = gaps.first, gap.upperBound < message.seq { items.append(.gap(gaps.removeFirst())) }
            items.append(.message(message))
        }
        return items + gaps.map { .gap($0) }
    }

    static func gapText(_ gap: ClosedRange<Int>) -> String {
        gap.count == 1
            ? "number \(gap.lowerBound) is missing" : "numbers \(gap.lowerBound) to \(gap.upperBound) are missing"
    }

    /// Reads all there is, page by page.
    ///
    /// - Parameter progress: called with how many messages were read, and how many there are.
    static func read(
        _ name: ConversationName, seenByPeer: Int, _ client: DeskClient, _ me: Identity, _ users: [DeskUser],
        progress: (_ count: Int, _ last: Int) -> Void
    ) throws(Failure) -> Transcript {
        guard let place = Place(name, me: me.id, rooms: me.rooms) else {
            throw Failure(.ourBug, "\(name): is not ours")
        }
        var messages: [Message] = []
        var last = 0
        while true {
            let query = PageQuery.after(messages.last?.seq ?? 0)
            let page = try client.within(.seconds(60)).ask(.page(place, query, limit: DeskCall.maxPage)) {
                status, body throws(DeskFailure) in try DeskReply.page(status: status, body: body, in: name)
            }
            last = max(last, page.last)
            let new = page.messages.filter { $0.seq > messages.last?.seq ?? 0 }
            guard !new.isEmpty else { break }
            messages += new
            progress(messages.count, last)
            try Interruption.check()
        }
        var ids = Set(messages.map(\.from))
        if case .chat(let low, let high) = name { ids.formUnion([low, high]) }
        var names = [me.id: me.name]
        for user in users { names[user.id] = user.name }
        return Transcript(
            desk: client.target.name, store: me.store, user: me.id, conversation: name, title: place.argument,
            participants: ids.sorted().map { ($0, names[$0] ?? $0.text) }, messages: messages,
            seenByPeer: seenByPeer, last: last, exportedAt: Now.date,
            zone: Now.zoneName, offset: { Now.zoneOffset(at: $0) })
    }
}
