import Glibc

/// The desk of a folder that the programs of one user share: who hosts it, and where the others find it.
package enum LocalDesk {
    /// Tries to become the host of the desk in `folder` (`$XDG_DATA_HOME/parley`), which is made when it is missing.
    /// Nil: another process is; join it over `socket(folder)`.
    package static func tryHost(_ folder: String) throws(DeskError) -> HostLock? {
        let folder = LocalFolder(folder)
        try folder.prepare(isDoor: true)
        return try HostLock.attempt(folder)
    }

    /// Where clients of that desk connect.
    package static func socket(_ folder: String) throws(DeskError) -> LocalSocket {
        try LocalSocket(LocalFolder(folder))
    }

    /// Throws where what stands at the socket's place is not a socket of this user.
    package static func checkSocket(_ folder: String) throws(DeskError) {
        let path = LocalFolder(folder).socket
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() else {
            throw DeskError(
                .configuration,
                "\(path): is not a socket of yours (user \(status.st_uid)); see who made it, and remove it")
        }
    }

    /// The process that wrote itself into the lock file, if it still lives on this machine. `isStopped`: it was
    /// suspended (SIGSTOP, Ctrl-Z), so it neither answers nor lets go.
    package static func holder(_ folder: String) -> (pid: Int32, isStopped: Bool)? {
        guard let owner = SmallFile.read(LocalFolder(folder).lock).flatMap(LockOwner.init),
            owner.boot == LockOwner.bootID, processState(owner.pid) != nil
        else { return nil }
        return (owner.pid, isStopped(owner.pid))
    }

    /// Whether a process was suspended, so that it does nothing and cannot say so.
    package static func isStopped(_ pid: Int32) -> Bool {
        let state = processState(pid)
        return state == "T" || state == "t"
    }

    /// The letter in `/proc/PID/stat`; nil when there is no such process, or only its remains (`Z`, `X`).
    static func processState(_ pid: Int32) -> Character? {
        // The name stands in parentheses and may hold anything, parentheses and line ends too.
        guard let text = SmallFile.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let state = text[text.index(after: end)...].first { $0 != " " }
        return state == "Z" || state == "X" ? nil : state
    }

    /// The holder's work: where a backup was put in the place of the database, the log of the former one is none of it,
    /// and SQLite would take it for its own.
    ///
    /// A backup keeps no log, and says so in the 19th and 20th byte; the desk's own file says it has one.
    static func clearFormerLog(_ folder: LocalFolder) throws(DeskError) {
        let log = folder.database + "-wal"
        guard access(log, F_OK) == 0, SmallFile.bytes(folder.database, limit: 20)?.suffix(2) == [1, 1] else { return }
        for path in [log, folder.database + "-shm"] where unlink(path) != 0 && errno != ENOENT {
            throw DeskError(
                .cannotWrite, "\(path): belongs to the database before this one and cannot be removed; remove it")
        }
    }

    /// The same for those who use the database and do not host: a desk that runs has done it.
    static func clearFormerLogOfNobody(_ folder: LocalFolder) throws(DeskError) {
        var status = stat()
        guard stat(folder.database + "-wal", &status) == 0, status.st_size > 0,
            let lock = try HostLock.attempt(folder)
        else { return }
        defer { lock.release() }
        try clearFormerLog(folder)
    }

    /// For those who use the database and do not host: throws where a desk runs whose database is gone. Whoever made
    /// another there would write into one that the desk does not read.
    static func refuseSecondDatabase(_ folder: LocalFolder) throws(DeskError) {
        guard access(folder.database, F_OK) != 0, errno == ENOENT else { return }
        guard let lock = try HostLock.attempt(folder) else {
            let owner = holder(folder.path).map { "process \($0.pid)" } ?? "another process"
            throw DeskError(
                .unavailable,
                "\(folder.database): is gone, and \(owner), the desk, still runs; put it back, or end the desk first")
        }
        lock.release()
    }

    /// The holder's work: makes room for a new socket file. What a dead host left is removed; anything else is
    /// somebody's, and explained.
    static func clearSocket(_ folder: LocalFolder) throws(DeskError) {
        var status = stat()
        guard lstat(folder.socket, &status) == 0 else { return }
        let kind =
            switch status.st_mode & S_IFMT {
            case S_IFSOCK: ""
            case S_IFDIR: "a folder"
            case S_IFLNK: "a symbolic link"
            default: "a file"
            }
        guard kind.isEmpty else {
            throw DeskError(
                .configuration, "\(folder.socket): is \(kind) and not the desk's socket; move it away and start again")
        }
        guard unlink(folder.socket) == 0 || errno == ENOENT else {
            throw DeskError(.cannotWrite, "\(folder.socket): cannot be removed (\(SystemError.text(errno)))")
        }
    }
}
