import Chat
import Screen
import Testing

@testable import ChatUI

/// Types `keys` into a line where `│` is the cursor, and returns the line likewise.
private func edit(_ before: String, _ keys: [Key], columns: Int = 80) -> String {
    var window = Window.online(columns, 24)
    window.open(withBob)
    let parts = before.split(separator: "│", omittingEmptySubsequences: false).map(String.init)
    window.ui.change(withBob) { view in
        view.input.insert(parts[0] + parts[1])
        view.input.move(bytes: -parts[1].utf8.count)
    }
    for key in keys { window.press(key) }
    let line = window.ui.view(withBob).input
    return line.before + "│" + line.after
}

@Suite("the input line")
struct InputLineTests {
    @Test(
        "moves and deletes as readline does",
        arguments: [
            ("hello│", ["Left"], "hell│o"),
            ("hello│", ["Ctrl-B", "Ctrl-B", "Ctrl-F"], "hell│o"),
            ("one two│", ["Ctrl-A"], "│one two"),
            ("│one two", ["Ctrl-E"], "one two│"),
            ("one two│", ["Home", "Right"], "o│ne two"),
            ("a\nb c│", ["Ctrl-A"], "a\n│b c"),
            ("a│b\nc", ["End"], "ab│\nc"),
            ("one two-three│", ["Alt-B"], "one two-│three"),
            ("one two-three│", ["Alt-B", "Alt-B"], "one │two-three"),
            ("│one, two", ["Alt-F"], "one│, two"),
            ("│one, two", ["Alt-F", "Alt-F"], "one, two│"),
            ("hello│", ["Backspace"], "hell│"),
            ("hello│", ["Ctrl-H"], "hell│"),
            ("│hello", ["Backspace"], "│hello"),
            ("h│ello", ["Ctrl-D"], "h│llo"),
            ("h│ello", ["Del"], "h│llo"),
            ("hello│", ["Del"], "hello│"),
            ("ab│", ["Ctrl-T"], "ba│"),
            ("a│b", ["Ctrl-T"], "ba│"),
            ("a│", ["Ctrl-T"], "a│"),
            ("one│", ["Alt-Enter"], "one\n│"),
            ("one│", ["Ctrl-J"], "one\n│"),
        ] as [(String, [Key], String)])
    func moving(_ before: String, _ keys: [Key], _ after: String) {
        #expect(edit(before, keys) == after)
    }

