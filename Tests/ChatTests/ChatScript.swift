@testable import Chat

let alice = UserID("alice")!
let bob = UserID("bob")!
let carol = UserID("carol")!
let withBob = ConversationName(alice, bob)!
let withCarol = ConversationName(alice, carol)!

func said(_ text: String, seq: Int, by user: UserID = bob, in name: ConversationName = withBob, id: String? = nil)
    -> Message
{
    Message(
        id: id ?? "\(name.channel)/\(seq)", seq: seq, conversation: name, from: user, text: text,
        at: Timestamp(milliseconds: 1_800_000_000_000 + Int64(seq) * 1000))
}

func run(_ range: ClosedRange<Int>, by user: UserID = bob, in name: ConversationName = withBob) -> [Message] {
    range.map { said("message \($0)", seq: $0, by: user, in: name) }
}

/// Alice's chat, driven by events and commands at times of the test's choosing.
struct ChatScript {
    var chat = ChatState()
    var now = Moment(uptime: .seconds(100), date: Timestamp(milliseconds: 1_800_000_000_000))
    var asked: [ChatRequest] = []

    /// Signed in, online, with the list of conversations loaded.
    static func online(_ list: [ConversationSummary] = []) -> ChatScript {
        var script = ChatScript()
        script.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s1", lobby: .lobby)))
        script.hear(.linkChanged(.online))
        script.hear(.conversationsLoaded(list))
        script.asked = []
        return script
    }

    mutating func hear(_ event: ChatEvent) { asked += chat.apply(event, now: now) }

    mutating func want(_ command: ChatCommand) { asked += chat.perform(command, now: now) }

    mutating func advance(by time: Duration) {
        now.uptime += time
        now.date.milliseconds += time.components.seconds * 1000
        asked += chat.tick(now: now)
    }

    mutating func take() -> [ChatRequest] {
        defer { asked = [] }
        return asked
    }

    var notices: [ChatNotice] {
        asked.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
    }

    /// The page asked for last; asked for once.
    mutating func nextPage() -> PageQuery? {
        for (index, request) in asked.enumerated().reversed() {
            guard case .loadPage(_, let query) = request else { continue }
            asked.remove(at: index)
            return query
        }
        return nil
    }

    func seqs(_ name: ConversationName = withBob) -> [Int] { chat.conversation(name).messages.map(\.seq) }
}

extension Page {
    /// What a desk with messages 1 to `last` answers.
    static func of(_ last: Int, _ query: PageQuery, limit: Int = ChatState.pageSize) -> Page {
        let range: Range<Int> =
            switch query {
            case .newest: max(1, last - limit + 1)..<last + 1
            case .before(let seq): max(1, seq - limit)..<seq
            case .after(let seq): min(seq + 1, last + 1)..<min(seq + limit, last) + 1
            }
        return Page(messages: range.map { said("message \($0)", seq: $0) }, first: 1, last: last)
    }
}
