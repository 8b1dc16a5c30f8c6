/// Checks UTF-8 that comes in pieces: a scalar may be cut in two by the end of a fragment.
struct UTF8Check {
    private var expected = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the text may end here.
    var isComplete: Bool { expected == 0 }

    /// False as soon as no continuation could make the text valid.
    mutating func accepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
        for byte in bytes where !accepts(byte) { return false }
        return true
    }

    private mutating func accepts(_ byte: UInt8) -> Bool {
        if expected > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            expected -= 1
            (lowest, highest) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: expected = 1
        case 0xE0: (expected, lowest) = (2, 0xA0)
        case 0xED: (expected, highest) = (2, 0x9F)
        case 0xE1...0xEF: expected = 2
        case 0xF0: (expected, lowest) = (3, 0x90)
        case 0xF4: (expected, highest) = (3, 0x8F)
        case 0xF1...0xF3: expected = 3
        default: return false
        }
        return true
    }
}
