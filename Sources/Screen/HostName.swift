/// Host names beyond ASCII: as programs write them, and as people do.
package enum HostName {
    /// `bücher.example` → `xn--bcher-kva.example`; as it is where that cannot be.
    package static func ascii(_ host: String) -> String {
        guard host.utf8.contains(where: { $0 >= 0x80 }), host.unicodeScalars.count <= mostScalars else { return host }
        return labels(host).map { label in
            guard label.utf8.contains(where: { $0 >= 0x80 }) else { return label }
            return Punycode.encode(composed(label.lowercased())).map { prefix + $0 } ?? label
        }.joined(separator: ".")
    }

    /// `xn--bcher-kva.example` → `bücher.example`. Each label that may be taken for another stays as programs write it.
    package static func readable(_ host: String) -> String {
        labels(ascii(host)).map { label in
            let small = label.lowercased()
            guard small.hasPrefix(prefix), let text = Punycode.decode(String(small.dropFirst(prefix.count))),
                composed(text.lowercased()).unicodeScalars.elementsEqual(text.unicodeScalars),
                Punycode.encode(text).map({ prefix + $0 }) == small,
                Script.isPlain(text)
            else { return label }
            return text
        }.joined(separator: ".")
    }

    private static let prefix = "xn--"

    /// What a host name has at most.
    private static let mostScalars = 253

    /// `text` with each letter and its marks in one scalar, where there is one.
    private static func composed(_ text: String) -> String {
        var out = ""
        for character in text {
            let scalars = character.unicodeScalars.map(\.value)
            let whole = scalars.count < 2 ? nil : syllable(scalars) ?? precomposed(character, scalars[0])
            out.append(whole.flatMap { Unicode.Scalar($0) }.map { Character($0) } ?? character)
        }
        return out
    }

    /// A syllable of two or three Hangul letters.
    private static func syllable(_ letters: [UInt32]) -> UInt32? {
        guard letters.count <= 3, (0x1100...0x1112).contains(letters[0]), (0x1161...0x1175).contains(letters[1]) else {
            return nil
        }
        let last = letters.count == 3 ? letters[2] : 0x11A7
        guard (0x11A7...0x11C2).contains(last) else { return nil }
        return 0xAC00 + ((letters[0] - 0x1100) * 21 + letters[1] - 0x1161) * 28 + last - 0x11A7
    }

    private static func precomposed(_ character: Character, _ base: UInt32) -> UInt32? {
        let ranges: [ClosedRange<UInt32>]
        switch base {
        case 0x41...0x24F: ranges = [0xC0...0x233, 0x1E00...0x1EFF]
        case 0x370...0x3FF: ranges = [0x386...0x3CE, 0x1F00...0x1FFE]
        case 0x400...0x4FF: ranges = [0x400...0x4F9]
        case 0x3040...0x30FF: ranges = [0x3040...0x30FF]
        default: return nil
        }
        for value in ranges.joined() where Unicode.Scalar(value).map({ Character($0) == character }) ?? false {
            return value
        }
        return nil
    }

    /// The full stops of other scripts part labels as well.
    private static func labels(_ host: String) -> [String] {
        host.unicodeScalars.split(omittingEmptySubsequences: false) {
            ".\u{3002}\u{FF0E}\u{FF61}".unicodeScalars.contains($0)
        }
        .map { String(String.UnicodeScalarView($0)) }
    }
}

/// The scripts of letters, as far as host names are concerned.
private enum Script: Hashable {
    case latin, greek, cyrillic, armenian, georgian, hebrew, arabic, han, kana, bopomofo, hangul
    /// One of the scripts with a block of 128 of their own: Devanagari to Khmer, Ethiopic and others.
    case block(UInt32)

    /// Whether a label is written as people of one language write, and cannot be taken for a label of ASCII.
    static func isPlain(_ label: String) -> Bool {
        var scripts: Set<Script> = []
        for scalar in label.unicodeScalars {
            if scalar == "-" || (scalar.value < 0x80 && scalar.properties.numericType != nil) { continue }
            guard let script = Script(scalar) else { return false }
            scripts.insert(script)
        }
        guard !label.unicodeScalars.allSatisfy({ $0.value < 0x80 || looksLatin.contains($0) }) else { return false }
        let eastern: Set<Script> = [.latin, .han, .kana]
        return scripts.count == 1 || scripts.isSubset(of: eastern) || scripts.isSubset(of: [.latin, .han, .hangul])
            || scripts.isSubset(of: [.latin, .han, .bopomofo])
    }

    /// Nil for what is no letter, mark or digit of a language written today.
    private init?(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: break
        default: return nil
        }
        switch scalar.value {
        case 0x61...0x7A, 0xDF...0x24F, 0x1E00...0x1EFF: self = .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
        case 0x400...0x52F: self = .cyrillic
        case 0x530...0x58F: self = .armenian
        case 0x10D0...0x10FF: self = .georgian
        case 0x590...0x5FF: self = .hebrew
        case 0x600...0x6FF, 0x750...0x77F: self = .arabic
        case 0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x3FFFF: self = .han
        case 0x3040...0x30FF: self = .kana
        case 0x3100...0x312F: self = .bopomofo
        case 0xAC00...0xD7A3: self = .hangul
        case 0x780...0x7BF, 0x900...0x109F, 0x1200...0x137F, 0x1780...0x17FF: self = .block(scalar.value >> 7)
        default: return nil
        }
    }

    /// Letters that look like those of ASCII, in scripts whose other letters do not.
    private static let looksLatin = Set(
        "аеорсухіјѕԛԝһӏӀԁѵьгкмнтвзпѡүұҫҽαοριυνκητωχςϲϳօսոցհյզքաղեոꞔıɡ".unicodeScalars)
}
