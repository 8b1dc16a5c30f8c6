/// Whether a web page may use the desk: only one that came from it. Programs send no `Origin` and are not meant.
enum OriginCheck {
    /// - Parameters:
    ///   - origin: the header as it came; nil where there is none.
    ///   - host: what the request calls this desk, with the port.
    static func isAllowed(origin: String?, host: String?) -> Bool {
        guard let origin else { return true }
        // Names beyond ASCII come in Punycode. What is only equal by its look, or to the eyes of `String`, is another name.
        guard let host, origin.utf8.allSatisfy({ $0 < 0x80 }), host.utf8.allSatisfy({ $0 < 0x80 }),
            let start = origin.firstRange(of: "://")
        else { return false }
        let scheme = origin[..<start.lowerBound].lowercased()
        guard let port = ["http": 80, "https": 443, "ws": 80, "wss": 443][scheme] else { return false }
        return name(origin[start.upperBound...], port: port) == name(host[...], port: port)
    }

    /// In one form, with the port that is meant where none stands.
    private static func name(_ text: Substring, port: Int) -> String {
        let lower = text.lowercased()
        guard let colon = lower.lastIndex(of: ":"), !lower[colon...].contains("]") else { return "\(lower):\(port)" }
        return lower
    }
}
