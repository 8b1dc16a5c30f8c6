import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("search on the screen")
struct SearchScreenTests {
    private func asked(_ window: Window) -> [SearchQuery] {
        window.requests.compactMap { if case .search(let query) = $0 { query } else { nil } }
    }

    private func searching(_ text: String, _ found: [Message]) -> Window {
        var window = Window.online(here: [alice, bob, carol])
        window.open(withBob, run(901...1_000), first: 1)
        window.press("Alt-S")
        window.type(text)
        window.advance(by: .milliseconds(150))
        window.hear(.searchAnswered(SearchQuery(text, in: withBob), found))
        return window
    }

    @Test(
        "one sign of a script without spaces, or one emoji, is enough to search for", arguments: ["天", "😀", "ก", "&"])
    func oneSign(sign: String) {
        var window = Window.online()
        window.open(withBob, run(1...3))
        window.press("Alt-S")
        window.type(sign)
        window.advance(by: .milliseconds(150))
        #expect(asked(window) == [SearchQuery(sign, in: withBob)])
    }

    @Test(
        "a found word is marked whatever its case, accents and script",
        arguments: [
            ("die Ёлка ist", "елка", "Ёлка"), ("Straße 5", "strasse", "Straße"), ("今日の天気は", "天気", "天気"),
            ("in C++ now", "c++", "C++"),
            ("cre\u{300}me", "crème", "cre\u{300}me"), ("a 👨‍👩‍👧 b", "👨‍👩‍👧", "👨‍👩‍👧"),
        ])
    func marked(line: String, word: String, match: String) {
        let snippet = Snippet(line, words: [Folding.fold(word)], columns: 60)
        #expect(snippet.parts.filter(\.isMatch).map(\.text) == [match])
        #expect(snippet.text == line)
    }

    @Test("asks once the typing has paused, and only for two letters or more")
    func debounced() {
        var window = Window.online()
        window.open(withBob, run(1...3))
        window.press("Alt-S")
        window.type("o")
        window.advance(by: .seconds(1))
        #expect(asked(window) == [])
        window.type("r")
        window.advance(by: .milliseconds(100))
        window.type("der")
        window.advance(by: .milliseconds(149))
        #expect(asked(window) == [])
        #expect(window.text.contains("searching…"))
        window.advance(by: .milliseconds(1))
        #expect(asked(window) == [SearchQuery("order", in: withBob)])
        window.advance(by: .seconds(5))
        #expect(asked(window).count == 1)
    }

    @Test("Tab searches everywhere and back, the box says where")
    func everywhere() {
        var window = Window.online()
        window.open(withBob, run(1...3))
        window.press("Alt-S")
        window.type("order")
        #expect(window.text.contains("Search in bob"))
        window.press("Tab")
        #expect(window.text.contains("Search everywhere"))
        window.press("Tab")
        #expect(asked(window) == [SearchQuery("order", in: nil), SearchQuery("order", in: withBob)])
        window.press("Esc")
        #expect(window.chat.search == nil && window.input == "")
        window.type("/find order")
        window.press("Enter")
        #expect(asked(window).last == SearchQuery("order", in: nil))
    }

    @Test("results stand with time and sender, what was looked for is marked; none says so")
    func shown() {
        let window = searching("old", [said("an old thing", seq: 12), said("old too", seq: 10, by: alice)])
        #expect(window.text.contains("2 messages"))
        #expect(window.text.contains("bob      an old thing"))
        #expect(window.text.contains("you      old too"))
        #expect(window.screen.roles.contains("hhh"))
        #expect(searching("old", []).text.contains("nothing found"))
        var hostile = searching("evil", [said("\u{1B}[2J\u{202E}evil\u{7}\nsecond", seq: 1)])
        #expect(hostile.text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
        for size in [(20, 5), (40, 8), (10, 3), (120, 40)] {
            hostile.resize(size.0, size.1)
            #expect(hostile.screen.size == ScreenSize(size.0, size.1))
        }
    }

    @Test("Enter goes to the message, Esc comes back to where one was")
    func thereAndBack() {
        var window = searching("old", [said("an old thing", seq: 950)])
        window.press("Esc", "PgUp", "PgUp")
        let before = window.text
        window.press("Alt-S")
        window.type("old")
        window.advance(by: .milliseconds(150))
        window.hear(.searchAnswered(SearchQuery("old", in: withBob), [said("message 950", seq: 950)]))
        window.press("Enter")
        #expect(window.ui.focus == .messages)
        #expect(window.row(">")?.contains("message 950") == true)
        window.press("Esc")
        #expect(window.text == before)
    }

    @Test("far back it loads the place, scrolls both ways in it, marks nothing seen, and comes back")
    func farBack() {
        var window = searching("old", [said("message 100", seq: 100)])
        let before = window.ui.view(withBob).anchor
        window.requests = []
        window.press("Enter")
        #expect(window.requests.contains(.loadPlace(withBob, .after(59))))
        #expect(window.text.contains("fetching messages"))
        window.hear(.placeLoaded(withBob, .after(59), Page(messages: run(60...159), first: 1, last: 1_000)))
        #expect(window.row(">")?.contains("message 100") == true)
        window.advance(by: .seconds(2))
        #expect(!window.requests.contains { if case .tellSeen = $0 { true } else { false } })
        window.requests = []
        for _ in 0..<4 { window.press("PgDn") }
        #expect(window.requests.contains(.loadPlace(withBob, .after(159))))
        let reading = window.rows[5]
        window.hear(.placeLoaded(withBob, .after(159), Page(messages: run(160...259), first: 1, last: 1_000)))
        #expect(window.rows[5] == reading)
        for _ in 0..<20 { window.press("PgUp") }
        #expect(window.requests.contains(.loadPlace(withBob, .before(60))))
        window.hear(.messageReceived(said("live", seq: 1_001)))
        #expect(!window.text.contains("live"))
        window.press("Esc")
        #expect(window.chat.visited == nil)
        #expect(window.ui.view(withBob).anchor == before)
        #expect(window.text.contains("live"))
    }

    @Test("sending from a place far back shows the newest again")
    func sendingLeaves() {
        var window = searching("old", [said("message 100", seq: 100)])
        window.press("Enter")
        window.hear(.placeLoaded(withBob, .after(59), Page(messages: run(60...159), first: 1, last: 1_000)))
        window.press("Enter")
        window.type("found it")
        window.press("Enter")
        #expect(window.chat.visited == nil)
        #expect(window.text.contains("found it") && window.text.contains("message 1000"))
    }

    @Test("a hit in another conversation opens that, and Esc comes back to this")
    func elsewhere() {
        var window = Window.online(here: [alice, bob, carol])
        window.open(withBob, run(1...3))
        window.type("my draft")
        window.press("Alt-Shift-S")
        window.type("order")
        window.advance(by: .milliseconds(150))
        let hit = said("order 7", seq: 5, by: carol, in: withCarol)
        window.hear(.searchAnswered(SearchQuery("order", in: nil), [hit]))
        window.press("Enter")
        #expect(window.chat.open == withCarol)
        window.hear(
            .placeLoaded(
                withCarol, .after(0),
                Page(
                    messages: [
                        said("a", seq: 1, by: carol, in: withCarol), said("b", seq: 2, by: carol, in: withCarol),
                        said("c", seq: 3, by: carol, in: withCarol), said("d", seq: 4, by: carol, in: withCarol), hit,
                    ], first: 1, last: 5)))
        #expect(window.row(">")?.contains("order 7") == true)
        window.press("Esc")
        #expect(window.chat.open == withBob && window.input == "my draft")
    }
}
