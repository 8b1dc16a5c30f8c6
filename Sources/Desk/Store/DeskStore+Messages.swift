import Chat
import GRDB

/// A message on its way in.
struct IncomingMessage: Sendable {
    let from: DeskUser
    let conversation: ConversationName
    let text: String
    let clientID: String
    var isAutomated = false
    var question: IncomingQuestion?
    var answer: GivenAnswer?
}

extension DeskStore {
    struct ConversationRow {
        let key: Int64
        let lastSeq: Int
        let lastMessage: Int64
    }

    /// Stores a message and then publishes it; both happen on the one writing queue, so what is published is on disk,
    /// and is published in the order of `seq`.
    ///
    /// - Parameters:
    ///   - createsPeer: an id nobody signed in with yet becomes an account by being written to.
    ///   - outbox: what is to be written down with the message, for an engine elsewhere.
    func send(
        _ message: IncomingMessage, createsPeer: Bool,
        outbox: (@Sendable (StoredMessage) -> [DeskEvent])? = nil, publish: @escaping @Sendable (StoredMessage) -> Void
    ) async throws -> SendOutcome {
        try await pool.writeWithoutTransaction { [lobby] db in
            if let earlier = try Self.message(from: message.from, clientID: message.clientID, db) {
                return message.isSame(as: earlier) ? .repeated(earlier) : .reused
            }
            var stored: StoredMessage?
            do {
                try db.inTransaction(.immediate) {
                    if createsPeer, let peer = message.conversation.peer(of: message.from.id) {
                        _ = try Self.userOnFirstUse(peer, lobby: lobby, db)
                    }
                    let inserted = try Self.insert(message, db)
                    if let outbox { try Self.enqueue(outbox(inserted), lane: inserted.conversation, db) }
                    stored = inserted
                    return .commit
                }
            } catch let problem as AnswerProblem {
                return .refused(problem)
            }
            guard let stored else { throw DatabaseError(message: "the message was not stored") }
            publish(stored)
            return .stored(stored)
        }
    }

    private static func insert(_ message: IncomingMessage, _ db: Database) throws -> StoredMessage {
        let room = try conversation(message.conversation.channel, db)
        let seq = room.lastSeq + 1
        let at = WallClock.now()
        let id = messageID(at)
        let question = message.question.map { Question(choices: $0.choices, until: $0.end(at)) }
        let answer = try message.answer.map { try checked($0, of: message, at: at, db) }
        let own = try ownCount(message.from.key, in: room.key, upTo: room.lastSeq, db)
        try db.cachedStatement(
            sql: """
                INSERT INTO messages (
                    id, conversation, seq, sender, sender_count, client_id, at, text,
                    automated, choices, ask_until, answers, choice, late
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                id, room.key, seq, message.from.key, own + 1, message.clientID, at.milliseconds, message.text,
                message.isAutomated, question.map { choicesText($0.choices) }, question?.until.milliseconds,
                answer?.questionID, answer?.choice, answer?.isLate ?? false,
            ])
        let key = db.lastInsertedRowID
        try db.cachedStatement(sql: "UPDATE conversations SET last_seq = ?, last_message = ? WHERE key = ?")
            .execute(arguments: [seq, key, room.key])
        if case .chat(let low, let high) = message.conversation {
            // A room is not in here: a message to all would cost a row of everybody.
            let touch = try db.cachedStatement(
                sql: """
                    INSERT INTO participants (user, conversation, activity)
                    SELECT key, ?, ? FROM users WHERE id = ?
                    ON CONFLICT (user, conversation) DO UPDATE SET activity = excluded.activity
                    """)
            for user in [low, high] { try touch.execute(arguments: [room.key, key, user.text]) }
        }
        // Everything before this one has been published: it goes out next on this same queue.
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('published', ?)")
            .execute(arguments: [key - 1])
        return StoredMessage(
            id: id, conversation: message.conversation.channel, seq: seq, from: message.from.id.text,
            text: message.text, at: at, clientID: message.clientID, isAutomated: message.isAutomated,
            question: question, answer: answer)
    }

    /// Publishes what is stored and may not have been published, because a process ended in between. Before anything new
    /// is sent: a later message would say of these that they were.
    ///
    /// - Parameter page: how many are held in memory at once.
    func publishLeftovers(page: Int = 200, _ publish: (StoredMessage) -> Void) async throws {
        var mark = try await pool.read { db in
            try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'published'") ?? 0
        }
        while true {
            let rows = try await pool.read { [mark] db in
                try Row.fetchAll(
                    db, sql: Self.select + " WHERE m.key > ? ORDER BY m.key LIMIT ?", arguments: [mark, page]
                ).map { (message: Self.message($0), key: $0[7] as Int64) }
            }
            guard let last = rows.last else { break }
            for row in rows { publish(row.message) }
            mark = last.key
        }
        try await markPublished()
    }

    /// Notes that all there is has been published.
    func markPublished() async throws {
        try await pool.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) SELECT 'published', coalesce(max(key), 0) FROM messages"
            )
        }
    }

    /// Sorts by time, and is different in every copy of this database.
    private static func messageID(_ at: Timestamp) -> String {
        let time = String(at.milliseconds, radix: 16)
        return String(repeating: "0", count: max(0, 12 - time.count)) + time + Token.random(6)
    }

    /// The row of a conversation, made when there is none.
    static func conversation(_ name: String, _ db: Database) throws -> ConversationRow {
        if let known = try existingConversation(name, db) { return known }
        try db.execute(sql: "INSERT INTO conversations (name) VALUES (?)", arguments: [name])
        return ConversationRow(key: db.lastInsertedRowID, lastSeq: 0, lastMessage: 0)
    }

    static func existingConversation(_ name: String, _ db: Database) throws -> ConversationRow? {
        let sql = "SELECT key, last_seq, last_message FROM conversations WHERE name = ?"
        return try Row.fetchOne(db.cachedStatement(sql: sql), arguments: [name])
            .map { ConversationRow(key: $0[0], lastSeq: $0[1], lastMessage: $0[2]) }
    }

    /// How many of the first `seq` messages of a conversation are somebody's own.
    static func ownCount(_ user: Int64, in conversation: Int64, upTo seq: Int, _ db: Database) throws -> Int {
        guard seq > 0 else { return 0 }
        let sql = """
            SELECT sender_count FROM messages WHERE conversation = ? AND sender = ? AND seq <= ? ORDER BY seq DESC LIMIT 1
            """
        return try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [conversation, user, seq]) ?? 0
    }

    static func message(from user: DeskUser, clientID: String, _ db: Database) throws -> StoredMessage? {
        let statement = try db.cachedStatement(sql: select + " WHERE m.sender = ? AND m.client_id = ?")
        return try Row.fetchOne(statement, arguments: [user.key, clientID]).map(message)
    }

    static let select = """
        SELECT m.id, c.name, m.seq, u.id, m.text, m.at, m.client_id, m.key,
            m.automated, m.choices, m.ask_until, m.answers, m.choice, m.late
        FROM messages m JOIN conversations c ON c.key = m.conversation JOIN users u ON u.key = m.sender
        """

    static func message(_ row: Row) -> StoredMessage {
        StoredMessage(
            id: row[0], conversation: row[1], seq: row[2], from: row[3], text: row[4],
            at: Timestamp(milliseconds: row[5]), clientID: row[6], isAutomated: row[8], question: question(row),
            answer: (row[11] as String?).map { GivenAnswer(to: $0, choice: row[12], isLate: row[13]) })
    }
}
