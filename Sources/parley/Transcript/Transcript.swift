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

    /// What was counted before, where the messages come page by page and `messages` is empty.
    var survey: TranscriptSurvey?

    /// How many messages there are, and the numbers that should be there and are not.
    var counted: (messages: Int, gaps: [ClosedRange<Int>]) {
        var survey = survey ?? TranscriptSurvey()
        survey.add(messages)
        return (survey.count, survey.gaps(through: last))
    }

    func state(of message: Message) -> String {
        guard message.from == user else { return "received" }
        return message.seq <= seenByPeer ? "seen" : "sent"
    }

    static func gapText(_ gap: ClosedRange<Int>) -> String {
        gap.count == 1
            ? "number \(gap.lowerBound) is missing" : "numbers \(gap.lowerBound) to \(gap.upperBound) are missing"
    }

    /// Counts what there is, page by page, so that it can be written page by page with the whole in its head.
    ///
    /// - Parameter progress: called with how many messages were read, and how many there are.
    static func survey(
        _ name: ConversationName, seenByPeer: Int, _ client: DeskClient, _ me: Identity, _ users: [DeskUser],
        progress: (_ count: Int, _ last: Int) -> Void
    ) throws(Failure) -> Transcript {
        guard let place = Place(name, me: me.id, rooms: me.rooms) else {
            throw Failure(.ourBug, "\(name): is not ours")
        }
        var survey = TranscriptSurvey()
        var last = 0
        try client.pages(of: name, at: place) { page throws(Failure) in
            last = max(last, page.last)
            survey.add(page.messages)
            progress(survey.count, last)
            try Interruption.check()
        }
        var ids = survey.senders
        if case .chat(let low, let high) = name { ids.formUnion([low, high]) }
        var names = [me.id: me.name]
        for user in users { names[user.id] = user.name }
        return Transcript(
            desk: client.target.name, store: me.store, user: me.id, conversation: name, title: place.argument,
            participants: ids.sorted().map { ($0, names[$0] ?? $0.text) }, messages: [], seenByPeer: seenByPeer,
            last: last, exportedAt: Now.date, zone: Now.zoneName, offset: { Now.zoneOffset(at: $0) }, survey: survey)
    }
}

/// What the head of a transcript tells of its messages, counted page by page.
struct TranscriptSurvey: Sendable {
    private(set) var count = 0
    private(set) var senders: Set<UserID> = []
    private var gaps: [ClosedRange<Int>] = []
    private var next = 1

    mutating func add(_ messages: [Message]) {
        for message in messages {
            if message.seq > next { gaps.append(next...message.seq - 1) }
            next = message.seq + 1
            count += 1
            senders.insert(message.from)
        }
    }

    func gaps(through last: Int) -> [ClosedRange<Int>] { next <= last ? gaps + [next...last] : gaps }
}

extension DeskClient {
    /// Reads a conversation from its beginning to its end, a page in memory at a time.
    ///
    /// - Parameter body: gets each page without the messages that came before.
    func pages(of name: ConversationName, at place: Place, _ body: (Page) throws(Failure) -> Void) throws(Failure) {
        var known = 0
        while true {
            var page = try within(.seconds(60)).ask(.page(place, .after(known), limit: DeskCall.maxPage)) {
                status, body throws(DeskFailure) in try DeskReply.page(status: status, body: body, in: name)
            }
            page.messages.removeAll { $0.seq <= known }
            guard let last = page.messages.last else { return }
            known = last.seq
            try body(page)
        }
    }
}
