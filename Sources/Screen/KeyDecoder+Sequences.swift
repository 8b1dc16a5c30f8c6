// What the sequences of xterm, tmux, screen, rxvt, the Linux console and kitty mean, once they are cut out of the stream.

extension KeyDecoder {
    /// C0 and DEL: `Ctrl-letter`, except the four that are keys of their own.
    static func control(_ byte: UInt8, _ modifiers: Key.Modifiers) -> [Key] {
        switch byte {
        case 0x00: [.character(" ", modifiers.union(.control))]
        case 0x08, 0x7F: [.named(.backspace, modifiers)]
        case 0x09: [.named(.tab, modifiers)]
        case 0x0D: [.named(.enter, modifiers)]
        case 0x01...0x1A: [.character(Character(Unicode.Scalar(byte | 0x60)), modifiers.union(.control))]
        case 0x1B: [.named(.escape, modifiers)]
        case 0x1C...0x1F: [.character(Character(Unicode.Scalar(byte | 0x40)), modifiers.union(.control))]
        default: [.character(Character(Unicode.Scalar(byte)), modifiers)]
        }
    }

    static func key(csi parameters: [UInt8], final: UInt8, _ alt: Key.Modifiers) -> Key? {
        if parameters.first == 0x3C { return mouse(parameters.dropFirst(), final) }
        guard let numbers = Numbers(parameters) else { return nil }
        let modifiers = numbers.modifiers(at: 1).union(alt)
        switch final {
        case 0x49 where parameters.isEmpty: return .focusGained
        case 0x4F where parameters.isEmpty: return .focusLost
        case 0x5A: return .named(.tab, modifiers.union(.shift))
        case 0x75: return codePoint(numbers[0], numbers.modifiers(at: 1).union(alt), isRelease: numbers.isRelease)
        case 0x7E:
            if numbers[0] == 27 { return codePoint(numbers[2], modifiers, isRelease: false) }
            return tilde(numbers[0]).map { .named($0, modifiers) }
        case 0x5E: return tilde(numbers[0]).map { .named($0, alt.union(.control)) }
        case 0x40: return tilde(numbers[0]).map { .named($0, alt.union([.control, .shift])) }
        case 0x61...0x64 where parameters.isEmpty: return .named(arrow(final - 0x20), alt.union(.shift))
        default:
            // `CSI 24;80R` is a cursor position nobody asked for; `CSI 1;2R` is Shift-F3.
            guard numbers.count == 0 || numbers[0] <= 1, !numbers.isRelease else { return nil }
            return letter(final).map { .named($0, modifiers) }
        }
    }

    static func key(ss3 parameters: [UInt8], final: UInt8, _ alt: Key.Modifiers) -> Key? {
        guard let numbers = Numbers(parameters) else { return nil }
        let modifiers = numbers.modifiers(at: numbers.count - 1).union(alt)
        switch final {
        case 0x4D: return .named(.enter, modifiers)
        case 0x49: return .named(.tab, modifiers)
        case 0x58: return .character("=", modifiers)
        case 0x61...0x64: return .named(arrow(final - 0x20), alt.union(.control))
        case 0x6A...0x79: return .character(Character(Unicode.Scalar(final - 0x40)), modifiers)
        default: return letter(final).map { .named($0, modifiers) }
        }
    }

    /// `CSI 3 $`: Shift-Delete of rxvt. Nil while it may still become another sequence.
    static func rxvtShift(_ parameters: [UInt8], _ alt: Key.Modifiers) -> Key? {
        guard let numbers = Numbers(parameters.dropLast()), numbers.count == 1 else { return nil }
        return tilde(numbers[0]).map { .named($0, alt.union(.shift)) }
    }

    private static func arrow(_ final: UInt8) -> Key.Name {
        switch final {
        case 0x41: .up
        case 0x42: .down
        case 0x43: .right
        default: .left
        }
    }

    private static func letter(_ final: UInt8) -> Key.Name? {
        switch final {
        case 0x41...0x44: arrow(final)
        case 0x46: .end
        case 0x48: .home
        case 0x50...0x53: .function(Int(final) - 0x4F)
        default: nil
        }
    }

