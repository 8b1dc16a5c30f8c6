import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("rooms on the screen")
struct RoomTests {
    static let support = ChatRoom(UserID("support")!, title: "Customers")
    static let devOps = ChatRoom(UserID("dev-ops")!)

    /// Alice in two rooms and the lobby, with conversations with bob, who is in the room, and dan, who is not.
    private func window(_ columns: Int = 80, _ rows: Int = 24) -> Window {
        var window = Window.online(
            columns, rows, here: [alice, bob, carol, dan],
            list: [
                ConversationSummary(name: withBob, last: said("hi", seq: 1), unseen: 0, seenByPeer: 0),
                ConversationSummary(
                    name: withDan, last: said("ho", seq: 2, by: dan, in: withDan), unseen: 2, seenByPeer: 0),
            ])
        window.hear(
            .signedIn(
                SignedIn(me: alice, name: "alice", store: "s", lobby: .lobby, rooms: [Self.support, Self.devOps])))
        for room in [Self.support, Self.devOps] {
            window.perform([.chat(.enter(room.conversation))])
            window.hear(.roomEntered(room.conversation, [alice, bob, carol].map { NamedUser($0) }))
        }
        let text = said("deployed", seq: 1, by: carol, in: Self.devOps.conversation)
        window.hear(.pageLoaded(Self.devOps.conversation, .newest, Page(messages: [], first: 0, last: 0)))
        window.hear(.messageReceived(text))
        return window
    }

    private func names(_ window: Window) -> [String] {
        (0..<window.ui.roster.count).compactMap { window.ui.roster[$0].map(window.chat.title) }
    }

    @Test("an open room shows its people, then the other conversations, then all rooms", arguments: SizesTests.sizes)
    func screens(size: ScreenSize) {
        var window = window(size.columns, size.rows)
        window.open(
            Self.support.conversation,
            [
                said("order 1812 is late", seq: 1, by: bob, in: Self.support.conversation, at: at("10:14")),
                said("on it", seq: 2, by: alice, in: Self.support.conversation, at: at("10:15")),
            ])
        window.hear(.typingReceived(Self.support.conversation, from: carol, true))
        expectScreen(window.screen, "rooms-\(size.columns)x\(size.rows)")
        window.press("F6")
        expectScreen(window.screen, "rooms-list-\(size.columns)x\(size.rows)")
    }

    @Test("the list shows who is in the room that is open, and everybody elsewhere else")
    func list() {
        var window = window()
        #expect(names(window) == ["dan", "bob", "carol", "#lobby", "#support", "#dev-ops"])
        window.open(Self.support.conversation)
        #expect(names(window) == ["bob", "carol", "dan", "#lobby", "#support", "#dev-ops"])
        #expect(window.row("In #support 3") != nil)
        #expect(window.row("─ Elsewhere ─") != nil)
        window.hear(.roomMemberRemoved(Self.support.conversation, carol))
        window.hear(.roomMemberAdded(Self.support.conversation, NamedUser(UserID("eve")!)))
        #expect(names(window) == ["bob", "eve", "dan", "#lobby", "#support", "#dev-ops"])
        window.open(withDan)
        #expect(names(window) == ["dan", "bob", "carol", "#lobby", "#support", "#dev-ops"])
    }

    @Test("Ctrl-N and Ctrl-P go round everybody and every room once, also across a room's own list")
    func neighbours() {
        for key in ["Ctrl-N", "Ctrl-P"] as [Key] {
            var window = window()
            window.open(Self.support.conversation)
            var seen: [String] = []
            for _ in 0..<6 {
                window.press(key)
                seen.append(window.chat.open.map(window.chat.title) ?? "")
            }
            let order = ["dan", "bob", "carol", "#lobby", "#support", "#dev-ops"]
            let round = order[5...] + order[..<5]
            #expect(seen == (key == "Ctrl-N" ? Array(round) : round.dropLast().reversed() + ["#support"]))
        }
    }

    @Test("a room with something unseen has a badge, is next with Alt-A and found by its name")
    func unseen() {
        var window = window()
        window.open(withDan)
        window.hear(.seenReceived(withDan, by: alice, through: 2))
        #expect(window.row("# dev-ops")?.contains("(1)") == true)
        window.press("Alt-A")
        #expect(window.chat.open == Self.devOps.conversation)
        #expect(Switcher(window.chat, query: "supp").items.first?.title == "#support")
        window.type("/query #sup")
        window.press("Tab", "Enter")
        #expect(window.chat.open == Self.support.conversation)
    }

    @Test("/leave and /enter act on the room that is open or named, and say so")
    func commands() {
        var window = window()
        window.open(Self.support.conversation)
        window.type("/leave")
        window.press("Enter")
        #expect(window.chat.isIn(Self.support.conversation) == false)
        #expect(window.status.contains("you left #support; /enter brings you back"))
        #expect(window.row("#support left") != nil)
        window.type("/enter")
        window.press("Enter")
        #expect(window.chat.isIn(Self.support.conversation))
        window.type("/leave #dev-ops")
        window.press("Enter")
        #expect(window.chat.isIn(Self.devOps.conversation) == false)
        window.type("/join dev-ops")
        window.press("Enter")
        #expect(window.chat.open == Self.devOps.conversation && window.chat.isIn(Self.devOps.conversation))
        window.type("/join #suport")
        window.press("Enter")
        #expect(window.status.contains("there is no room #suport; did you mean #support?"))
    }

    @Test("of many rooms the open one and those with something unseen stay in sight")
    func many() {
        let rooms = (0..<50).map { ChatRoom(UserID("room\($0 + 10)")!) }
        let people = (0..<10_000).map { UserID("user\(10_000 + $0)")! }
        var window = Window.online(80, 24, here: [alice] + people)
        window.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s", lobby: .lobby, rooms: rooms)))
        for room in rooms {
            window.perform([.chat(.enter(room.conversation))])
            window.hear(.roomEntered(room.conversation, people.map { NamedUser($0) }))
        }
        window.hear(.messageReceived(said("x", seq: 1, by: people[0], in: rooms[40].conversation)))
        window.open(rooms[30].conversation)
        #expect(window.row("# room40") != nil && window.row("# room50") != nil)
        #expect(window.row("● user10000") != nil && window.row("In #room40 10000") != nil)
        let began = ContinuousClock.now
        for _ in 0..<20 { _ = window.text }
        #expect(ContinuousClock.now - began < .seconds(2))
        window.press("F6", "End")
        #expect(window.row("># room59") != nil)
    }
}
