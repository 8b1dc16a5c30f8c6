import Chat
import GRDB

extension DeskStore {
    /// How many of the user's conversations, the newest first, are searched at once.
    private static let scopes = 200

    /// The messages of somebody's own conversations and the lobby that hold all the words of `query`, those with
    /// whole words before those with beginnings, in each the newest first.
    ///
    /// - Parameter conversation: only there.
    func search(
        _ query: String, by user: DeskUser, in conversation: ConversationName?, limit: Int
    ) async throws -> [StoredMessage] {
        let words = query.split { $0.isWhitespace || $0 == "\"" || $0 == "\0" }.prefix(16).map { $0 }
        guard !words.isEmpty else { return [] }
        return try await pool.read { [lobby] db in
            let keys: [Int64]
            if let conversation {
                keys = try Self.existingConversation(conversation.channel, db).map { [$0.key] } ?? []
            } else {
                let sql = """
                    SELECT conversation FROM participants WHERE user = ? AND activity > 0 ORDER BY activity DESC LIMIT ?
                    """
                keys =
                    try Int64.fetchAll(db, sql: sql, arguments: [user.key, Self.scopes])
                    + (try Self.existingConversation(lobby, db).map { [$0.key] } ?? [])
            }
            guard !keys.isEmpty else { return [] }
            let scope = "scope : (\(keys.map { "c\($0)" }.joined(separator: " OR ")))"
            // Whole words are found without reading all there is of them; beginnings only where those are too few.
            var found = try Self.newest("\(scope) AND text : (\(Self.match(words, isBeginning: false)))", limit, db)
            if found.count < limit {
                let known = Set(found.map(\.key))
                let more = try Self.newest(
                    "\(scope) AND text : (\(Self.match(words, isBeginning: true)))", limit + found.count, db)
                found += more.filter { !known.contains($0.key) }
            }
            return found.prefix(limit).map(\.message)
        }
    }

    private static func newest(
        _ match: String, _ limit: Int, _ db: Database
    ) throws -> [(key: Int64, message: StoredMessage)] {
        let statement = try db.cachedStatement(
            sql: """
                \(select) JOIN (
                    SELECT rowid AS key FROM message_words WHERE message_words MATCH ? ORDER BY rowid DESC LIMIT ?
                ) AS found ON found.key = m.key
                ORDER BY m.key DESC
                """)
        return try Row.fetchAll(statement, arguments: [match, limit]).map { ($0["key"], message($0)) }
    }

    /// What was typed, as words of the index's own language: each quoted, so that none of it is an operator.
    private static func match(_ words: [Substring], isBeginning: Bool) -> String {
        words.map { "\"\($0)\"" + (isBeginning ? "*" : "") }.joined(separator: " AND ")
    }
}
