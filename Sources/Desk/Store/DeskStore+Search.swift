import Chat
import GRDB

extension DeskStore {
    /// How many of the newest matches are put in order; older ones are found by narrower words.
    private static let ranked = 200
    /// How many of the user's conversations, the newest first, are searched at once.
    private static let scopes = 200

    /// The messages of somebody's own conversations and the lobby that hold all the words of `query`, whole or as
    /// beginnings: the best of the newest first.
    ///
    /// - Parameter conversation: only there.
    func search(
        _ query: String, by user: DeskUser, in conversation: ConversationName?, limit: Int
    ) async throws -> [StoredMessage] {
        let words = Self.words(query)
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
            let match = "scope : (\(keys.map { "c\($0)" }.joined(separator: " OR "))) AND text : (\(words))"
            let statement = try db.cachedStatement(
                sql: """
                    \(Self.select) JOIN (
                        SELECT rowid AS key, bm25(message_words) AS score FROM message_words
                        WHERE message_words MATCH ? ORDER BY rowid DESC LIMIT \(Self.ranked)
                    ) AS found ON found.key = m.key
                    ORDER BY found.score, m.key DESC LIMIT ?
                    """)
            return try Row.fetchAll(statement, arguments: [match, limit]).map(Self.message)
        }
    }

    /// What was typed, as words of the index's own language: each quoted, so that none of it is an operator.
    private static func words(_ query: String) -> String {
        query.split { $0.isWhitespace || $0 == "\"" || $0 == "\0" }.prefix(16).map { "\"\($0)\"*" }
            .joined(separator: " AND ")
    }
}
