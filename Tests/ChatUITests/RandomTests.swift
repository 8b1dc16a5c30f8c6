import Chat
import Screen
import Testing

@testable import ChatUI

/// A sequence of numbers that is the same in every run.
private struct Dice {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func roll(_ sides: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % sides
    }

    mutating func pick<T>(_ from: [T]) -> T { from[roll(from.count)] }
}

@Suite("any keys, any news, any size")
struct RandomTests {
    private static let keys: [Key] =
        CommandTable.all.flatMap(\.keys).flatMap(\.self).filter { $0 != "Ctrl-Q" }
        + ["a", "/", "?", ">", "@", ":", "Space", "y", "n", "é", "漢", "👍", .focusGained, .focusLost]
        + [.paste("two\nlines"), .paste("/msg bob hi"), .paste("\u{1B}[0m\u{202E}"), "Esc", "Enter", "Enter", "Tab"]

    private static let texts = [
        "short", "a longer text that has to be wrapped at some width or other, surely", "漢字漢字漢字漢字漢字", "/me waves",
        "\u{202E}\u{1B}[2J", "https://a.example/\(String(repeating: "x", count: 300))", "a\n\nb\n", "👨‍👩‍👧‍👦🇩🇪e\u{301}\u{301}",
    ]

    @Test("drawing the input alone gives what drawing everything gives", arguments: 1...4)
    func inputAlone(_ seed: Int) {
        var dice = Dice(UInt64(seed) &+ 77)
        var window = Window.online(80, 24)
        window.open(withBob, run(1...30))
        var painter = Painter()
        let letters: [Key] = ["a", "b", "Space", "Left", "Right", "Backspace", "漢", "ש", ".", "Ctrl-W", "Alt-B", "👍"]
        for _ in 0..<200 {
            var isSameChat = true
            switch dice.roll(20) {
            case 0:
                let isLeaving = dice.roll(2) == 0
                window.hear(isLeaving ? .memberRemoved(dice.pick([carol, dan])) : .memberAdded(NamedUser(carol)))
                isSameChat = false
            case 1:
                window.advance(by: .milliseconds(dice.roll(2_000)))
                isSameChat = false
            case 2 where dice.roll(4) == 0: window.resize(1 + dice.roll(100), 1 + dice.roll(30))
            case 3:
                window.press(dice.pick(Self.keys))
                isSameChat = false
            case 4: window.press(.paste(String(repeating: "long ", count: dice.roll(10) == 0 ? 1_500 : 3)))
            default: window.press(dice.pick(letters))
            }
            #expect(window.screen(by: &painter, isSameChat: isSameChat) == window.screen)
        }
    }

    @Test(
        "nothing crashes, the cursor stays on the screen, and what is typed stays where it was typed", arguments: 1...4)
    func anything(_ seed: Int) {
        var dice = Dice(UInt64(seed))
        var window = Window.online(80, 24)
        var seqs: [ConversationName: Int] = [:]
        let people = [bob, carol, dan, UserID("eve-x")!]
        for _ in 0..<1_500 {
            switch dice.roll(12) {
            case 0:
                let peer = dice.pick(people)
                let name = dice.roll(4) == 0 ? ConversationName.lobby : ConversationName(alice, peer)!
                let skipped = dice.roll(10) == 0 ? dice.roll(5) : 0
                seqs[name, default: 0] += 1 + skipped
                let text = dice.roll(20) == 0 ? nil : dice.pick(Self.texts)
                window.hear(.messageReceived(said(text, seq: seqs[name]!, by: peer, in: name, at: window.now.date)))
            case 1:
                let peer = dice.pick(people)
                window.hear(dice.roll(2) == 0 ? .memberAdded(NamedUser(peer)) : .memberRemoved(peer))
            case 2:
                let name = ConversationName(alice, dice.pick(people))!
                let last = seqs[name] ?? 0
                let from = max(1, last - dice.roll(60))
                let page =
                    last > 0
                    ? Page(messages: run(from...last, in: name), first: 1, last: last)
                    : Page(messages: [], first: 0, last: 0)
                window.hear(.pageLoaded(name, dice.pick([.newest, .before(max(1, from)), .after(from)]), page))
            case 3:
                switch dice.roll(6) {
                case 0: window.hear(.linkChanged(.offline(reason: "lost", retryAt: window.now.uptime + .seconds(3))))
                case 1: window.hear(.rosterLost)
                default: window.hear(.linkChanged(.online))
                }
            case 4:
                if let waiting = window.chat.conversations.values.flatMap(\.outbox).first {
                    window.hear(.kept(clientID: waiting.clientID))
                    window.hear(.deliveryFailed(clientID: waiting.clientID, .rejected(reason: "no")))
                }
            case 5: window.advance(by: .milliseconds(dice.roll(1500)))
            case 6 where dice.roll(8) == 0: window.resize(1 + dice.roll(130), 1 + dice.roll(45))
            case 7:
                let place = Position(dice.roll(window.size.columns), dice.roll(window.size.rows))
                window.press(.mouse(.init(dice.pick([.press(0), .wheelUp, .wheelDown, .release(0)]), at: place)))
            default: window.press(dice.pick(Self.keys))
            }
            let screen = window.screen
            #expect(screen.size == window.size)
            #expect(screen.cursor.map(screen.bounds.contains) ?? true)
        }
        #expect(!window.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }
}
