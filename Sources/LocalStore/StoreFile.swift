import Glibc

/// Makes the folder and the file with the modes they must have before SQLite sees them, and looks at what is there
/// already: what was typed and not sent is nobody else's to read, and nobody else's to write.
enum StoreFile {
    static func prepare(_ path: String) throws(LocalStoreError) -> Bool {
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex {
            let folder = String(path[..<slash])
            try makeFolder(folder)
            try check(folder, isFolder: true)
            try checkAbove(folder)
        }
        for part in ["", "-wal", "-shm"] { try check(path + part, isFolder: false) }
        // Made by us and not by SQLite, for its mode; the files beside it get the same one. One that is there is not
        // opened: closing it again would give up the locks that SQLite has on it elsewhere in this process.
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
        guard access(path, R_OK | W_OK) == 0 else { throw cannot("be opened for writing", path, errno) }
        return descriptor >= 0
    }

    /// What is missing is fine. What others could only read is closed to them; what belongs to somebody else, or others
    /// could write into, is refused.
    private static func check(_ path: String, isFolder: Bool) throws(LocalStoreError) {
        var status = stat()
        // A folder may be a link to one elsewhere: then that one counts.
        guard (isFolder ? stat(path, &status) : lstat(path, &status)) == 0 else { return }
        let kind = status.st_mode & S_IFMT
        guard kind == (isFolder ? S_IFDIR : S_IFREG) else {
            guard kind == S_IFLNK else { throw cannot("be used", path, isFolder ? ENOTDIR : EISDIR) }
            throw LocalStoreError(.unreadable, "\(path): is a symbolic link; put the file itself there, or remove it")
        }
        guard status.st_uid == geteuid() else {
            throw LocalStoreError(
                .unreadable,
                "\(path): belongs to user \(status.st_uid) and not to you (\(geteuid())); see who made it, or set"
                    + " XDG_STATE_HOME to a folder of your own")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw LocalStoreError(
                .unreadable,
                "\(path): others can write into it (mode \(String(status.st_mode & 0o777, radix: 8))); look at it, then"
                    + " chmod \(isFolder ? "700" : "600")")
        }
        guard status.st_mode & 0o077 != 0 else { return }
        guard chmod(path, isFolder ? 0o700 : 0o600) == 0 else { throw cannot("be closed to others", path, errno) }
    }

    /// Whoever may write into the folder above can put another in this one's place, but for those like /tmp, where names
    /// stay their owners'.
    private static func checkAbove(_ folder: String) throws(LocalStoreError) {
        guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")), slash > folder.startIndex else { return }
        let above = String(folder[..<slash])
        var status = stat()
        guard stat(above, &status) == 0, status.st_mode & 0o022 != 0, status.st_mode & S_ISVTX == 0 else { return }
        throw LocalStoreError(
            .unreadable,
            "\(above): others can write into it (mode \(String(status.st_mode & 0o777, radix: 8))); look at it, then chmod"
                + " 700")
    }

    /// With those above it, closed to others where they are made here.
    private static func makeFolder(_ path: String) throws(LocalStoreError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        let code = errno
        guard code == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            throw cannot("be made", path, code)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw cannot("be made", path, errno) }
    }

    /// The files of a database as they stand now: device and inode of each that is there.
    struct Files: Equatable, Sendable {
        private let path: String
        private let ids: [String: [UInt]]

        init(_ path: String) {
            self.path = path
            var ids: [String: [UInt]] = [:]
            for part in ["", "-wal", "-shm"] {
                var status = stat()
                guard lstat(path + part, &status) == 0 else { continue }
                ids[path + part] = [UInt(status.st_dev), UInt(status.st_ino)]
            }
            self.ids = ids
        }

        /// Throws where one that was there is gone, or is another: SQLite goes on writing into the old one, and nobody
        /// finds again what it writes there.
        func refuseReplaced() throws(LocalStoreError) {
            let now = Files(path)
            guard let lost = ids.keys.sorted().first(where: { ids[$0] != now.ids[$0] }) else { return }
            throw LocalStoreError(
                .cannotWrite,
                "\(lost): was deleted or replaced while parley was using it, so nothing typed is kept; start parley again"
            )
        }
    }

    private static func cannot(_ what: String, _ path: String, _ code: Int32) -> LocalStoreError {
        let reason = strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
        return LocalStoreError(
            .cannotWrite, "\(path): cannot \(what) (\(reason)); set XDG_STATE_HOME to a folder that can be written")
    }
}
