import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("whole lines, as linear mode reads them")
struct LineTests {
    private var window = Window.online(here: [alice, bob])

    private func isSend(_ effect: UIEffect) -> Bool { if case .chat(.send) = effect { true } else { false } }

    private mutating func submit(_ line: String, keepsControls: Bool = false) {
        window.effects = []
        window.perform(
            window.ui.submit(line: line, keepsControls: keepsControls, chat: window.chat, now: window.now))
    }

    private mutating func page(_ line: String) -> [String]? {
        submit(line)
        return window.ui.takePage(window.chat, now: window.now)
    }

    @Test("a line is sent or done, and nothing of it is left over")
    mutating func lines() {
        submit("hello")
        #expect(window.ui.noticeText == "no conversation is open; /query NAME opens one")
        #expect(window.ui.complaint == .usage)
        #expect(window.chat.open == nil)
        submit("/query bob")
        #expect(window.chat.open == withBob)
        submit("hello")
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["hello"])
        submit("/nonsense")
        #expect(window.ui.complaint == .usage)
        submit("next")
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["hello", "next"])
        let who = page("/who")
        #expect(who?.first == "2 people are online")
        let page1 = window.ui.takePage(window.chat, now: window.now)
        #expect(page1 == nil)
    }

    @Test("the help lists every command that works in lines, and only those")
    mutating func help() {
        let listed = page("/help") ?? []
        for command in SlashCommand.all {
            let isListed = listed.contains { $0.hasPrefix(command.usage + ":") }
            #expect(isListed == !command.needsScreen, "\(command.usage)")
            submit("/query bob")
            submit("/\(command.name.rawValue)")
            #expect(window.ui.noticeText?.contains("needs the full screen") != isListed, "\(command.usage)")
        }
    }

    @Test("a text that is too long is sent in parts, or refused as bad input")
    mutating func long() {
        submit("/query bob")
        submit(String(repeating: "x", count: 9_000))
        #expect(window.chat.conversation(withBob).outbox.map(\.text.count) == [8_000, 1_000])
        #expect(window.ui.noticeText == "too long for one message: sent in 2 parts")
        #expect(window.ui.complaint == nil)
        submit(String(repeating: "x", count: 200_000))
        #expect(window.ui.complaint == .badInput && !window.effects.contains(where: isSend))
        submit("/msg bob " + String(repeating: "x", count: 200_000))
        #expect(window.ui.complaint == .badInput && !window.effects.contains(where: isSend))
    }

    @Test("a program's line keeps its control characters, a typed one loses them")
    mutating func controls() {
        submit("/query bob")
        submit("a\u{1B}[31mb", keepsControls: true)
        submit("a\u{1B}b")
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["a\u{1B}[31mb", "ab"])
    }

    @Test("what is sent is told once, with the desk's answer")
    mutating func once() {
        submit("/msg bob hello")
        #expect(window.ui.noticeText == nil)
    }

    @Test("what was found is printed with its day and time as people say them")
    mutating func found() {
        submit("/find order")
        guard case .chat(.search(let query?)) = window.effects.last else { return #expect(Bool(false)) }
        #expect(window.ui.awaitsAnswer)
        window.hear(.searchAnswered(query, [said("order 1812", seq: 1, at: at("10:14"))]))
        let page2 = window.ui.takePage(window.chat, now: window.now)
        #expect(page2 == ["20 Nov 10:14 bob: order 1812"])
    }

    @Test("/r lists the canned replies, and sends the one of exactly that name")
    mutating func canned() {
        window.open(withBob)
        let replies = [
            CannedReply(name: "hours", text: "We are open\n9 to 17"), CannedReply(name: "blank", text: "Dear {{who}}"),
        ]
        func loaded(_ window: inout Window) {
            window.perform(
                window.ui.cannedLoaded(
                    replies, problem: nil, insistsOnName: true, chat: window.chat, now: window.now))
            guard window.ui.complaint == nil else { return }
            window.perform(window.ui.submitInput(chat: window.chat, now: window.now))
        }
        _ = window.ui.submit(line: "/r", chat: window.chat, now: window.now)
        loaded(&window)
        let page3 = window.ui.takePage(window.chat, now: window.now)
        #expect(page3 == ["hours: We are open | 9 to 17", "blank: Dear {{who}}"])
        _ = window.ui.submit(line: "/r hour", chat: window.chat, now: window.now)
        loaded(&window)
        #expect(window.ui.noticeText == "there is no canned reply hour; did you mean hours?")
        #expect(window.chat.conversation(withBob).outbox.isEmpty)
        _ = window.ui.submit(line: "/r hours", chat: window.chat, now: window.now)
        loaded(&window)
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["We are open\n9 to 17"])
        _ = window.ui.submit(line: "/r blank", chat: window.chat, now: window.now)
        loaded(&window)
        #expect(window.ui.complaint != nil)
        #expect(window.chat.conversation(withBob).outbox.count == 1)
    }
}

