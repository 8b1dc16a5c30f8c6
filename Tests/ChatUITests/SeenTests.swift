import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("seen")
struct SeenTests {
    private func seen(_ window: Window) -> [Int] {
        window.effects.compactMap { if case .chat(.markSeen(_, let through)) = $0 { through } else { nil } }
    }

    private func opened(_ count: Int = 3, rows: Int = 24) -> Window {
        let last = said("message \(count)", seq: count)
        var window = Window.online(
            80, rows, list: [ConversationSummary(name: withBob, last: last, unseen: count, seenByPeer: 0)])
        window.open(withBob, run(1...count))
        window.effects = []
        return window
    }

    @Test("a message on the screen for half a second is seen, once")
    func dwell() {
        var window = opened()
        window.advance(by: .milliseconds(499))
        #expect(seen(window).isEmpty)
        window.advance(by: .milliseconds(1))
        #expect(seen(window) == [3])
        window.advance(by: .seconds(60))
        #expect(seen(window) == [3])
        #expect(window.chat.conversation(withBob).unseen == 0)
    }

    @Test("nothing is seen while the terminal does not have the focus")
    func focus() {
        var window = opened()
        window.press(.focusLost)
        window.advance(by: .seconds(5))
        #expect(seen(window).isEmpty)
        window.press(.focusGained)
        window.advance(by: .milliseconds(400))
        window.press(.focusLost)
        window.advance(by: .seconds(5))
        #expect(seen(window).isEmpty)
        window.press(.focusGained)
        window.advance(by: .seconds(1))
        #expect(seen(window) == [3])
    }

    @Test("a key says that the terminal has the focus after all")
    func keyIsFocus() {
        var window = opened()
        window.press(.focusLost, "a")
        window.advance(by: .seconds(1))
        #expect(seen(window) == [3])
    }

    @Test("what is below the screen is not seen")
    func scrolledUp() {
        var window = opened(100, rows: 12)
        window.advance(by: .seconds(1))
        let first = seen(window)
        #expect(first.count == 1 && first[0] < 20)
        window.press("Alt-End")
        window.advance(by: .seconds(1))
        #expect(seen(window).last == 100)
    }

    @Test("a conversation that is left in time is not seen")
    func left() {
        var window = opened()
        window.advance(by: .milliseconds(300))
        window.perform([.chat(.open(withCarol))])
        window.advance(by: .seconds(5))
        #expect(seen(window).isEmpty)
    }

    @Test("nothing is seen behind the help")
    func covered() {
        var window = opened()
        window.press("F1")
        window.advance(by: .seconds(2))
        #expect(seen(window).isEmpty)
        window.press("Esc")
        window.advance(by: .seconds(1))
        #expect(seen(window) == [3])
    }

    @Test("each message has its own half second")
    func eachItsOwn() {
        var window = opened()
        window.advance(by: .milliseconds(300))
        window.hear(.messageReceived(said("message 4", seq: 4)))
        window.advance(by: .milliseconds(200))
        #expect(seen(window) == [3])
        window.advance(by: .milliseconds(300))
        #expect(seen(window) == [3, 4])
    }

    @Test("in a flood messages are still seen half a second after they came")
    func flood() {
        var window = opened()
        for seq in 4...1_003 {
            window.hear(.messageReceived(said("message \(seq)", seq: seq)))
            window.advance(by: .milliseconds(2))
        }
        #expect(window.ui.dwell.count <= 32)
        #expect(seen(window).last.map { $0 > 500 } == true)
        window.advance(by: .seconds(1))
        #expect(seen(window).last == 1_003)
        #expect(seen(window) == seen(window).sorted())
    }

    @Test("while offline nothing is told, and afterwards it is")
    func offline() {
        var window = opened()
        window.hear(.linkChanged(.offline(reason: "connection lost", retryAt: nil)))
        window.advance(by: .seconds(5))
        #expect(seen(window).isEmpty)
        #expect(window.ui.deadline(chat: window.chat) == window.ui.minuteAt)
        window.hear(.linkChanged(.online))
        window.advance(by: .seconds(1))
        #expect(seen(window) == [3])
    }

