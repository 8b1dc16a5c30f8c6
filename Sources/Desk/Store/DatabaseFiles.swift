import Glibc

/// The files of a SQLite database as they were when it was opened.
///
/// SQLite goes on writing into a file that was deleted, replaced or moved away. What it writes there is gone when the
/// process ends, so a change counts only while the paths still lead to the files that are open.
struct DatabaseFiles: Sendable {
    /// What stands at the database's paths now.
    enum Place: Equatable, Sendable {
        case unchanged
        /// Nothing stands at this path.
        case missing(String)
        /// Another file stands at this path, or the same one was overwritten with a shorter one.
        case replaced(String)
    }

    private struct File: Equatable {
        let device: UInt
        let inode: UInt

        init?(_ path: String, size: inout Int) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            (device, inode) = (UInt(status.st_dev), UInt(status.st_ino))
            size = Int(status.st_size)
        }
    }

    private let path: String
    private let files: [String: File]
    /// A database never gets shorter by itself.
    private let size: Int

    /// To be made once before the database is opened, and once when it is open; nothing may have changed in between.
    init(_ path: String) {
        self.path = path
        var size = 0
        var files: [String: File] = [:]
        for part in ["-shm", "-wal", ""] { files[path + part] = File(path + part, size: &size) }
        (self.files, self.size) = (files, size)
    }

    /// Whether the database itself is the same file.
    func hasSameDatabase(as other: DatabaseFiles) -> Bool {
        files[path] != nil && files[path] == other.files[other.path]
    }

    /// Three calls of `lstat`, some microseconds.
    var place: Place {
        for part in ["", "-wal", "-shm"] {
            let path = path + part
            guard let known = files[path] else { continue }
            var now = 0
            guard let file = File(path, size: &now) else { return .missing(path) }
            guard file == known, !part.isEmpty || now >= size else { return .replaced(path) }
        }
        return .unchanged
    }
}
