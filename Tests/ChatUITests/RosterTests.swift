import Chat
import Screen
import Testing

@testable import ChatUI

@Suite("the list")
struct RosterTests {
    private func names(_ window: Window) -> [String] {
        (0..<window.ui.roster.count).compactMap { window.ui.roster[$0].map { window.chat.title(of: $0) } }
    }

    @Test("online first, then by last message; offline with history is kept; the lobby last")
    func order() {
        let window = Window.online(
            here: [alice, bob, carol, UserID("adam")!],
            list: [
                ConversationSummary(
                    name: withDan, last: said("x", seq: 1, by: dan, in: withDan, at: at("09:59")), unseen: 0,
                    seenByPeer: 0),
                ConversationSummary(
                    name: withCarol, last: said("y", seq: 1, by: carol, in: withCarol, at: at("09:00")), unseen: 0,
                    seenByPeer: 0),
            ])
        #expect(names(window) == ["carol", "adam", "bob", "dan", "#lobby"])
    }

    @Test("a message moves its conversation up")
    func movesUp() {
        var window = Window.online(here: [alice, bob, carol])
        window.hear(.messageReceived(said("x", seq: 1, by: carol, in: withCarol)))
        #expect(names(window) == ["carol", "bob", "#lobby"])
    }

    @Test("nothing moves under the cursor")
    func frozen() {
        var window = Window.online(here: [alice, bob, carol])
        window.press("Down")
        let before = names(window)
        window.hear(
            .messageReceived(said("x", seq: 1, by: carol, in: withCarol)), .memberAdded(NamedUser(UserID("aaa")!)),
            .memberRemoved(bob))
        #expect(Array(names(window).prefix(2)) == Array(before.prefix(2)))
        #expect(names(window).contains("aaa"))
        #expect(window.ui.listCursor == .conversation(withCarol))
        window.press("Enter")
        #expect(window.chat.open == withCarol)
        #expect(names(window).first == "carol")
    }

    @Test("who comes and goes one by one stands where a whole list would put them")
    func incremental() {
        var window = Window.online(here: [alice])
        window.open(.lobby)
        var people = (0..<300).map { UserID("user\($0 * 7919 % 1000)")! }
        for user in people { window.hear(.memberAdded(NamedUser(user))) }
        let whole = Window.online(here: [alice] + people)
        #expect(names(window) == names(whole))
        for user in people.prefix(100) { window.hear(.memberRemoved(user)) }
        people.removeFirst(100)
        #expect(names(window) == names(Window.online(here: [alice] + people)))
    }

    @Test("a long list scrolls with the cursor and keeps the lobby in sight")
    func long() {
        let people = (0..<10_000).map { UserID("user\(10_000 + $0)")! }
        var window = Window.online(80, 24, here: [alice] + people)
        #expect(window.row("# lobby") != nil)
        window.press("End")
        #expect(window.row("│># lobby") != nil)
        window.press("Up")
        #expect(window.row("│>● user19999") != nil)
        #expect(window.row("Online 10001") != nil)
    }

    private static let strangers = ["user:17", "team/ops", "\u{1B}[2Jevil\u{202E}"].map { Stranger(id: $0, name: nil)! }

    @Test("those who cannot be written to stand in a part of their own, whatever their ids hold")
    func strangers() {
        var window = Window.online(here: [alice, bob, carol])
        window.hear(
            .strangersHere(.lobby, Self.strangers),
            .strangerCame(.lobby, Stranger(id: "user:18", name: "Zoë Smith")!),
            .messageReceived(said("x", seq: 1, by: carol, in: withCarol)), .memberRemoved(carol))
        window.press("Down", "Down")
        #expect(window.ui.listCursor == .stranger("team/ops"))
        expectScreen(window.screen, "strangers")
        window.hear(.strangerWent(.lobby, id: "user:17"))
        #expect(window.row("user:17") != nil)
        window.press("Escape")
        #expect(window.row("user:17") == nil)
        window.open(.lobby)
        for character in "/who\n" { window.press(character == "\n" ? "Enter" : .character(character)) }
        #expect(window.row("user:18  Zoë Smith") != nil)
    }

