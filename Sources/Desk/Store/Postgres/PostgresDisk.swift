import Logging
import Synchronization

/// A database of PostgreSQL, which several desks may share.
///
/// Whoever writes to a conversation has its row until the transaction ends, so its numbers have no holes and its rows of
/// the outbox come in order, whichever desk writes them.
final class PostgresDisk: StoreDisk {
    enum Role: Sendable {
        /// A verb, for a moment.
        case verb
        /// A desk. With an engine of its own it is the only one: two engines would each know half of who is there.
        case desk(hasOwnEngine: Bool)
    }

    let url: PostgresURL
    private let door: PostgresDoor
    private let readers: PostgresPool
    private let writers: PostgresPool
    /// Connections of their own, so that searches leave the readers to other calls.
    private let searchers: PostgresPool
    private let watch: PostgresWatch?
    private let hasOwnEngine: Bool
    private let slot: Mutex<PostgresSlot>
    private let wasCutShort = Mutex(false)

    init(_ url: PostgresURL, as role: Role, logger: Logger? = nil) throws(DeskError) {
        self.url = url
        door = PostgresDoor(url)
        slot = Mutex(PostgresSlot(door))
        readers = PostgresPool(door, size: 4)
        searchers = PostgresPool(door, size: SearchTurns.running)
        if case .desk(hasOwnEngine: false) = role { hasOwnEngine = false } else { hasOwnEngine = true }
        // With an engine here what is written is published in the same order, so by one.
        writers = PostgresPool(door, size: hasOwnEngine ? 1 : 6)
        do {
            let connection = try PostgresConnection(url, patience: .seconds(600))
            try Self.migrate(connection)
            try DeskStore.refuseIncomplete(connection, url.shown)
            switch role {
            case .verb: watch = nil
            case .desk(let hasOwnEngine):
                watch = try PostgresWatch(door, hasOwnEngine: hasOwnEngine, logger: logger)
            }
        } catch {
            throw Self.explain(error, url)
        }
    }

    /// Under a lock, so that desks that start together do not both do it.
    private static func migrate(_ connection: PostgresConnection) throws {
        try connection.script("BEGIN")
        try connection.script("SELECT pg_advisory_xact_lock(\(PostgresWatch.family), 3)")
        try connection.script(
            "SET LOCAL client_min_messages = warning; CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)")
        let done = Set(try connection.rows("SELECT name FROM migrations", []).map { $0[0] as String })
        guard done.isSubset(of: DeskStore.migrations.map(\.name)) else {
            throw DeskError(
                .configuration,
                "\(connection.url.shown): was written by a newer parley; start that one, or give another database")
        }
        for migration in DeskStore.migrations where !done.contains(migration.name) {
            try migration.work(connection)
            _ = try connection.execute("INSERT INTO migrations (name) VALUES (?)", [migration.name])
        }
        try renewIfCopied(connection)
        try connection.script("COMMIT")
    }

    /// A database that was restored from a copy is another store. Its tables and it itself have other numbers then, or
    /// its server has.
    private static func renewIfCopied(_ connection: PostgresConnection) throws {
        let place: String? = try connection.value(
            """
            SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                (SELECT oid FROM pg_database WHERE datname = current_database()), 'meta'::regclass::oid)
            """)
        let known: String? = try connection.value("SELECT value FROM meta WHERE name = 'place'")
        guard let place, place != known else { return }
        if known != nil {
            _ = try connection.execute("UPDATE meta SET value = ? WHERE name = 'store'", [Token.random(16)])
        }
        _ = try connection.execute(
            "INSERT INTO meta (name, value) VALUES ('place', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [place])
    }

    func read<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> Answer {
        try await readers.run { slot in try slot.read(work) }
    }

    func search<Answer: Sendable>(within limit: Duration, _ work: @escaping Work<Answer>) async throws -> Answer {
        do {
            return try await searchers.run { slot in
                try slot.read { db in
                    try db.script("SET statement_timeout = \(Int(limit / .milliseconds(1)))")
                    return try work(db)
                }
            }
        } catch let error as PostgresError where error.isCancelled {
            throw SearchTimeout()
        }
    }

    func write<Answer: Sendable>(
        _ work: @escaping Work<Answer>, after: (@Sendable (Answer) -> Void)?
    ) async throws -> Answer {
        try await writers.run { [self] slot in
            let answer = try slot.write(work) { wasCutShort.withLock { $0 = true } }
            after?(answer)
            return answer
        }
    }

    func readNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer {
        try slot.withLock { try $0.read(work) }
    }

    func writeNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer {
        try slot.withLock { try $0.write(work) }
    }

    var isUncertain: Bool { wasCutShort.withLock { $0 } }
    func settled() { wasCutShort.withLock { $0 = false } }
    var isPublisher: Bool { watch?.isPublisher ?? false }
    func listen(_ news: @escaping @Sendable (StoreNews) -> Void) { watch?.listen(news) }

    func isDuplicate(_ error: any Error) -> Bool { (error as? PostgresError)?.isDuplicate == true }
    func explain(_ error: any Error) -> DeskError { Self.explain(error, url) }

    private static func explain(_ error: any Error, _ url: PostgresURL) -> DeskError {
        switch error {
        case let error as DeskError: error
        case let error as PostgresError: error.explained(url.shown)
        default: DeskError(.unavailable, "\(url.shown): \(error)")
        }
    }

    func close(waits: Bool) {
        watch?.stop()
        readers.close()
        searchers.close()
        writers.close()
    }
}