    @Test("nothing wants to be woken while nothing happens")
    func idle() {
        var settings = UISettings()
        settings.awayWhenIdle = 0
        var window = Window.online(settings: settings)
        window.open(withBob, [said("message 1", seq: 1), said("and my answer", seq: 2, by: alice)])
        window.advance(by: .seconds(60))
        #expect(window.ui.deadline(chat: window.chat) == nil)
    }

    @Test("what comes while the terminal has no focus stands below the unseen rule, and is seen as far as it was shown")
    func unfocused() {
        var window = opened(3, rows: 12)
        window.advance(by: .seconds(1))
        #expect(seen(window) == [3])
        window.press(.focusLost)
        for seq in 4...34 {
            window.hear(.messageReceived(said("message \(seq)", seq: seq)))
            window.advance(by: .milliseconds(20))
        }
        window.advance(by: .seconds(5))
        #expect(seen(window) == [3])
        window.press(.focusGained)
        expectScreen(window.screen, "unfocused")
        window.advance(by: .seconds(2))
        let shown = (4...34).last { window.row("message \($0) ") != nil || window.row("message \($0)") != nil }
        #expect(seen(window).last == shown)
        #expect(window.chat.conversation(withBob).unseen > 20)
        #expect(window.row("31 unseen") != nil)
        window.press("Alt-End")
        window.advance(by: .seconds(1))
        #expect(seen(window).last == 34)
    }

    @Test("the unseen rule moves to what came while the reader looked away the last time")
    func unfocusedAgain() {
        var window = opened(3)
        window.advance(by: .seconds(1))
        window.press(.focusLost)
        window.hear(.messageReceived(said("message 4", seq: 4)))
        window.press(.focusGained)
        window.advance(by: .seconds(1))
        window.press(.focusLost)
        window.advance(by: .seconds(1))
        #expect(
            window.rows.firstIndex { $0.contains("unseen ─") }
                == window.rows.firstIndex { $0.contains("message 4") }.map { $0 - 1 })
        window.hear(.messageReceived(said("from my other terminal", seq: 5, by: alice)))
        window.hear(.messageReceived(said("message 6", seq: 6)))
        window.hear(.messageReceived(said("message 7", seq: 7)))
        window.press(.focusGained)
        #expect(window.row("2 unseen") != nil)
        #expect(
            window.rows.firstIndex { $0.contains("2 unseen") }
                == window.rows.firstIndex { $0.contains("message 6") }.map { $0 - 1 })
        window.type("thanks")
        window.press(.enter)
        #expect(window.row("unseen ─") == nil)
    }

    @Test("what comes behind the help stands below the unseen rule as well")
    func behindHelp() {
        var window = opened(3, rows: 12)
        window.advance(by: .seconds(1))
        window.press("F1")
        for seq in 4...34 { window.hear(.messageReceived(said("message \(seq)", seq: seq))) }
        window.advance(by: .seconds(5))
        window.press("Esc")
        window.advance(by: .seconds(1))
        #expect(window.row("31 unseen") != nil)
        #expect(window.chat.conversation(withBob).unseen > 20)
    }

    @Test("nothing is seen while the external editor has the screen")
    func behindEditor() {
        var window = opened(3)
        window.press("Ctrl-X", "Ctrl-E")
        window.advance(by: .seconds(5))
        #expect(seen(window).isEmpty)
        window.perform(window.ui.editorReturned(nil, chat: window.chat, now: window.now))
        window.press("Left")
        window.advance(by: .seconds(1))
        #expect(seen(window) == [3])
    }

    @Test("the bell rings for what comes elsewhere or while nobody looks")
    func bell() {
        var window = opened()
        window.hear(.messageReceived(said("message 4", seq: 4)))
        #expect(!window.effects.contains(.bell))
        window.hear(.messageReceived(said("hello", seq: 1, by: carol, in: withCarol)))
        #expect(window.takeEffects().contains(.bell))
        window.press(.focusLost)
        window.hear(.messageReceived(said("message 5", seq: 5)))
        #expect(window.effects.contains(.bell))
        #expect(window.screen.title == "(6) parley")
    }
}
