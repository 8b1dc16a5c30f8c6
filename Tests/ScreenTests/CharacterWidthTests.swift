import Testing

@testable import Screen

@Suite("characters and their columns")
struct CharacterWidthTests {
    static let widths: [(String, Int, String)] = [
        ("", 0, ""), ("abc", 3, "abc"), ("é", 1, "é"), ("e\u{301}", 1, "e\u{301}"),
        ("한국어", 6, "한국어"), ("\u{1112}\u{1161}\u{11AB}", 2, "\u{1112}\u{1161}\u{11AB}"), ("日本", 4, "日本"),
        ("ﾊﾝｶｸ", 4, "ﾊﾝｶｸ"), ("ＡＢ", 4, "ＡＢ"), ("ß→∑", 3, "ß→∑"), ("─│┼", 3, "─│┼"), ("•…", 2, "•…"),
        ("😀", 2, "😀"), ("👍🏽", 2, "👍"), ("👨‍👩‍👧‍👦", 2, "👨"), ("❤️", 1, "❤"), ("❤️‍🔥", 1, "❤"), ("1️⃣", 1, "1\u{20E3}"),
        ("🇩🇪", 2, "🇩🇪"), ("🇩🇪🇫🇷", 4, "🇩🇪🇫🇷"), ("🇩", 1, "🇩"), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2, "🏴"),
        ("का", 2, "का"), ("क्ष", 2, "क्ष"), ("שלום", 4, "שלום"), ("مرحبا", 5, "مرحبا"), ("ไทย", 3, "ไทย"), ("น้ำ", 2, "น้ำ"),
        ("\u{301}a", 1, "a"), ("\u{200B}a\u{200B}", 1, "a"), ("a\u{200D}b", 2, "ab"), ("\u{FEFF}a\u{FE0F}", 1, "a"),
        ("\u{2060}", 0, ""), ("soft\u{AD}hyphen", 10, "softhyphen"),
        ("a\tb", 6, "a    b"), ("\u{1B}[31m", 6, "^[[31m"), ("\0\u{7F}", 4, "^@^?"), ("a\r\nb", 6, "a^M^Jb"),
        ("\u{85}", 8, "<U+0085>"), ("\u{9B}31m", 11, "<U+009B>31m"), ("\u{202E}x", 9, "<U+202E>x"),
        ("\u{2066}", 8, "<U+2066>"), ("\u{2028}", 8, "<U+2028>"), ("\u{FFFE}", 8, "<U+FFFE>"),
        ("\u{10FFFF}", 10, "<U+10FFFF>"), ("\u{3164}", 8, "<U+3164>"), ("\u{200E}\u{200F}\u{61C}", 0, ""),
        ("a\u{E0041}\u{E007F}", 1, "a"), ("\u{FFFD}", 1, "\u{FFFD}"), ("\u{E000}", 1, "\u{E000}"),
    ]

    @Test("a text takes the columns ncurses gives it, and shows no more than can be printed", arguments: widths)
    func width(text: String, columns: Int, shown: String) {
        #expect(TextWidth.of(text) == columns)
        #expect(TextWidth.of(Printable.line(text)) == columns)
        var screen = Screen(size: ScreenSize(40, 1))
        screen.reordersText = false
        let used = screen.draw { $0.put(text, at: 0, 0) }
        #expect(used == columns)
        #expect(screen.text == shown)
    }

    @Test("a cell carries at most four marks, and a character of a printed text at most thirty")
    func marks() {
        let flood = "e" + String(repeating: "\u{301}", count: 5000) + "x"
        #expect(Printable.line(flood) == "e" + String(repeating: "\u{301}", count: 30) + "x")
        #expect(TextWidth.of(flood) == 2)
        var screen = Screen(size: ScreenSize(4, 1))
        screen.draw { _ = $0.put(flood, at: 0, 0) }
        #expect(screen.text == "e\u{301}\u{301}\u{301}\u{301}x")
    }

    @Test(
        "a printed text keeps the characters of every language and emoji of several parts",
        arguments: [
            "👨‍👩‍👧‍👦", "👍🏿", "🏳️‍🌈", "❤️‍🔥", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "می‌خواهم", "क्‍ष", "葛󠄀", "שָׁ֑לֹום", "한\u{1112}\u{1161}\u{11AB}",
            "\u{1FAE8}\u{1FAE9}",
        ])
    func printed(text: String) {
        #expect(Printable.line(text) == text)
        #expect(Printable.block("\(text)\n\ta\tb") == "\(text)\n\ta\tb")
        #expect(Printable.block("a \(text) \(text)\t\(text)") == "a \(text) \(text)\t\(text)")
    }

    @Test(
        "a printed text has nothing in it that a terminal obeys or nobody sees",
        arguments: [
            ("\u{1B}[31m", "^[[31m"), ("a\tb", "a    b"), ("\u{85}", "<U+0085>"), ("\u{202E}x", "<U+202E>x"),
            ("a\u{E0041}\u{E007F}", "a"), ("a\u{200B}\u{200E}\u{FEFF}b", "ab"), ("\u{301}\u{200D}\u{FE0F}a", "a"),
            ("a\r\nb", "a^M^Jb"), ("soft\u{AD}hyphen", "softhyphen"), ("\u{3164}", "<U+3164>"),
        ])
    func harmless(text: String, shown: String) { #expect(Printable.line(text) == shown) }

    @Test(
        "text is read in a number of steps that grows with its length, whatever characters it is made of",
        arguments: [
            "🇩🇪", "🇩", "👩‍", "e\u{301}", "\u{301}", "\u{1112}\u{1161}", "\u{1161}", "❤\u{FE0F}", "क्", "\u{200D}", "👍🏿",
            "\u{600}",
            "👨‍👩‍👧‍👦", "🇩a", "🇩\u{301}",
        ])
    func steps(part: String) {
        let text = String(repeating: part, count: 20_000)
        let scalars = text.unicodeScalars.count
        ClusterReader.read(text[...]) { reader in
            var count = 0
            while reader.next() { count += 1 }
            #expect(reader.end == text.utf8.count)
            #expect(reader.steps <= 2 * scalars + 2)
            #expect(count == text.count)
        }
        #expect(TextWrap.wrap(text, 40).count == TextWrap.wrap(text[...], 40).count)
        #expect(TextWrap.fold(text, 40).joined() == text)
    }

    @Test("no scalar of Unicode puts a control, a bidi override or an invisible tag on the screen")
    func everyScalar() {
        var screen = Screen(size: ScreenSize(16, 1))
        for value in UInt32(0)...0x10FFFF {
            // Ideographs, Hangul, private and empty planes are alike: every hundredth of them is enough.
            let isUniform = (0x3400...0xF8FF).contains(value) || (0x20000...0xDFFFF).contains(value) || value > 0xE0FFF
            guard !isUniform || value % 101 == 0 || value & 0xFFFE == 0xFFFE else { continue }
            guard let scalar = Unicode.Scalar(value) else { continue }
            screen = Screen(size: screen.size)
            let text = "a" + String(scalar)
            let used = screen.draw { $0.put(text, at: 0, 0) }
            guard used == TextWidth.of(text) else {
                Issue.record("U+\(String(value, radix: 16)) takes \(used) columns, counted as \(TextWidth.of(text))")
                continue
            }
            var columns = 0
            for cell in screen.rows.joined() where !cell.isContinuation {
                columns += cell.columns
                if Self.isHostile(cell.base) || (cell.hasMarks && Self.isHostile(cell.mark(0))) {
                    Issue.record("U+\(String(value, radix: 16)) reached the screen")
                }
            }
            if columns != 16 { Issue.record("U+\(String(value, radix: 16)) broke the row") }
        }
    }

    private static func isHostile(_ value: UInt32) -> Bool {
        switch value {
        case 0x20...0x7E: false
        case 0..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF, 0xFFF9...0xFFFB: true
        case 0xFDD0...0xFDEF, 0xE0000...0xE0FFF: true
        default: value & 0xFFFE == 0xFFFE
        }
    }

    @Test("random text never takes other columns than it was counted for")
    func random() {
        var generator = SplitMix(state: 7)
        let scalars = [
            "a", " ", "한", "\u{301}", "\u{200D}", "👍", "🏽", "👩", "🇩", "\u{FE0F}", "\u{1B}", "\t", "क", "\u{94D}",
            "\u{202E}",
        ]
        .map { $0.unicodeScalars.first ?? " " }
        var screen = Screen(size: ScreenSize(300, 1))
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<generator.below(20) { text.unicodeScalars.append(scalars[generator.below(scalars.count)]) }
            screen = Screen(size: screen.size)
            let columns = TextWidth.of(text)
            #expect(screen.draw { $0.put(text, at: 0, 0) } == columns)
            #expect(text.reduce(0) { $0 + TextWidth.of($1) } == columns)
            #expect(TextWidth.of(Printable.line(text)) == columns)
            for limit in 0..<5 { #expect(TextWidth.of(TextWidth.prefix(text, columns: limit)) <= limit) }
        }
    }

    @Test("text that does not fit ends in an ellipsis, within its columns")
    func truncation() {
        #expect(TextWidth.truncated("hello", columns: 5) == "hello")
        #expect(TextWidth.truncated("hello!", columns: 5) == "hell…")
        #expect(TextWidth.truncated("한국어", columns: 4) == "한…")
        #expect(TextWidth.truncated("hello", columns: 0) == "")
        #expect(TextWidth.truncated("hello", columns: -1) == "")
    }

    @Test("a block keeps its line breaks and tabs, and nothing else that moves the cursor")
    func block() {
        #expect(Printable.block("a\r\nb\nc\u{8}\rd\te") == "a\nb\nc^H^Md\te")
    }
}

/// The same numbers on every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
