import ChannelsProtocol

/// The same random values on every run.
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func number(below limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func text() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "é", "🚀", "\u{202E}", "{", "7", " ",
        ]
        var text = ""
        for _ in 0..<number(below: 12) { text.unicodeScalars.append(alphabet[number(below: alphabet.count)]) }
        return text
    }

    mutating func json(depth: Int = 0) -> JSON {
        switch number(below: depth > 4 ? 5 : 8) {
        case 0: return .null
        case 1: return .bool(number(below: 2) == 0)
        case 2: return .number(String(Int(truncatingIfNeeded: next())))
        case 3, 4: return .string(text())
        case 5: return .array((0..<number(below: 5)).map { _ in json(depth: depth + 1) })
        default:
            return .object(JSONObject((0..<number(below: 5)).map { ("\($0)" + text(), json(depth: depth + 1)) }))
        }
    }
}
