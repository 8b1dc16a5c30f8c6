@_spi(_Unicode) import Swift

/// The words of a text as PostgreSQL is to index them, which by itself would take texts apart as English web pages: runs of
/// letters and digits, small, without accents. SQLite's `unicode61` does the same, so its words are found by these too.
enum SearchWords {
    /// Scalars of a word that count; PostgreSQL takes no longer ones than 2,046 bytes.
    private static let limit = 200

    static func all(of text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func end() {
            if !word.isEmpty { words.append(String(word.prefix(limit)).lowercased()) }
            word = String.UnicodeScalarView()
        }
        for scalar in String(text)._nfd {
            if (0x300...0x36F).contains(scalar.value) { continue }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber, .privateUse:
                word.append(scalar)
            case .nonspacingMark, .spacingMark, .enclosingMark:
                if !word.isEmpty { word.append(scalar) }
            default: end()
            }
        }
        end()
        return words
    }

    /// The word that stands in the index for a conversation, so that a search is narrowed to some inside it. No text has
    /// it: `#` is part of no word.
    static func scope(_ conversation: Int64) -> String { "#\(conversation)" }

    /// What is asked of the index. Nil where nothing that was typed is a word.
    ///
    /// - Parameter isBeginning: words that only begin that way count, too.
    static func query(_ typed: [Substring], in conversations: [Int64], isBeginning: Bool) -> String? {
        let words = typed.flatMap(all).prefix(16)
        guard !words.isEmpty, !conversations.isEmpty else { return nil }
        // Nothing but letters and digits is in them, so nothing needs to be escaped.
        let text = words.map { "'\($0)'" + (isBeginning ? ":*" : "") }.joined(separator: " & ")
        return "(" + conversations.map { "'\(scope($0))'" }.joined(separator: " | ") + ") & " + text
    }
}
