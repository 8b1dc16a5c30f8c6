import Glibc

/// The folder a desk lives in: `desk.lock`, `desk.sqlite`, `desk.sock`, the app's credentials.
struct LocalFolder: Equatable, Sendable {
    let path: String

    init(_ path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    var lock: String { path + "/desk.lock" }
    var database: String { path + "/desk.sqlite" }
    var socket: String { path + "/desk.sock" }
    var credentials: String { path + "/desk.app" }

    /// Makes the folder (0700) with those above it, and looks at what is there already.
    ///
    /// - Parameter isDoor: the folder's owner and mode are all that keeps others out, so nobody else may enter it.
    ///   A folder that was only readable by others is closed; one they could write into is refused, for what they may
    ///   have put there.
    func prepare(isDoor: Bool) throws(DeskError) {
        try Self.make(path)
        var status = stat()
        guard stat(path, &status) == 0 else { throw unusable(errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw DeskError(.cannotWrite, "\(path): is no folder; move it away, or set XDG_DATA_HOME to another place")
        }
        guard status.st_uid == geteuid() else {
            throw DeskError(
                .configuration,
                "\(path): belongs to user \(status.st_uid) and not to you (\(geteuid())); set XDG_DATA_HOME to a folder"
                    + " of your own, or use parley serve to share a desk")
        }
        let mode = status.st_mode & 0o777
        guard mode & 0o022 == 0 else {
            throw DeskError(
                .configuration,
                "\(path): others can write into it (mode \(String(mode, radix: 8))); look what is in it, then chmod 700"
            )
        }
        if isDoor, mode & 0o077 != 0, chmod(path, 0o700) != 0 { throw unusable(errno) }
        guard access(path, W_OK | X_OK) == 0 else { throw unusable(errno) }
        try refuseNetworkFileSystem()
    }

    private func unusable(_ code: Int32) -> DeskError {
        DeskError(
            .cannotWrite,
            "\(path): cannot be written (\(SystemError.text(code))); set XDG_DATA_HOME to a folder that can")
    }

    private static func make(_ path: String) throws(DeskError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        let code = errno
        guard code == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else {
            throw DeskError(
                .cannotWrite,
                "\(path): cannot be made (\(SystemError.text(code))); set XDG_DATA_HOME to a folder that can be written"
            )
        }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw DeskError(
                .cannotWrite,
                "\(path): cannot be made (\(SystemError.text(errno))); set XDG_DATA_HOME to a folder that can be written"
            )
        }
    }

    /// Locks and shared memory do not hold across machines, and a socket file there reaches nobody.
    private func refuseNetworkFileSystem() throws(DeskError) {
        guard let resolved = realpath(path, nil) else { return }
        defer { free(resolved) }
        guard let mounts = SmallFile.read("/proc/self/mountinfo", limit: 1 << 20),
            let name = Self.networkFileSystem(of: String(cString: resolved), mountInfo: mounts)
        else { return }
        throw DeskError(
            .configuration,
            "\(path): lies on a network file system (\(name)), which cannot carry a local desk; set XDG_DATA_HOME to a"
                + " local folder, or run parley serve on one machine and give its URL to the others")
    }

    /// The kind of file system a path lies on if that is one of other machines, nil otherwise.
    ///
    /// By the mount's name and not by `statfs`, which calls everything in user space the same (sshfs too).
    static func networkFileSystem(of path: String, mountInfo: String) -> String? {
        var best: (point: String, kind: String)?
        for line in mountInfo.split(separator: "\n") {
            let halves = line.split(separator: " - ", maxSplits: 1)
            let fields = halves[0].split(separator: " ")
            guard halves.count == 2, fields.count > 4, let kind = halves[1].split(separator: " ").first else {
                continue
            }
            // A space in a path is written \040.
            let point = fields[4].split(separator: "\\040", omittingEmptySubsequences: false).joined(separator: " ")
            guard point == "/" || path == point || path.utf8.starts(with: "\(point)/".utf8) else { continue }
            // Of two at the same place the later one lies on top.
            if point.utf8.count >= (best?.point.utf8.count ?? 0) { best = (point, String(kind)) }
        }
        guard let kind = best?.kind, networkKinds.contains(kind) else { return nil }
        return kind
    }

    private static let networkKinds: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "lustre", "gfs2", "ocfs2", "beegfs",
        "fuse.sshfs", "fuse.glusterfs", "fuse.cephfs", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "fuse.curlftpfs",
    ]
}
