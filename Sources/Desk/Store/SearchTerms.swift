import Chat

/// The terms under which a message stands in the index, the same for SQLite and PostgreSQL.
///
/// A term is a word, a sign, two adjacent signs, or a scope: the reader or the conversation. Terms hold letters, digits and
/// non-ASCII scalars only (ASCII signs are stored full-width), so no term can end a quotation in a query language.
enum SearchTerms {
    /// Scalars of a word that are indexed; PostgreSQL takes terms of at most 2,046 bytes.
    private static let wordLimit = 200
    /// The most terms of a query that are looked up; the messages found are compared with all of it.
    static let queryLimit = 24

    /// A term to look up.
    enum Wanted: Hashable {
        case exact(String)
        /// Any term that begins like this.
        case beginning(String)
    }

    /// All terms of a message, each once.
    static func all(of text: String, in conversation: ConversationName, key: Int64) -> Set<String> {
        var terms = scopes(conversation, key)
        SearchText(text).forEachTerm { term, _ in terms.insert(term) }
        return terms
    }

    /// The scope of all conversations of a user but rooms.
    static func reader(_ user: UserID) -> String {
        "＃u" + user.text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func conversation(_ key: Int64) -> String { "＃c\(key)" }

    private static func scopes(_ conversation: ConversationName, _ key: Int64) -> Set<String> {
        guard case .chat(let low, let high) = conversation else { return [Self.conversation(key)] }
        return [Self.conversation(key), reader(low), reader(high)]
    }

    /// The terms that every message matching a pattern has.
    static func wanted(_ pattern: SearchPattern, isBeginning: Bool) -> [Wanted] {
        var terms: [Wanted] = []
        for piece in pattern.pieces {
            var inPiece: [Wanted] = []
            piece.forEachTerm { term, isWord in inPiece.append(.exact(term)) }
            // The word at the end of a piece may go on.
            if isBeginning, piece.endsInWord, case .exact(let last)? = inPiece.popLast() {
                inPiece.append(.beginning(last))
            }
            terms += inPiece
        }
        var known: Set<Wanted> = []
        return Array(terms.filter { known.insert($0).inserted }.prefix(queryLimit))
    }

    /// A text with its ASCII signs full-width.
    fileprivate static func term(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var term = String.UnicodeScalarView()
        for scalar in scalars {
            switch scalar.value {
            case 0x30...0x39, 0x61...0x7A, 0x7F...: term.append(scalar)
            default: term.append(Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar)
            }
        }
        return String(term)
    }

    fileprivate static func word(_ scalars: ArraySlice<Unicode.Scalar>) -> String { term(scalars.prefix(wordLimit)) }
}

extension SearchText {
    /// Words, signs, and signs with the sign before them.
    fileprivate func forEachTerm(_ body: (_ term: String, _ isWord: Bool) -> Void) {
        var before: ArraySlice<Unicode.Scalar>?
        forEachUnit { unit, isWord, isNext in
            if isWord {
                body(SearchTerms.word(unit), true)
                before = nil
            } else {
                body(SearchTerms.term(unit), false)
                if isNext, let before { body(SearchTerms.term(before + unit), false) }
                before = unit
            }
        }
    }
}
