package import Chat
import GRDB

/// A message of a transcript, on its way back into a store.
package struct ArchivedMessage: Equatable, Sendable {
    package var message: Message
    package var text: String

    package init(_ message: Message, text: String) {
        self.message = message
        self.text = text
    }
}

/// Puts whole conversations into the store of a desk's folder, also while the desk runs: ids, numbers and times stay what
/// they were, so only where nothing is there yet. Nobody is told, and everything counts as seen.
package struct Archive: Sendable {
    private let store: DeskStore

    package init(folder: String, lobby: ConversationName = .lobby) throws(DeskError) {
        let folder = LocalFolder(folder)
        try folder.prepare(isDoor: false)
        store = try DeskStore(path: folder.database, lobby: lobby.channel)
    }

    package func close() { store.close(waits: false) }

    /// All of it or nothing.
    ///
    /// - Parameter parts: the messages of each ascending, from 1, without holes.
    package func insert(
        _ parts: [(conversation: ConversationName, messages: [ArchivedMessage])]
    ) throws(DeskError) {
        for (name, messages) in parts {
            for (index, each) in messages.enumerated() where each.message.seq != index + 1 {
                throw DeskError(
                    .badInput,
                    "\(name): number \(each.message.seq) stands where \(index + 1) belongs; a desk numbers without holes"
                )
            }
        }
        do {
            try store.pool.write { db in
                for (name, messages) in parts { try Self.insert(messages, name, store.lobby, db) }
            }
        } catch let error as DeskError {
            throw error
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw DeskError(.badInput, "some of these messages are on this desk already, in another conversation")
        } catch {
            throw DeskStore.explain(error, store.pool.path)
        }
    }

    private static func insert(
        _ messages: [ArchivedMessage], _ name: ConversationName, _ lobby: String, _ db: Database
    ) throws {
        let room = try DeskStore.conversation(name.channel, db)
        guard room.lastSeq == 0 else {
            throw DeskError(
                .badInput,
                "\(name): has \(room.lastSeq) messages on this desk; only an empty conversation can be filled")
        }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO messages (
                    id, conversation, seq, sender, sender_count, client_id, at, text,
                    automated, choices, ask_until, answers, choice, late
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        var senders: [UserID: (key: Int64, count: Int)] = [:]
        var last: Int64 = 0
        for each in messages {
            let message = each.message
            var sender = try senders[message.from] ?? (anyUser(message.from, lobby, db), 0)
            sender.count += 1
            senders[message.from] = sender
            try statement.execute(arguments: [
                message.id, room.key, message.seq, sender.key, sender.count, message.clientID, message.at.milliseconds,
                each.text, message.isAutomated, message.question.map { DeskStore.choicesText($0.choices) },
                message.question?.until.milliseconds, message.answer?.questionID, message.answer?.choice,
                message.answer?.isLate ?? false,
            ])
            last = db.lastInsertedRowID
        }
        try db.execute(
            sql: "UPDATE conversations SET last_seq = ?, last_message = ? WHERE key = ?",
            arguments: [messages.count, last, room.key])
        let readers: [Int64]
        if case .chat(let low, let high) = name {
            readers = try [anyUser(low, lobby, db), anyUser(high, lobby, db)]
        } else {
            readers = try Int64.fetchAll(db, sql: "SELECT key FROM users")
        }
        for reader in readers {
            try db.execute(
                sql: """
                    INSERT INTO participants (user, conversation, seen, activity) VALUES (?, ?, ?, ?)
                    ON CONFLICT (user, conversation) DO UPDATE SET seen = excluded.seen, activity = excluded.activity
                    """,
                arguments: [reader, room.key, messages.count, name.isRoom ? 0 : last])
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta (name, value) SELECT 'published', coalesce(max(key), 0) FROM messages")
    }

    /// Also of an account that was removed; what it said was said by it.
    private static func anyUser(_ id: UserID, _ lobby: String, _ db: Database) throws -> Int64 {
        if let key = try Int64.fetchOne(db, sql: "SELECT key FROM users WHERE id = ?", arguments: [id.text]) {
            return key
        }
        return try DeskStore.userOnFirstUse(id, lobby: lobby, db).key
    }
}
