internal import Screen

// What is written beside ncurses. Each mode set here by `h` is unset by `l`, and the title pushed here is popped, on every
// way out (drawing.c).

extension Terminal {
    /// Bracketed paste, focus reports and mouse, and the title put aside; nothing on terminals of another kind.
    static func modes(facts: TerminalFacts, mouse: Bool) -> String {
        guard facts.isANSI else { return "" }
        let title = facts.canTitle ? "\u{1B}[22;2t" : ""
        // Right-to-left text comes in visual order: the terminal is not to order it once more.
        return title + "\u{1B}[8l\u{1B}[?2004h\u{1B}[?1004h" + (mouse ? "\u{1B}[?1002h\u{1B}[?1006h" : "")
    }

    /// OSC 2 with a harmless, short title; ended by BEL, which every terminal takes.
    package static func titleSequence(_ title: String) -> String {
        "\u{1B}]2;" + TextWidth.truncated(Printable.line(title), columns: 120, ellipsis: "") + "\u{07}"
    }

    /// What colour is the background? Answered by `OSC 11 ; rgb:… ST`, or not at all.
    static let groundQuestion = "\u{1B}]11;?\u{07}"

    /// OSC 52, in an envelope for tmux (`allow-passthrough`) and for GNU screen, which keep what they do not know to
    /// themselves. Beyond 74,994 bytes terminals stop listening.
    package static func copySequence(_ text: String, facts: TerminalFacts) -> String {
        let sequence = clipboardSequence(text)
        if facts.isInsideTmux { return "\u{1B}Ptmux;\u{1B}" + sequence + "\u{1B}\\" }
        return facts.isInsideScreen ? screenEnvelopes(sequence) : sequence
    }

    static func clipboardSequence(_ text: String) -> String {
        "\u{1B}]52;c;" + base64(text.utf8.prefix(74_994)) + "\u{07}"
    }

    /// screen takes a few hundred bytes at a time, and passes the pieces on one after another.
    private static func screenEnvelopes(_ sequence: String) -> String {
        var out = ""
        var rest = sequence.utf8[...]
        while !rest.isEmpty {
            out += "\u{1B}P" + (String(rest.prefix(screenLimit)) ?? "") + "\u{1B}\\"
            rest = rest.dropFirst(screenLimit)
        }
        return out
    }

    private static let screenLimit = 200

    /// What became of a text that was to be copied. A terminal does not say whether it takes one.
    package enum Copied: Sendable {
        /// The terminal is not one that has a clipboard for programs.
        case nowhere
        case sent
    }

    /// How a terminal is asked for a desktop notification.
    package enum Notification: String, Sendable {
        case osc9, osc777, off
    }

    /// OSC 9 or OSC 777, in an envelope for tmux (`allow-passthrough`) and screen; empty where there is none.
    package static func notifySequence(
        _ title: String, _ text: String, _ kind: Notification, facts: TerminalFacts
    ) -> String {
        let title = harmless(title, columns: 40)
        let text = harmless(text, columns: 160)
        let sequence: String
        switch kind {
        case .off: return ""
        // Beginning with a word: OSC 9 and a number is something else to some.
        case .osc9: sequence = "\u{1B}]9;parley: \(title): \(text)\u{07}"
        case .osc777: sequence = "\u{1B}]777;notify;\(title);\(text)\u{07}"
        }
        if facts.isInsideTmux { return "\u{1B}Ptmux;\u{1B}" + sequence + "\u{1B}\\" }
        return facts.isInsideScreen ? "\u{1B}P" + sequence + "\u{1B}\\" : sequence
    }

    /// On one line, without what a terminal would obey, and without the semicolon that parts the fields.
    private static func harmless(_ text: String, columns: Int) -> String {
        let line = Printable.line(text.split(whereSeparator: \.isNewline).joined(separator: " "))
        // By scalars: a semicolon with a combining mark after it parts fields as well.
        let oneField = String(String.UnicodeScalarView(line.unicodeScalars.map { $0 == ";" ? "," : $0 }))
        return TextWidth.truncated(oneField, columns: columns, ellipsis: "...")
    }

    static func base64(_ bytes: some Sequence<UInt8>) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        func letter(_ shift: UInt32) -> UInt8 { letters[Int(bits >> shift & 63)] }
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                result += [letter(18), letter(12), letter(6), letter(0)]
                bits = 0
                count = 0
            }
        }
        if count > 0 {
            bits <<= count == 1 ? 16 : 8
            result += [letter(18), letter(12), count == 2 ? letter(6) : 0x3D, 0x3D]
        }
        return String(decoding: result, as: UTF8.self)
    }
}
