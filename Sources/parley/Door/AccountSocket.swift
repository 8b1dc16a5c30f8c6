import Desk
import Glibc
import Transport

/// Where a running client lends its connection to the verbs of the same account: `accounts/<hash>.sock`, beside the
/// account's `.sqlite`.
struct AccountSocket: Sendable {
    let path: String

    init(store: String) { path = (store.hasSuffix(".sqlite") ? String(store.dropLast(7)) : store) + ".sock" }

    /// Who listens holds this file's lock, so that two terminals never listen at once.
    var lock: String { path + ".lock" }

    var folder: String { path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "." }

    /// A client of another version speaks as it likes, and is left alone.
    static let uri = "/app/account?version=\(Version.text)"

    /// Beyond this a client that is there counts as away.
    static let patience: Duration = .seconds(1)

    var endpoint: WebSocketEndpoint { WebSocketEndpoint(address: .unix(path: path), path: Self.uri) }

    /// The process that listens there; nil where there is none, where it is stopped, and where socket, folder or process
    /// are not this user's alone.
    func listener() -> pid_t? {
        guard isOwn(folder, S_IFDIR, closedTo: 0o022), isOwn(path, S_IFSOCK, closedTo: 0o077),
            let descriptor = LocalStream.connect(path, waits: false)
        else { return nil }
        defer { close(descriptor) }
        // `struct ucred`: pid, uid, gid.
        var peer: (pid: pid_t, user: uid_t, group: gid_t) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: peer))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0, peer.user == geteuid(),
            !LocalDesk.isStopped(peer.pid)
        else { return nil }
        return peer.pid
    }

    /// What a client that ended without a word left behind is removed; anything else is somebody's and stays.
    func clear() -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT }
        return status.st_mode & S_IFMT == S_IFSOCK && status.st_uid == geteuid() && unlink(path) == 0
    }

    private func isOwn(_ path: String, _ kind: mode_t, closedTo others: mode_t) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == kind && status.st_uid == geteuid()
            && status.st_mode & others == 0
    }
}
