import Glibc
import GRDB

/// A copy of a desk's database as it was at one moment, in one file, made also while the desk runs.
package struct Backup: Equatable, Sendable {
    package let bytes: Int
    package let messages: Int

    /// Pages copied between two reports of progress.
    private static let pagesPerStep: CInt = 2_000

    private struct Stopped: Error {}

    /// Copies the desk in `folder` to `target`, which must not exist. It is there whole (0600) and on the disk, or not at
    /// all.
    ///
    /// - Parameter goesOn: called with how many pages were copied, and how many there are; false ends it.
    /// - Returns: nil where `goesOn` ended it; nothing is kept then.
    package static func make(
        folder: String, to target: String, goesOn: (_ count: Int, _ total: Int) -> Bool = { _, _ in true }
    ) throws(DeskError) -> Backup? {
        let place = LocalFolder(folder)
        let source = place.database
        guard access(source, F_OK) == 0 else {
            throw DeskError(
                .configuration, "\(source): is not there, so there is no desk to copy; give its folder with --data")
        }
        try OwnFile.check(source)
        try LocalDesk.clearFormerLogOfNobody(place)
        var status = stat()
        guard lstat(target, &status) != 0 else { throw exists(target) }
        let draft = "\(target).\(getpid())"
        defer { for part in ["", "-wal", "-shm", "-journal"] { unlink(draft + part) } }
        unlink(draft)
        let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannotWrite(target, errno) }
        defer { close(descriptor) }
        guard let messages = try copy(source, to: draft, target, goesOn) else { return nil }
        guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0 else { throw cannotWrite(target, errno) }
        try publish(draft, as: target)
        return Backup(bytes: Int(status.st_size), messages: messages)
    }

    /// The number of messages.
    private static func copy(
        _ source: String, to draft: String, _ target: String, _ goesOn: (_ count: Int, _ total: Int) -> Bool
    ) throws(DeskError) -> Int? {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        var reading = configuration
        reading.readonly = true
        do {
            let original = try DatabaseQueue(path: source, configuration: reading)
            let copy = try DatabaseQueue(path: draft, configuration: configuration)
            try withoutActuallyEscaping(goesOn) { goesOn in
                try original.read { source in
                    // In one snapshot: what the desk writes between two steps would begin the copy anew.
                    _ = try Int.fetchOne(source, sql: "SELECT count(*) FROM sqlite_master")
                    try copy.writeWithoutTransaction { draft in
                        try source.backup(to: draft, pagesPerStep: pagesPerStep) { progress in
                            let isOn = goesOn(progress.completedPageCount, progress.totalPageCount)
                            if !isOn, !progress.isCompleted { throw Stopped() }
                        }
                    }
                }
            }
            guard goesOn(1, 1) else { return nil }
            return try copy.writeWithoutTransaction { db in
                // One file is the whole; a desk that opens it begins a log again.
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
                try DeskStore.markCopy(db)
                guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
                    throw DeskError(.configuration, "\(source): is damaged, and so would be its copy; nothing was kept")
                }
                return try Int.fetchOne(db, sql: "SELECT coalesce(sum(last_seq), 0) FROM conversations") ?? 0
            }
        } catch let error as DeskError {
            throw error
        } catch is Stopped {
            return nil
        } catch {
            switch (error as? DatabaseError)?.resultCode {
            case .SQLITE_FULL?: throw DeskError(.cannotWrite, "\(target): the disk is full; make room or take another")
            case .SQLITE_IOERR?, .SQLITE_CANTOPEN?, .SQLITE_READONLY?:
                throw DeskError(.cannotWrite, "\(target): cannot be written, or \(source) read (\(error))")
            default: throw SQLiteDisk.explain(error, source)
            }
        }
    }

    /// Under its own name, where nothing may have come to stand meanwhile, and on the disk there.
    private static func publish(_ draft: String, as target: String) throws(DeskError) {
        var code: Int32 = 0
        // A second name and not a new one, which would replace what is there; the first is removed by whoever made it.
        if link(draft, target) != 0 { code = errno }
        // Not every file system has second names.
        if code == EPERM || code == EOPNOTSUPP { code = rename(draft, target) == 0 ? 0 : errno }
        guard code != EEXIST else { throw exists(target) }
        guard code == 0 else { throw cannotWrite(target, code) }
        let parent =
            target.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(target[..<target.utf8.index(after: $0)]) } ?? "."
        let folder = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func exists(_ target: String) -> DeskError {
        DeskError(.cannotWrite, "\(target): is there already and is not overwritten; give another name")
    }

    private static func cannotWrite(_ target: String, _ code: Int32) -> DeskError {
        DeskError(.cannotWrite, "\(target): cannot be written (\(SystemError.text(code)))")
    }
}

extension DeskStore {
    /// Says in a database that it is a copy: whoever opens it as a desk is another desk than the one it came from.
    static func markCopy(_ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('copy', 1)")
    }

    static func isCopy(_ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT 1 FROM meta WHERE name = 'copy'") ?? false
    }

    /// What becomes of a copy when it is opened: a store of its own, different in every restore of the same file.
    static func renew(_ db: Database) throws {
        guard try isCopy(db) else { return }
        try db.execute(sql: "UPDATE meta SET value = ? WHERE name = 'store'", arguments: [Token.random(16)])
        try db.execute(sql: "DELETE FROM meta WHERE name = 'copy'")
    }
}
