import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("a day with many people")
struct DayTests {
    private let people = (10..<50).map { UserID("user\($0)")! }

    private func conversation(_ user: UserID) -> ConversationName { ConversationName(alice, user)! }

    /// Forty people who wrote one after the other; every tenth of them is waiting, the first longest.
    private func queue(_ columns: Int = 80, settings: UISettings = UISettings()) -> Window {
        let list = people.enumerated().map { index, user in
            let last = said("x", seq: 3, by: user, in: conversation(user), at: at("10:0\(index / 4)"))
            let start = index % 10 == 0 ? ToldClock.Start(seq: 3, since: at("10:0\(index / 4)")) : nil
            return ConversationSummary(
                name: conversation(user), last: last, unseen: index % 10 == 0 ? 2 : 0, seenByPeer: 0,
                clock: ToldClock(start: start, settled: 0))
        }
        return Window.online(columns, 24, here: [alice] + people, list: list, settings: settings)
    }

    private func rows(_ window: Window) -> [String] {
        window.rows.map { String($0.dropFirst().prefix { $0 != "│" }) }
    }

    @Test("people who are waiting stand first where that is set, the longest wait at the top, and a key changes it")
    func waitingFirst() {
        var window = queue()
        #expect(window.ui.roster[0] == conversation(people[36]))
        window.press("Ctrl-X", "w")
        #expect((0..<4).map { window.ui.roster[$0] } == [0, 10, 20, 30].map { conversation(people[$0]) })
        #expect(window.ui.roster[4] == conversation(people[36]))
        #expect(window.ui.roster.count == 41)
        #expect(window.status.contains("the list begins with who is waiting"))
        window.hear(.memberRemoved(people[0]))
        window.hear(.availabilityReceived(from: people[10], Availability(.away, since: window.now.date)))
        #expect((0..<2).map { window.ui.roster[$0] } == [0, 10].map { conversation(people[$0]) })
        #expect(window.ui.roster.count == 41)
        window.perform([.chat(.settle(conversation(people[0]), through: 3))])
        #expect(window.ui.roster[0] == conversation(people[10]))
        window.press("Ctrl-X", "w")
        #expect(window.ui.roster[0] != conversation(people[10]))
        var settings = UISettings()
        settings.listsWaitingFirst = true
        #expect(queue(settings: settings).ui.roster[0] == conversation(people[0]))
    }

    @Test("a list that goes on says so at its edges, with who is waiting there and what is unseen")
    func edges() {
        var window = queue()
        #expect(rows(window).contains { $0.contains("↓ 23, 2 wait (4)") })
        #expect(!rows(window).contains { $0.contains("↑") })
        expectScreen(window.screen, "forty-people-80x24")
        window.press("F6")
        for _ in 0..<20 { window.press("Down") }
        #expect(rows(window).contains { $0.contains("↑") } && rows(window).contains { $0.contains("↓") })
        window.press("End", "Up")
        #expect(rows(window).contains { $0.contains("↑") } && !rows(window).contains { $0.contains("↓") })
        window = Window.online()
        #expect(!rows(window).contains { $0.contains("↓") || $0.contains("↑") })
    }

    @Test("the cursor is never under a mark of the edge")
    func cursorBesideEdges() {
        var window = queue()
        window.press("F6")
        for key in Array(repeating: Key("Down"), count: 45) + Array(repeating: Key("Up"), count: 45) {
            window.press(key)
            #expect(rows(window).contains { $0.hasPrefix(">") })
        }
    }

    @Test("a conversation with a draft is marked, but for the one that is open")
    func drafts() {
        var window = Window.online()
        window.open(withBob)
        window.type("half a thought")
        #expect(window.row("✎") == nil)
        window.open(withCarol)
        #expect(window.row("●✎bob") != nil)
        window.glyphs = .ascii
        #expect(window.row("*'bob") != nil)
    }

    @Test("since when somebody is waiting, away or offline are three different texts")
    func spans() {
        var window = Window.online(120, 24, here: [alice, bob, carol, dan])
        window.now.date = at("10:20")
        window.hear(.messageReceived(said("hi", seq: 1, by: bob, at: at("10:13"))))
        window.hear(.messageReceived(said("hi", seq: 1, by: dan, in: withDan, at: at("10:13"))))
        window.hear(.messageReceived(said("hi", seq: 2, by: alice, in: withDan, at: at("10:13"))))
        window.hear(.availabilityReceived(from: carol, Availability(.away, since: at("10:13"))))
        window.now.date = at("10:13")
        window.hear(.memberRemoved(dan))
        window.now.date = at("10:20")
        #expect(rows(window).contains { $0.contains("● bob") && $0.contains("wait 7m!! (1)") })
        #expect(rows(window).contains { $0.contains("◌ carol") && $0.contains("away 7 min") })
    }

