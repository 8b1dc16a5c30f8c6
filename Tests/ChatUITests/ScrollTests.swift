import Chat
import Screen
import Testing

@testable import ChatUI

/// The messages on the screen, by their numbers.
private func shown(_ window: Window) -> [Int] {
    window.rows.compactMap { row in
        let words = row.split(separator: " ")
        return words.firstIndex(of: "message").flatMap { $0 + 1 < words.count ? Int(words[$0 + 1]) : nil }
    }
}

@Suite("scrolling")
struct ScrollTests {
    private func reading(_ messages: ClosedRange<Int>, rows: Int = 12, first: Int = 1) -> Window {
        var window = Window.online(80, rows)
        window.open(withBob, run(messages), first: first)
        window.press("Alt-End")
        return window
    }

    @Test("the newest messages are shown and followed")
    func follows() {
        var window = reading(1...50)
        #expect(shown(window).last == 50)
        window.hear(.messageReceived(said("message 51", seq: 51)))
        #expect(shown(window).last == 51)
    }

    @Test("new messages do not move what is read, and a mark counts them")
    func keepsPlace() {
        var window = reading(1...50)
        window.press("PgUp")
        let before = shown(window)
        for seq in 51...54 { window.hear(.messageReceived(said("message \(seq)", seq: seq))) }
        #expect(shown(window) == before)
        #expect(window.row("↓ 4 new") != nil)
        window.press("Alt-End")
        #expect(shown(window).last == 54)
        #expect(window.row("new") == nil)
    }

    @Test("older messages paged in above do not move what is read")
    func pagesIn() {
        var window = reading(101...150)
        window.effects = []
        window.press("Alt-Home")
        #expect(window.effects.contains(.chat(.loadOlder(withBob))))
        #expect(window.requests.contains(.loadPage(withBob, .before(101))))
        let before = shown(window)
        #expect(before.first == 101)
        window.hear(.pageLoaded(withBob, .before(101), Page(messages: run(51...100), first: 1, last: 150)))
        #expect(shown(window).contains(101))
        #expect(shown(window).last == before.last)
        window.press("PgUp")
        #expect(shown(window).last! < 105)
    }

    @Test("at the start nothing is asked for")
    func start() {
        var window = reading(1...50)
        window.effects = []
        window.press("Alt-Home")
        #expect(window.effects.isEmpty)
        #expect(shown(window).first == 1)
        #expect(window.row("the beginning") != nil)
    }

    @Test("page up and page down are each other's way back")
    func roundTrip() {
        var window = reading(1...80)
        window.press("PgUp", "PgUp", "PgUp")
        let there = shown(window)
        window.press("PgUp", "PgDn")
        #expect(shown(window) == there)
        window.press("PgDn", "PgDn", "PgDn")
        #expect(window.ui.view(withBob).anchor == .end)
    }

    @Test("a message higher than the pane can be read to its end")
    func tallMessage() {
        var window = Window.online(80, 12)
        let text = (1...60).map { "line \($0)" }.joined(separator: "\n")
        window.open(withBob, [said(text, seq: 1), said("after", seq: 2)])
        window.press("Alt-Home")
        var seen: Set<String> = []
        for _ in 0..<20 {
            for line in 1...60 where window.row("line \(line) ") != nil { seen.insert("line \(line)") }
            window.press("PgDn")
        }
        #expect(seen.count == 60)
        #expect(window.row("after") != nil)
    }

    @Test("a narrower or wider screen keeps the message at the top")
    func resizes() {
        var window = reading(1...200, rows: 24)
        window.press("PgUp", "PgUp", "PgUp")
        let top = shown(window).first
        window.resize(60, 18)
        #expect(shown(window).first == top)
        window.resize(133, 30)
        #expect(shown(window).first == top)
        window.resize(20, 5)
        window.resize(80, 24)
        #expect(shown(window).first == top)
    }

    @Test("Alt-U goes to the first unseen message, and the rule stays")
    func firstUnseen() {
        var window = Window.online(
            80, 12,
            list: [
                ConversationSummary(
                    name: withBob, last: said("message 50", seq: 50), unseen: 30, seenByMe: 20, seenByPeer: 0)
            ])
        window.open(withBob, run(1...50))
        #expect(shown(window).first == 21)
        #expect(window.row("30 unseen ─") != nil)
        window.press("Alt-End", "Alt-U")
        #expect(shown(window).first == 21)
    }

    @Test("the wheel scrolls what is under it, a click selects a message")
    func mouse() {
        var window = reading(1...50)
        let last = shown(window).last!
        window.press(.mouse(.init(.wheelUp, at: Position(40, 5))))
        #expect(shown(window).last! < last)
        window.press(.mouse(.init(.press(0), at: Position(40, 5))))
        #expect(window.ui.focus == .messages)
        window.press(.mouse(.init(.press(0), at: Position(4, 3))))
        #expect(window.chat.open != withBob)
    }

    @Test("/clear empties the view and scrolling up brings everything back")
    func clear() {
        var window = reading(1...5)
        window.type("/clear")
        window.press("Enter")
        #expect(shown(window).isEmpty)
        window.hear(.messageReceived(said("message 6", seq: 6)))
        #expect(shown(window) == [6])
        window.press("PgUp")
        #expect(shown(window).contains(5))
    }

    @Test("selecting moves through the messages and pages older ones in")
    func selecting() {
        var window = reading(101...150)
        window.press("Esc")
        #expect(window.row(">")?.contains("message 150") == true || window.row("message 150")?.contains("│>") == true)
        window.press("k", "k")
        #expect(window.row("message 148")?.contains("│>") == true)
        window.press("G")
        #expect(window.row("message 150")?.contains("│>") == true)
        window.effects = []
        window.press("g")
        #expect(window.row("message 101")?.contains("│>") == true)
        #expect(window.effects.contains(.chat(.loadOlder(withBob))))
        window.press("y")
        #expect(window.effects.contains(.copy("message 101")))
        window.press("Esc")
        #expect(window.ui.focus == .input)
    }
}
