import Glibc
import Transport

/// A port of this machine that is taken and at which nobody answers, for as long as this lives.
final class ReservedPort {
    private let descriptor: Int32
    let address: ServerAddress

    init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) { name in
            name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                // Bound and not listening: nobody else gets the port, and a connection is refused.
                _ = bind(descriptor, name, length)
                getsockname(descriptor, name, &length)
            }
        }
        address = .tcp(host: "127.0.0.1", port: Int(UInt16(bigEndian: name.sin_port)), isSecure: false)
    }

    deinit { close(descriptor) }
}
