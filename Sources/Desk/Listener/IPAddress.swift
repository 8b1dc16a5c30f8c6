import Glibc

/// An IP address, of 4 or 16 bytes. An old one in the new one's clothes (`::ffff:192.0.2.7`) is an old one.
struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    private var bytes: [UInt8]

    /// Nil for anything but an address, alone and in full.
    init?(_ text: String) {
        bytes = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &bytes) == 1 { return }
        bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        if bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) { bytes.removeFirst(12) }
    }

    /// An entry of `X-Forwarded-For`: an address as above, `192.0.2.7:49152`, `[2001:db8::1]` or `[2001:db8::1]:443`, with
    /// blanks around it. The port is checked and dropped.
    init?(forwarded entry: some BidirectionalCollection<UInt8>) {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let trimmed = Array(entry.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        var address = trimmed[...]
        var port: ArraySlice<UInt8>?
        if trimmed.first == UInt8(ascii: "[") {
            guard let end = trimmed.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            address = trimmed[1..<end]
            let rest = trimmed[(end + 1)...]
            guard rest.isEmpty || rest.first == UInt8(ascii: ":"), address.contains(UInt8(ascii: ":")) else {
                return nil
            }
            if !rest.isEmpty { port = rest.dropFirst() }
        } else if let colon = trimmed.firstIndex(of: UInt8(ascii: ":")),
            trimmed.lastIndex(of: UInt8(ascii: ":")) == colon
        {
            address = trimmed[..<colon]
            port = trimmed[(colon + 1)...]
        }
        if let port {
            guard (1...5).contains(port.count), port.allSatisfy({ (0x30...0x39).contains($0) }),
                port.reduce(0, { $0 * 10 + Int($1 - 0x30) }) <= 65_535
            else { return nil }
        }
        self.init(String(decoding: address, as: UTF8.self))
    }

    /// 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
    }

    /// What one somebody has: an old address, and of the new ones the half that is given to a customer.
    var network: IPAddress {
        var network = self
        for index in 8..<16 where bytes.count == 16 { network.bytes[index] = 0 }
        return network
    }

    var bitCount: Int { bytes.count * 8 }

    /// Whether the first `bits` bits are those of the other; an old address and a new one have none in common.
    func begins(with other: IPAddress, bits: Int) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            (bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else {
            return ""
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
