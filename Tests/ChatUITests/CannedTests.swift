import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("canned replies")
struct CannedTests {
    private let replies = [
        CannedReply(name: "hello", text: "Hello {{name|there}}, this is {{my_name}}."),
        CannedReply(name: "refund", text: "Order {{order}} is refunded by {{date}}. {{}}"),
        CannedReply(name: "wait", text: "One moment, please."),
    ]

    private func opened() -> Window {
        var window = Window.online()
        window.canned = replies
        window.open(withBob)
        return window
    }

    private func sent(_ window: Window) -> [String] {
        window.effects.compactMap { if case .chat(.send(_, let text, _)) = $0 { text } else { nil } }
    }

    @Test(
        "variables are put in, what is not known falls back or becomes a fill-in, and nothing is read twice",
        arguments: [
            ("plain", "plain"), ("Hi {{name}}!", "Hi bob!"), ("Hi {{ name }}!", "Hi bob!"),
            ("Hi {{nick|you}}!", "Hi you!"), ("{{nick|}}x", "x"), ("{{order}}", "⟦order⟧"), ("{{}}", "⟦⟧"),
            ("{{evil}}", "{{name}} [x] {{}}"), ("{{a|{{name}}}}", "{{a|bob}}"), ("{{open", "{{open"),
            ("}} {{", "}} {{"),
            ("{{two\nlines}}", "{{two\nlines}}"), ("{{empty}}", "⟦empty⟧"), ("{{⟦}}", "⟦[⟧"), ("⟦{{name}}⟧", "⟦bob⟧"),
        ])
    func filling(template: String, text: String) {
        let values = ["name": "bob", "evil": "{{name}} ⟦x⟧ {{}}", "empty": ""]
        #expect(CannedReply(name: "x", text: template).filled(with: values) == text)
    }

    @Test("the picker finds by name and by text, shows the whole reply, and puts it in at the cursor")
    func picker() {
        var window = opened()
        window.type("well: ")
        window.press("Ctrl-X", "r")
        #expect(window.text.contains("Canned replies") && window.text.contains("refund"))
        window.type("moment")
        #expect(window.text.contains("One moment, please.") && !window.text.contains("refund"))
        window.press("Enter")
        #expect(window.input == "well: One moment, please.")
        window.press("Ctrl-X", "r")
        window.type("hel")
        window.press("Enter")
        #expect(window.input == "well: One moment, please.Hello bob, this is alice.")
        window.press("Ctrl-_")
        #expect(window.input == "well: One moment, please.")
        #expect(sent(window) == [])
    }

    @Test("by short name; a name that does not exist is answered with the nearest")
    func byName() {
        var window = opened()
        window.type("/r wait")
        window.press("Enter")
        #expect(window.input == "One moment, please.")
        window.press("Ctrl-U")
        window.type("/r zzz")
        window.press("Enter")
        #expect(window.input == "" && window.status.contains("no canned reply zzz"))
        window.type("/r re")
        window.press("Tab")
        #expect(window.input == "/r refund")
    }

    @Test("is not sent while a fill-in is empty; Tab goes from one to the next, and writing takes its place")
    func fillIns() {
        var window = opened()
        window.type("/r refund")
        window.press("Enter")
        #expect(window.input == "Order ⟦order⟧ is refunded by ⟦date⟧. ⟦⟧")
        window.press("Enter")
        #expect(sent(window) == [] && window.status.contains("\"order\" is still empty; Tab goes there"))
        window.type("1812")
        #expect(window.input == "Order 1812 is refunded by ⟦date⟧. ⟦⟧")
        window.press("Tab")
        window.press(.paste("Monday"))
        window.press("Tab", "Del", "Backspace")
        window.press("Enter")
        #expect(sent(window) == ["Order 1812 is refunded by Monday."])
    }

    @Test("a fill-in is deleted as a whole, from either side")
    func deleting() {
        var window = opened()
        window.press(.paste("a⟦x⟧b"))
        window.press("Left", "Backspace")
        #expect(window.input == "ab")
        window.press("Ctrl-_", "Ctrl-A", "Right", "Del")
        #expect(window.input == "ab")
        window.press("Ctrl-A", "Ctrl-K")
        window.press(.paste("/msg carol hi ⟦x⟧"))
        window.press("Enter")
        #expect(sent(window) == [])
    }

    @Test("no text that is sent ever holds a fill-in", arguments: 1...8)
    func property(_ seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func roll(_ sides: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 33) % sides
        }
        var window = opened()
        let keys: [Key] = [
            "Tab", "Enter", "Backspace", "Del", "Left", "Right", "Ctrl-A", "Ctrl-E", "Ctrl-K", "Ctrl-_", "x", "Ctrl-W",
        ]
        for _ in 0..<400 {
            if roll(12) == 0 {
                window.press("Ctrl-X", "r")
                window.type(["hello", "refund", "wait"][roll(3)])
                window.press("Enter")
            } else {
                window.press(keys[roll(keys.count)])
            }
            if window.ui.overlay != nil { window.press("Esc") }
        }
        for text in sent(window) { #expect(FillIn.first(in: text[...]) == nil, "\(text)") }
    }
}

@Suite("writing without accidents")
struct AccidentTests {
    private func sent(_ window: Window) -> [String] {
        window.effects.compactMap { if case .chat(.send(_, let text, _)) = $0 { text } else { nil } }
    }

