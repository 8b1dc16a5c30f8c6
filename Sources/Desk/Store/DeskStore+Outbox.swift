import ChannelsProtocol
import Chat
import GRDB

/// An event that waits for an engine elsewhere.
struct OutboxRow: Equatable, Sendable {
    /// Ascending in the order in which things happened.
    let key: Int64
    /// What it is about: within one lane the order is kept.
    let lane: String
    let event: DeskEvent
    let at: Timestamp
}

extension DeskStore {
    /// In the transaction of what the events tell of: either both are on disk or neither.
    static func enqueue(_ events: [DeskEvent], lane: String, _ db: Database) throws {
        let now = WallClock.now().milliseconds
        for event in events {
            try db.cachedStatement(
                sql: "INSERT INTO outbox (lane, name, channel, data, excluding, at) VALUES (?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [lane, event.name, event.channel, event.data, event.excluding?.text, now])
        }
    }

    func outbox(after key: Int64, limit: Int) async throws -> [OutboxRow] {
        try await pool.read { db in
            let sql = """
                SELECT key, lane, name, channel, data, excluding, at FROM outbox WHERE key > ? ORDER BY key LIMIT ?
                """
            return try Row.fetchAll(db.cachedStatement(sql: sql), arguments: [key, limit]).map { row in
                OutboxRow(
                    key: row[0], lane: row[1],
                    event: DeskEvent(
                        name: row[2], channel: row[3], data: row[4],
                        excluding: (row[5] as String?).flatMap { SocketID($0) }),
                    at: Timestamp(milliseconds: row[6]))
            }
        }
    }

    func removeFromOutbox(_ keys: [Int64]) async throws {
        try await pool.write { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM outbox WHERE key = ?")
            for key in keys { try statement.execute(arguments: [key]) }
        }
    }

    /// Nobody is told: for an engine that is in this process again, whose clients all begin anew.
    func clearOutbox() async throws {
        try await pool.write { db in
            guard try Int.fetchOne(db, sql: "SELECT 1 FROM outbox LIMIT 1") != nil else { return }
            try db.execute(sql: "DELETE FROM outbox")
        }
    }

    func outboxCount() async throws -> Int {
        try await pool.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox") ?? 0 }
    }
}
