/// The bytes between `CSI 200~` and `CSI 201~`, bounded.
struct PasteCollector: Sendable {
    private static let end: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]

    /// Bytes that are kept; what comes after them is left out.
    let limit: Int
    private var bytes: [UInt8] = []
    /// How much of the end has been seen.
    private var matched = 0

    init(limit: Int) { self.limit = limit }

    /// Takes one byte; true when it was the last one of the end.
    mutating func take(_ byte: UInt8) -> Bool {
        if byte == Self.end[matched] {
            matched += 1
            guard matched == Self.end.count else { return false }
            matched = 0
            return true
        }
        for index in 0..<matched { keep(Self.end[index]) }
        matched = byte == Self.end[0] ? 1 : 0
        if matched == 0 { keep(byte) }
        return false
    }

    private mutating func keep(_ byte: UInt8) {
        if bytes.count < limit { bytes.append(byte) }
    }

    /// What was pasted, with `\n` for every kind of line break, and begins anew. Nil if it was nothing.
    mutating func finish() -> String? {
        var unified: [UInt8] = []
        unified.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0D {
                unified.append(0x0A)
            } else if byte != 0x0A || previous != 0x0D {
                unified.append(byte)
            }
            previous = byte
        }
        bytes = []
        matched = 0
        return unified.isEmpty ? nil : String(decoding: unified, as: UTF8.self)
    }
}
