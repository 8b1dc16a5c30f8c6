import Glibc
import Transport

/// A connection to a socket of this machine, by plain system calls.
enum LocalStream {
    /// The descriptor, which is the caller's to close; nil where nobody listens.
    ///
    /// - Parameter waits: false comes back at once, also where the listener is there but takes nobody at the moment.
    static func connect(_ socketPath: String, waits: Bool) -> Int32? {
        guard let path = try? SocketPath(socketPath) else { return nil }
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (waits ? 0 : SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { return nil }
        // The path may lead through a descriptor that ends with it.
        let isConnected = withExtendedLifetime(path) {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.text.utf8) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                        || (!waits && errno == EAGAIN)
                }
            }
        }
        guard isConnected else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
