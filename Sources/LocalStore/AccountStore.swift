package import Chat
import FoundationEssentials
import GRDB

/// What one account keeps on this machine, in one file that several processes may use at once.
///
/// Outbox rows and drafts belong to the process that wrote them. Those of a process that is gone are adopted by the next
/// `load`, or by `adopt` while running; those of a living one are left alone, so two terminals neither send the same
/// message nor overwrite each other's draft.
package final class AccountStore: Sendable {
    private let queue: DatabaseQueue
    private let path: String
    private let owner: RowOwner
    private let isAlive: @Sendable (RowOwner) -> Bool
    private let isNew: Bool
    private let files: StoreFile.Files

    /// Opens or makes the file (0600) and the folders above it (0700).
    package static func open(_ path: String) throws(LocalStoreError) -> AccountStore {
        try AccountStore(path: path, owner: .current(), isAlive: \.isAlive)
    }

    /// - Parameter limit: how many bytes the file may have; more is refused like a full disk.
    package init(
        path: String, owner: RowOwner, limit: Int = 256 << 20, isAlive: @escaping @Sendable (RowOwner) -> Bool
    ) throws(LocalStoreError) {
        self.path = path
        self.owner = owner
        self.isAlive = isAlive
        isNew = try StoreFile.prepare(path)
        var configuration = Configuration()
        configuration.label = "account"
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let isNewer = try queue.writeWithoutTransaction { db in
                // GRDB sets NORMAL with WAL; what is called kept here must survive a power cut.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
                try db.execute(sql: "PRAGMA max_page_count = \(limit / pageSize)")
                return try Self.migrations.hasBeenSuperseded(db)
            }
            guard !isNewer else {
                throw LocalStoreError(.unreadable, "\(path): was written by a newer parley; start that one")
            }
            try Self.migrations.migrate(queue)
            files = StoreFile.Files(path)
        } catch {
            throw LocalStoreError(error, path)
        }
    }

    /// Everything this process looks after from now on. What a former process left is adopted with it; of several drafts
    /// it left for one conversation the latest is taken, and the one before that comes when this one is done with.
    package func load() throws(LocalStoreError) -> SavedState {
        do {
            return try queue.write { db in
                _ = try adoptOutbox(db)
                try adoptDrafts(db)
                return SavedState(
                    outbox: try outbox(db), drafts: try drafts(db), open: try openConversation(db),
                    scroll: try scrollMarks(db), settled: try settledMarks(db), rooms: try rooms(db),
                    isFirst: isNew)
            }
        } catch {
            throw LocalStoreError(error, path)
        }
    }

    /// Takes over what processes that ended meanwhile did not send; answers only what is new, oldest first.
    package func adopt() throws(LocalStoreError) -> [OutgoingMessage] {
        do {
            return try queue.write { db in
                let adopted = try adoptOutbox(db)
                return adopted.isEmpty ? [] : try outbox(db).filter { adopted.contains($0.clientID) }
            }
        } catch {
            throw LocalStoreError(error, path)
        }
    }

    /// Does all of `writes` or none, after everything asked for before, on a thread of its own; `completion` comes there,
    /// when they are on the disk.
    package func apply(
        _ writes: [StoreWrite], completion: @escaping @Sendable (Result<Void, LocalStoreError>) -> Void
    ) {
        queue.asyncWrite { [self] db in
            for write in writes { try self.write(write, db) }
        } completion: { [path, files] _, result in
            completion(
                Result {
                    try result.get(); try files.refuseReplaced()
                }.mapError { LocalStoreError($0, path) })
        }
    }

    /// Waits for what was asked for and closes the file.
    package func close() { try? queue.close() }

    private func write(_ write: StoreWrite, _ db: Database) throws {
        switch write {
        case .putOutbox(let message):
            let (state, reason) = message.state.columns
            try db.execute(
                sql: """
                    INSERT INTO outbox (
                        client_id, conversation, text, at, state, reason, owner_pid, owner_start, owner_boot, answers, choice
                    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (client_id) DO UPDATE SET conversation = excluded.conversation, text = excluded.text,
                        at = excluded.at, state = excluded.state, reason = excluded.reason, owner_pid = excluded.owner_pid,
                        owner_start = excluded.owner_start, owner_boot = excluded.owner_boot
                    """,
                arguments: [
                    message.clientID, message.conversation.channel, bytes(message.text), message.at.milliseconds, state,
                    reason, owner.pid, owner.start, owner.boot, message.answer?.questionID, message.answer?.choice,
                ])
        case .removeOutbox(let clientID):
            try db.execute(sql: "DELETE FROM outbox WHERE client_id = ?", arguments: [clientID])
        case .saveDraft(let conversation, let text):
            try db.execute(
                sql: """
                    DELETE FROM drafts
                    WHERE conversation = ? AND owner_pid = ? AND owner_start = ? AND owner_boot = ?
                    """,
                arguments: [conversation.channel, owner.pid, owner.start, owner.boot])
            guard !text.isEmpty else { return }
            try db.execute(
                sql:
                    "INSERT INTO drafts (conversation, text, owner_pid, owner_start, owner_boot) VALUES (?, ?, ?, ?, ?)",
                arguments: [conversation.channel, bytes(text), owner.pid, owner.start, owner.boot])
        case .saveOpen(let conversation):
            guard let conversation else { return try db.execute(sql: "DELETE FROM kept WHERE name = 'open'") }
            try db.execute(
                sql: "INSERT OR REPLACE INTO kept (name, value) VALUES ('open', ?)", arguments: [conversation.channel])
        case .saveSettled(let conversation, let through):
            let name = Self.settledPrefix + conversation.channel
            guard let through else { return try db.execute(sql: "DELETE FROM kept WHERE name = ?", arguments: [name]) }
            try db.execute(
                sql: "INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)", arguments: [name, String(through)])
        case .saveRoom(let room, let isEntered):
            try db.execute(
                sql: "INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)",
                arguments: [Self.roomPrefix + room.channel, isEntered ? "entered" : "left"])
        case .saveScroll(let conversation, let mark):
            let name = Self.scrollPrefix + conversation.channel
            guard let mark else { return try db.execute(sql: "DELETE FROM kept WHERE name = ?", arguments: [name]) }
            try db.execute(
                sql: "INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)",
                arguments: [name, "\(mark.seq) \(mark.line)"])
        }
    }

    /// What a person typed is kept as bytes: SQLite's text ends at the first NUL.
    private func bytes(_ text: String) -> Data { Data(text.utf8) }
    private func text(_ bytes: Data) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Every owner with rows in `table` that is another process and gone.
    private func goneOwners(_ table: String, _ db: Database) throws -> [RowOwner] {
        try Row.fetchAll(db, sql: "SELECT DISTINCT owner_pid, owner_start, owner_boot FROM \(table)")
            .map { RowOwner(pid: $0[0], start: $0[1], boot: $0[2]) }
            .filter { $0 != owner && !isAlive($0) }
    }

    private func adoptOutbox(_ db: Database) throws -> Set<String> {
        var adopted: Set<String> = []
        for gone in try goneOwners("outbox", db) {
            adopted.formUnion(
                try String.fetchAll(
                    db,
                    sql: """
                        UPDATE outbox SET owner_pid = ?, owner_start = ?, owner_boot = ?
                        WHERE owner_pid = ? AND owner_start = ? AND owner_boot = ? RETURNING client_id
                        """,
                    arguments: [owner.pid, owner.start, owner.boot, gone.pid, gone.start, gone.boot]))
        }
        return adopted
    }

    private func adoptDrafts(_ db: Database) throws {
        var taken = Set(try drafts(db).keys.map(\.channel))
        let gone = Set(try goneOwners("drafts", db))
        let rows = try Row.fetchAll(
            db, sql: "SELECT saved, conversation, owner_pid, owner_start, owner_boot FROM drafts ORDER BY saved DESC")
        for row in rows where gone.contains(RowOwner(pid: row[2], start: row[3], boot: row[4])) {
            let (saved, conversation): (Int64, String) = (row[0], row[1])
            guard taken.insert(conversation).inserted else { continue }
            try db.execute(
                sql: "UPDATE drafts SET owner_pid = ?, owner_start = ?, owner_boot = ? WHERE saved = ?",
                arguments: [owner.pid, owner.start, owner.boot, saved])
        }
    }

    private func outbox(_ db: Database) throws -> [OutgoingMessage] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT client_id, conversation, text, at, state, reason, answers, choice FROM outbox
                WHERE owner_pid = ? AND owner_start = ? AND owner_boot = ? ORDER BY position
                """,
            arguments: [owner.pid, owner.start, owner.boot]
        ).compactMap { row in
            guard let conversation = ConversationName(channel: row[1]) else { return nil }
            return OutgoingMessage(
                clientID: row[0], conversation: conversation, text: text(row[2]), at: Timestamp(milliseconds: row[3]),
                state: .init(state: row[4], reason: row[5]),
                answer: (row[6] as String?).map { GivenAnswer(to: $0, choice: row[7]) })
        }
    }

    private func drafts(_ db: Database) throws -> [ConversationName: String] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT conversation, text FROM drafts WHERE owner_pid = ? AND owner_start = ? AND owner_boot = ?",
            arguments: [owner.pid, owner.start, owner.boot])
        var drafts: [ConversationName: String] = [:]
        for row in rows {
            if let conversation = ConversationName(channel: row[0]) { drafts[conversation] = text(row[1]) }
        }
        return drafts
    }

    private static let scrollPrefix = "scroll "
    private static let settledPrefix = "settled "
    private static let roomPrefix = "room "

    private func rooms(_ db: Database) throws -> [ConversationName: Bool] {
        try keptValues(Self.roomPrefix, db).mapValues { $0 == "entered" }
    }

    private func settledMarks(_ db: Database) throws -> [ConversationName: Int] {
        try keptValues(Self.settledPrefix, db).compactMapValues { Int($0) }
    }

    private func scrollMarks(_ db: Database) throws -> [ConversationName: ScrollMark] {
        try keptValues(Self.scrollPrefix, db).compactMapValues { value in
            let numbers = value.split(separator: " ").compactMap { Int($0) }
            return numbers.count == 2 ? ScrollMark(seq: numbers[0], line: numbers[1]) : nil
        }
    }

    /// What is kept of each conversation under names that begin so.
    private func keptValues(_ prefix: String, _ db: Database) throws -> [ConversationName: String] {
        var values: [ConversationName: String] = [:]
        let rows = try Row.fetchAll(
            db, sql: "SELECT name, value FROM kept WHERE substr(name, 1, ?) = ?", arguments: [prefix.count, prefix])
        for row in rows {
            let name: String = row[0]
            guard let conversation = ConversationName(channel: String(name.dropFirst(prefix.count))) else { continue }
            values[conversation] = row[1]
        }
        return values
    }

    private func openConversation(_ db: Database) throws -> ConversationName? {
        try String.fetchOne(db, sql: "SELECT value FROM kept WHERE name = 'open'").flatMap {
            ConversationName(channel: $0)
        }
    }
}

extension OutgoingMessage.State {
    /// `accepted` becomes `queued` with the commit that this is for.
    fileprivate var columns: (state: String, reason: String) {
        switch self {
        case .accepted, .queued: ("queued", "")
        case .sending, .relayed: ("sending", "")
        case .failed(let reason): ("failed", reason)
        }
    }

    fileprivate init(state: String, reason: String) {
        switch state {
        case "failed": self = .failed(reason: reason)
        case "sending": self = .sending
        default: self = .queued
        }
    }
}
