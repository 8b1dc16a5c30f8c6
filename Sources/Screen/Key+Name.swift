// The textual form, the same in help, configuration and tests: `Ctrl-K`, `Alt-Enter`, `Shift-Tab`, `PgUp`, `F1`,
// `Alt-Shift-A`, `Space`, `j`.

extension Key {
    /// The name of a key; for what is not a key, a word in brackets that `init(_:)` does not read.
    package var name: String {
        switch self {
        case .character(let character, let modifiers): Self.name(of: character, modifiers)
        case .named(let name, let modifiers): modifiers.prefix + name.text
        case .paste: "[paste]"
        case .focusGained: "[focus gained]"
        case .focusLost: "[focus lost]"
        case .mouse: "[mouse]"
        case .resize: "[resize]"
        case .ground: "[background]"
        }
    }

    /// The key of that name; letter case counts for single letters only. Nil where there is none.
    package init?(_ name: String) {
        var rest = name[...]
        var modifiers: Modifiers = []
        while let (modifier, length) = Modifiers.beginning(rest), rest.utf8.count > length {
            guard !modifiers.contains(modifier) else { return nil }
            modifiers.insert(modifier)
            rest = rest.dropFirst(length)
        }
        if let named = Name(rest) {
            self = .named(named, modifiers)
        } else if rest.lowercased() == "space" {
            self = .character(" ", modifiers)
        } else if rest.count == 1, let character = rest.first, Self.isTypable(character) {
            self = Self.chord(character, modifiers)
        } else {
            return nil
        }
    }

    private static func isTypable(_ character: Character) -> Bool {
        character != " " && character.unicodeScalars.allSatisfy { $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) }
    }

    /// `Ctrl-K` is written with a capital and means the small letter; `Ctrl-Shift-K` means the capital.
    private static func chord(_ character: Character, _ modifiers: Modifiers) -> Key {
        guard !modifiers.isEmpty else { return .character(character) }
        let letter = modifiers.contains(.shift) ? character.uppercased() : character.lowercased()
        let kept = character.isLetter ? modifiers.subtracting(.shift) : modifiers
        return .character(letter.count == 1 ? Character(letter) : character, kept)
    }

    private static func name(of character: Character, _ modifiers: Modifiers) -> String {
        if character == " " { return modifiers.prefix + "Space" }
        guard !modifiers.isEmpty else { return String(character) }
        guard character.isLetter else { return modifiers.prefix + String(character) }
        let shown = character.isUppercase ? modifiers.union(.shift) : modifiers
        return shown.prefix + character.uppercased()
    }
}

extension Key: ExpressibleByStringLiteral {
    /// A key written in the source; a name that does not exist is our own mistake.
    package init(stringLiteral name: String) {
        guard let key = Key(name) else { preconditionFailure("no key is called \(name)") }
        self = key
    }
}

extension Key.Modifiers {
    fileprivate var prefix: String {
        (contains(.control) ? "Ctrl-" : "") + (contains(.alt) ? "Alt-" : "") + (contains(.shift) ? "Shift-" : "")
    }

    /// The modifier that `text` begins with, and its length with the hyphen.
    fileprivate static func beginning(_ text: Substring) -> (Key.Modifiers, Int)? {
        let words: [(String, Key.Modifiers)] = [
            ("ctrl-", .control), ("alt-", .alt), ("shift-", .shift), ("meta-", .alt), ("c-", .control), ("m-", .alt),
            ("s-", .shift),
        ]
        for (word, modifier) in words where text.prefix(word.count).lowercased() == word {
            return (modifier, word.count)
        }
        return nil
    }
}

extension Key.Name {
    fileprivate var text: String {
        switch self {
        case .enter: "Enter"
        case .tab: "Tab"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .insert: "Ins"
        case .escape: "Esc"
        case .up: "Up"
        case .down: "Down"
        case .left: "Left"
        case .right: "Right"
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .function(let number): "F\(number)"
        }
    }

    fileprivate init?(_ text: Substring) {
        switch text.lowercased() {
        case "enter", "return", "cr": self = .enter
        case "tab": self = .tab
        case "backspace", "bs": self = .backspace
        case "del", "delete": self = .delete
        case "ins", "insert": self = .insert
        case "esc", "escape": self = .escape
        case "up", "↑": self = .up
        case "down", "↓": self = .down
        case "left", "←": self = .left
        case "right", "→": self = .right
        case "home": self = .home
        case "end": self = .end
        case "pgup", "pageup": self = .pageUp
        case "pgdn", "pgdown", "pagedown": self = .pageDown
        case let word:
            guard word.first == "f", let number = Int(word.dropFirst()), (1...35).contains(number) else { return nil }
            self = .function(number)
        }
    }
}