    @Test("Enter right after the conversation changed under the fingers asks first")
    func startled() {
        var window = Window.online(here: [alice, bob, carol])
        window.open(withCarol)
        window.type("draft for carol")
        window.advance(by: .seconds(5))
        window.press("Alt-/", "Ctrl-P")
        window.open(withBob)
        window.type("for bo")
        window.press("Ctrl-N")
        #expect(window.chat.open == withCarol)
        window.type("b")
        window.press("Enter")
        #expect(sent(window) == [] && window.text.contains("has just changed; send this to carol?"))
        window.press("n")
        #expect(window.input == "draft for carolb")
        window.advance(by: .milliseconds(300))
        window.press("Enter")
        #expect(sent(window) == ["draft for carolb"])
    }

    @Test("a change of conversation that nobody was writing at asks nothing")
    func deliberate() {
        var window = Window.online(here: [alice, bob, carol])
        window.open(withBob)
        window.type("hi")
        window.press("Enter", "Ctrl-N")
        window.type("hi carol")
        window.press("Enter")
        #expect(sent(window) == ["hi", "hi carol"])
    }

    @Test("a paste too long for one message says so, is kept, and can be sent in parts that lose nothing")
    func longPaste() {
        var window = Window.online()
        window.open(withBob)
        let line = String(repeating: "x", count: 99)
        let text = (0..<200).map { "\($0) \(line)" }.joined(separator: "\n")
        window.press(.paste(text))
        #expect(window.status.contains("too long for one message"))
        #expect(sent(window) == [])
        window.press("Enter")
        #expect(window.text.contains("too long for one message; send it in 3 parts?"))
        window.press("n")
        #expect(window.input == text && sent(window) == [])
        window.press("Enter", "y")
        #expect(sent(window).count == 3)
        #expect(sent(window).joined(separator: "\n") == text)
        #expect(sent(window).allSatisfy { InputLine.refusal(of: $0) == nil })
    }

    @Test("ten thousand pasted lines can be written on")
    func hugePaste() {
        var window = Window.online()
        window.open(withBob)
        let text = (0..<10_000).map { "line \($0) of the log that was pasted" }.joined(separator: "\n")
        let clock = ContinuousClock()
        let pasting = clock.measure { window.press(.paste(text)) }
        #expect(window.input == text)
        let typing = clock.measure {
            window.type("abc")
            _ = window.screen
        }
        print("pasting \(pasting), three letters and a picture \(typing)")
        window.press("Enter")
        #expect(sent(window) == [] && window.input.hasSuffix("abc"))
    }

    @Test("scroll position, like drafts, comes back after a restart, also from far up")
    func scrollKept() {
        var window = Window.online()
        window.open(withBob, run(901...1_000))
        for _ in 0..<3 { window.press("PgUp") }
        let shown = window.rows[3]
        window.press("Ctrl-N")
        guard
            case .chat(.saveScroll(withBob, let mark?)) = window.effects.last(where: {
                if case .chat(.saveScroll) = $0 { true } else { false }
            })
        else {
            Issue.record("nothing was kept")
            return
        }
        for mark in [mark, ScrollMark(seq: 850, line: 0), ScrollMark(seq: 5_000, line: 0)] {
            var second = Window()
            second.hear(.restored(SavedState(open: withBob, scroll: [withBob: mark])))
            second.ui.restore(chat: second.chat)
            second.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s", lobby: .lobby)))
            second.hear(.linkChanged(.online))
            second.hear(.pageLoaded(withBob, .newest, Page(messages: run(901...1_000), first: 1, last: 1_000)))
            if mark.seq == 850 {
                #expect(second.requests.contains(.loadPage(withBob, .before(901))))
                second.hear(.pageLoaded(withBob, .before(901), Page(messages: run(801...900), first: 1, last: 1_000)))
            }
            switch mark.seq {
            case 850: #expect(second.text.contains("message 850") && !second.text.contains("message 849"))
            case 5_000: #expect(second.text.contains("message 1000"))
            default: #expect(second.rows[3].dropFirst(20) == shown.dropFirst(20))
            }
        }
    }

    @Test(
        "settings change while the program runs, by name and value",
        arguments: [
            ("bell off", "screen.bell = false"), ("screen.roster_width 30", "screen.roster_width = 30"),
            ("warn_after", "waiting.warn_after = 2"), ("roster_width 5", "expected a number from 12 to 60"),
            ("bell maybe", "expected true or false"), ("bel off", "did you mean bell?"),
            ("bell on off", "expected true"),
        ])
    func set(command: String, said: String) {
        var window = Window.online()
        window.open(withBob)
        window.type("/set \(command)")
        window.press("Enter")
        #expect(window.status.contains(said))
    }

    @Test("the switcher shows who waits, then what is unseen, then what was last")
    func switcherOrder() {
        var window = Window.online(
            here: [alice, bob, carol, dan],
            list: [
                ConversationSummary(
                    name: withDan, last: said("x", seq: 3, by: alice, in: withDan, at: at("10:21:50")), unseen: 0,
                    seenByPeer: 0),
                ConversationSummary(
                    name: withCarol, last: said("x", seq: 3, by: carol, in: withCarol, at: at("10:21:40")), unseen: 2,
                    seenByPeer: 0),
                ConversationSummary(
                    name: withBob, last: said("x", seq: 3, in: withBob, at: at("10:10")), unseen: 0, seenByPeer: 0),
            ])
        window.press("Ctrl-G")
        let box = window.rows.map { $0.dropFirst(9) }
        let order = ["bob", "carol", "dan"].map { name in box.firstIndex { $0.contains(" \(name)  ") } ?? -1 }
        #expect(order == order.sorted() && order[0] > 0, "\(window.text)")
        #expect(window.text.contains("waiting at least 12 min!!"))
        window.press("Esc", "Alt-X")
        window.type("away")
        #expect(window.text.contains("/away"))
        window.press("Enter")
        #expect(window.chat.ownAvailability?.state == .away)
    }
}