    @Test("in 24 columns the name is shortened first, then the count becomes a +, and the wait stays")
    func shortened() {
        let long = UserID("bartholomew")!
        let name = ConversationName(alice, long)!
        func row(_ columns: Int, _ unseen: Int) -> String {
            let summary = ConversationSummary(
                name: name, last: said("x", seq: 2_000, by: long, in: name, at: at("10:00")), unseen: unseen,
                seenByPeer: 0, clock: ToldClock(start: .init(seq: 3, since: at("10:00")), settled: 0))
            let window = Window.online(columns, 24, here: [alice, long], list: [summary])
            return rows(window).first { $0.contains("● b") } ?? ""
        }
        #expect(row(100, 12) == " ● barthol… 22m!! (12)  " || row(100, 12).contains("22m!! (12)"))
        #expect(row(80, 12).contains("22m!! +") && row(80, 12).contains("● barth…"))
        #expect(row(80, 2_000).contains("m!! +") && row(80, 2_000).contains("● bart"))
        #expect(row(64, 12).contains("22m!!"))
    }

    @Test("a list of 40 columns is had at 120, and a narrower window says what it has room for")
    func width() {
        var settings = UISettings()
        settings.rosterWidth = 40
        #expect(Window.online(120, 24, settings: settings).ui.layout(inputRows: 1).roster.columns == 40)
        #expect(Window.online(80, 24, settings: settings).ui.layout(inputRows: 1).roster.columns == 19)
        #expect(Window.online(80, 24).ui.layout(inputRows: 1).roster.columns == 19)
        #expect(Window.online(120, 24).ui.layout(inputRows: 1).roster.columns == 24)
        var window = Window.online()
        window.open(withBob)
        window.type("/set roster_width 40")
        window.press("Enter")
        #expect(window.status.contains("roster_width = 40; a window of 80 columns has room for 19"))
    }

    @Test("the status line begins with who is waiting, what is unseen and what is not sent, then the link")
    func status() {
        var window = queue()
        window.ui.linkDetail = LinkDetail(desk: "https://desk.example.org", isLocal: false, latency: .milliseconds(12))
        #expect(window.status.hasPrefix("└ 4 waiting, longest 22 min!! · 8 unseen in 4 · https://desk"))
        window.open(withBob)
        for text in ["a", "b"] {
            window.type(text)
            window.press("Enter")
        }
        #expect(window.status.hasPrefix("└ 4 waiting, longest 22 min!! · 8 unseen in 4 · 2 to be sent · "))
        window.hear(.linkChanged(.offline(reason: "connection lost", retryAt: nil)))
        #expect(window.status.hasPrefix("└ offline · 4 waiting, longest 22 min!! · 8 unseen in 4 · 2 to be "))
    }

    @Test("a notice hides what needs the reader for five seconds, and news that comes again and again do not at all")
    func notices() {
        func tell(_ text: String, _ window: inout Window) {
            let effects = window.ui.chatChanged(
                chat: window.chat, notices: [.warning(text)], size: window.size, now: window.now)
            window.perform(effects)
        }
        var window = queue()
        let text = String(repeating: "something went wrong ", count: 3)
        tell(text, &window)
        #expect(window.status.contains("something went wrong") && !window.status.contains("4 waiting"))
        window.advance(by: .seconds(5))
        #expect(window.status.hasPrefix("└ 4 waiting") && window.status.contains("something"))
        tell(text, &window)
        #expect(window.status.hasPrefix("└ 4 waiting") && window.status.contains("something"))
        window.advance(by: .seconds(11))
        #expect(!window.status.contains("something"))
        window.press("Alt-/")
        #expect(window.status.hasPrefix("└ there is no conversation you were in before"))
    }

