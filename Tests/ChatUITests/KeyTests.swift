import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("keys and commands")
struct KeyTests {
    @Test("every command stands in the table once, with a help sentence, and no key means two things in one place")
    func table() throws {
        #expect(Set(CommandTable.all.map(\.command)) == Set(UICommand.allCases))
        #expect(CommandTable.all.count == UICommand.allCases.count)
        #expect(CommandTable.chapters.flatMap(\.commands).count == CommandTable.all.count)
        for info in CommandTable.all { #expect(!info.help.isEmpty && !info.keys.isEmpty) }
        #expect(try KeyMap(replacing: []) == .standard)
    }

    @Test("keys can be replaced, and what is wrong is said in a sentence")
    func rebinding() throws {
        let map = try KeyMap(replacing: [("help", ["F2", "Ctrl-X h"])])
        #expect(map.command(for: ["F2"], in: .input) == .help)
        #expect(map.command(for: ["F1"], in: .input) == nil)
        #expect(map.isPrefix("Ctrl-X", in: .list))
        #expect(map.names(of: .help) == "F2, Ctrl-X h")
        #expect(throws: KeyMapError.unknownCommand("halp", nearest: "help")) {
            try KeyMap(replacing: [("halp", ["F2"])])
        }
        #expect(throws: KeyMapError.unknownKey("Hyper-Q", command: "help")) {
            try KeyMap(replacing: [("help", ["Hyper-Q"])])
        }
        #expect(throws: KeyMapError.self) { try KeyMap(replacing: [("help", ["Ctrl-N"])]) }
        #expect(throws: KeyMapError.self) { try KeyMap(replacing: [("help", ["Enter"])]) }
    }

    @Test("with no conversation open the list has the focus: arrows and Enter open, letters find")
    func firstSteps() {
        var window = Window.online(here: [alice, bob, carol])
        #expect(window.ui.focus == .list)
        #expect(window.row("│>● bob") != nil)
        window.press("Down")
        #expect(window.row("│>● carol") != nil)
        window.press("Enter")
        #expect(window.chat.open == withCarol)
        #expect(window.ui.focus == .input)
        window.type("hi")
        window.press("Enter")
        #expect(window.effects.contains(.chat(.send(withCarol, text: "hi", clientID: ""))))
    }

    @Test("letters in the list open the switcher")
    func lettersFind() {
        var window = Window.online(here: [alice, bob, carol])
        window.type("ca")
        window.press("Enter")
        #expect(window.chat.open == withCarol)
    }

    @Test("Tab on an empty input goes to the list and back")
    func tab() {
        var window = Window.online()
        window.open(withBob)
        window.press("Tab")
        #expect(window.ui.focus == .list)
        window.press("Tab")
        #expect(window.ui.focus == .input)
    }

    @Test("Alt-A goes through what is unseen and back to where it began")
    func nextUnseen() {
        var window = Window.online(here: [alice, bob, carol, dan])
        window.open(withDan)
        window.hear(.messageReceived(said("x", seq: 1)), .messageReceived(said("y", seq: 1, by: carol, in: withCarol)))
        window.press("Alt-A")
        let first = window.chat.open
        window.press("Alt-A")
        #expect(Set([first, window.chat.open]) == [withBob, withCarol])
        window.press("Alt-A")
        #expect(window.chat.open == withDan)
        window.advance(by: .seconds(1))
    }

    @Test("conversations are reached by number, by neighbour and by the one before")
    func moving() {
        var window = Window.online(here: [alice, bob, carol])
        window.press("Alt-1")
        #expect(window.chat.open == withBob)
        window.press("Ctrl-N")
        #expect(window.chat.open == withCarol)
        window.press("Alt-/")
        #expect(window.chat.open == withBob)
        window.press("Alt-/")
        #expect(window.chat.open == withCarol)
        window.press("Alt-9")
        #expect(window.chat.open == withCarol)
        #expect(window.ui.notice != nil)
    }

    @Test("a text is never sent to another conversation than the one it was written in")
    func drafts() {
        var window = Window.online(here: [alice, bob, carol])
        window.open(withBob)
        window.type("for bob")
        window.press("Ctrl-N")
        #expect(window.chat.open == withCarol)
        #expect(window.input.isEmpty)
        #expect(window.chat.drafts[withBob] == "for bob")
        window.press("Alt-/")
        #expect(window.input == "for bob")
    }

    @Test("a draft is written a moment after the last key, and comes back after a restart")
    func draftSaving() {
        var window = Window.online()
        window.open(withBob)
        window.effects = []
        window.type("dra")
        window.advance(by: .milliseconds(500))
        window.type("ft")
        window.advance(by: .milliseconds(700))
        #expect(window.chat.drafts[withBob] == nil)
        window.advance(by: .milliseconds(100))
        #expect(window.chat.drafts[withBob] == "draft")

        var second = Window()
        second.hear(.restored(SavedState(drafts: [withBob: "draft"], open: withBob)))
        second.ui.restore(chat: second.chat)
        second.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s", lobby: .lobby)))
        #expect(second.input == "draft")
        second.type("!")
        #expect(second.input == "draft!")
    }

    @Test("typing is told for text and not for commands, and ends when the input is empty")
    func typing() {
        var window = Window.online()
        window.open(withBob)
        window.effects = []
        window.type("/who")
        #expect(!window.effects.contains(.chat(.typing(withBob, true))))
        window.press("Ctrl-U")
        window.type("h")
        #expect(window.takeEffects().contains(.chat(.typing(withBob, true))))
        window.press("Backspace")
        #expect(window.effects.contains(.chat(.typing(withBob, false))))
        var settings = UISettings()
        settings.sendsTyping = false
        var quiet = Window.online(settings: settings)
        quiet.open(withBob)
        quiet.effects = []
        quiet.type("h")
        #expect(quiet.effects.isEmpty)
    }

    @Test("the first key of two says on the status line that a second is awaited, and which")
    func awaited() {
        var window = Window.online()
        window.open(withBob, [said("hi", seq: 1)])
        window.press("Ctrl-X")
        #expect(window.status.contains("Ctrl-X and then: ") && window.status.contains("Ctrl-E"))
        window.press(.escape)
        #expect(!window.status.contains("Ctrl-X"))
    }

    @Test("a key that answers no question ends the question and does what it does")
    func unanswered() {
        var window = Window.online()
        window.open(withBob, [said("hi", seq: 1)])
        window.press("Ctrl-C", "Ctrl-C")
        window.type("hello")
        #expect(window.ui.overlay == nil && window.input == "hello")
        window.press("Ctrl-C", "Ctrl-C")
        window.type("no")
        #expect(window.input == "o")
    }

    @Test("nobody is typing any more when the connection is lost")
    func typingEnds() {
        var window = Window.online()
        window.open(withBob, [said("hi", seq: 1)])
        window.hear(.typingReceived(withBob, from: bob, true))
        #expect(window.row("bob is typing") != nil)
        window.hear(.linkChanged(.offline(reason: "gone", retryAt: nil)))
        #expect(window.row("typing") == nil)
    }

    @Test("Ctrl-C clears, a second one asks, y quits and the draft is kept")
    func interrupt() {
        var window = Window.online()
        window.open(withBob)
        window.type("text")
        window.press("Ctrl-C")
        #expect(window.input.isEmpty)
        window.press("Ctrl-C")
        #expect(window.row("quit?") != nil)
        window.press("n")
        #expect(!window.effects.contains(.quit))
        window.press("Ctrl-C")
        window.advance(by: .seconds(3))
        window.press("Ctrl-C")
        #expect(window.ui.overlay == nil)
        window.press("Ctrl-_")
        #expect(window.input == "text")
        window.press("Ctrl-C", "Ctrl-C", "y")
        #expect(window.effects.last == .quit)
    }

    @Test("Ctrl-K cuts where there is something to cut and otherwise goes to a conversation")
    func controlK() {
        var window = Window.online()
        window.open(withBob)
        window.type("ab")
        window.press("Left", "Ctrl-K")
        #expect(window.input == "a")
        window.press("Ctrl-K")
        #expect(window.row("Go to") != nil)
    }

    @Test(
        "keys that ask the outside",
        arguments: [
            ("Ctrl-L", UIEffect.redraw), ("Ctrl-Z", .suspend), ("Ctrl-Q", .quit), ("Alt-R", .reconnectNow),
        ] as [(Key, UIEffect)])
    func outside(_ key: Key, _ effect: UIEffect) {
        var window = Window.online()
        window.open(withBob)
        window.effects = []
        window.press(key)
        #expect(window.effects == [effect])
    }

    @Test("F7 hides the list, F9 shows messages only")
    func views() {
        var window = Window.online()
        window.open(withBob, run(1...3))
        window.press("F7")
        #expect(window.row("carol") == nil)
        window.press("F7", "F9")
        #expect(window.row("│") == nil)
        window.press("F9")
        #expect(window.row("carol") != nil)
    }

    @Test("actions are found by name and done by Enter")
    func palette() {
        var window = Window.online()
        window.open(withBob)
        window.press("Alt-X")
        window.type("quit")
        #expect(window.row("> quit")?.contains("Ctrl-Q") == true)
        window.effects = []
        window.press("Enter")
        #expect(window.effects == [.quit])
    }

    @Test("a failed message is sent again, taken back into the input, or discarded after a question")
    func failed() {
        func window() -> Window {
            var window = Window.online()
            window.open(withBob)
            window.type("text")
            window.press("Enter")
            window.hear(.kept(clientID: "c1"), .deliveryFailed(clientID: "c1", .rejected(reason: "no")))
            window.effects = []
            window.press("Alt-J")
            return window
        }
        var retried = window()
        retried.press("r")
        #expect(retried.effects == [.chat(.retry(clientID: "c1"))])
        var edited = window()
        edited.press("e")
        #expect(edited.input == "text")
        #expect(edited.effects == [.chat(.saveDraft(withBob, "text")), .chat(.discard(clientID: "c1"))])
        var discarded = window()
        discarded.press("d", "x")
        #expect(discarded.effects.isEmpty)
        discarded.press("d", "y")
        #expect(discarded.effects == [.chat(.discard(clientID: "c1"))])
        #expect(discarded.row("text") == nil)
    }

    @Test("links are found in texts without what follows them")
    func links() {
        #expect(Links.first(in: "see https://a.example/x?y=1, and") == "https://a.example/x?y=1")
        #expect(Links.first(in: "(http://a.example)") == "http://a.example")
        #expect(Links.first(in: "no link: http is a word") == nil)
        #expect(Links.first(in: "http://") == nil)
        #expect(Links.ranges(in: "http://a.b http://c.d").count == 2)
    }
}

@Suite("the table as text")
struct CommandTextTests {
    @Test("documents get every command, its keys and its sentence")
    func markdown() {
        let text = CommandTable.markdown()
        for info in CommandTable.all { #expect(text.contains(info.help)) }
        #expect(text.contains("| send | `Enter` |"))
        #expect(text.contains("| `/msg NAME TEXT` | send TEXT to NAME and stay here |"))
        #expect(CommandTable.list().contains("send\tEnter\tsend"))
        #expect(Set(CommandTable.list().map { $0.split(separator: "\t").count }) == [3])
    }
}