    @Test(
        "cuts and puts back",
        arguments: [
            ("one two│ three", ["Ctrl-K"], "one two│"),
            ("one two│ three", ["Ctrl-K", "Ctrl-A", "Ctrl-Y"], " three│one two"),
            ("one two│ three", ["Ctrl-U"], "│ three"),
            ("one two│ three", ["Ctrl-U", "Ctrl-E", "Ctrl-Y"], " threeone two│"),
            ("see a/b c-d│", ["Ctrl-W"], "see a/b │"),
            ("see a/b c-d│", ["Alt-Backspace"], "see a/b c-│"),
            ("│one two", ["Alt-D"], "│ two"),
            ("one two three│", ["Ctrl-W", "Ctrl-W", "Ctrl-Y"], "one two three│"),
            ("one two│", ["Ctrl-W", "Left", "Ctrl-W", "Ctrl-Y", "Alt-Y"], "two│ "),
            ("a\nb│", ["Ctrl-U"], "a\n│"),
            ("a\n│b", ["Ctrl-U"], "a│b"),
            ("a│\nb", ["Ctrl-K"], "a│b"),
            ("│", ["Ctrl-Y"], "│"),
        ] as [(String, [Key], String)])
    func cutting(_ before: String, _ keys: [Key], _ after: String) { #expect(edit(before, keys) == after) }

    @Test(
        "undoes by what was typed together",
        arguments: [
            ("│", ["a", "b", "c", "Ctrl-_"], "│"),
            ("│", ["a", "b", "Space", "c", "Ctrl-_"], "ab │"),
            ("one two│", ["Ctrl-W", "Ctrl-_"], "one two│"),
            ("one│", ["Ctrl-C", "Ctrl-_"], "one│"),
            ("│", ["Ctrl-_"], "│"),
        ] as [(String, [Key], String)])
    func undo(_ before: String, _ keys: [Key], _ after: String) { #expect(edit(before, keys) == after) }

    @Test("a character is what a person sees as one")
    func graphemes() {
        #expect(edit("a👨‍👩‍👧b│", ["Left", "Backspace"]) == "a│b")
        #expect(edit("e\u{301}│", ["Backspace"]) == "│")
        #expect(edit("🇩🇪🇫🇷│", ["Left"]) == "🇩🇪│🇫🇷")
        #expect(edit("e│", [.character("\u{301}"), "Left"]) == "│e\u{301}")
    }

    @Test("up and down move between rows before they reach the history")
    func rows() {
        #expect(edit("one\ntwo│", ["Up"]) == "one│\ntwo")
        #expect(edit("o│ne\ntwo", ["Down"]) == "one\nt│wo")
        #expect(edit("a long line\nb│", ["Up", "Down"]) == "a long line\nb│")
        let long = String(repeating: "x", count: 100)
        #expect(
            edit(long + "│", ["Up"], columns: 80) == String(repeating: "x", count: 26) + "│"
                + String(repeating: "x", count: 74))
    }

    @Test("a paste lands in the input and sends nothing, however many lines it has")
    func paste() {
        var window = Window.online()
        window.open(withBob)
        window.effects = []
        window.press(.paste("one\r\ntwo\rthree\u{1B}[31m\u{7}\tend\n"))
        #expect(window.input == "one\ntwo\nthree[31m\tend\n")
        #expect(!window.effects.contains { if case .chat(.send) = $0 { true } else { false } })
    }

    @Test("a text longer than a message stays in the input and the limit is named")
    func limit() {
        var window = Window.online()
        window.open(withBob)
        window.press(.paste(String(repeating: "x", count: 8_001)), "Enter")
        #expect(window.input.count == 8_001)
        #expect(window.text.contains("too long for one message; send it in 2 parts? "))
        window.press("n")
        #expect(window.input.count == 8_001)
        window.press("Backspace", "Enter")
        #expect(window.input.isEmpty)
        window.press(.paste(String(repeating: "😀", count: 8_000)), "Enter")
        #expect(window.input.isEmpty)
        window.press(.paste(String(repeating: "漢", count: 400_000)))
        #expect(window.input.isEmpty)
        #expect(window.ui.notice?.isError == true)
    }

    @Test("history begins with what was said in this conversation and comes back with what was being written")
    func history() {
        var window = Window.online()
        window.open(withBob, [said("old", seq: 1, by: alice), said("theirs", seq: 2)])
        window.type("new")
        window.press("Enter")
        window.type("unsent")
        window.press("Up")
        #expect(window.input == "new")
        window.press("Up", "Up")
        #expect(window.input == "old")
        window.press("Down", "Down")
        #expect(window.input == "unsent")
    }

    @Test("Ctrl-R finds what was sent and Enter only takes it into the input")
    func search() {
        var window = Window.online()
        window.open(withBob)
        for line in ["first order", "second order", "third"] {
            window.type(line)
            window.press("Enter")
        }
        window.effects = []
        window.press("Ctrl-R")
        window.type("ORD")
        #expect(window.row("search: ORD")?.contains("second order") == true)
        window.press("Ctrl-R")
        #expect(window.text.contains("first order"))
        window.press("Enter")
        #expect(window.input == "first order")
        #expect(!window.effects.contains { if case .chat(.send) = $0 { true } else { false } })
        window.press("Ctrl-R", "q", "Esc")
        #expect(window.input == "first order")
    }

    @Test("Tab completes commands, names and goes round; Shift-Tab goes back")
    func completion() {
        var window = Window.online(here: [alice, bob, carol, UserID("bert")!])
        window.open(withCarol)
        window.type("/wh")
        window.press("Tab")
        #expect(window.input == "/who ")
        window.press("Tab")
        #expect(window.input == "/whois ")
        window.press("Ctrl-U")
        window.type("/msg b")
        window.press("Tab")
        #expect(window.input == "/msg bert ")
        window.press("Tab")
        #expect(window.input == "/msg bob ")
        window.press("Shift-Tab")
        #expect(window.input == "/msg bert ")
        window.press("Ctrl-U")
        window.type("bo")
        window.press("Tab")
        #expect(window.input == "bob: ")
        window.press("Ctrl-U")
        window.type("ask @ca")
        window.press("Tab")
        #expect(window.input == "ask @carol ")
        window.press("Ctrl-U")
        window.type("good :thu")
        window.press("Tab")
        #expect(window.input == "good 👍")
        window.press("Tab")
        #expect(window.input == "good 👎")
    }

    @Test("the editor gets the text and gives it back, and nothing is sent")
    func editor() {
        var window = Window.online()
        window.open(withBob)
        window.type("draft")
        window.effects = []
        window.press("Ctrl-X", "Ctrl-E")
        #expect(window.effects.contains(.openEditor(draft: "draft")))
        window.perform(window.ui.editorReturned("better\ntext\n\n", chat: window.chat, now: window.now))
        #expect(window.input == "better\ntext")
        #expect(window.chat.drafts[withBob] == "better\ntext")
        window.press("Ctrl-X", "j")
        #expect(window.ui.notice?.text == "Ctrl-X j means nothing")
    }
}

@Suite("the cursor and what a person counts as one character")
struct InputClusterTests {
    @Test(
        "never stands inside a character that was joined by what was typed or deleted",
        arguments: [
            ("e", "x", "\u{301}", "e\u{301}|x"), ("👩", "👧", "\u{200D}", "👩\u{200D}👧|"),
        ])
    func joined(before: String, after: String, typed: String, expected: String) {
        var line = InputLine(before + after)
        line.move(bytes: -after.utf8.count)
        #expect(line.before == before)
        line.insert(typed)
        #expect(line.before + "|" + line.after == expected)
    }

