import Foundation
import Testing

@testable import parley

@Suite("TOML")
struct TomlTests {
    private func error(_ text: String) -> TomlError? {
        do throws(TomlError) {
            _ = try TomlTable.reading(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a broken header or key is refused with its line",
        arguments: [
            ("a = 1\n[.a]\n", 2), ("a = 1\n[", 2), ("[#x\n", 1), ("[[", 1), ("[[a]\n", 1), ("[a.]\n", 1), ("[a..b]", 1),
            ("[]\n", 1), ("[a] b\n", 1), ("[a", 1), (".a = 1", 1), ("a. = 1", 1), ("a b = 1", 1), ("a", 1), ("= 1", 1),
            ("\"\"\"a\"\"\" = 1", 1), ("a = {.b = 1}", 1), ("a = {b", 1), ("a = {b = 1", 1), ("a = {b = 1,}", 1),
            ("a = [[", 1), ("a = [1 2]", 1), ("a = 1 2", 1), ("a = 'x", 1), ("a = \"\\q\"", 1), ("a = \"\\ud800\"", 1),
            ("\n\na = \"\"\"x", 3), ("a = 1\r", 1), ("# \u{0}", 1), ("a = 'x\u{7F}'", 1), ("[é]\n", 1), ("[[ !]]\n", 1),
        ])
    func broken(text: String, line: Int) { #expect(error(text)?.line == line) }

    @Test("20,000 parts of a key, and 20,000 levels of a list or a table, are refused at once")
    func depth() {
        let deep = String(repeating: "a.", count: 20_000) + "a"
        for text in [
            "[\(deep)]\n", "[[\(deep)]]", "\(deep) = 1\n", "a = {\(deep) = 1}",
            "a = " + String(repeating: "[", count: 20_000), "a = " + String(repeating: "{a=", count: 20_000),
        ] {
            #expect(error(text)?.reason.contains("more than 16") == true)
        }
    }

    @Test(
        "what is there already is not defined again",
        arguments: [
            "a = 1\na = 2", "[a]\n[a]", "a.b = 1\na.b = 2", "a = 1\n[a]", "a = 1\na.b = 1", "[a]\nb.c = 1\n[a.b]",
            "a = {}\na.b = 1", "a = {}\n[a.b]", "a = []\n[[a]]", "[[a]]\n[a]", "[a]\n[[a]]", "[a.b]\n[a]\nb.c = 1",
            "a = {b = 1, b = 2}",
        ])
    func twice(text: String) { #expect(error(text)?.reason.contains("already") == true) }

    @Test("values of every kind are read")
    func values() throws {
        let table = try TomlTable.reading(
            """
            # comment
            text = "a\\t\\"\\u00e9\\U0001F600" # comment
            'literal' = 'C:\\x'
            lines = \"""
            one \\
               two
            ""three\"""\"
            raw = '''
            a'b''' # '
            int = -1_000
            hex = 0xDEAD_beef
            yes = true
            fractions = [1.5, 1e3, 6.626e-34, +inf, nan, 0.0]
            times = [1979-05-27, 07:32:00, 1979-05-27T07:32:00.5Z, 1979-05-27 07:32:00-07:00]
            nested = [ [1, # one
              2], ['x'], ]
            inline = { a.b = 1, c = { } }
            dotted . "key" . 'x' = 1
            [t."q.r"]
            a = 1
            [t]
            b = 2
            [[list]]
            a = 1
            [[list]]
            a = 2
            [list.inner]
            b = 3
            """)
        #expect(table["text"]?.text == "a\t\"é😀")
        #expect(table["literal"]?.text == "C:\\x")
        #expect(table["lines"]?.text == "one two\n\"\"three\"")
        #expect(table["raw"]?.text == "a'b")
        guard case .integer(-1000)? = table["int"], case .integer(0xDEAD_BEEF)? = table["hex"],
            case .boolean(true)? = table["yes"]
        else { return #expect(Bool(false)) }
        #expect(table["fractions"]?.list?.allSatisfy { if case .fraction = $0 { true } else { false } } == true)
        #expect(table["times"]?.list?.allSatisfy { if case .time = $0 { true } else { false } } == true)
        #expect(table["nested"]?.list?.first?.list?.count == 2)
        guard case .integer(1)? = table["inline"]?.table?["a"]?.table?["b"],
            case .integer(1)? = table["dotted"]?.table?["key"]?.table?["x"],
            case .integer(2)? = table["t"]?.table?["b"], case .integer(1)? = table["t"]?.table?["q.r"]?.table?["a"],
            case .integer(3)? = table["list"]?.list?.last?.table?["inner"]?.table?["b"]
        else { return #expect(Bool(false)) }
        #expect(table.keys.first == "text" && table["list"]?.list?.count == 2)
    }

    @Test(
        "a word that is no value is refused",
        arguments: [
            "tru", "01", "1__0", "_1", "1_", "1.", ".5", "0x", "0x_1", "-0x1", "1e", "99999999999999999999", "1-1",
        ])
    func words(word: String) { #expect(error("a = \(word)") != nil) }

    @Test("thousands of damaged texts are read or refused, and none ends the program")
    func mutations() throws {
        let sample = Array(try Repository.text("config.sample.toml").prefix(4_000).utf8)
        let seeds = [
            sample, Array("[a.b]\nc = [1, {d = 'x'}, \"\\u00e9\"]\n[[e]]\nf.g = 1979-05-27 07:32:00Z\n".utf8),
            Array("a = \"\"\"\nx\\\n  y\"\"\"\nb = '''z'''\n[[c.d]]\n[c.d.e]\n".utf8),
        ]
        let words = [
            "[", "[[", "]", "{", "}", ".", "=", "\"", "'", "\"\"\"", "\\", "#", "\n", "\r", "\u{0}", "é", " ", ",",
            "1e", "0x", "-",
        ]
        var random = Xorshift(state: 42)
        for count in 0..<3_000 {
            var bytes = seeds[count % 7 == 0 ? 0 : 1 + count % 2]
            for _ in 0...Int(random.next() % 4) {
                if bytes.isEmpty { bytes = [0x5B] }
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(contentsOf: Array(words[Int(random.next() % UInt64(words.count))].utf8), at: place)
                default: bytes = Array(bytes[..<place]) + [0x20]
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if (try? TomlTable.reading(text)) != nil { _ = KeyLines(text) }
        }
    }

    private struct Xorshift {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
