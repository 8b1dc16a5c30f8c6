/// By which names the desk may be called. A web page whose own name was made to point at this machine (DNS rebinding) has
/// the desk as its origin; only the name in `Host` tells.
struct HostCheck: Equatable, Sendable {
    /// Nil: any.
    private let names: Set<String>?

    static let any = HostCheck(names: nil)

    private init(names: Set<String>?) { self.names = names }

    /// - Parameters:
    ///   - listen: the name or address that is listened on. Where that is loopback, no foreign name can be right.
    ///   - hosts: names of the desk beside this machine's own; where there are some, no other is answered.
    init(listen: String, hosts: [String]) {
        let isClosed = Self.isThisMachine(listen.lowercased()) || !hosts.isEmpty
        names = isClosed ? Set(hosts.compactMap(Self.name)) : nil
    }

    /// - Parameter host: the header as it came; nil where there is none.
    func allows(_ host: String?) -> Bool {
        guard let names else { return true }
        guard let name = host.flatMap(Self.name) else { return false }
        return Self.isThisMachine(name) || names.contains(name)
    }

    /// In lower case, without the port, the root's dot and the brackets; nil for what is no name with or without a port.
    static func name(_ host: String) -> String? {
        guard host.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var name = host.lowercased()[...]
        if name.hasPrefix("[") {
            guard let end = name.firstIndex(of: "]") else { return nil }
            let port = name[name.index(after: end)...]
            guard isPort(port) else { return nil }
            let address = String(name[..<end].dropFirst())
            return address.contains(":") && IPAddress(address) != nil ? address : nil
        }
        if let colon = name.firstIndex(of: ":") {
            guard isPort(name[colon...]) else { return nil }
            name = name[..<colon]
        }
        if name.hasSuffix(".") { name.removeLast() }
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isName && !name.isEmpty && !name.hasPrefix(".") ? String(name) : nil
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || text.first == ":" && (1...5).contains(text.utf8.count - 1)
                && text.dropFirst().utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// `localhost`, what is below it, 127.0.0.0/8 and ::1.
    private static func isThisMachine(_ name: String) -> Bool {
        name == "localhost" || name.hasSuffix(".localhost") || IPAddress(name)?.isLoopback == true
    }
}
