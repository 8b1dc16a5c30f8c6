import GRDB
import Glibc

/// A database in one file of the desk's folder. One writer, any number of readers (WAL). What was committed has been
/// synced: `synchronous` is FULL on the connection that writes.
final class SQLiteDisk: StoreDisk {
    let pool: DatabasePool

    /// Opens or makes the database; throws a sentence when it cannot be used.
    init(path: String) throws(DeskError) {
        for part in ["", "-wal", "-shm"] { try OwnFile.check(path + part) }
        // Made by us and not by SQLite, for its mode; the files beside it get the same one. One that is there is not
        // opened: closing it again would give up the locks that SQLite has on it elsewhere in this process.
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
        guard access(path, R_OK | W_OK) == 0 else {
            throw DeskError(.cannotWrite, "\(path): cannot be opened for writing (\(SystemError.text(errno)))")
        }
        var configuration = Configuration()
        configuration.label = "desk"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 3
        // 8 MB of pages: with 2, the usual, the index of a million messages is read anew for every search.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cache_size = -8000") }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            let migrations = Self.migrations
            let isNewer = try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try migrations.hasBeenSuperseded(db)
            }
            guard !isNewer else {
                throw DeskError(
                    .configuration, "\(path): was written by a newer parley; start that one, or give another folder")
            }
            try migrations.migrate(pool)
            if try pool.read(DeskStore.isCopy) { try pool.write(DeskStore.renew) }
        } catch let error as DeskError {
            throw error
        } catch {
            throw Self.explain(error, path)
        }
    }

    static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in DeskStore.migrations {
            migrator.registerMigration(migration.name) { db in try migration.work(db) }
        }
        return migrator
    }

    func read<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> Answer { try await pool.read(work) }

    func search<Answer: Sendable>(within limit: Duration, _ work: @escaping Work<Answer>) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer?.self) { [pool] group in
            group.addTask { try await pool.read(work) }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            // Cancelling the task interrupts the statement.
            defer { group.cancelAll() }
            guard let first = try await group.next(), let answer = first else { throw SearchTimeout() }
            return answer
        }
    }

    func write<Answer: Sendable>(
        _ work: @escaping Work<Answer>, after: (@Sendable (Answer) -> Void)?
    ) async throws -> Answer {
        try await pool.writeWithoutTransaction { db in
            let answer = try Self.transaction(db, work)
            // On the one writing queue, so in the order in which things happened.
            after?(answer)
            return answer
        }
    }

    private static func transaction<Answer>(_ db: Database, _ work: Work<Answer>) throws -> Answer {
        var answer: Answer?
        try db.inTransaction(.immediate) {
            answer = try work(db)
            return .commit
        }
        guard let answer else { throw DatabaseError(message: "a transaction came to nothing") }
        return answer
    }

    func readNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer {
        try withoutActuallyEscaping(work) { work in try pool.read { db in try work(db) } }
    }

    func writeNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer {
        try withoutActuallyEscaping(work) { work in try pool.write { db in try work(db) } }
    }

    var isUncertain: Bool { false }
    func settled() {}
    var isPublisher: Bool { true }
    func listen(_ news: @escaping @Sendable (StoreNews) -> Void) {}

    func isDuplicate(_ error: any Error) -> Bool { (error as? DatabaseError)?.resultCode == .SQLITE_CONSTRAINT }
    func explain(_ error: any Error) -> DeskError { Self.explain(error, pool.path) }

    /// Puts what stands in the log into the file, so that one file is the whole.
    ///
    /// SQLite does that by itself when the last connection closes, but not when that one only reads, as here.
    func close(waits: Bool) {
        _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(waits ? .truncate : .passive) }
        try? pool.close()
    }

    static func explain(_ error: any Error, _ path: String) -> DeskError {
        guard let error = error as? DatabaseError else { return DeskError(.cannotWrite, "\(path): \(error)") }
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return DeskError(
                .configuration, "\(path): is no database that can be read; move it away or restore a backup")
        case .SQLITE_FULL:
            return DeskError(.cannotWrite, "\(path): cannot be written, the disk is full; make room and try again")
        case .SQLITE_IOERR:
            // Which of the two it is, SQLite does not know of the file it shares between processes.
            return DeskError(
                .cannotWrite, "\(path): cannot be used, the disk is full or broken; make room and try again")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return DeskError(.cannotWrite, "\(path): cannot be written (\(error.message ?? "no reason given"))")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return DeskError(.unavailable, "\(path): is held by another program; try again when it has ended")
        default:
            return DeskError(.cannotWrite, "\(path): \(error.message ?? "SQLite error \(error.resultCode.rawValue)")")
        }
    }
}
