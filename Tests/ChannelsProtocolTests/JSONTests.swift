import ChannelsProtocol
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "reads every kind of value",
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("-0", .number("-0")),
            ("12.50e+3", .number("12.50e+3")),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\té""#, "a\"\\/\u{8}\u{C}\n\r\té"), (#""\u00e9\ud83d\ude80""#, "é🚀"),
            ("[]", []),
            ("{}", [:]), ("[1,[2,{}]]", [1, [2, [:]]]), (#"{"a":1,"b":{"c":[null]}}"#, ["a": 1, "b": ["c": [.null]]]),
        ] as [(String, JSON)])
    func reads(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(
        "refuses what is no JSON",
        arguments: [
            "", " ", "nul", "truex", "01", "-", "1.", ".5", "1e", "+1", "0x10", "NaN", "'a'", "\"", "\"\\x\"",
            "\"\\u12g4\"",
            "\"\\u12\"", "\"a\u{1}b\"", "\"tab\there\"", "[", "[1", "[1,", "[1,]", "[,1]", "{", "{a:1}", #"{"a"}"#,
            #"{"a":}"#,
            #"{"a":1,}"#, #"{"a":1 "b":2}"#, "1 2", "{} x", "[] ,", "// c\n1", "\u{FEFF}1", "\u{A0}1",
        ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test("says where the text went wrong")
    func offset() {
        #expect(throws: JSONError(offset: 5, problem: .unexpectedByte(UInt8(ascii: "x")))) {
            try JSON(parsing: #"{"a":x}"#)
        }
        #expect(throws: JSONError(offset: 3, problem: .trailingText)) { try JSON(parsing: "{} {}") }
        #expect(throws: JSONError(offset: 0, problem: .notUTF8)) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test(
        "a surrogate without its other half becomes the replacement character",
        arguments: [
            (#""\ud83d""#, "\u{FFFD}"), (#""\ude80x""#, "\u{FFFD}x"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
            (#""\ud83d\ud83d\ude80""#, "\u{FFFD}🚀"),
        ])
    func surrogates(text: String, value: String) throws {
        #expect(try JSON(parsing: text).string == value)
    }

    @Test("keeps the digits of numbers that no integer holds")
    func bigNumbers() throws {
        let value = try JSON(parsing: "123456789012345678901234567890")
        #expect(value.int == nil)
        #expect(value.identifier == "123456789012345678901234567890")
        #expect(value.text == "123456789012345678901234567890")
        #expect(try JSON(parsing: "4.2e1").int == 42)
        #expect(try JSON(parsing: "4.25").int == nil)
    }

    @Test("of two members with one name the last counts, however many there are", arguments: [2, 12, 13, 200])
    func duplicates(count: Int) throws {
        let filler = (0..<count - 2).map { "\"k\($0)\":0," }.joined()
        let value = try JSON(parsing: "{\"a\":1,\(filler)\"a\":2}")
        #expect(value["a"] == 2)
        #expect(value.object?.count == count - 1)
        #expect(!value.text.contains("\"a\":1"))
    }

    @Test("refuses what is nested too deep")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try JSON(parsing: nested(64)).array != nil)
        #expect(throws: JSONError(offset: 64, problem: .tooDeep(limit: 64))) { try JSON(parsing: nested(65)) }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: #"{"a":"#, count: 100_000)) }
    }

    @Test(
        "writes what it reads",
        arguments: [
            "null", #"{"a":[1,2.5,"x\"y\\z\n\r\t\u0001/é🚀"],"b":{},"c":[],"d":false}"#, #""""#, "-1e-9",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test("any value survives writing and reading, any damage is an error or a value, never a crash")
    func randomValues() throws {
        var dice = Dice(seed: 7)
        for _ in 0..<2_000 {
            let value = dice.json()
            let text = value.text
            #expect(try JSON(parsing: text) == value)
            var bytes = Array(text.utf8)
            for _ in 0...dice.number(below: 4) where !bytes.isEmpty {
                let place = dice.number(below: bytes.count)
                switch dice.number(below: 3) {
                case 0: bytes[place] = UInt8(dice.number(below: 256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(Array("{}[]\",:\\u0".utf8)[dice.number(below: 10)], at: place)
                }
            }
            if let survived = try? JSON(parsing: bytes) {
                #expect(try JSON(parsing: survived.text) == survived)
            }
        }
    }
}