    @Test(
        "/edit, /retry and /discard concern the conversation on the screen and no other",
        arguments: ["/edit foo", "/retry", "/discard"])
    func mending(command: String) {
        var window = Window.online()
        window.open(withBob)
        window.type("first")
        window.press("Enter")
        window.hear(.kept(clientID: "c1"), .deliveryFailed(clientID: "c1", .rejected(reason: "no")))
        window.open(withCarol)
        window.effects = []
        window.type(command)
        window.press("Enter")
        #expect(!window.effects.contains { if case .chat(.send) = $0 { true } else { false } })
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["first"])
        #expect(window.status.contains("no message failed in carol; bob: a message failed there"))
        #expect(window.input == command)
        window.press("Ctrl-U")
        window.open(withBob)
        window.type(command)
        window.press("Enter")
        #expect(window.chat.conversation(withBob).outbox.first?.text != "first" || window.chat.waitingToBeSent == 1)
    }

    @Test("a message of one's own that a script sent has its delivery mark")
    func automatedMark() {
        var window = Window.online()
        func sent(_ seq: Int) -> Message {
            var message = said("build \(seq)", seq: seq, by: alice)
            message.isAutomated = true
            return message
        }
        window.open(withBob, [sent(1), sent(2)])
        #expect(window.row("build 1")?.contains("✓ │") == true && window.row("build 2")?.contains("✓ │") == true)
        window.hear(.seenReceived(withBob, by: bob, through: 2))
        #expect(window.row("build 1")?.contains("✓✓ │") == true && window.row("build 2")?.contains("✓✓ │") == true)
    }

    @Test("an idle terminal leaves the user available while another is in use, and a key in either ends being away")
    func twoTerminals() {
        var window = Window.online()
        window.press("F6")
        window.advance(by: .seconds(590))
        window.hear(.activityReceived(session: "other", for: .seconds(600), asks: false))
        window.advance(by: .seconds(300))
        #expect(window.chat.ownAvailability == nil)
        window.advance(by: .seconds(329))
        #expect(window.chat.ownAvailability == nil)
        window.advance(by: .seconds(1))
        #expect(window.chat.ownAvailability?.state == .away)
        #expect(window.chat.ownAvailability?.isAutomatic == true)
        window.now.date.milliseconds += 1_000
        window.hear(
            .activityReceived(session: "other", for: .seconds(600), asks: false),
            .availabilityReceived(from: alice, Availability(.available, since: window.now.date)))
        window.advance(by: .seconds(60))
        #expect(window.chat.ownAvailability?.state == .available)
    }

    @Test("a key ends being away also where another terminal of the user said it by itself")
    func endedHere() {
        var window = Window.online()
        window.advance(by: .seconds(1_200))
        window.now.date.milliseconds += 1_000
        window.hear(
            .availabilityReceived(from: alice, Availability(.away, since: window.now.date, isAutomatic: true)))
        #expect(window.chat.ownAvailability?.state == .away)
        window.press("F6")
        #expect(window.chat.ownAvailability?.state == .available)
    }

    @Test("two people with one name are told apart in list, header, messages, switcher and notifications")
    func names() {
        var window = Window.online(120, 24, here: [alice, bob, carol])
        window.hear(.usersLoaded([NamedUser(bob, name: "Kim"), NamedUser(carol, name: "kim")]))
        window.hear(.messageReceived(said("hi", seq: 1)), .messageReceived(said("all", seq: 1, by: carol, in: .lobby)))
        #expect(
            rows(window).contains { $0.contains("Kim (bob)") } && rows(window).contains { $0.contains("kim (carol)") })
        let alert = window.effects.compactMap { if case .notify(let alert) = $0 { alert.title } else { nil } }
        #expect(alert.contains("Kim (bob)") && alert.contains("kim (carol) in #lobby"))
        var text = LinearText(zone: .utc)
        let spoken = text.lines(for: .message(said("hi", seq: 1)), chat: window.chat)
        #expect(spoken.last?.contains("Kim (bob): hi") == true)
        #expect(text.waiting(window.chat).contains("1 unseen in Kim (bob). Type /query bob to read."))
        window.open(.lobby, [said("all", seq: 1, by: carol, in: .lobby)])
        #expect(window.row("(carol)") != nil)
        window.open(withBob, [said("hi", seq: 1)])
        #expect(window.rows[0].contains("Kim (bob)"))
        window.press("Ctrl-G")
        #expect(window.row("kim (carol)") != nil)
        window.press("Esc")
        window.type("/msg kim hello")
        window.press("Enter")
        #expect(
            window.effects.allSatisfy {
                if case .chat(.send(let to, _, _)) = $0 { to != withBob && to != withCarol } else { true }
            } || window.status.contains("kim"))
    }
}
