import Dispatch
import Chat
import GRDB

/// What a desk keeps: accounts, messages, and how far everybody has seen them.
///
/// What the API answers with 201 is on the disk.
package final class DeskStore: Sendable {
    let disk: any StoreDisk

    /// Opens or makes the database of a folder; throws a sentence when it cannot be used.
    ///
    /// - Parameter isThorough: also a larger database is checked for damage.
    package convenience init(path: String, isThorough: Bool = false) throws(DeskError) {
        self.init(try SQLiteDisk(path: path, isThorough: isThorough))
    }

    init(_ disk: any StoreDisk) { self.disk = disk }

    /// The database of a folder, or the one of PostgreSQL where there is one, for the verbs.
    static func open(_ folder: LocalFolder, _ postgres: PostgresURL?) throws(DeskError) -> DeskStore {
        if let postgres { return DeskStore(try PostgresDisk(postgres, as: .verb)) }
        try folder.prepare(isDoor: false)
        try LocalDesk.clearFormerLogOfNobody(folder)
        try LocalDesk.refuseSecondDatabase(folder)
        return try DeskStore(path: folder.database)
    }

    /// Made anew by every restore, so that clients drop positions that no longer hold.
    package func storeID() async throws -> String {
        try await disk.read { db in try db.value("SELECT value FROM meta WHERE name = 'store'") ?? "" }
    }

    /// How many accounts there are, and bytes of messages, accounts and what finds them.
    func size() async throws -> (users: Int, bytes: Int) {
        try await disk.read { db in
            let users: Int? = try db.value("SELECT count(*) FROM users WHERE removed_at IS NULL")
            let bytes: Int? = try db.value(db.dialect.size)
            return (users ?? 0, bytes ?? 0)
        }
    }

    /// Whether that came of a part of the store that cannot be read.
    static func isDamaged(_ error: any Error) -> Bool {
        switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: true
        default: (error as? PostgresError)?.isDamaged == true
        }
    }

    /// Whether that came of a disk, or a database with a limit, that has no more room.
    static func isFull(_ error: any Error) -> Bool {
        (error as? DatabaseError)?.resultCode == .SQLITE_FULL || (error as? PostgresError)?.isFull == true
    }

    /// Ends all work on the database.
    ///
    /// - Parameter waits: for other programs that use the database at this moment.
    package func close(waits: Bool = true) { disk.close(waits: waits) }

    /// The same, on a thread of its own: a read that is under way gives its connection back on a thread of the tasks, and
    /// those of the global queues are the same.
    func finish() async {
        await withCheckedContinuation { end in
            DispatchQueue(label: "store").async { [self] in
                close()
                end.resume()
            }
        }
    }
}

/// Why the store did not do what it always can.
struct StoreFault: Error, CustomStringConvertible {
    let description: String
}
