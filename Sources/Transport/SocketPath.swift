import Glibc

/// A path to a Unix socket that fits a socket address.
///
/// A socket address takes 107 bytes. Longer ones are reached through a descriptor of their folder, which stays open
/// as long as this value's owner keeps it: `/proc/self/fd/N/desk.sock`.
public final class SocketPath: Sendable {
    public static let maxLength = 107

    /// What to connect or bind to.
    public let text: String
    private let folder: Int32?

    /// Throws the sentence that says why the folder cannot be opened.
    public init(_ path: String) throws(SocketPathError) {
        guard path.utf8.count > Self.maxLength else {
            text = path
            folder = nil
            return
        }
        let cut = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = cut.map { String(path[..<$0]) } ?? "."
        let name = cut.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        let descriptor = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SocketPathError(reason: "\(parent): \(SystemSentence.text(errno))") }
        text = "/proc/self/fd/\(descriptor)/\(name)"
        folder = descriptor
        guard text.utf8.count <= Self.maxLength else {
            throw SocketPathError(reason: "\(path): the name of a socket has at most 80 bytes")
        }
    }

    deinit {
        if let folder { close(folder) }
    }
}

/// Why a socket's folder cannot be reached.
public struct SocketPathError: Error, Equatable, Sendable {
    public let reason: String
}

enum SystemSentence {
    /// `connection refused` for `ECONNREFUSED`.
    static func text(_ code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text).lowercased()
    }
}
