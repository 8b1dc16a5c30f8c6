import Chat

/// The waiting clock of a conversation, computed from its messages.
extension DeskStore {
    /// The message that started a clock.
    struct ClockStart: Equatable, Sendable {
        let seq: Int
        let at: Timestamp
    }

    /// The condition of the index `messages_waiting`: a person wrote the message, or it is a question. Queries repeat it
    /// word for word, because SQLite uses a partial index only then.
    static let movesClock = "(automated = 0 OR choices IS NOT NULL)"

    /// The first message of `peer` that `user` has not replied to; nil where nobody is waiting.
    ///
    /// A message that a person wrote, or a question, starts the clock; a message that `user` wrote stops it, and so does
    /// the mark `settled`. Automated messages change nothing. Both bounds are one step in the index.
    static func waiting(
        _ peer: UserID, for user: DeskUser, in room: ConversationRow, settled: Int, _ db: any StoreConnection
    ) throws -> ClockStart? {
        guard settled < room.lastSeq else { return nil }
        let sql = """
            SELECT seq, at FROM messages
            WHERE conversation = ? AND sender = (SELECT key FROM users WHERE id = ?) AND \(movesClock) AND seq > ?
                AND seq > COALESCE((
                    SELECT seq FROM messages
                    WHERE conversation = ? AND sender = ? AND \(movesClock) AND automated = 0
                    ORDER BY seq DESC LIMIT 1
                ), 0)
            ORDER BY seq LIMIT 1
            """
        return try db.row(sql, [room.key, peer.text, settled, room.key, user.key])
            .map { ClockStart(seq: $0[0], at: Timestamp(milliseconds: $0[1])) }
    }
}
