/// The bytes between `CSI 200~` and `CSI 201~`, bounded; given out as a whole, or in parts where they come with pauses.
struct PasteCollector: Sendable {
    static let end: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]

    /// Bytes that are kept; what comes after them is left out.
    let limit: Int
    private var bytes: [UInt8] = []
    /// How much of the end has been seen.
    private var matched = 0
    /// Bytes given out before.
    private var given = 0
    /// The last byte given out was a carriage return: a line feed after it is the same line break.
    private var endsWithReturn = false

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
        if given + bytes.count < limit { bytes.append(byte) }
    }

    /// The last byte was an Esc, which may begin the end.
    var isAfterEscape: Bool { matched == 1 }

    /// The rest of what was pasted, with `\n` for every kind of line break, and begins anew. Nil if there is none.
    mutating func finish() -> String? {
        defer {
            matched = 0
            given = 0
            endsWithReturn = false
        }
        return give(bytes.count)
    }

    /// What was pasted so far, up to the last whole character; the paste goes on. Nil if there is nothing new.
    mutating func part() -> String? {
        var count = bytes.count
        // The character that is not whole begins in the last three bytes.
        if let start = bytes.suffix(3).lastIndex(where: { $0 >= 0xC0 }) {
            let length = bytes[start] >= 0xF0 ? 4 : bytes[start] >= 0xE0 ? 3 : 2
            if bytes.count - start < length { count = start }
        }
        return give(count)
    }

    private mutating func give(_ count: Int) -> String? {
        var unified: [UInt8] = []
        unified.reserveCapacity(count)
        var previous: UInt8 = endsWithReturn ? 0x0D : 0
        for byte in bytes[..<count] {
            if byte == 0x0D {
                unified.append(0x0A)
            } else if byte != 0x0A || previous != 0x0D {
                unified.append(byte)
            }
            previous = byte
        }
        bytes.removeFirst(count)
        given += count
        endsWithReturn = previous == 0x0D
        return unified.isEmpty ? nil : String(decoding: unified, as: UTF8.self)
    }
}
