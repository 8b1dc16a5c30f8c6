import Chat

extension DeskStore {
    /// Messages of a conversation, ascending: the newest below `before`, or else the oldest above `after`, or else the
    /// newest; both bounds exclude, and with both it is the newest between them.
    func page(_ conversation: ConversationName, before: Int?, after: Int?, limit: Int) async throws -> MessagePage {
        try await disk.read { db in
            guard let room = try Self.existingConversation(conversation.channel, db), room.lastSeq > 0 else {
                return MessagePage()
            }
            let above = max(0, after ?? 0)
            let below = min(before ?? Int.max, room.lastSeq + 1)
            var page = MessagePage(first: 1, last: room.lastSeq)
            guard above < below - 1 else { return page }
            let isForward = after != nil && before == nil
            // The numbers have no holes, so the page's bounds are known before it is read.
            let low = isForward ? above : max(above, below - 1 - limit)
            let high = isForward ? min(below, low + limit + 1) : below
            page.messages = try db.rows(
                Self.select + " WHERE m.conversation = ? AND m.seq > ? AND m.seq < ? ORDER BY m.seq",
                [room.key, low, high]
            ).map(Self.message)
            return page
        }
    }

    /// A mark that a reader has in a conversation: up to a message, and never back.
    enum Mark: String {
        case seen
        /// No reply is needed to what stands up to here.
        case settled
    }

    /// Moves somebody's mark forward, never back and never beyond the last message, and publishes where it is then;
    /// nothing is written and nothing published where it does not move.
    func raise(
        _ mark: Mark, of user: DeskUser, in conversation: ConversationName, to seq: Int,
        outbox: (@Sendable (Int) -> [DeskEvent])? = nil, publish: @escaping @Sendable (Int) -> Void
    ) async throws {
        _ = try await disk.write { db -> Int? in
            guard let room = try Self.existingConversation(conversation.channel, isToChange: true, db) else {
                return nil
            }
            let target = min(seq, room.lastSeq)
            let marks = try Self.marks(of: user.id, in: room, db)
            guard target > (mark == .seen ? marks.seen : marks.settled) else { return nil }
            try db.execute(
                """
                INSERT INTO participants ("user", conversation, \(mark.rawValue), activity) VALUES (?, ?, ?, ?)
                ON CONFLICT ("user", conversation) DO UPDATE SET \(mark.rawValue) = excluded.\(mark.rawValue)
                """, [user.key, room.key, target, conversation.isRoom ? 0 : room.lastMessage])
            if let outbox { try Self.enqueue(outbox(target), lane: conversation.channel, db) }
            return target
        } after: { mark in
            if let mark { publish(mark) }
        }
    }

    /// Somebody's conversations, the one with the newest message first; rooms are among them from the beginning.
    ///
    /// - Parameters:
    ///   - rooms: the channels of those the user may be in.
    ///   - before: the name of the last conversation of the page before this one.
    func conversations(
        of user: DeskUser, in rooms: [String], limit: Int, before: String?
    ) async throws -> [ConversationSummary] {
        try await disk.read { db in
            var bound = Int64.max
            if let before {
                // Another's conversation is answered like one that does not exist.
                guard
                    rooms.contains(where: { $0.utf8.elementsEqual(before.utf8) })
                        || ConversationName(channel: before)?.peer(of: user.id) != nil,
                    let room = try Self.existingConversation(before, db)
                else { return [] }
                bound = room.lastMessage
            }
            var rows = try Self.chats(of: user, below: bound, limit: limit, db)
            for room in rooms {
                let row =
                    try Self.existingConversation(room, db) ?? ConversationRow(key: 0, lastSeq: 0, lastMessage: 0)
                guard row.lastMessage < bound else { continue }
                rows.insert(
                    (room, row), at: rows.firstIndex { $0.row.lastMessage < row.lastMessage } ?? rows.endIndex)
            }
            return try rows.prefix(limit).map { name, row in try Self.summary(name, row, user, db) }
        }
    }

    private typealias Chat = (name: String, row: ConversationRow)

    private static func chats(of user: DeskUser, below bound: Int64, limit: Int, _ db: any StoreConnection) throws
        -> [Chat]
    {
        let sql = """
            SELECT c.name, c.key, c.last_seq, c.last_message
            FROM participants p JOIN conversations c ON c.key = p.conversation
            WHERE p."user" = ? AND p.activity > 0 AND p.activity < ? ORDER BY p.activity DESC LIMIT ?
            """
        return try db.rows(sql, [user.key, bound, limit]).map { row in
            (row[0], ConversationRow(key: row[1], lastSeq: row[2], lastMessage: row[3]))
        }
    }

    private static func summary(
        _ name: String, _ room: ConversationRow, _ user: DeskUser, _ db: any StoreConnection
    ) throws -> ConversationSummary {
        let last = try db.row(select + " WHERE m.key = ?", [room.lastMessage]).map(message)
        let marks = try marks(of: user.id, in: room, db)
        let own = try ownCount(user.key, in: room.key, upTo: room.lastSeq, db)
        let ownSeen = try ownCount(user.key, in: room.key, upTo: marks.seen, db)
        let peer = ConversationName(channel: name)?.peer(of: user.id)
        return ConversationSummary(
            conversation: name, last: last, unseen: max(0, room.lastSeq - marks.seen - (own - ownSeen)),
            seen: marks.seen, seenByPeer: try peer.map { try Self.marks(of: $0, in: room, db).seen } ?? 0,
            settled: marks.settled,
            waiting: try peer.flatMap { try waiting($0, for: user, in: room, settled: marks.settled, db) })
    }

    private static func marks(
        of user: UserID, in room: ConversationRow, _ db: any StoreConnection
    ) throws -> (seen: Int, settled: Int) {
        let sql = """
            SELECT p.seen, p.settled FROM participants p JOIN users u ON u.key = p."user"
            WHERE u.id = ? AND p.conversation = ?
            """
        return try db.row(sql, [user.text, room.key]).map { ($0[0], $0[1]) } ?? (0, 0)
    }
}
