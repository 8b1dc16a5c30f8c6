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

    @Test("a conversation with somebody who has no account closes again and says so, whatever the engine says of it")
    func unknown() {
        let withZed = ConversationName(alice, UserID("zzz")!)!
        for isRefusedFirst in [true, false] {
            var window = run("/query zzz", open: nil)
            #expect(window.chat.open == withZed)
            if isRefusedFirst {
                window.hear(.subscriptionRefused(.conversation(withZed), reason: "is not for alice", isRetried: false))
            }
            #expect(window.ui.notice == nil)
            window.hear(.pageFailed(withZed, .newest, reason: "not found"))
            window.hear(.peerUnknown(withZed))
            if !isRefusedFirst {
                window.hear(.subscriptionRefused(.conversation(withZed), reason: "is not for alice", isRetried: false))
            }
            #expect(window.ui.notice?.text == "there is no user \"zzz\" on this desk")
            #expect(window.chat.open == nil && window.chat.conversations[withZed] == nil)
        }
    }

    @Test("a conversation that the engine refuses and the desk knows says so")
    func refused() {
        var window = run("/query carol", open: nil)
        window.hear(.subscriptionRefused(.conversation(withCarol), reason: "is not for alice", isRetried: false))
        window.hear(.pageLoaded(withCarol, .newest, Page(messages: [], first: 0, last: 0)))
        #expect(window.ui.notice?.text == "carol: is not for alice")
    }

    @Test("a message to somebody who has no account fails, and what was written stays")
    func unknownReceiver() {
        let withZed = ConversationName(alice, UserID("zzz")!)!
        var window = run("/msg zzz hello")
        window.hear(.kept(clientID: "c1"), .peerUnknown(withZed))
        window.hear(.deliveryFailed(clientID: "c1", .rejected(reason: "there is no user \"zzz\" on this desk")))
        #expect(window.ui.notice?.text == "not sent to zzz: there is no user \"zzz\" on this desk")
        #expect(window.chat.conversation(withZed).outbox.count == 1)
    }

    @Test("nothing is written to a room that was left, and /enter brings back the reader")
    func leftRoom() {
        var window = run("/leave", open: .lobby)
        window.type("hello")
        window.press("Enter")
        #expect(window.ui.notice?.text == "you left the lobby and cannot write there; /enter brings you back")
        #expect(window.input == "hello")
        window = run("/leave")
        window.type("/msg #lobby hello")
        window.press("Enter")
        #expect(!window.effects.contains { if case .chat(.send) = $0 { true } else { false } })
        window.press("Ctrl-U")
        window.type("/enter")
        window.press("Enter")
        window.type("/msg #lobby hello")
        window.press("Enter")
        #expect(window.effects.contains(.chat(.send(.lobby, text: "hello", clientID: ""))))
    }

    @Test("a /msg that is too long for one message is sent in parts")
    func longMessage() {
        let window = run("/msg carol " + String(repeating: "x", count: 9_000))
        #expect(window.chat.conversation(withCarol).outbox.map(\.text.count) == [8_000, 1_000])
        #expect(window.ui.notice?.text == "sent to carol in 2 parts")
    }

    @Test("/waiting names who waits, the longest first, and /done marks one as needing no reply")
    func waiting() {
        var window = Window.online()
        let nobody = page(&window, "/waiting")
        #expect(nobody == ["nobody is waiting for your reply"])
        window.open(withCarol, [said("hello?", seq: 1, by: carol, in: withCarol, at: at("10:21"))])
        window.open(withBob, [said("hi", seq: 1, at: at("10:12"))])
        let both = page(&window, "/waiting")
        #expect(both == ["bob has been waiting for 10 min", "carol has been waiting for 1 min"])
        _ = page(&window, "/done carol")
        let one = page(&window, "/waiting")
        #expect(one == ["bob has been waiting for 10 min"])
        _ = page(&window, "/done")
        let none = page(&window, "/waiting")
        #expect(none == ["nobody is waiting for your reply"])
        _ = page(&window, "/done dan")
        #expect(window.ui.notice?.text == "dan is not waiting for your reply")
    }

    private func page(_ window: inout Window, _ line: String) -> [String]? {
        window.perform(window.ui.submit(line: line, chat: window.chat, now: window.now))
        return window.ui.takePage(window.chat, now: window.now)
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
        #expect(run("/who #lobby", open: withBob).row("3 people are online") != nil)
        #expect(run("/who #nowhere").ui.notice?.text == "there is no room #nowhere; there are #lobby")
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
