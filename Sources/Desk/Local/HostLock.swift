import Glibc
import Synchronization

/// The right to host the desk of a folder. As long as this value is held and not released, nobody else hosts there.
///
/// It is an flock on a file that is never deleted, so it ends with the process however that ends. A suspended process
/// still has it.
package final class HostLock: Sendable {
    let folder: LocalFolder
    private let descriptor: Mutex<Int32>

    private init(folder: LocalFolder, descriptor: Int32) {
        self.folder = folder
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Nil: somebody else holds it.
    static func attempt(_ folder: LocalFolder) throws(DeskError) -> HostLock? {
        // Whoever replaced the file between our open and our lock has another file's lock than we have: look again.
        for _ in 0..<16 {
            let descriptor = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else {
                let code = errno
                try OwnFile.check(folder.lock)
                throw DeskError(
                    .cannotWrite, "\(folder.lock): cannot be opened for writing (\(SystemError.text(code)))")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                throw DeskError(.configuration, "\(folder.lock): cannot be locked (\(SystemError.text(code)))")
            }
            if isSame(descriptor, folder.lock) {
                do throws(DeskError) {
                    try OwnFile.check(folder.lock)
                } catch {
                    close(descriptor)
                    throw error
                }
                write(LockOwner.current.text, to: descriptor)
                return HostLock(folder: folder, descriptor: descriptor)
            }
            close(descriptor)
        }
        throw DeskError(.unavailable, "\(folder.lock): is being replaced again and again; see who does that")
    }

    /// Gives the right back, at once; twice is harmless. The server must have been drained before.
    package func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            // Closing alone would leave it with a child that has been forked just now and not yet become its program.
            flock(descriptor, LOCK_UN)
            close(descriptor)
            descriptor = -1
        }
    }

    package var isHeld: Bool { descriptor.withLock { $0 >= 0 } }

    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var mine = stat()
        var there = stat()
        guard fstat(descriptor, &mine) == 0, lstat(path, &there) == 0 else { return false }
        return mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
    }
}

/// What stands in the lock file: the process that hosts, and on which machine since which start of it.
struct LockOwner: Equatable, Sendable {
    let pid: Int32
    let host: String
    let boot: String

    static var current: LockOwner {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        let host = name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
        return LockOwner(pid: getpid(), host: host, boot: bootID)
    }

    static var bootID: String {
        SmallFile.read("/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first.map(String.init) ?? ""
    }

    init(pid: Int32, host: String, boot: String) {
        self.pid = pid
        self.host = host
        self.boot = boot
    }

    /// Three lines: pid, host name, boot id.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, let pid = Int32(lines[0]), pid > 0 else { return nil }
        self.init(pid: pid, host: String(lines[1]), boot: String(lines[2]))
    }

    var text: String { "\(pid)\n\(host)\n\(boot)\n" }
}

/// Files of a few hundred bytes.
enum SmallFile {
    static func read(_ path: String, limit: Int = 4_096) -> String? {
        bytes(path, limit: limit).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first `limit` bytes; nil where it cannot be opened.
    static func bytes(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, limit - count) }
            guard got > 0 else { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    /// Whole or not at all, readable by the owner only.
    static func write(_ text: String, to path: String) throws(DeskError) {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DeskError(.cannotWrite, "\(path): \(SystemError.text(errno))") }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, rename(draft, path) == 0 else {
            throw DeskError(.cannotWrite, "\(path): cannot be written (\(SystemError.text(isWritten ? errno : code)))")
        }
    }
}
