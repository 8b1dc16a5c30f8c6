import Chat
import Screen

@testable import ChatUI

let alice = UserID("alice")!
let bob = UserID("bob")!
let carol = UserID("carol")!
let dan = UserID("dan")!
let withBob = ConversationName(alice, bob)!
let withCarol = ConversationName(alice, carol)!
let withDan = ConversationName(alice, dan)!

/// Friday 20 November 2026, 10:00 UTC.
let tenOClock = Timestamp(rfc3339: "2026-11-20T10:00:00Z")!

func at(_ clock: String) -> Timestamp {
    Timestamp(rfc3339: "2026-11-20T\(clock.count == 5 ? clock + ":00" : clock)Z")!
}

func said(
    _ text: String?, seq: Int, by user: UserID = bob, in name: ConversationName = withBob, at time: Timestamp? = nil
) -> Message {
    Message(
        id: "\(name.channel)/\(seq)", seq: seq, conversation: name, from: user, text: text,
        at: time ?? Timestamp(milliseconds: tenOClock.milliseconds + Int64(seq) * 1000))
}

func run(_ range: ClosedRange<Int>, by user: UserID = bob, in name: ConversationName = withBob) -> [Message] {
    range.map { said("message \($0)", seq: $0, by: user, in: name) }
}

/// Alice's screen: a chat driven by events, a view driven by keys, and a clock in the test's hands.
struct Window {
    var chat = ChatState()
    var ui: UIState
    var size: ScreenSize
    var now = Moment(uptime: .seconds(1000), date: at("10:22"))
    /// What was asked of the world, the chat's own commands included.
    var effects: [UIEffect] = []
    var requests: [ChatRequest] = []
    var glyphs = Glyphs.unicode
    /// What the folder of canned replies holds.
    var canned: [CannedReply] = []
    private var sent = 0

    init(
        _ columns: Int = 80, _ rows: Int = 24, settings: UISettings = UISettings(),
        accounts: AccountList = AccountList()
    ) {
        size = ScreenSize(columns, rows)
        ui = UIState(settings: settings, accounts: accounts)
    }

    /// Signed in as alice, online with those here, the list of conversations loaded.
    static func online(
        _ columns: Int = 80, _ rows: Int = 24, here: [UserID] = [alice, bob, carol],
        list: [ConversationSummary] = [], settings: UISettings = UISettings(), accounts: AccountList = AccountList()
    ) -> Window {
        var window = Window(columns, rows, settings: settings, accounts: accounts)
        window.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s", lobby: .lobby)))
        window.hear(.linkChanged(.online))
        window.hear(.rosterReplaced(here.map { NamedUser($0) }))
        window.hear(.conversationsLoaded(list))
        window.effects = []
        window.requests = []
        return window
    }

    mutating func hear(_ events: ChatEvent...) {
        var asked: [ChatRequest] = []
        for event in events { asked += chat.apply(event, now: now) }
        follow(asked)
    }

    private mutating func follow(_ asked: [ChatRequest]) {
        requests += asked
        let notices = asked.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
        perform(ui.chatChanged(chat: chat, notices: notices, size: size, now: now))
    }

    /// Shows a conversation and the messages held in it.
    mutating func open(_ name: ConversationName, _ messages: [Message] = [], first: Int = 1) {
        perform([.chat(.open(name))])
        ui.focus = .input
        hear(
            .pageLoaded(
                name, .newest,
                Page(messages: messages, first: messages.isEmpty ? 0 : first, last: messages.last?.seq ?? 0)))
    }

    mutating func perform(_ wanted: [UIEffect]) {
        effects += wanted
        for effect in wanted {
            if case .loadCanned = effect {
                perform(ui.cannedLoaded(canned, problem: nil, chat: chat, now: now))
            }
            guard case .chat(var command) = effect else { continue }
            if case .send(let name, let text, _) = command {
                sent += 1
                command = .send(name, text: text, clientID: "c\(sent)")
            }
            follow(chat.perform(command, now: now))
        }
    }

    mutating func press(_ keys: Key...) {
        for key in keys { perform(ui.handle(key, chat: chat, size: size, now: now)) }
    }

    mutating func type(_ text: String) {
        for character in text { press(.character(character)) }
    }

    mutating func resize(_ columns: Int, _ rows: Int) {
        size = ScreenSize(columns, rows)
        press(.resize(size))
    }

    /// Lets time pass, waking the view and the chat when they want to be.
    mutating func advance(by time: Duration) {
        let end = now.uptime + time
        while let next = [ui.deadline(chat: chat), chat.deadline].compactMap(\.self).min(), next <= end {
            step(to: max(next, now.uptime))
            perform(ui.tick(chat: chat, now: now))
            follow(chat.tick(now: now))
        }
        step(to: end)
    }

    private mutating func step(to time: Duration) {
        let parts = (time - now.uptime).components
        now.date.milliseconds += parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        now.uptime = time
    }

    mutating func takeEffects() -> [UIEffect] {
        defer { effects = [] }
        return effects
    }

    /// What a painter makes of it that drew the picture before.
    func screen(by painter: inout Painter, isSameChat: Bool) -> Screen {
        painter.draw(chat: chat, isSameChat: isSameChat, ui: ui, size: size, now: now, glyphs: glyphs)
    }

    var screen: Screen { ChatScreen.draw(chat: chat, ui: ui, size: size, now: now, glyphs: glyphs) }
    var text: String { screen.text }
    var rows: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    var input: String { ui.view(chat.open).input.text }
    var status: String { rows.last ?? "" }

    func row(_ part: String) -> String? { rows.first { $0.contains(part) } }
}