    @Test("random editing never leaves the cursor inside a character")
    func random() {
        var state: UInt64 = 5
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "a", "\u{301}", "\u{200D}", "👩", "👧", "🇩", "🇪", "\u{FE0F}", "❤", "한", "\u{1161}", "ש", " ", "\n", "🏽",
        ]
        var ring = KillRing()
        for _ in 0..<300 {
            var line = InputLine()
            for _ in 0..<60 {
                switch next(9) {
                case 0: line.moveLeft()
                case 1: line.moveRight()
                case 2: line.deleteBackward()
                case 3: line.deleteForward()
                case 4: line.transpose()
                case 5: line.killWordBackward(into: &ring)
                case 6: line.yank(from: &ring)
                default: line.insert(pieces[next(pieces.count)])
                }
                let text = line.text
                let place = text.utf8.index(text.startIndex, offsetBy: line.before.utf8.count)
                if String.Index(place, within: text) == nil { Issue.record("inside: \(text.debugDescription)") }
            }
        }
    }

    // MARK: Flags, joiners, marks

    static let floods = ["🇩🇪", "👩\u{200D}", "e\u{301}", "\u{1112}\u{1161}\u{11AB}"]

    @Test(
        "every key works on a long line of flags, joiners or marks", .timeLimit(.minutes(1)),
        arguments: floods)
    func flood(part: String) {
        let text = String(repeating: part, count: 40_000 / part.utf8.count)
        var window = Window.online(80, 24)
        window.open(withBob)
        window.press(.paste(text))
        #expect(window.input == text)
        let keys: [Key] = [
            "x", "Left", "Right", "Alt-B", "Alt-F", "Ctrl-A", "Ctrl-E", "Backspace", "Ctrl-B", "Ctrl-D", "Up", "Down",
            "Ctrl-T",
            "Ctrl-W", "Ctrl-Y", "Alt-Backspace", "Ctrl-_", "Ctrl-A", "Alt-D", "Ctrl-_", "Ctrl-E", "Tab", "Ctrl-U",
            "Ctrl-Y",
            "Alt-Y", "Ctrl-_", "Enter",
        ]
        for key in keys {
            window.press(key)
            _ = window.screen
        }
        #expect(window.input.utf8.count > 30_000)
    }

    @Test(
        "a message of 2,000 flags is shown, selected and searched through at the cost of its length",
        .timeLimit(.minutes(1)))
    func shownFlood() {
        var window = Window.online(80, 24)
        window.open(withBob, Self.floods.enumerated().map { said(String(repeating: $1, count: 2_000), seq: $0 + 1) })
        for key: Key in ["a", "b", "PgUp", "PgUp", "PgDn", "Esc", "k", "k", "g", "G", "Esc", "Alt-U"] {
            window.press(key)
            _ = window.screen
        }
    }

