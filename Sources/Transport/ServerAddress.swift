/// Where a server listens.
public enum ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// `host` is a name or an IP address, without brackets.
    case tcp(host: String, port: Int, isSecure: Bool)
    /// The path may be longer than a socket address allows.
    case unix(path: String)

    /// What a `Host` header says.
    var hostHeader: String {
        switch self {
        case .tcp(let host, let port, let isSecure):
            let name = host.contains(":") ? "[\(host)]" : host
            return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
        case .unix: return "localhost"
        }
    }

    public var description: String {
        switch self {
        case .tcp(let host, let port, _): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// Whether the connection is encrypted.
    public var isSecure: Bool {
        if case .tcp(_, _, let isSecure) = self { isSecure } else { false }
    }

    /// Whether what is sent stays on this machine.
    public var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _, _): host == "localhost" || host == "::1" || (host.hasPrefix("127.") && Self.isIP(host))
        }
    }

    /// TLS has no server name for an address.
    static func isIP(_ host: String) -> Bool {
        host.contains(":")
            || host.split(separator: ".", omittingEmptySubsequences: false).count == 4
                && host.split(separator: ".").allSatisfy { UInt8($0) != nil }
    }
}
