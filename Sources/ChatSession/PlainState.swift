import Chat
import ChannelsProtocol

/// What a session knows of an application without a desk: what was said while it ran, and what nobody has confirmed yet.
/// Messages are numbered here, each client for itself.
struct PlainState: Equatable, Sendable {
    /// A message of ours that was relayed, or is to be.
    struct Waiting: Equatable, Sendable {
        let name: ConversationName
        let text: String
        let since: Duration
        var next: Duration
        var tries = 0
    }

    /// Messages of one conversation that are kept.
    static let room = 5_000
    /// Until a message that nobody confirmed counts as not confirmed.
    static let patience: Duration = .seconds(10)
    /// Until it is said again, each time: whoever was just called may not have been there yet.
    static let again: [Duration] = [.milliseconds(500), .seconds(1), .seconds(3)]
    /// Between two bells of one conversation.
    static let quiet: Duration = .seconds(60)
    /// Channels opened at once where the engine does not say who rings.
    static let most = 100

    let settings: PlainSettings
    /// Whose channels were asked for; an application's names need not tell.
    var channels: [ChannelName: ConversationName] = [:]
    private(set) var messages: [ConversationName: [Message]] = [:]
    private var heard: [ConversationName: HeardIDs] = [:]
    /// What the chat asked and is answered here.
    var calls: [DeskCall] = []
    var waiting: [String: Waiting] = [:]
    var rung: [ConversationName: Duration] = [:]
    /// Conversations the peer has opened: answering a bell rings none.
    var called: Set<ConversationName> = []
    /// The engine adds no sender to client events of the presence channel.
    var namesNobody = false
    var hasSaidRefused = false
    /// Strangers of whom it was told that what they say is not shown.
    private var unheard: Set<String> = []
    /// How often the presence channel was entered.
    var entries = 0

    init(_ settings: PlainSettings) { self.settings = settings }

    /// Whether that has to be told of somebody now: once each.
    mutating func missesFirst(of stranger: Stranger) -> Bool {
        unheard.count < Stranger.limit && unheard.insert(stranger.id).inserted
    }

    func message(clientID: String, in name: ConversationName) -> Message? {
        messages[name]?.last { $0.clientID == clientID }
    }

    /// Keeps what was said. Nil where it is known already.
    ///
    /// - Parameter otherID: what the application's server calls it; it may be told by that alone.
    mutating func add(
        _ text: String, from: UserID, clientID: String, otherID: String? = nil, isRelayed: Bool = false,
        in name: ConversationName, at date: Timestamp
    ) -> Message? {
        let id = "\(from)/\(clientID)"
        if let otherID { _ = heard[name, default: HeardIDs()].insert("\(from)/\(otherID)") }
        guard heard[name, default: HeardIDs()].insert(id) else { return nil }
        let seq = (messages[name]?.last?.seq ?? 0) + 1
        let message = Message(
            id: id, seq: seq, conversation: name, from: from, text: text, at: date, clientID: clientID,
            isRelayed: isRelayed)
        messages[name, default: []].append(message)
        if messages[name, default: []].count > Self.room { messages[name]?.removeFirst(Self.room / 4) }
        return message
    }

    func page(_ name: ConversationName, _ query: PageQuery, limit: Int) -> Page {
        let all = messages[name] ?? []
        let part: [Message] =
            switch query {
            case .newest: all.suffix(limit)
            case .before(let seq): all.filter { $0.seq < seq }.suffix(limit)
            case .after(let seq): Array(all.filter { $0.seq > seq }.prefix(limit))
            }
        return Page(messages: part, first: all.first?.seq ?? 0, last: all.last?.seq ?? 0)
    }
}