    @Test("opening one of those says why not, by key and by click, and keys that open go past them")
    func strangersOpened() {
        var window = Window.online(here: [alice, bob])
        window.hear(.strangersHere(.lobby, Self.strangers))
        window.press("Down", "Down", "Down", "Enter")
        #expect(window.chat.open == nil)
        #expect(window.status.contains("user:17 cannot be written to: a user id has only letters"))
        window.open(withBob)
        window.press("Ctrl-N")
        #expect(window.chat.open == .lobby)
        window.press("Ctrl-P")
        #expect(window.chat.open == withBob)
        let row = window.rows.firstIndex { $0.contains("team/ops") }!
        window.press(.mouse(.init(.press(0), at: Position(5, row))))
        #expect(window.chat.open == withBob)
        #expect(window.status.contains("team/ops cannot be written to"))
    }

    @Test("of more than a thousand who cannot be written to a thousand are listed, and whoever leaves takes them along")
    func manyStrangers() {
        var window = Window.online(here: [alice, bob])
        window.hear(.strangersHere(.lobby, (0..<2_000).map { Stranger(id: "user:\($0)", name: nil)! }))
        #expect(window.chat.strangers(in: .lobby).count == Stranger.limit)
        #expect(Stranger(id: String(repeating: ":", count: 257), name: nil) == nil)
        #expect(Stranger(id: "bob", name: nil) == nil)
        #expect(Stranger(id: "", name: "")?.name == "(no id)")
        window.press("Down", "Down", "Down", "End")
        #expect(window.row("│># lobby") != nil)
        window.perform([.chat(.leave(.lobby))])
        #expect(window.chat.strangers(in: .lobby).isEmpty)
        window.hear(.strangerCame(.lobby, Self.strangers[0]))
        #expect(window.chat.strangers(in: .lobby).isEmpty)
    }

    @Test("counts, typing and presence are words and signs, not colour alone")
    func words() {
        let window = sampleWindow(80, 24)
        #expect(window.row("● bob")?.contains("(2)") == true)
        #expect(window.row("● carol")?.contains("typing…") == true)
        #expect(window.row("○ dan")?.contains("1 h") == true)
        #expect(window.row("─ Offline ─") != nil)
    }

    @Test("whoever left the lobby is told how to come back")
    func left() {
        var window = Window.online(here: [alice])
        window.perform([.chat(.leave(.lobby))])
        window.hear(.rosterLost)
        #expect(window.row("Lobby left") != nil)
        #expect(window.text.contains("/enter"))
    }

    @Test("an empty query lists unseen first; letters find names and ids; an unknown id can be written to")
    func switcher() {
        var window = Window.online(here: [alice, bob, carol])
        window.hear(.messageReceived(said("x", seq: 1, by: carol, in: withCarol)))
        window.hear(.memberAdded(NamedUser(UserID("u17")!, name: "Zoë Smith")))
        func found(_ query: String) -> [String] { Switcher(window.chat, query: query).items.map(\.title) }
        #expect(found("").first == "carol")
        #expect(found("smi") == ["Zoë Smith", "smi"])
        #expect(found("u17").first == "Zoë Smith")
        #expect(found("b").first == "bob")
        #expect(found("stranger") == ["stranger"])
        #expect(found("..").isEmpty)
    }

    @Test(
        "the switcher, completion and a name after /msg find a name without its case, accents and normal form",
        arguments: [
            ("Mélanie Ünlü", "Melanie unlu"), ("Mélanie Ünlü", "me\u{301}lanie u\u{308}nlu\u{308}"),
            ("Me\u{301}lanie", "mélanie"),
            ("김철수", "\u{1100}\u{1175}\u{11B7}\u{110E}\u{1165}\u{11AF}\u{1109}\u{116E}"), ("ЁЛКА", "елка"),
            ("Łukasz", "lukasz"),
            ("Straße", "STRASSE"), ("ＷＩＤＥ", "wide"),
        ])
    func folding(name: String, typed: String) {
        var window = Window.online(here: [alice, bob, carol])
        window.hear(.memberAdded(NamedUser(UserID("u17")!, name: name)))
        #expect(Switcher(window.chat, query: typed).items.first?.title == name)
        let word = String(typed.prefix { $0 != " " })
        #expect(Completer.offers(for: InputLine("/msg \(word)"), chat: window.chat) == ["u17 "])
    }

    @Test("the switcher finds no name of which only bytes match")
    func bytes() {
        var window = Window.online(here: [alice])
        window.hear(.memberAdded(NamedUser(UserID("u17")!, name: "김철수")))
        #expect(!Switcher(window.chat, query: "긹").items.map(\.title).contains("김철수"))
    }
}
