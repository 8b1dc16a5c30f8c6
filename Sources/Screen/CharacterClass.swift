/// What one scalar does to a line of cells.
enum CharacterClass {
    /// One column; nearly everything.
    case narrow
    /// Two columns.
    case wide
    /// Sits on the character before it.
    case combining
    /// Left out.
    case dropped
    /// Shown as its code, `<U+202E>`.
    case marked
    /// C0 and DEL, shown as `^[`.
    case control

    init(_ scalar: UInt32) {
        if scalar < 0x300 {
            if scalar < 0x20 || scalar == 0x7F {
                self = .control
            } else if scalar < 0x80 || scalar > 0xAD {
                self = .narrow
            } else if scalar < 0xA0 {
                self = .marked
            } else {
                self = scalar == 0xAD ? .dropped : .narrow
            }
            return
        }
        if Self.isIdeographOrHangul(scalar) {
            self = .wide
        } else if CharacterRanges.combining.holds(scalar) {
            self = .combining
        } else if CharacterRanges.wide.holds(scalar) {
            self = .wide
        } else if CharacterRanges.dropped.holds(scalar) {
            self = .dropped
        } else if CharacterRanges.marked.holds(scalar) {
            self = .marked
        } else {
            self = .narrow
        }
    }

    static func isIdeographOrHangul(_ scalar: UInt32) -> Bool {
        (scalar >= 0x4E00 && scalar <= 0x9FFF) || (scalar >= 0xAC00 && scalar <= 0xD7A3)
    }

    static func isRegionalIndicator(_ scalar: UInt32) -> Bool { scalar >= 0x1F1E6 && scalar <= 0x1F1FF }

    static func isSkinTone(_ scalar: UInt32) -> Bool { scalar >= 0x1F3FB && scalar <= 0x1F3FF }

    /// Whether an invisible scalar changes how the character before it looks: joiners, variation selectors, and the tags
    /// of a flag.
    static func isExtending(_ scalar: UInt32, _ base: UInt32) -> Bool {
        switch scalar {
        case 0x34F, 0x180B...0x180D, 0x180F, 0x200C, 0x200D, 0xFE00...0xFE0F, 0xE0100...0xE01EF: true
        case 0xE0020...0xE007F: base == 0x1F3F4
        default: false
        }
    }

    /// May begin a cluster that joiners and skin tones continue.
    static func isPictograph(_ scalar: UInt32) -> Bool {
        (scalar >= 0x1F000 && scalar <= 0x1FAFF) || (scalar >= 0x203C && scalar <= 0x3299)
    }

    /// The columns of a scalar that is a character by itself whatever stands before it, and that begins nothing longer
    /// unless what follows is not one of these; 0 for all others. Lets most text pass without grapheme breaking.
    static func simpleColumns(_ scalar: UInt32) -> Int {
        switch scalar {
        case 0x20...0x7E, 0xA1...0xA8, 0xAA...0xAC, 0xAF...0x2FF: 1
        case 0x370...0x482, 0x48A...0x52F, 0x531...0x556, 0x561...0x586, 0x5D0...0x5EA: 1
        case 0x1E00...0x1EFF, 0x2010...0x2027, 0x2030...0x203B, 0x2500...0x259F: 1
        case 0x3001...0x3002, 0x3041...0x3096, 0x30A1...0x30FA, 0x4E00...0x9FFF, 0xAC00...0xD7A3: 2
        case 0xFF01...0xFF60: 2
        default: 0
        }
    }
}

extension [UInt32] {
    /// Whether one of the pairs of first and last scalar encloses `scalar`; the pairs are in order.
    fileprivate func holds(_ scalar: UInt32) -> Bool {
        withUnsafeBufferPointer { ranges in
            var low = 0
            var high = ranges.count / 2
            while low < high {
                let middle = (low + high) / 2
                if scalar > ranges[2 * middle + 1] {
                    low = middle + 1
                } else if scalar < ranges[2 * middle] {
                    high = middle
                } else {
                    return true
                }
            }
            return false
        }
    }
}
