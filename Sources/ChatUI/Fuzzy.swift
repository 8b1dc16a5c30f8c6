import Chat

/// How well some letters stand for a name, both folded.
struct Fuzzy {
    private let wanted: [Unicode.Scalar]

    init(_ query: String) { wanted = Array(Folding.fold(query).unicodeScalars) }

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
        let letters = Array(Folding.fold(text).unicodeScalars)
        guard letters.count >= wanted.count else { return nil }
        if letters == wanted { return 100 }
        if letters.starts(with: wanted) { return 80 - min(20, letters.count - wanted.count) }
        var place = 0
        var score = 0
        var isTogether = false
        for letter in wanted where letter != " " {
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

    private static func isWord(_ letter: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(letter) || ("a"..."z").contains(letter) || letter.value >= 0x80
    }
}
