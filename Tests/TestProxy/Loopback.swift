import Foundation

/// IPv4 addresses of this machine, for tests that open sockets themselves.
///
/// In a module without NIO: with it, which C module has the members of `sockaddr_in` depends on the order of imports.
public enum Loopback {
    /// Calls `work` with the address and its length.
    ///
    /// - Parameter host: one of 127.0.0.0/8.
    public static func withAddress<Answer>(
        _ host: String = "127.0.0.1", port: Int, _ work: (UnsafePointer<sockaddr>, socklen_t) throws -> Answer
    ) rethrows -> Answer {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try work($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The port of a bound socket.
    public static func port(of descriptor: Int32) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return code == 0 ? Int(in_port_t(bigEndian: address.sin_port)) : nil
    }
}
