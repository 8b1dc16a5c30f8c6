/// Host labels beyond ASCII in the letters of ASCII (RFC 3492), without the prefix `xn--`.
package enum Punycode {
    private static let base = 36
    private static let tMin = 1
    private static let tMax = 26

    /// Nil where the text is longer than a host label can be.
    package static func encode(_ text: String) -> String? {
        let scalars = text.unicodeScalars.map { Int($0.value) }
        guard scalars.count <= 63 else { return nil }
        var out = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
        let basic = out.count
        var handled = basic
        if basic > 0 { out.append(UInt8(ascii: "-")) }
        var next = 0x80
        var delta = 0
        var bias = 72
        while handled < scalars.count, let least = scalars.filter({ $0 >= next }).min() {
            delta += (least - next) * (handled + 1)
            next = least
            for scalar in scalars {
                if scalar < next { delta += 1 }
                guard scalar == next else { continue }
                var rest = delta
                var k = base
                while true {
                    let threshold = threshold(k, bias)
                    guard rest >= threshold else { break }
                    out.append(digit(threshold + (rest - threshold) % (base - threshold)))
                    rest = (rest - threshold) / (base - threshold)
                    k += base
                }
                out.append(digit(rest))
                bias = adapted(delta, handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            next += 1
        }
        return out.count <= 59 ? String(decoding: out, as: UTF8.self) : nil
    }

    /// Nil where this is no Punycode.
    package static func decode(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 59, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        let mark = bytes.lastIndex(of: UInt8(ascii: "-"))
        var scalars = (mark.map { bytes[..<$0] } ?? []).map { Int($0) }
        var rest = bytes[(mark.map { $0 + 1 } ?? 0)...]
        var next = 0x80
        var index = 0
        var bias = 72
        while !rest.isEmpty {
            let before = index
            var weight = 1
            var k = base
            while true {
                guard let byte = rest.popFirst(), let digit = value(byte), index < 1 << 40, weight < 1 << 20 else {
                    return nil
                }
                index += digit * weight
                let threshold = threshold(k, bias)
                guard digit >= threshold else { break }
                weight *= base - threshold
                k += base
            }
            let count = scalars.count + 1
            bias = adapted(index - before, count, isFirst: before == 0)
            next += index / count
            index %= count
            guard next >= 0x80, next <= 0x10FFFF, Unicode.Scalar(UInt32(next)) != nil else { return nil }
            scalars.insert(next, at: index)
            index += 1
        }
        var out = ""
        for scalar in scalars { out.unicodeScalars.append(Unicode.Scalar(UInt32(scalar)) ?? "\u{FFFD}") }
        return out
    }

    private static func threshold(_ k: Int, _ bias: Int) -> Int { min(max(tMin, k - bias), tMax) }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            k += base
        }
        return k + (base - tMin + 1) * delta / (delta + 38)
    }

    private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? value + 0x61 : value - 26 + 0x30) }

    private static func value(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x61...0x7A: Int(byte) - 0x61
        case 0x41...0x5A: Int(byte) - 0x41
        case 0x30...0x39: Int(byte) - 0x30 + 26
        default: nil
        }
    }
}
