import Glibc

/// How a desk's socket is reached: its path, or, where that is longer than a socket address allows, a path through an
/// open descriptor of the folder. Keep the value as long as the path is used.
package final class LocalSocket: Sendable {
    /// At most 107 bytes.
    package let path: String
    private let descriptor: Int32

    /// A socket address holds 108 bytes with the zero at the end.
    static let maxPathLength = 107

    init(_ folder: LocalFolder) throws(DeskError) {
        guard folder.socket.utf8.count > Self.maxPathLength else {
            path = folder.socket
            descriptor = -1
            return
        }
        descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw DeskError(.unavailable, "\(folder.path): cannot be opened (\(SystemError.text(errno)))")
        }
        path = "/proc/self/fd/\(descriptor)/desk.sock"
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
