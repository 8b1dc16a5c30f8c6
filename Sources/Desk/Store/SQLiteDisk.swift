import GRDB
import Glibc
import Synchronization

/// A database in one file of the desk's folder. One writer, any number of readers (WAL). What was committed has been
/// synced: `synchronous` is FULL on the connection that writes. A change is acknowledged only if the file still stands
/// where it was opened.
final class SQLiteDisk: StoreDisk {
    let pool: DatabasePool
    private let files: DatabaseFiles
    private let loss = Mutex(Loss())

    private struct Loss {
        var error: DeskError?
        var action: (@Sendable (DeskError) -> Void)?
    }

    /// Opens or makes the database; throws a sentence when it cannot be used.
    ///
    /// - Parameter isThorough: a larger database is checked for damage too, which takes up to a second.
    init(path: String, isThorough: Bool = false) throws(DeskError) {
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
        let found = DatabaseFiles(path)
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
            try pool.read { db in try Self.refuseDamaged(db, path, isThorough: isThorough) }
            try migrations.migrate(pool)
            try pool.read { db in try DeskStore.refuseIncomplete(db, path) }
            if try pool.read(DeskStore.isCopy) { try pool.write(DeskStore.renew) }
            files = DatabaseFiles(path)
            guard files.hasSameDatabase(as: found), files.place == .unchanged else {
                throw DeskError(.unavailable, "\(path): was replaced while it was being opened; try again")
            }
        } catch let error as DeskError {
            throw error
        } catch {
            throw Self.explain(error, path)
        }
    }

    /// Checks what can be checked in some milliseconds, or with `isThorough` in a second: a small database with its
    /// indexes, a larger one without, a very large one not.
    private static func refuseDamaged(_ db: Database, _ path: String, isThorough: Bool) throws {
        let size = try Int.fetchOne(db, sql: StoreDialect.sqlite.size) ?? 0
        let check: String
        switch (size >> 20) / (isThorough ? 32 : 1) {
        case 0: check = "integrity_check"
        case 1..<16: check = "quick_check"
        default: return
        }
        let finding = try String.fetchOne(db, sql: "PRAGMA \(check)(1)") ?? "no answer"
        guard finding != "ok" else { return }
        throw DeskError(
            .configuration,
            "\(path): is damaged (\(finding.split(separator: "\n").joined(separator: " "))); restore a backup, or move it"
                + " away")
    }

    static var migrations: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for migration in DeskStore.migrations {
            migrator.registerMigration(migration.name) { db in try migration.work(db) }
        }
        return migrator
    }

    func read<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> Answer {
        try refuseLost()
        return try await pool.read(work)
    }

    func search<Answer: Sendable>(within limit: Duration, _ work: @escaping Work<Answer>) async throws -> Answer {
        try refuseLost()
        return try await withThrowingTaskGroup(of: Answer?.self) { [pool] group in
            // Waiting for a reader does not count.
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                try await pool.read { db -> Answer in
                    start.finish()
                    return try work(db)
                }
            }
            group.addTask {
                for await _ in started {}
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
        try refuseLost()
        return try await pool.writeWithoutTransaction { [self] db in
            let answer = try Self.transaction(db, work)
            try refuseLost()
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
        let answer = try withoutActuallyEscaping(work) { work in try pool.write { db in try work(db) } }
        try refuseLost()
        return answer
    }

    /// Throws where the database is no longer the one in its folder, from the first time on.
    private func refuseLost() throws {
        if let error = loss.withLock({ $0.error }) { throw error }
        let sentence: String
        switch files.place {
        case .unchanged: return
        case .missing(let path): sentence = "\(path): was deleted or moved away while the desk was using it"
        case .replaced(let path): sentence = "\(path): was replaced while the desk was using it"
        }
        let error = DeskError(.cannotWrite, sentence + "; nothing more is stored there; put it back, or start again")
        let action = loss.withLock { loss -> (@Sendable (DeskError) -> Void)? in
            guard loss.error == nil else { return nil }
            loss.error = error
            return loss.action
        }
        action?(error)
        throw error
    }

    func whenLost(_ action: @escaping @Sendable (DeskError) -> Void) {
        let error = loss.withLock { loss in
            loss.action = action
            return loss.error
        }
        if let error { action(error) }
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
    ///
    /// Also where the database was lost: the log at its path is not to be taken for that of the next database, and where
    /// only the log was deleted, all it had is in the file. Another's log is left alone.
    func close(waits: Bool) {
        switch files.place {
        case .replaced(let path) where path != pool.path: break
        default: _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(waits ? .truncate : .passive) }
        }
        try? pool.close()
    }

    static func explain(_ error: any Error, _ path: String) -> DeskError {
        guard let error = error as? DatabaseError else { return DeskError(.cannotWrite, "\(path): \(error)") }
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT:
            return DeskError(
                .configuration, "\(path): is damaged, or not a database; restore a backup, or move it away")
        // What the schema says cannot be understood, or something in it is missing.
        case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_FORMAT:
            return DeskError(
                .configuration,
                "\(path): is damaged (\(error.message ?? "no reason given")); restore a backup, or move it away")
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
