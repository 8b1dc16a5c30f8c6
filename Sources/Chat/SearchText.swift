/// A text as search sees it: folded, and each scalar either part of a word, a sign that stands for itself, or space.
///
/// Scripts that separate words by spaces have words, which match from their beginning. Scripts that do not (Chinese,
/// Japanese, Korean, Thai and others), emoji, punctuation and symbols are signs, which match anywhere.
package struct SearchText: Sendable {
    enum Kind: Sendable { case word, sign, flag, space }

    let scalars: [Unicode.Scalar]
    let kinds: [Kind]

    package init(_ text: some StringProtocol) {
        scalars = Array(Folding.fold(text).unicodeScalars)
        kinds = scalars.map(Self.kind)
    }

    package var hasSign: Bool { kinds.contains { $0 == .sign || $0 == .flag } }
    package var endsInWord: Bool { kinds.last == .word }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x30...0x39, 0x61...0x7A: return .word
        case ...0x20, 0x7F: return .space
        case 0x21...0x7E: return .sign
        // Thai to Myanmar, Hangul, Khmer, Tai scripts, CJK and kana, emoji: no spaces between words.
        case 0xE00...0x109F, 0x1100...0x11FF, 0x1780...0x17FF, 0x1950...0x19DF, 0x1A20...0x1AAF, 0x2E80...0x2FFF,
            0x3001...0xA4CF, 0xA960...0xA97F, 0xA9E0...0xA9FF, 0xAA60...0xAADF, 0xAC00...0xD7FF, 0xF900...0xFAFF,
            0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F000...0x1F1E5, 0x1F200...0x1FAFF, 0x20000...0x3FFFF:
            return .sign
        case 0x1F1E6...0x1F1FF: return .flag
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            return .word
        case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator: return .space
        default: return .sign
        }
    }

    /// Calls `body` for each unit: a whole word, one sign, or a flag of two regional indicators.
    ///
    /// - Parameter body: `isNext` says that the unit stands right after the last one.
    package func forEachUnit(_ body: (_ unit: ArraySlice<Unicode.Scalar>, _ isWord: Bool, _ isNext: Bool) -> Void) {
        var start = 0
        var isNext = false
        while start < scalars.count {
            let kind = kinds[start]
            guard kind != .space else {
                isNext = false
                start += 1
                continue
            }
            var end = start + 1
            if kind == .word {
                while end < scalars.count, kinds[end] == .word { end += 1 }
            } else if kind == .flag, end < scalars.count, kinds[end] == .flag {
                end += 1
            }
            body(scalars[start..<end], kind == .word, isNext)
            isNext = true
            start = end
        }
    }
}

/// What a search looks for: pieces separated by spaces, each of which a message has to hold as it was typed.
package struct SearchPattern: Sendable {
    /// The most pieces that count.
    package static let maxPieces = 16

    package let pieces: [SearchText]

    /// Nil where there is nothing to look for.
    package init?(_ query: String) {
        let folded = SearchText(query)
        let pieces = folded.scalars.indices.split { folded.kinds[$0] == .space }.prefix(Self.maxPieces)
        guard !pieces.isEmpty else { return nil }
        self.pieces = pieces.map { SearchText(folded.scalars[$0], folded.kinds[$0]) }
    }

    /// Whether some piece ends in a word, which a longer word may begin with.
    package var canBeBeginning: Bool { pieces.contains(where: \.endsInWord) }

    /// Whether a text holds every piece.
    ///
    /// - Parameter isBeginning: a word that only begins like the end of its piece counts.
    package func matches(_ text: SearchText, isBeginning: Bool) -> Bool {
        pieces.allSatisfy { text.holds($0, isBeginning: isBeginning) }
    }
}

extension SearchText {
    fileprivate init(_ scalars: ArraySlice<Unicode.Scalar>, _ kinds: ArraySlice<Kind>) {
        self.scalars = Array(scalars)
        self.kinds = Array(kinds)
    }

    fileprivate func holds(_ piece: SearchText, isBeginning: Bool) -> Bool {
        let length = piece.scalars.count
        guard length <= scalars.count, let first = piece.scalars.first else { return false }
        for start in 0...(scalars.count - length) where scalars[start] == first {
            guard scalars[start..<start + length].elementsEqual(piece.scalars) else { continue }
            if piece.kinds[0] == .word, start > 0, kinds[start - 1] == .word { continue }
            // Two flags in a row hold a third one across their border.
            if piece.kinds[0] == .flag,
                !kinds[..<start].reversed().prefix(while: { $0 == .flag }).count.isMultiple(of: 2)
            {
                continue
            }
            let end = start + length
            if !isBeginning, piece.kinds[length - 1] == .word, end < scalars.count, kinds[end] == .word { continue }
            return true
        }
        return false
    }
}
