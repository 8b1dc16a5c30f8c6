import Screen
import Testing

@Suite("wrapping")
struct TextWrapTests {
    static let cases: [(String, Int, [String])] = [
        ("take care", 20, ["take care"]),
        ("take care", 9, ["take care"]),
        ("take care", 8, ["take", "care"]),
        ("take care", 5, ["take", "care"]),  // |take |care |
        ("take care", 4, ["take", "care"]),
        ("take care", 3, ["tak", "e", "car", "e"]),
        ("take care", 1, ["t", "a", "k", "e", "c", "a", "r", "e"]),
        ("take care", 0, ["t", "a", "k", "e", "c", "a", "r", "e"]),
        ("take care", -7, ["t", "a", "k", "e", "c", "a", "r", "e"]),
        ("", 5, [""]),
        ("   ", 2, ["   "]),
        ("  indented", 20, ["  indented"]),
        ("a   b", 3, ["a", "b"]),
        ("ab 12345678", 5, ["ab", "12345", "678"]),
        ("12345678 ab", 5, ["12345", "678", "ab"]),
        ("one\ntwo", 20, ["one", "two"]),
        ("one\r\ntwo\n", 20, ["one", "two", ""]),
        ("one\n\ntwo", 20, ["one", "", "two"]),
        ("한국어", 4, ["한국", "어"]),
        ("한국어", 3, ["한", "국", "어"]),
        ("한국어", 1, ["한", "국", "어"]),
        ("ab 한국어", 6, ["ab 한", "국어"]),
        ("abc한", 4, ["abc", "한"]),
        ("日本。", 4, ["日", "本。"]),
        ("e\u{301}e\u{301}e\u{301}", 2, ["e\u{301}e\u{301}", "e\u{301}"]),
        ("hi 👨‍👩‍👧 you", 5, ["hi 👨‍👩‍👧", "you"]),
    ]

    @Test("a text is broken by words, and by columns where a word is too long", arguments: cases)
    func wrap(text: String, width: Int, lines: [String]) {
        #expect(TextWrap.wrap(text, width).map(String.init) == lines)
    }

    @Test("text being edited is broken by columns alone and loses nothing")
    func fold() {
        #expect(TextWrap.fold("take care", 5) == ["take ", "care"])
        #expect(TextWrap.fold("a  한b", 4) == ["a  ", "한b"])
        #expect(TextWrap.fold("one\ntwo\n", 9) == ["one", "two", ""])
        #expect(TextWrap.fold("", 9) == [""])
        #expect(TextWrap.fold("ab", 0) == ["a", "b"])
    }

    @Test("a word of 8,000 characters is broken into full lines", arguments: ["x", "한", "e\u{301}", "👍🏽"])
    func longWord(letter: String) {
        let columns = TextWidth.of(letter)
        let text = String(repeating: letter, count: 8000)
        let lines = TextWrap.wrap(text, 80)
        #expect(lines.count == 8000 * columns / 80)
        #expect(lines.allSatisfy { TextWidth.of($0) == 80 })
        #expect(lines.joined() == text)
    }

    @Test("random text keeps every word, within the width")
    func random() {
        var generator = SplitMix(state: 3)
        let words = ["a", "word", "한국어", "e\u{301}e", "supercalifragilistic", " ", "\n", "👩‍👧", "\u{1B}", "\u{301}"]
        for _ in 0..<2000 {
            let text = (0..<generator.below(12)).map { _ in words[generator.below(words.count)] }.joined(separator: " ")
            let width = 2 + generator.below(12)
            let lines = TextWrap.wrap(text, width)
            let kept = lines.joined().filter { !$0.isWhitespace }
            #expect(kept.unicodeScalars.elementsEqual(text.filter { !$0.isWhitespace }.unicodeScalars))
            for line in lines {
                let shown = line.reversed().drop { $0 == " " }.count
                #expect(TextWidth.of(line.prefix(shown)) <= width)
            }
        }
    }
}
