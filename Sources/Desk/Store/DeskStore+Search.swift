import Chat

extension DeskStore {
    /// How long one search may take once it has a reader of the store.
    static let searchLimit: Duration = .seconds(5)
    /// How many candidates of the index are compared with the query at once.
    private static let batch = 100
    /// How many of the newest messages PostgreSQL looks through for beginnings before it asks its index.
    private static let nearby = 20_000

    /// The messages that the user may read and that hold every piece of `query`: those with whole words before those with
    /// beginnings of words, in each the newest first.
    ///
    /// - Parameters:
    ///   - conversation: nil searches all conversations of the user and `rooms`.
    ///   - rooms: the channels of the rooms that the user may read.
    func search(
        _ query: String, by user: DeskUser, in conversation: ConversationName?, rooms: [String], limit: Int
    ) async throws -> [StoredMessage] {
        guard let pattern = SearchPattern(query) else { return [] }
        return try await disk.search(within: Self.searchLimit) { db in
            let end = WallClock.monotonic() + Self.searchLimit
            let roomKeys = try rooms.compactMap { try Self.existingConversation($0, db)?.key }
            var scopes = [SearchTerms.reader(user.id)] + roomKeys.map(SearchTerms.conversation)
            if let conversation {
                guard let room = try Self.existingConversation(conversation.channel, db) else { return [] }
                scopes = [SearchTerms.conversation(room.key)]
            }
            let search = Search(
                pattern: pattern, scopes: scopes, reader: user.key, rooms: roomKeys, limit: limit, end: end)
            return try search.run(db)
        }
    }

    /// One search on one connection.
    private struct Search {
        let pattern: SearchPattern
        /// One of these terms stands at every message that may be found.
        let scopes: [String]
        let reader: Int64
        let rooms: [Int64]
        let limit: Int
        let end: Duration

        typealias Found = [(key: Int64, message: StoredMessage)]

        func run(_ db: any StoreConnection) throws -> [StoredMessage] {
            // Whole words are found without reading all of them; beginnings only where there are too few whole words.
            var found = try matches(isBeginning: false, upTo: limit, db)
            if found.count < limit, pattern.canBeBeginning {
                let known = Set(found.map(\.key))
                found += try matches(isBeginning: true, upTo: limit + found.count, db).filter {
                    !known.contains($0.key)
                }
            }
            return found.prefix(limit).map(\.message)
        }

        private func matches(isBeginning: Bool, upTo limit: Int, _ db: any StoreConnection) throws -> Found {
            let wanted = SearchTerms.wanted(pattern, isBeginning: isBeginning)
            guard db.dialect == .postgres else {
                return try matches(
                    index: SQLiteSearchIndex.candidates, try SQLiteSearchIndex.query(wanted, scopes, db),
                    isBeginning: isBeginning, upTo: limit, db)
            }
            let query = PostgresSearchIndex.query(wanted, scopes)
            // PostgreSQL knows how common a word is, but of a beginning it may read every message that has one.
            if isBeginning {
                let near = try matches(
                    index: PostgresSearchIndex.newestCandidates(nearby), query, isBeginning: true, upTo: limit,
                    isOneBatch: true, db)
                if near.count >= limit { return near }
            }
            return try matches(
                index: PostgresSearchIndex.candidates, query, isBeginning: isBeginning, upTo: limit, db)
        }

        /// Reads candidates from the index, the newest first, until `limit` of them hold what is looked for.
        ///
        /// Access is checked in the statement that reads the messages, whatever the index returned.
        ///
        /// - Parameter index: a statement that returns keys, for a query, the key below which they are, and how many.
        private func matches(
            index: String, _ query: String, isBeginning: Bool, upTo limit: Int, isOneBatch: Bool = false,
            _ db: any StoreConnection
        ) throws -> Found {
            let sql = """
                SELECT \(columns), found.key FROM (\(index)) AS found
                LEFT JOIN messages m ON m.key = found.key AND \(isReadable)
                LEFT JOIN conversations c ON c.key = m.conversation LEFT JOIN users u ON u.key = m.sender
                ORDER BY found.key DESC
                """
            var found: Found = []
            var below = Int64.max
            while true {
                guard WallClock.monotonic() < end else { throw SearchTimeout() }
                let size = isOneBatch ? max(batch, limit) : batch
                let rows = try db.rows(sql, [query, below, size])
                for row in rows where (row[0] as String?) != nil {
                    let message = message(row)
                    guard pattern.matches(SearchText(message.text), isBeginning: isBeginning) else { continue }
                    found.append((row[7], message))
                    if found.count == limit { return found }
                }
                guard let last = rows.last, rows.count == size, !isOneBatch else { return found }
                below = last[14]
            }
        }

        private var isReadable: String {
            let own = """
                m.conversation IN (SELECT conversation FROM participants WHERE "user" = \(reader) AND activity > 0)
                """
            return rooms.isEmpty
                ? own : "(\(own) OR m.conversation IN (\(rooms.map(String.init).joined(separator: ", "))))"
        }
    }
}

/// A search that was ended because it took too long.
struct SearchTimeout: Error {}
