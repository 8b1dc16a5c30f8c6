import Chat

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

    /// Stores a message and then publishes it: what is published is on disk, and in a conversation it is published in the
    /// order of `seq`, by the one queue that writes or by the outbox.
    ///
    /// - Parameters:
    ///   - createsPeer: an id nobody signed in with yet becomes an account by being written to.
    ///   - outbox: what is to be written down with the message, for an engine elsewhere.
    func send(
        _ message: IncomingMessage, createsPeer: Bool,
        outbox: (@Sendable (StoredMessage) -> [DeskEvent])? = nil, publish: @escaping @Sendable (StoredMessage) -> Void
    ) async throws -> SendOutcome {
        do {
            return try await disk.write { [disk] db -> (outcome: SendOutcome, missed: [StoredMessage]) in
                let missed = outbox == nil && disk.isUncertain ? try Self.unpublished(db).map(\.message) : []
                if let earlier = try Self.message(from: message.from, clientID: message.clientID, db) {
                    return (message.isSame(as: earlier) ? .repeated(earlier) : .reused, missed)
                }
                if createsPeer, let peer = message.conversation.peer(of: message.from.id) {
                    _ = try Self.userOnFirstUse(peer, db)
                }
                let inserted = try Self.insert(message, marksPublished: outbox == nil, db)
                if let outbox { try Self.enqueue(outbox(inserted), lane: inserted.conversation, db) }
                return (.stored(inserted), missed)
            } after: { [disk] done in
                done.missed.forEach(publish)
                if outbox == nil { disk.settled() }
                if case .stored(let stored) = done.outcome { publish(stored) }
            }.outcome
        } catch let problem as AnswerProblem {
            return .refused(problem)
        }
    }

    private static func insert(
        _ message: IncomingMessage, marksPublished: Bool, _ db: any StoreConnection
    ) throws -> StoredMessage {
        let room = try conversation(message.conversation.channel, db)
        let seq = room.lastSeq + 1
        let at = WallClock.now()
        let id = messageID(at)
        let question = message.question.map { Question(choices: $0.choices, until: $0.end(at)) }
        let answer = try message.answer.map { try checked($0, of: message, at: at, db) }
        let own = try ownCount(message.from.key, in: room.key, upTo: room.lastSeq, db)
        let key: Int64? = try db.value(
            insertion,
            [
                id, room.key, seq, message.from.key, own + 1, message.clientID, at.milliseconds, message.text,
                message.isAutomated, question.map { choicesText($0.choices) }, question?.until.milliseconds,
                answer?.questionID, answer?.choice, answer?.isLate ?? false,
            ])
        guard let key else { throw StoreFault(description: "the message was not stored") }
        try index(key, message.text, in: message.conversation, room.key, db)
        try db.execute("UPDATE conversations SET last_seq = ?, last_message = ? WHERE key = ?", [seq, key, room.key])
        if case .chat(let low, let high) = message.conversation {
            // A room is not in here: a message to all would cost a row of everybody.
            try db.execute(
                """
                INSERT INTO participants ("user", conversation, activity)
                SELECT key, ?, ? FROM users WHERE id IN (?, ?)
                ON CONFLICT ("user", conversation) DO UPDATE SET activity = excluded.activity
                """, [room.key, key, low.text, high.text])
        }
        // Everything before this one has been published: it goes out next on this same queue.
        if marksPublished { try mark(published: key - 1, db) }
        return StoredMessage(
            id: id, conversation: message.conversation.channel, seq: seq, from: message.from.id.text,
            text: message.text, at: at, clientID: message.clientID, isAutomated: message.isAutomated,
            question: question, answer: answer)
    }

    /// A message with its marks, whose key is the answer.
    static let insertion = """
        INSERT INTO messages (
            id, conversation, seq, sender, sender_count, client_id, at, text,
            automated, choices, ask_until, answers, choice, late
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key
        """

    private static func mark(published key: Int64, _ db: any StoreConnection) throws {
        // As a text: the column has numbers and texts.
        let sql = """
            INSERT INTO meta (name, value) VALUES ('published', ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """
        try db.execute(sql, [String(key)])
    }

    private static func publishedMark(_ db: any StoreConnection) throws -> Int64 {
        try db.value("SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'published'") ?? 0
    }

    private static func unpublished(
        after mark: Int64? = nil, limit: Int = 200, _ db: any StoreConnection
    ) throws -> [(message: StoredMessage, key: Int64)] {
        try db.rows(select + " WHERE m.key > ? ORDER BY m.key LIMIT ?", [mark ?? publishedMark(db), limit])
            .map { (message($0), $0[7]) }
    }

    /// Publishes what is stored and may not have been published, because a process ended in between. Before anything new
    /// is sent: a later message would say of these that they were.
    ///
    /// - Parameter page: how many are held in memory at once.
    func publishLeftovers(page: Int = 200, _ publish: (StoredMessage) -> Void) async throws {
        var mark: Int64?
        while true {
            let rows = try await disk.read { [mark] db in try Self.unpublished(after: mark, limit: page, db) }
            guard let last = rows.last else { break }
            for row in rows { publish(row.message) }
            mark = last.key
        }
        try await disk.write { db in
            try Self.mark(published: try db.value("SELECT max(key) FROM messages") ?? 0, db)
        }
    }

    /// Notes that all there is has been published.
    func markPublished() async throws {
        try await disk.write(Self.markPublished)
    }

    /// An outbox, which has what is to be published from then on, stays as it is.
    @Sendable
    static func markPublished(_ db: any StoreConnection) throws {
        guard try publishedMark(db) != .max else { return }
        try mark(published: try db.value("SELECT max(key) FROM messages") ?? 0, db)
    }

    /// Notes that an outbox has what is to be published from now on, and nothing else need be looked at.
    func leavePublishingToOutbox() async throws {
        try await disk.write { db in try Self.mark(published: .max, db) }
    }

    /// Sorts by time, and is different in every copy of this database.
    private static func messageID(_ at: Timestamp) -> String {
        let time = String(at.milliseconds, radix: 16)
        return String(repeating: "0", count: max(0, 12 - time.count)) + time + Token.random(6)
    }

    /// The row of a conversation, made when there is none, and nobody else's to change until the transaction ends.
    static func conversation(_ name: String, _ db: any StoreConnection) throws -> ConversationRow {
        for _ in 0..<2 {
            if let known = try existingConversation(name, isToChange: true, db) { return known }
            try db.execute("INSERT INTO conversations (name) VALUES (?) ON CONFLICT DO NOTHING", [name])
        }
        guard let made = try existingConversation(name, isToChange: true, db) else {
            throw StoreFault(description: "the conversation was not stored")
        }
        return made
    }

    /// - Parameter isToChange: as it is now, and it stays so for everybody else until the transaction ends.
    static func existingConversation(
        _ name: String, isToChange: Bool = false, _ db: any StoreConnection
    ) throws -> ConversationRow? {
        let sql = "SELECT key, last_seq, last_message FROM conversations WHERE name = ?"
        return try db.row(isToChange ? sql + db.dialect.forUpdate : sql, [name])
            .map { ConversationRow(key: $0[0], lastSeq: $0[1], lastMessage: $0[2]) }
    }

    /// How many of the first `seq` messages of a conversation are somebody's own.
    static func ownCount(_ user: Int64, in conversation: Int64, upTo seq: Int, _ db: any StoreConnection) throws -> Int
    {
        guard seq > 0 else { return 0 }
        let sql = """
            SELECT sender_count FROM messages WHERE conversation = ? AND sender = ? AND seq <= ? ORDER BY seq DESC LIMIT 1
            """
        return try db.value(sql, [conversation, user, seq]) ?? 0
    }

    static func message(from user: DeskUser, clientID: String, _ db: any StoreConnection) throws -> StoredMessage? {
        try db.row(select + " WHERE m.sender = ? AND m.client_id = ?", [user.key, clientID]).map(message)
    }

    /// What `message` reads.
    static let columns = """
        m.id, c.name, m.seq, u.id, m.text, m.at, m.client_id, m.key,
            m.automated, m.choices, m.ask_until, m.answers, m.choice, m.late
        """

    static let select = """
        SELECT \(columns) FROM messages m JOIN conversations c ON c.key = m.conversation JOIN users u ON u.key = m.sender
        """

    static func message(_ row: StoreRow) -> StoredMessage {
        StoredMessage(
            id: row[0], conversation: row[1], seq: row[2], from: row[3], text: row[4],
            at: Timestamp(milliseconds: row[5]), clientID: row[6], isAutomated: row[8], question: question(row),
            answer: (row[11] as String?).map { GivenAnswer(to: $0, choice: row[12], isLate: row[13]) })
    }
}
