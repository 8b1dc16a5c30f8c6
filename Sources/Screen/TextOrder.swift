/// Right-to-left text in the order it is seen, one line at a time.
///
/// Terminals show cells from left to right and leave the order to the program, so a line is put into visual order here:
/// the rules of Unicode's bidirectional algorithm for text without embeddings, of which none reach the screen. Every text
/// that is put on the screen is ordered by itself, so that a name, a time or a border never changes places with it.
package enum TextOrder {
    package enum Direction: Sendable { case leftToRight, rightToLeft }

    /// The direction of a paragraph: that of its first letter; left to right where it has none.
    package static func direction(of text: Substring) -> Direction {
        guard mayNeedOrder(text) else { return .leftToRight }
        for scalar in text.unicodeScalars {
            switch kind(scalar.value) {
            case .left: return .leftToRight
            case .right: return .rightToLeft
            case .number, .separator, .neutral: continue
            }
        }
        return .leftToRight
    }

    /// Whether anything in the text may have to be ordered; cheap, and true a little too often.
    package static func mayNeedOrder(_ text: Substring) -> Bool {
        let found = text.utf8.withContiguousStorageIfAvailable { bytes in
            for (index, byte) in bytes.enumerated() where byte >= 0xD6 {
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0
                switch byte {
                case 0xD6...0xDF: return true
                case 0xE0: if next >= 0xA0, next <= 0xA3 { return true }
                case 0xEF: if next >= 0xAC, next <= 0xBB { return true }
                case 0xF0: if next == 0x90 || next == 0x9E { return true }
                default: break
                }
            }
            return false
        }
        return found ?? text.unicodeScalars.contains { kind($0.value) == .right }
    }

    enum Kind { case left, right, number, separator, neutral }

    static func kind(_ scalar: UInt32) -> Kind {
        switch scalar {
        case 0x30...0x39, 0x660...0x669, 0x6F0...0x6F9: .number
        case 0x2B...0x2F, 0x3A, 0x25, 0x23, 0x24, 0xA3, 0x20A0...0x20CF: .separator
        case 0x00...0x40, 0x5B...0x60, 0x7B...0xA9, 0xAB...0xB4, 0xB6...0xB9, 0xBB...0xBF, 0xD7, 0xF7: .neutral
        case 0x2000...0x206F, 0x2190...0x2BFF, 0x3000...0x3004, 0xFE50...0xFE6F, 0xFFFD, 0x1F000...0x1FAFF: .neutral
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: .right
        default: .left
        }
    }

    /// The places of a line from left to right: `result[i]` is the part that is shown in the `i`-th place.
    static func visual(_ kinds: [Kind], _ direction: Direction) -> (order: [Int], levels: [Int]) {
        let base = direction == .rightToLeft ? 1 : 0
        let levels = levels(kinds, base)
        var order = Array(kinds.indices)
        let highest = levels.max() ?? 0
        guard highest > 0 else { return (order, levels) }
        for level in stride(from: highest, through: 1, by: -1) {
            var start = 0
            while start < order.count {
                guard levels[order[start]] >= level else {
                    start += 1
                    continue
                }
                var end = start
                while end < order.count, levels[order[end]] >= level { end += 1 }
                order[start..<end].reverse()
                start = end
            }
        }
        return (order, levels)
    }

    /// Even for what is read from left to right.
    private static func levels(_ kinds: [Kind], _ base: Int) -> [Int] {
        var kinds = kinds
        joinNumbers(&kinds)
        let own: Kind = base == 1 ? .right : .left
        var strong = own
        // Digits after a left-to-right letter belong to it.
        for index in kinds.indices {
            switch kinds[index] {
            case .left, .right: strong = kinds[index]
            case .number: if strong == .left { kinds[index] = .left }
            case .separator, .neutral: kinds[index] = .neutral
            }
        }
        var end = kinds.count
        while end > 0, kinds[end - 1] == .neutral { end -= 1 }
        var index = 0
        while index < end {
            guard kinds[index] == .neutral else {
                index += 1
                continue
            }
            var next = index
            while next < end, kinds[next] == .neutral { next += 1 }
            let before = index > 0 ? side(kinds[index - 1]) : own
            let after = next < end ? side(kinds[next]) : own
            for place in index..<next { kinds[place] = before == after ? before : own }
            index = next
        }
        return kinds.enumerated().map { index, kind in
            switch kind {
            case _ where index >= end: base
            case .left: base == 1 ? 2 : 0
            case .right: 1
            case .number: 2
            case .separator, .neutral: base
            }
        }
    }

    private static func side(_ kind: Kind) -> Kind { kind == .left ? .left : .right }

    /// `10:15`, `3.50`, `-7%`: what stands within or beside digits goes with them.
    private static func joinNumbers(_ kinds: inout [Kind]) {
        for index in kinds.indices where kinds[index] == .separator {
            let before = index > 0 && kinds[index - 1] == .number
            let after = index + 1 < kinds.count && kinds[index + 1] == .number
            if before || after { kinds[index] = .number }
        }
    }

    /// A bracket as it looks from the other side.
    static func mirrored(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x28: 0x29
        case 0x29: 0x28
        case 0x3C: 0x3E
        case 0x3E: 0x3C
        case 0x5B: 0x5D
        case 0x5D: 0x5B
        case 0x7B: 0x7D
        case 0x7D: 0x7B
        case 0xAB: 0xBB
        case 0xBB: 0xAB
        default: scalar
        }
    }
}
