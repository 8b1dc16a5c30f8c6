internal import Glibc

/// The HTTP proxy that the environment names for connections to other machines: `HTTPS_PROXY` for TLS, `HTTP_PROXY` for the
/// rest, `ALL_PROXY` for both, `NO_PROXY` for exceptions. Each is read in lower case first, as curl does.
///
/// Every connection goes through a tunnel (CONNECT), so a proxy never sees what TLS encrypts. Connections on this machine
/// go through none.
public struct HTTPProxy: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// The variable that names it.
    public let variable: String
    let user: String?
    let password: String

    /// Without the password.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The proxy of this process for a server, nil where it is connected to directly.
    public static func inForce(for address: ServerAddress) throws(HTTPProxyError) -> HTTPProxy? {
        try named(for: address) { name in getenv(name).map { String(cString: $0) } }
    }

    /// - Parameter value: of a variable; nil where it is not set.
    public static func named(
        for address: ServerAddress, in value: (_ variable: String) -> String?
    ) throws(HTTPProxyError) -> HTTPProxy? {
        guard case .tcp(let host, let port, let isSecure) = address, !address.isLocal else { return nil }
        let names = isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"]
        for name in names + ["all_proxy", "ALL_PROXY"] {
            guard let text = value(name), !text.isEmpty else { continue }
            let exceptions = value("no_proxy") ?? value("NO_PROXY") ?? ""
            return Exceptions(exceptions).contain(host, port) ? nil : try HTTPProxy(text, variable: name)
        }
        return nil
    }

    private init(_ text: String, variable: String) throws(HTTPProxyError) {
        func wrong() -> HTTPProxyError {
            // It may hold a password.
            HTTPProxyError(
                reason: "\(variable): invalid address of an HTTP proxy; expected http://HOST:PORT (no SOCKS)")
        }
        var rest = text[...]
        if let scheme = text.firstRange(of: "://") {
            guard text[..<scheme.lowerBound].lowercased() == "http" else { throw wrong() }
            rest = text[scheme.upperBound...]
        }
        rest = rest.prefix { $0 != "/" }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = Self.decoded(parts[0])
            password = parts.count > 1 ? Self.decoded(parts[1]) : ""
            rest = rest[rest.index(after: at)...]
        } else {
            user = nil
            password = ""
        }
        var host = rest
        var port = 80
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(number) else {
                throw wrong()
            }
            port = number
            host = rest[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw wrong() }
        self.host = String(host)
        self.port = port
        self.variable = variable
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `NO_PROXY`: host names and the domains above them, addresses, networks such as `10.0.0.0/8`, or `*`.
    private struct Exceptions {
        private let entries: [Substring]

        init(_ text: String) { entries = text.lowercased().split { $0 == "," || $0 == " " } }

        func contain(_ host: String, _ port: Int) -> Bool {
            let host = host.lowercased()
            return entries.contains { entry in
                var name = entry
                // A port, but not the end of an IPv6 address.
                if let colon = name.lastIndex(of: ":"),
                    name.firstIndex(of: ":") == colon || name[..<colon].hasSuffix("]")
                {
                    guard Int(name[name.index(after: colon)...]) == port else { return false }
                    name = name[..<colon]
                }
                if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
                if name == "*" { return true }
                if let slash = name.firstIndex(of: "/") {
                    return Self.isIn(host, name[..<slash], Int(name[name.index(after: slash)...]))
                }
                if name.hasPrefix("*.") { name = name.dropFirst(2) }
                if name.hasPrefix(".") { name = name.dropFirst() }
                return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
            }
        }

        private static func isIn(_ host: String, _ network: Substring, _ bits: Int?) -> Bool {
            guard let address = number(host[...]), let base = number(network), let bits, (0...32).contains(bits) else {
                return false
            }
            return bits == 0 || (address ^ base) >> UInt32(32 - bits) == 0
        }

        private static func number(_ text: Substring) -> UInt32? {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4 else { return nil }
            var number: UInt32 = 0
            for part in parts {
                guard let byte = UInt8(part) else { return nil }
                number = number << 8 | UInt32(byte)
            }
            return number
        }
    }
}

/// Why the environment names no usable proxy.
public struct HTTPProxyError: Error, Equatable, Sendable {
    public let reason: String
}
