import Chat
import Glibc
import GRDB

/// The desk's disk: accounts, messages, and how far everybody has seen them.
///
/// One writer, any number of readers (WAL). What the API answers with 201 has been synced: `synchronous` is FULL on
/// the connection that writes.
package final class DeskStore: Sendable {
    let pool: DatabasePool
    let lobby: String

    /// Opens or makes the database; throws a sentence when it cannot be used.
    ///
    /// - Parameter lobby: the channel name of the room everybody is in.
    package init(path: String, lobby: String = ConversationName.lobby.channel) throws(DeskError) {
        self.lobby = lobby
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
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            let isNewer = try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try Self.migrations.hasBeenSuperseded(db)
            }
            guard !isNewer else {
                throw DeskError(
                    .configuration, "\(path): was written by a newer parley; start that one, or give another folder")
            }
            try Self.migrations.migrate(pool)
            if try pool.read(Self.isCopy) { try pool.write(Self.renew) }
        } catch let error as DeskError {
            throw error
        } catch {
            throw Self.explain(error, path)
        }
    }

    /// Made anew by every restore, so that clients drop positions that no longer hold.
    package func storeID() async throws -> String {
        try await pool.read { db in try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'store'") ?? "" }
    }

    /// How many accounts there are, and bytes of messages, accounts and what finds them.
    func size() async throws -> (users: Int, bytes: Int) {
        try await pool.read { db in
            let users = try Int.fetchOne(db, sql: "SELECT count(*) FROM users WHERE removed_at IS NULL") ?? 0
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            return (users, pages * (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0))
        }
    }

    /// Ends all work on the database, and puts what stands in the log into the file, so that one file is the whole.
    ///
    /// SQLite does that by itself when the last connection closes, but not when that one only reads, as here.
    ///
    /// - Parameter waits: for other programs that use the database at this moment.
    package func close(waits: Bool = true) {
        _ = try? pool.writeWithoutTransaction { db in try db.checkpoint(waits ? .truncate : .passive) }
        try? pool.close()
    }

    /// Whether that came of a disk, or a database with a limit, that has no more room.
    static func isFull(_ error: any Error) -> Bool { (error as? DatabaseError)?.resultCode == .SQLITE_FULL }

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
