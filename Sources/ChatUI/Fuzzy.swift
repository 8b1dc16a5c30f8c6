/// How well some letters stand for a name.
struct Fuzzy {
    private let wanted: [UInt8]

    init(_ query: String) { wanted = Array(query.lowercased().utf8) }

    /// The better of two names' scores.
    func score(_ name: String, or other: String?) -> Int? {
        let first = score(name)
        guard let other, other != name, let second = score(other) else { return first }
        return max(first ?? second, second)
    }

    /// Nil unless all of the query's letters come in `text` in their order; more where they begin it or its words and
    /// stand together.
    func score(_ text: String) -> Int? {
        if wanted.isEmpty { return 0 }
        guard text.utf8.count >= wanted.count else { return nil }
        let letters =
            text.utf8.allSatisfy { $0 < 0x80 } ? Array(text.utf8.map(Self.lowered)) : Array(text.lowercased().utf8)
        if letters == wanted { return 100 }
        if letters.starts(with: wanted) { return 80 - min(20, letters.count - wanted.count) }
        var place = 0
        var score = 0
        var isTogether = false
        for letter in wanted where letter != 0x20 {
            guard let found = letters[place...].firstIndex(of: letter) else { return nil }
            let isStart = found == 0 || !Self.isWord(letters[found - 1])
            score += isStart ? 8 : 0
            score += isTogether && found == place ? 5 : 0
            score -= min(3, found - place)
            place = found + 1
            isTogether = true
        }
        return min(59, score)
    }

    private static func lowered(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
    }
}
