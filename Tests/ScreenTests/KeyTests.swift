import Screen
import Testing

@Suite("keys by name")
struct KeyTests {
    static let names: [(String, Key)] = [
        ("j", .character("j")), ("G", .character("G")), ("?", .character("?")), ("-", .character("-")),
        ("é", .character("é")), ("한", .character("한")), ("Space", .character(" ")), ("Ctrl-Space", .control(" ")),
        ("Ctrl-K", .control("k")), ("Ctrl-_", .control("_")), ("Ctrl--", .control("-")), ("Alt-A", .alt("a")),
        ("Alt-Shift-A", .alt("A")), ("Alt-1", .alt("1")), ("Alt-/", .alt("/")),
        ("Ctrl-Alt-X", .character("x", [.control, .alt])), ("Enter", .enter), ("Alt-Enter", .named(.enter, .alt)),
        ("Shift-Enter", .named(.enter, .shift)), ("Shift-Tab", .backtab), ("PgUp", .pageUp),
        ("Alt-Home", .named(.home, .alt)),
        ("Esc", .escape), ("F1", .function(1)), ("F12", .function(12)),
        ("Ctrl-Shift-Left", .named(.left, [.control, .shift])),
        ("Alt-Up", .named(.up, .alt)), ("Del", .delete), ("Ins", .insert), ("Backspace", .backspace),
    ]

    @Test("each key has one name and is found by it", arguments: names)
    func name(text: String, key: Key) {
        #expect(key.name == text)
        #expect(Key(text) == key)
    }

    @Test(
        "other spellings are understood",
        arguments: [
            ("ctrl-k", Key.control("k")), ("C-k", .control("k")), ("M-a", .alt("a")), ("Meta-A", .alt("a")),
            ("Alt-↑", .named(.up, .alt)), ("PageDown", .pageDown), ("return", .enter), ("Delete", .delete),
            ("f7", .function(7)),
            ("Shift-a", .character("A")), ("s-tab", .backtab),
        ])
    func spellings(text: String, key: Key) { #expect(Key(text) == key) }

    @Test(
        "what is no key has no value",
        arguments: [
            "", "Ctrl-", "Ctrl-Ctrl-K", "Hyper-K", "jk", "F0", "F99", "Fx", "Ctrl-Enterr", "\u{1B}", "\n", "[paste]",
        ])
    func malformed(text: String) { #expect(Key(text) == nil) }
}
