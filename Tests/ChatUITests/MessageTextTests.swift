import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("what is said")
struct MessageTextTests {
    private let code =
        """
        look:
        ```swift
        let a = 1  // a rather long line of code that does not fit into the pane

            indented
        ```
        right?
        """

    @Test("within five minutes a name stands once, and a minute once")
    func grouped() {
        var window = Window.online(80, 14)
        window.open(
            withBob,
            [
                said("one", seq: 1, at: at("10:00:10")), said("two", seq: 2, at: at("10:00:40")),
                said("three", seq: 3, at: at("10:04")), said("four", seq: 4, at: at("10:10")),
                said("/me waves", seq: 5, at: at("10:10")), said("five", seq: 6, at: at("10:10")),
                said("six", seq: 7, by: alice, at: at("10:10")),
            ])
        expectScreen(window.screen, "grouped")
    }

    @Test("code is wrapped with its blanks, and kept whole on request")
    func codeBlocks() {
        var window = Window.online(80, 16)
        window.open(withBob, [said(code, seq: 1)])
        expectScreen(window.screen, "code")
        window.press("Alt-C")
        #expect(window.row("let a = 1")?.contains("…") == true)
        #expect(window.rows.count { $0.contains("pane") } == 0)
        expectScreen(window.screen, "code-whole")
        window.press("Alt-C")
        #expect(window.rows.count { $0.contains("pane") } == 1)
    }

    @Test(
        "a fence is a line of its own",
        arguments: [
            ("```\na\n```", 1), ("a ``` b", 0), ("```x```", 0), ("```\na\nb", 2), ("```", 0), ("```\n```\n```\nx", 1),
            ("  ```sh\nx\n  ```", 1),
        ])
    func fences(text: String, lines: Int) {
        let parts = CodeFence.parts(text)
        #expect(parts.count { $0.isCode } == lines)
        #expect(parts.map { String($0.text) }.joined(separator: "\n") == text)
    }

    @Test("the columns of a table with tabs line up, where it fits")
    func tables() {
        var window = Window.online(80, 16)
        let table = "name\tcount\turl\nalexander\t3\thttps://example.org/a\n日本\t1,200\t-\n\t\tend"
        window.open(withBob, [said("the list:\n\(table)\nand one\ttab\nin a line", seq: 1)])
        expectScreen(window.screen, "table")
        #expect(window.screen.links == ["https://example.org/a"])
        window.resize(40, 16)
        #expect(window.row("alexander") != nil)
    }

    @Test("a name of 70 columns leaves state and waiting time in the header")
    func longName() {
        var window = Window.online(80, 16)
        let dan = UserID("dan")!
        window.hear(.memberAdded(NamedUser(dan, name: String(repeating: "Long Name ", count: 7))))
        window.open(withDan, [said("hello?", seq: 1, by: dan, in: withDan, at: at("10:12"))])
        #expect(window.row("online ── waiting 10 min") != nil)
        window.resize(44, 10)
        #expect(window.row("waiting") != nil || window.row("10 min") != nil)
        expectScreen(window.screen, "long-name")
    }

    @Test("a link over several rows is one link")
    func wrappedLink() {
        var window = Window.online(60, 12)
        let address = "https://example.org/" + String(repeating: "path/", count: 20)
        window.open(withBob, [said("see \(address)end, please", seq: 1), said("https://other.org", seq: 2)])
        let screen = window.screen
        #expect(screen.links == [address + "end", "https://other.org"])
        let rows = Set((0..<12).filter { row in (0..<60).contains { screen[$0, row].link == 1 } })
        #expect(rows.count >= 3)
        expectScreen(screen, "link-wrapped")
    }

    @Test("the links of a conversation are listed, the newest first, to open or to copy")
    func linkList() {
        var window = Window.online(80, 12)
        window.open(
            withBob,
            [
                said("https://one.org and (https://two.org/x).", seq: 1),
                said("https://evil.org/\u{1B}]8;;x\u{7}\u{202E}", seq: 2), said("https://one.org", seq: 3, by: alice),
            ])
        window.press("Ctrl-O")
        expectScreen(window.screen, "links")
        window.press("Down", "Enter")
        #expect(window.takeEffects().last == .openLink("https://evil.org/%1B]8;;x%07%E2%80%AE"))
        #expect(window.ui.overlay == nil)
        window.type("/links")
        window.press("Enter", "y")
        #expect(window.takeEffects().last == .copy("https://one.org"))
        window.press("Ctrl-O", "Esc")
        #expect(window.ui.overlay == nil)
        window.perform([.chat(.open(withCarol))])
        window.hear(.pageLoaded(withCarol, .newest, Page(messages: [], first: 0, last: 0)))
        window.press("Ctrl-O")
        #expect(window.row("no links") != nil)
        window.press("Enter")
        #expect(window.ui.overlay == nil)
    }

    @Test("text from right to left leaves time, name, mark and frame where they are")
    func rightToLeft() {
        var window = Window.online(60, 12)
        window.hear(.memberAdded(NamedUser(dan, name: "דוד")))
        window.open(
            withDan,
            [
                said("שלום, מה שלומך? ראית את הזמנה 1812 שהגיעה אתמול בערב מהלקוח?", seq: 1, by: dan, in: withDan),
                said("abc שלום 12", seq: 2, by: alice, in: withDan),
                said("123 مرحبا https://x.org", seq: 3, by: dan, in: withDan),
            ])
        expectScreen(window.screen, "right-to-left")
        window.type("שלום")
        #expect(window.screen.cursor?.column == 4)
        window.press("Left")
        #expect(window.row("> םולש") != nil)
        #expect(window.screen.cursor?.column == 4)
        window.press("Home")
        #expect(window.screen.cursor?.column == 7)
    }

    @Test("a word of 8,000 characters wraps, and costs the frame no more than its rows")
    func longWord() {
        var window = Window.online(80, 24)
        window.open(withBob, [said(String(repeating: "x", count: 8000), seq: 1), said("after", seq: 2)])
        window.press("Alt-End")
        #expect(window.row("after") != nil)
        #expect(window.rows.count { $0.contains("xxxxxxxx") } >= 15)
    }

    @Test("a failed message is retried, replaced or thrown away by command")
    func mending() {
        var window = Window.online(80, 12)
        window.open(withBob)
        func fail(_ text: String, _ id: String) {
            window.type(text)
            window.press("Enter")
            window.hear(.kept(clientID: id), .deliveryFailed(clientID: id, .rejected(reason: "no")))
        }
        window.type("/retry")
        window.press("Enter")
        #expect(window.status.contains("no message failed"))
        window.press("Ctrl-C")
        fail("first", "c1")
        window.type("/retry")
        window.press("Enter")
        #expect(window.takeEffects().contains(.chat(.retry(clientID: "c1"))))
        window.hear(.deliveryFailed(clientID: "c1", .rejected(reason: "no")))
        window.type("/edit")
        window.press("Enter")
        #expect(window.status.contains("it was: first"))
        window.type(" second")
        window.press("Enter")
        #expect(
            window.takeEffects().suffix(2) == [
                .chat(.discard(clientID: "c1")), .chat(.send(withBob, text: "second", clientID: "")),
            ])
        window.hear(.kept(clientID: "c2"), .deliveryFailed(clientID: "c2", .rejected(reason: "no")))
        window.type("/discard")
        window.press("Enter")
        #expect(window.takeEffects().contains(.chat(.discard(clientID: "c2"))))
    }
}
