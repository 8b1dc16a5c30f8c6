import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("commands with a slash")
struct SlashTests {
    private func run(_ line: String, open: ConversationName? = withBob) -> Window {
        var window = Window.online(here: [alice, bob, carol])
        if let open { window.open(open, [said("hi", seq: 1)]) }
        window.effects = []
        window.type(line)
        window.press("Enter")
        window.effects.removeAll { if case .chat(.typing) = $0 { true } else { false } }
        return window
    }

    @Test("/msg sends elsewhere and stays here")
    func msg() {
        let window = run("/msg carol hello there")
        #expect(window.effects.contains(.chat(.send(withCarol, text: "hello there", clientID: ""))))
        #expect(window.chat.open == withBob)
        #expect(window.input.isEmpty)
    }

    @Test("/query opens, also somebody never heard of")
    func query() {
        #expect(run("/query carol").chat.open == withCarol)
        #expect(run("/q @carol").chat.open == withCarol)
        #expect(run("/query new-person", open: nil).chat.open == ConversationName(alice, UserID("new-person")!))
        #expect(run("/query #lobby").chat.open == .lobby)
    }

    @Test(
        "what is wrong stays in the input and is said in a sentence",
        arguments: [
            ("/msg", "who? /msg NAME TEXT"),
            ("/msg carol", "what should be sent? /msg NAME TEXT"),
            ("/query alice", "that is you; a conversation has two sides"),
            ("/query -x", "a user id begins with a letter, a digit or _; \"-x\" does not"),
            ("/queyr bob", "there is no command /queyr; did you mean /query?"),
            ("/zzzzzzzz", "there is no command /zzzzzzzz; /help lists them all"),
            ("/me", "what do you do? /me TEXT"),
        ])
    func wrong(_ line: String, _ sentence: String) {
        let window = run(line)
        #expect(window.input == line)
        #expect(window.ui.notice?.text == sentence)
        #expect(!window.effects.contains { if case .chat(.send) = $0 { true } else { false } })
    }

    @Test(
        "a slash doubled, a path and a blank first are text",
        arguments: [
            ("//shrug", "/shrug"), ("/etc/passwd is readable", "/etc/passwd is readable"), ("/ hm", "/ hm"),
        ])
    func text(_ line: String, _ sent: String) {
        #expect(run(line).effects.contains(.chat(.send(withBob, text: sent, clientID: ""))))
    }

    @Test("/me says what one does")
    func me() {
        let window = run("/me waves")
        #expect(window.row("* ")?.contains("alice waves") == true)
    }

    @Test("/enter and /leave change one's place in the lobby")
    func lobby() {
        #expect(run("/leave").effects.contains(.chat(.leave(.lobby))))
        #expect(run("/enter").effects.contains(.chat(.enter(.lobby))))
        #expect(run("/join").effects.contains(.chat(.enter(.lobby))))
    }

    @Test("/who and /whois show a page that any key closes")
    func who() {
        var window = run("/who")
        #expect(window.row("3 people are online") != nil)
        window.press("x")
        #expect(window.ui.overlay == nil)
        #expect(run("/whois carol").row("online") != nil)
        #expect(run("/whois nobody").row("nobody of this name was heard of") != nil)
    }

    @Test("the others do what they say")
    func others() {
        #expect(run("/quit").effects.last == .quit)
        #expect(run("/reconnect").effects.contains(.reconnectNow))
        #expect(run("/help").ui.overlay == .help(scroll: 0))
        #expect(run("/close").chat.open == nil)
    }
}

@Suite("whole lines, as linear mode reads them")
struct LineTests {
    @Test("a line is sent or done, and nothing of it is left over")
    func lines() {
        var window = Window.online(here: [alice, bob])
        func submit(_ line: String) { window.perform(window.ui.submit(line: line, chat: window.chat, now: window.now)) }
        submit("hello")
        #expect(window.ui.noticeText == "no conversation is open; choose a name in the list and press Enter")
        #expect(window.chat.open == nil)
        submit("/query bob")
        #expect(window.chat.open == withBob)
        submit("hello")
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["hello"])
        submit("/nonsense")
        submit("next")
        #expect(window.chat.conversation(withBob).outbox.map(\.text) == ["hello", "next"])
        submit("/who")
        #expect(window.ui.takePage()?.first == "2 people are online")
        #expect(window.ui.takePage() == nil)
        submit("/help")
        #expect(window.ui.takePage()?.count == SlashCommand.all.count)
    }
}