@Suite("people in lines")
struct PeopleLineTests {
    private let users = (1...33).map { UserID("u\($0)")! }

    @Test("many who come and go within a short time are one line, and few are one each")
    func sums() {
        var changes = PeopleChanges()
        var text = LinearText(zone: .utc)
        let chat = Window.online().chat
        func lines(_ changes: inout PeopleChanges) -> [String] {
            changes.takeAll().flatMap { text.people($0.users, isOnline: $0.isHere, chat: chat) }
        }
        for user in users { _ = changes.take(.presence(user, isOnline: false), now: .seconds(1)) }
        #expect(lines(&changes) == ["33 people are offline."])
        #expect(changes.deadline == nil)
        for user in users { _ = changes.take(.presence(user, isOnline: true), now: .seconds(9)) }
        #expect(lines(&changes) == ["33 people are back."])
        _ = changes.take(.presence(bob, isOnline: true), now: .seconds(20))
        _ = changes.take(.presence(carol, isOnline: true), now: .seconds(20))
        #expect(lines(&changes) == ["bob is online.", "carol is online."])
        _ = changes.take(.presence(bob, isOnline: false), now: .seconds(30))
        _ = changes.take(.presence(bob, isOnline: true), now: .seconds(30))
        #expect(lines(&changes) == [])
    }

    @Test("changes are told after a short pause, after a longer one where they are many, and at last in any case")
    func pauses() {
        var changes = PeopleChanges()
        _ = changes.take(.presence(bob, isOnline: true), now: .seconds(1))
        #expect(changes.deadline == .seconds(1) + PeopleChanges.pause)
        for user in users { _ = changes.take(.presence(user, isOnline: true), now: .seconds(2)) }
        #expect(changes.deadline == .seconds(2) + PeopleChanges.longPause)
        _ = changes.take(.membership(.lobby, carol, isHere: true), now: .seconds(10.5))
        #expect(changes.deadline == .seconds(1) + PeopleChanges.longest)
        let isTaken = changes.take(.storeChanged, now: .zero)
        #expect(!isTaken)
    }

    @Test("who was here before a lost connection and is here after it is told in one line")
    func returned() {
        var window = Window.online(here: [alice] + users)
        var text = LinearText(zone: .utc)
        window.hear(.linkChanged(.offline(reason: "gone", retryAt: nil)), .linkChanged(.online))
        window.requests = []
        window.hear(.rosterReplaced([NamedUser(alice), NamedUser(users[0])]))
        #expect(!window.requests.contains { if case .notice = $0 { true } else { false } })
        for user in users.dropFirst() { window.hear(.memberAdded(NamedUser(user))) }
        let notices = window.requests.compactMap { if case .notice(let notice) = $0 { notice } else { nil } }
        #expect(notices.flatMap { text.lines(for: $0, chat: window.chat) } == ["33 people are back."])
    }

    @Test("a first connection that fails was not lost, and a lost connection is told once")
    func firstConnection() {
        var text = LinearText(zone: .utc)
        let chat = ChatState()
        let gone = ChatNotice.link(.offline(reason: "refused", retryAt: nil))
        let tries = (1...3).flatMap { _ in text.lines(for: gone, chat: chat) }
        #expect(tries == ["Cannot connect: refused. Trying again; what you write is kept."])
        #expect(text.lines(for: .link(.online), chat: chat) == ["Connected."])
        let again = [gone, .link(.connecting(attempt: 1)), gone].flatMap { text.lines(for: $0, chat: chat) }
        #expect(again == ["Connection lost: refused. Trying again; what you write is kept."])
        #expect(text.lines(for: .link(.online), chat: chat) == ["Connected."])
    }
}
