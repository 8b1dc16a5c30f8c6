import ChannelsProtocol
import Chat

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
    static func enqueue(_ events: [DeskEvent], lane: String, _ db: any StoreConnection) throws {
        let now = WallClock.now().milliseconds
        for event in events {
            try db.execute(
                "INSERT INTO outbox (lane, name, channel, data, excluding, at) VALUES (?, ?, ?, ?, ?, ?)",
                [lane, event.name, event.channel, event.data, event.excluding?.text, now])
        }
        try tell(.conversation(lane), db)
    }

    /// The oldest of what waits. Rows of one lane come to be seen in the order of their keys, those of several need not.
    func outbox(limit: Int) async throws -> [OutboxRow] {
        try await disk.read { db in
            let sql = "SELECT key, lane, name, channel, data, excluding, at FROM outbox ORDER BY key LIMIT ?"
            return try db.rows(sql, [limit]).map { row in
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
        try await disk.write { db in
            for key in keys { try db.execute("DELETE FROM outbox WHERE key = ?", [key]) }
        }
    }

    /// Nobody is told: for an engine that is in this process again, whose clients all begin anew.
    func clearOutbox() async throws {
        try await disk.write { db in
            guard try db.row("SELECT 1 FROM outbox LIMIT 1", []) != nil else { return }
            try db.execute("DELETE FROM outbox", [])
        }
    }

    func outboxCount() async throws -> Int {
        try await disk.read { db in try db.value("SELECT count(*) FROM outbox") ?? 0 }
    }
}
