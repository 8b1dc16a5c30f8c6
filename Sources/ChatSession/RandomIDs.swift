/// Version 4 UUIDs from a seed of 128 bits that the shell takes from the system once.
package struct RandomIDs: Equatable, Sendable {
    private var a: UInt64
    private var b: UInt64

    package init(seed: (UInt64, UInt64)) {
        a = seed.0
        b = seed.1
        if a == 0, b == 0 { b = 1 }
    }

    package mutating func next() -> String {
        let high = (word() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (word() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        let hex = padded(high) + padded(low)
        var out = ""
        for (index, character) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { out.append("-") }
            out.append(character)
        }
        return out
    }

    /// 24 bytes that do not come again.
    mutating func nonce() -> [UInt8] {
        (0..<3).flatMap { _ in withUnsafeBytes(of: word()) { Array($0) } }
    }

    /// A fraction of 1, for jitter.
    mutating func fraction() -> Double { Double(word() >> 11) / Double(1 << 53) }

    /// xoroshiro128++.
    private mutating func word() -> UInt64 {
        let sum = a &+ b
        let result = (sum << 17 | sum >> 47) &+ a
        let mixed = a ^ b
        a = (a << 49 | a >> 15) ^ mixed ^ (mixed << 21)
        b = mixed << 28 | mixed >> 36
        return result
    }

    private func padded(_ word: UInt64) -> String {
        let hex = String(word, radix: 16)
        return String(repeating: "0", count: 16 - hex.count) + hex
    }
}
