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
        guard !events.isEmpty else { return }
        let now = WallClock.now().milliseconds
        // One statement, since each is a way to the server and back.
        let rows = Array(repeating: "(?, ?, ?, ?, ?, ?)", count: events.count).joined(separator: ", ")
        let insertion = "INSERT INTO outbox (lane, name, channel, data, excluding, at) VALUES \(rows)"
        let values: StoreArguments = events.flatMap { event -> StoreArguments in
            [lane, event.name, event.channel, event.data, event.excluding?.text, now]
        }
        guard db.dialect == .postgres else { return _ = try db.execute(insertion, values) }
        let telling = PostgresWatch.telling(.conversation(lane))
        _ = try db.rows("WITH new AS (\(insertion)) \(telling.sql)", values + [telling.text])
    }

    /// Has `events` published if `identity`, which stands for what the desk tells of itself, is not what it was when a desk
    /// of this store started last. A store that never had one has nobody connected yet.
    func announce(_ events: [DeskEvent], ofIdentity identity: String, lane: String) async throws {
        try await disk.write { db in
            let known: String? = try db.value("SELECT value FROM meta WHERE name = 'identity'")
            guard known != identity else { return }
            try db.execute(
                """
                INSERT INTO meta (name, value) VALUES ('identity', ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """, [identity])
            if known != nil { try Self.enqueue(events, lane: lane, db) }
        }
    }

    /// The oldest of what waits, but for rows that are known. Rows of one lane come to be seen in the order of their keys,
    /// those of several need not.
    func outbox(limit: Int, except known: Set<Int64> = []) async throws -> [OutboxRow] {
        try await disk.read { db in
            let sql = """
                SELECT key, lane, name, channel, data, excluding, at FROM outbox
                WHERE \(db.dialect.isNotAmong("key")) ORDER BY key LIMIT ?
                """
            return try db.rows(sql, [db.dialect.list(known), limit]).map { row in
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
        _ = try await disk.write { db in
            try db.execute("DELETE FROM outbox WHERE NOT (\(db.dialect.isNotAmong("key")))", [db.dialect.list(keys)])
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
