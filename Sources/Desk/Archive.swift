package import Chat

/// A message of a transcript, on its way back into a store.
package struct ArchivedMessage: Equatable, Sendable {
    package var message: Message
    package var text: String

    package init(_ message: Message, text: String) {
        self.message = message
        self.text = text
    }
}

/// Puts whole conversations into the store of a desk, also while the desk runs: ids, numbers and times stay what
/// they were, so only where nothing is there yet. Nobody is told, and everything counts as seen.
package struct Archive: Sendable {
    private let store: DeskStore

    /// - Parameter store: the database where it is not in the folder.
    package init(folder: String, store: PostgresURL? = nil) throws(DeskError) {
        self.store = try DeskStore.open(LocalFolder(folder), store)
    }

    package func close() { store.close(waits: false) }

    package typealias Part = (conversation: ConversationName, messages: [ArchivedMessage])

    package enum Outcome: Equatable, Sendable {
        case filled
        /// All of it is on this desk already.
        case present
        /// `goesOn` said no; nothing of this conversation was kept.
        case stopped
    }

    private struct Stopped: Error {}

    /// Throws the first reason for which one of these cannot be filled.
    ///
    /// - Parameter parts: the messages of each ascending, from 1, without holes.
    package func check(_ parts: [Part]) throws(DeskError) {
        for (name, messages) in parts {
            for (index, each) in messages.enumerated() where each.message.seq != index + 1 {
                throw DeskError(
                    .badInput,
                    "\(name): number \(each.message.seq) stands where \(index + 1) belongs; a desk numbers without holes"
                )
            }
        }
        try explaining {
            try store.disk.readNow { db in
                for part in parts { _ = try Self.holds(part, db) }
            }
        }
    }

    /// Fills one conversation, all of it or nothing, unless all of it is there.
    ///
    /// - Parameter goesOn: called with how many messages were put in; false ends it.
    package func insert(_ part: Part, goesOn: @escaping @Sendable (_ count: Int) -> Bool = { _ in true })
        throws(DeskError) -> Outcome
    {
        try explaining {
            do {
                return try store.disk.writeNow { db in
                    guard try !Self.holds(part, db) else { return .present }
                    try Self.insert(part.messages, part.conversation, db, goesOn)
                    return .filled
                }
            } catch is Stopped {
                return .stopped
            }
        }
    }

    private func explaining<Answer>(_ work: () throws -> Answer) throws(DeskError) -> Answer {
        do {
            return try work()
        } catch let error as DeskError {
            throw error
        } catch  where store.disk.isDuplicate(error) {
            throw DeskError(.badInput, "some of these messages are on this desk already, in another conversation")
        } catch {
            throw store.disk.explain(error)
        }
    }

    /// Whether a conversation begins with just these messages; false where it is empty.
    private static func holds(_ part: Part, _ db: any StoreConnection) throws -> Bool {
        let found = try db.row("SELECT key, last_seq FROM conversations WHERE name = ?", [part.conversation.channel])
        guard let found else { return false }
        let (key, last): (Int64, Int) = (found[0], found[1])
        guard last > 0 else { return false }
        let ids = try db.rows(
            "SELECT id FROM messages WHERE conversation = ? AND seq <= ? ORDER BY seq", [key, part.messages.count])
        guard ids.count == part.messages.count, zip(ids, part.messages).allSatisfy({ $0[0] == $1.message.id }) else {
            throw DeskError(
                .badInput,
                "\(part.conversation): has \(last) messages on this desk; only an empty conversation can be filled")
        }
        return true
    }

    private static func insert(
        _ messages: [ArchivedMessage], _ name: ConversationName, _ db: any StoreConnection,
        _ goesOn: (_ count: Int) -> Bool
    ) throws {
        let room = try DeskStore.conversation(name.channel, db)
        var senders: [UserID: (key: Int64, count: Int)] = [:]
        var last: Int64 = 0
        for (index, each) in messages.enumerated() {
            guard goesOn(index) else { throw Stopped() }
            let message = each.message
            var sender = try senders[message.from] ?? (anyUser(message.from, db), 0)
            sender.count += 1
            senders[message.from] = sender
            last =
                try db.value(
                    DeskStore.insertion,
                    [
                        message.id, room.key, message.seq, sender.key, sender.count, message.clientID,
                        message.at.milliseconds, each.text, message.isAutomated,
                        message.question.map { DeskStore.choicesText($0.choices) },
                        message.question?.until.milliseconds, message.answer?.questionID, message.answer?.choice,
                        message.answer?.isLate ?? false,
                    ]) ?? last
            try DeskStore.index(last, each.text, in: name, room.key, db)
        }
        try db.execute(
            "UPDATE conversations SET last_seq = ?, last_message = ? WHERE key = ?", [messages.count, last, room.key])
        let readers: [Int64]
        if case .chat(let low, let high) = name {
            readers = try [anyUser(low, db), anyUser(high, db)]
        } else {
            readers = try db.rows("SELECT key FROM users", []).map { $0[0] }
        }
        for reader in readers {
            try db.execute(
                """
                INSERT INTO participants ("user", conversation, seen, activity) VALUES (?, ?, ?, ?)
                ON CONFLICT ("user", conversation) DO UPDATE SET seen = excluded.seen, activity = excluded.activity
                """, [reader, room.key, messages.count, name.isRoom ? 0 : last])
        }
        try DeskStore.markPublished(db)
    }

    /// Also of an account that was removed; what it said was said by it.
    private static func anyUser(_ id: UserID, _ db: any StoreConnection) throws -> Int64 {
        if let key: Int64 = try db.value("SELECT key FROM users WHERE id = ?", [id.text]) { return key }
        return try DeskStore.userOnFirstUse(id, db).key
    }
}
