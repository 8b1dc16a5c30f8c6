import Transport

/// Where a desk is: `http://` or `https://`, host, port, and a path that stands before the API's.
struct DeskURL: Hashable, Sendable, CustomStringConvertible {
    let isSecure: Bool
    let host: String
    let port: Int
    /// Empty, or `/something` without a slash at its end.
    let path: String

    /// Throws what was found and what is expected.
    init(_ text: String) throws(Failure) {
        func wrong(_ what: String) -> Failure {
            Failure(
                .usage,
                "\"\(SettingValue.escaped(text))\", \(what); expected an address such as https://desk.example.org")
        }
        let lower = text.lowercased()
        let scheme = lower.hasPrefix("https://") ? "https://" : lower.hasPrefix("http://") ? "http://" : nil
        guard let scheme else { throw wrong("which begins with neither https:// nor http://") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains(where: { "\"<>\\^`{|}".contains($0) })
        else {
            throw wrong("which has a character no address has")
        }
        guard !text.contains("?"), !text.contains("#") else { throw wrong("which has a query or fragment") }
        let rest = text.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        guard !authority.contains("@") else {
            throw wrong("which has a user name in it; tokens are given with parley login")
        }
        isSecure = scheme == "https://"
        var port = isSecure ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            let digits = authority[authority.index(after: colon)...]
            guard let number = Int(digits), (1...65_535).contains(number), digits.allSatisfy(\.isNumber) else {
                throw wrong("whose port is no number from 1 to 65535")
            }
            port = number
            authority = authority[..<colon]
        }
        var host = authority.lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                throw wrong("whose host is no IPv6 address")
            }
        } else {
            guard !host.isEmpty, host.allSatisfy({ $0.isLetter || $0.isNumber || "-._".contains($0) }) else {
                throw wrong("which has no host")
            }
        }
        var path = String(rest[slash...])
        while path.hasSuffix("/") { path.removeLast() }
        self.host = host
        self.port = port
        self.path = path
    }

    var address: ServerAddress { .tcp(host: host, port: port, isSecure: isSecure) }

    /// In one form only, so that it can be a key.
    var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let suffix = port == (isSecure ? 443 : 80) ? "" : ":\(port)"
        return (isSecure ? "https://" : "http://") + name + suffix + path
    }
}