    @Test("words and lines are found by the characters a person sees")
    func seenCharacters() {
        #expect(edit("e\u{301}te\u{301} là\u{300}│", ["Alt-B", "Alt-B"]) == "│e\u{301}te\u{301} là\u{300}")
        #expect(edit("one 👨‍👩‍👧‍👦👍🏿│", ["Ctrl-W"]) == "one │")
        #expect(edit("a 🇩🇪🇫🇷│", ["Left"]) == "a 🇩🇪│🇫🇷")
        #expect(edit("🇩🇪🇫🇷│x", ["Backspace"]) == "🇩🇪│x")
        #expect(edit("🇩🇪│🇫🇷", ["Ctrl-T"]) == "🇫🇷🇩🇪│")
        #expect(edit("a\n🇩🇪🇫🇷│", ["Ctrl-U"]) == "a\n│")
    }

    // MARK: What was sent before

    private func sent(_ lines: String...) -> Window {
        var window = Window.online(80, 24)
        window.open(withBob)
        for line in lines {
            window.type(line)
            window.press(.enter)
        }
        return window
    }

    @Test("what is written over an earlier message stays when Down is pressed")
    func overwrittenHistory() {
        var window = sent("one", "two", "three")
        window.press("Up", "Ctrl-U")
        window.type("new text")
        window.press("Down")
        #expect(window.input == "new text")
        window.press("Down")
        #expect(window.input == "new text")
        window.press("Up")
        #expect(window.input == "three")
        window.press("Down")
        #expect(window.input == "new text")
    }

    @Test("neither the unsent text nor a changed message is lost on the way through the history")
    func changedHistory() {
        var window = sent("one", "two", "three")
        window.type("unsent")
        window.press("Up", "Up")
        window.type("!")
        window.press("Up")
        #expect(window.input == "one")
        window.press("Down")
        #expect(window.input == "two!")
        window.press("Down")
        #expect(window.input == "three")
        window.press("Down")
        #expect(window.input == "unsent")
        window.press("Up", "Up")
        #expect(window.input == "two!")
        window.press(.enter)
        window.press("Up", "Up", "Up")
        #expect(window.input == "two")
    }

    // MARK: Pasting and clearing

    @Test("a paste over what is only read lands in the input", arguments: ["F1", "Ctrl-O"] as [Key])
    func pasteOverHelp(key: Key) {
        var window = Window.online(80, 24)
        window.open(withBob)
        window.press(key, .paste("one\ntwo"))
        #expect(window.input == "one\ntwo")
        #expect(window.ui.overlay == nil)
    }

    @Test("a paste while a question is open is refused aloud")
    func pasteOverQuestion() {
        var window = Window.online(80, 24)
        window.open(withBob)
        window.press("Ctrl-C", "Ctrl-C", .paste("y"))
        #expect(window.input.isEmpty)
        #expect(window.ui.overlay == .question(.quit))
        #expect(window.status.contains("nothing was pasted"))
    }

    @Test("Ctrl-C clears what was typed after the last Ctrl-C")
    func interruptAgain() {
        var window = Window.online(80, 24)
        window.open(withBob)
        window.type("one")
        window.press("Ctrl-C")
        window.type("two")
        window.press("Ctrl-C")
        #expect(window.input.isEmpty)
        #expect(window.ui.overlay == nil)
        window.press(.paste("three"), "Ctrl-C")
        #expect(window.input.isEmpty)
        #expect(window.ui.overlay == nil)
        window.press("Ctrl-C")
        #expect(window.ui.overlay == .question(.quit))
    }

    @Test("Backspace and Del delete with Shift and Control as well")
    func modifiedBackspace() {
        #expect(edit("one two│", ["Shift-Backspace"]) == "one tw│")
        #expect(edit("one two│", ["Ctrl-Backspace"]) == "one │")
        #expect(edit("│one two", ["Shift-Del"]) == "│ne two")
        #expect(edit("│one two", ["Ctrl-Del"]) == "│ two")
    }

    @Test("a second Tab after a command does not add a second name")
    func oneName() {
        var window = Window.online(80, 24, here: [alice, bob, UserID("melanie")!])
        window.open(withBob)
        window.type("/msg mel")
        window.press("Tab", "Tab")
        #expect(window.input == "/msg melanie ")
    }
}
