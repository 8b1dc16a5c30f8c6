/// What a name looks like to a reader: two names that are easily taken for each other have the same text here.
///
/// Case, width, look-alike letters of other scripts, invisible characters and blanks make no difference; accents do.
enum NameLook {
    static func of(_ name: String) -> String {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(name.utf8.count)
        var isBlank = false
        for scalar in name.unicodeScalars {
            if isInvisible(scalar) { continue }
            if scalar.properties.isWhitespace {
                isBlank = !scalars.isEmpty
                continue
            }
            if isBlank { scalars.append(" ") }
            isBlank = false
            append(scalar, to: &scalars)
        }
        return folded(scalars)
    }

    private static func append(_ scalar: Unicode.Scalar, to scalars: inout [Unicode.Scalar]) {
        let narrow = narrow(scalar)
        if narrow.isASCII {
            scalars.append(narrow.properties.lowercaseMapping.unicodeScalars.first ?? narrow)
        } else if let plain = LookAlikes.plain(narrow) {
            scalars.append(plain)
        } else {
            for lower in narrow.properties.lowercaseMapping.unicodeScalars {
                scalars.append(LookAlikes.plain(lower) ?? lower)
            }
        }
    }

    /// `i`, `1` and `|` look like `l`, `0` like `o`, `rn` like `m`, `vv` like `w`. A letter with a mark of its own is left
    /// as it is, because its composed form is another character.
    private static func folded(_ scalars: [Unicode.Scalar]) -> String {
        var look = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            let isMarked = next.map { $0.properties.generalCategory == .nonspacingMark } ?? false
            index += 1
            switch scalar {
            case "i" where !isMarked, "1", "|": look.append("l")
            case "0": look.append("o")
            case "r" where next == "n":
                look.append("m")
                index += 1
            case "v" where next == "v":
                look.append("w")
                index += 1
            default: look.append(scalar)
            }
        }
        return String(look)
    }

    /// The ordinary form of fullwidth and mathematical letters and digits.
    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let value = scalar.value
        let plain: UInt32 =
            switch value {
            case 0xFF01...0xFF5E: value - 0xFEE0
            case 0x1D400...0x1D6A3 where (value - 0x1D400) % 52 < 26: 0x41 + (value - 0x1D400) % 52
            case 0x1D400...0x1D6A3: 0x61 + (value - 0x1D400) % 52 - 26
            case 0x1D7CE...0x1D7FF: 0x30 + (value - 0x1D7CE) % 10
            default: value
            }
        return Unicode.Scalar(plain) ?? scalar
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII || scalar.value < 0x20 || scalar.value == 0x7F else { return false }
        if scalar.properties.isDefaultIgnorableCodePoint { return true }
        switch scalar.properties.generalCategory {
        case .control: return !scalar.properties.isWhitespace
        case .format: return true
        default: return false
        }
    }

    /// What the screen and line mode call by these words themselves.
    private static let taken = Set(
        [
            "you", "me", "system", "parley", "desk", "lobby", "everybody", "everyone", "here", "online", "away",
            "offline",
            "elsewhere",
        ].map(of))

    /// Whether a name looks like something that is no person, or like a name with an id beside it.
    ///
    /// - Parameter look: `of(name)`.
    static func imitates(_ look: String) -> Bool {
        guard let first = look.unicodeScalars.first else { return true }
        return taken.contains(look) || "#@/*<>-".unicodeScalars.contains(first)
            || look.unicodeScalars.contains { "():#".unicodeScalars.contains($0) }
    }
}

extension Roster {
    /// The name of somebody as it is shown: with the id where another has a name or an id that looks like it, or where it
    /// looks like something else.
    package func label(of id: UserID) -> String {
        let name = name(of: id)
        return needsID(id) ? "\(name) (\(id))" : name
    }

    /// Whether the id has to stand beside the name.
    package func needsID(_ id: UserID) -> Bool {
        guard let look = self[id]?.look else { return NameLook.imitates(NameLook.of(id.text)) }
        return isShared(look) || NameLook.imitates(look)
    }
}

extension Stranger {
    /// The same for somebody who cannot be written to.
    package func label(beside roster: Roster) -> String {
        guard name != id else { return name }
        let look = NameLook.of(name)
        return roster.isKnown(look) || NameLook.imitates(look) ? "\(name) (\(id))" : name
    }
}