    private static func tilde(_ number: Int) -> Key.Name? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23...26: .function(number - 12)
        case 28, 29: .function(number - 13)
        case 31...34: .function(number - 14)
        default: nil
        }
    }

    /// A key that the terminal names by its code point: `CSI 13;2u`, `CSI 27;2;13~`.
    private static func codePoint(_ code: Int, _ modifiers: Key.Modifiers, isRelease: Bool) -> Key? {
        guard !isRelease else { return nil }
        switch code {
        case 9: return .named(.tab, modifiers)
        case 13, 57414: return .named(.enter, modifiers)
        case 27: return .named(.escape, modifiers)
        case 8, 127: return .named(.backspace, modifiers)
        case 32: return .character(" ", modifiers.subtracting(.shift))
        case 33...126, 160...0xDFFF, 0xF900...0x10FFFF:
            guard let scalar = Unicode.Scalar(UInt32(code)) else { return nil }
            let character = Character(scalar)
            guard modifiers.contains(.shift) else { return .character(character, modifiers) }
            let capital = character.uppercased()
            return .character(capital.count == 1 ? Character(capital) : character, modifiers.subtracting(.shift))
        default: return nil
        }
    }

    /// `CSI < button ; column ; row M` (or `m` for a release), both from 1.
    private static func mouse(_ parameters: ArraySlice<UInt8>, _ final: UInt8) -> Key? {
        guard final == 0x4D || final == 0x6D, let numbers = Numbers(parameters), numbers.count == 3 else { return nil }
        let code = numbers[0]
        guard numbers[1] > 0, numbers[2] > 0 else { return nil }
        var modifiers: Key.Modifiers = []
        if code & 4 != 0 { modifiers.insert(.shift) }
        if code & 8 != 0 { modifiers.insert(.alt) }
        if code & 16 != 0 { modifiers.insert(.control) }
        let action: Key.Mouse.Action
        switch (code & 0b1100_0000, code & 0b11) {
        case (64, 0): action = .wheelUp
        case (64, 1): action = .wheelDown
        case (0, 3): return nil
        case (0, let button) where code & 32 != 0: action = .drag(button)
        case (0, let button): action = final == 0x4D ? .press(button) : .release(button)
        default: return nil
        }
        return .mouse(Key.Mouse(action, at: Position(column: numbers[1] - 1, row: numbers[2] - 1), modifiers))
    }
}

/// The numbers of a sequence, `1;5:3`: six at most, each below 2²¹ or so; an empty one is 0. Nil for any other byte.
private struct Numbers {
    private var values: [Int] = []
    /// The parts after a colon, of which only the event type of a key matters.
    private(set) var isRelease = false

    init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty else { return }
        var value = 0
        var part = 0
        var isInPart = false
        for byte in bytes {
            switch byte {
            case 0x30...0x39:
                let digit = Int(byte) - 0x30
                if isInPart { part = min(part * 10 + digit, 9999) } else { value = min(value * 10 + digit, 9_999_999) }
            case 0x3A:
                isInPart = true
                part = 0
            case 0x3B:
                close(value, isInPart, part)
                value = 0
                isInPart = false
            default: return nil
            }
        }
        close(value, isInPart, part)
        if values.count > 6 { return nil }
    }

    private mutating func close(_ value: Int, _ isInPart: Bool, _ part: Int) {
        if values.count == 1, isInPart, part == 3 { isRelease = true }
        values.append(value)
    }

    var count: Int { values.count }

    subscript(index: Int) -> Int { values.indices.contains(index) ? values[index] : 0 }

    /// xterm's encoding: one more than shift 1, alt 2, control 4, with meta 8 counted as Alt.
    func modifiers(at index: Int) -> Key.Modifiers {
        let bits = max(0, self[index] - 1)
        var modifiers: Key.Modifiers = []
        if bits & 1 != 0 { modifiers.insert(.shift) }
        if bits & (2 | 8 | 32) != 0 { modifiers.insert(.alt) }
        if bits & 4 != 0 { modifiers.insert(.control) }
        return modifiers
    }
}
