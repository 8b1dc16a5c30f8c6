import Glibc

/// Makes the folder and the file with the modes they must have before SQLite sees them.
enum StoreFile {
    static func prepare(_ path: String) throws(LocalStoreError) {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeFolder(String(path[..<slash])) }
        // Made by us and not by SQLite, for its mode; the files beside it get the same one.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannot("be opened for writing", path, errno) }
        close(descriptor)
    }

    /// With those above it, closed to others where they are made here.
    private static func makeFolder(_ path: String) throws(LocalStoreError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        let code = errno
        guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw cannot("be made", path, code)
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw cannot("be made", path, errno) }
    }

    private static func cannot(_ what: String, _ path: String, _ code: Int32) -> LocalStoreError {
        let reason = strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
        return LocalStoreError(
            .cannotWrite, "\(path): cannot \(what) (\(reason)); set XDG_STATE_HOME to a folder that can be written")
    }
}
