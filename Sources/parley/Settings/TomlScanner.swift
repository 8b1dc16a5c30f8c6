/// Reads the words of a TOML text: headers, keys, strings, numbers.
struct TomlScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func next() { index += 1 }

    /// At the present place.
    func error(_ reason: String) -> TomlError {
        let before = bytes[..<min(index, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return TomlError(line: line, column: before.count - start + 1, reason: reason)
    }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: byte) else { return false }
        next()
        return true
    }

    /// With blanks on both sides.
    mutating func expect(_ byte: Unicode.Scalar, _ reason: String) throws(TomlError) {
        skipBlanks()
        guard take(byte) else { throw error(reason) }
        skipBlanks()
    }

    mutating func skipBlanks() { while peek == 0x20 || peek == 0x09 { next() } }

    /// Blanks, ends of lines and comments.
    mutating func skipBlankLines() throws(TomlError) {
        while true {
            skipBlanks()
            if peek == UInt8(ascii: "#") { try skipComment() }
            guard try takeLineEnd() else { return }
        }
    }

    /// False at the end of the text.
    mutating func skipToStatement() throws(TomlError) -> Bool {
        try skipBlankLines()
        return peek != nil
    }

    mutating func endStatement() throws(TomlError) {
        skipBlanks()
        if peek == UInt8(ascii: "#") { try skipComment() }
        guard try takeLineEnd() || peek == nil else { throw error("expected the end of the line") }
    }

    private mutating func takeLineEnd() throws(TomlError) -> Bool {
        if peek == 0x0D {
            guard index + 1 < bytes.count, bytes[index + 1] == 0x0A else { throw error("a carriage return alone") }
            next()
        }
        return take("\n")
    }

    private mutating func skipComment() throws(TomlError) {
        while let byte = peek, byte != 0x0A, byte != 0x0D {
            try refuseControl(byte)
            next()
        }
    }

    private func refuseControl(_ byte: UInt8) throws(TomlError) {
        if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw error("a control character") }
    }

    // MARK: Keys

    /// `[a.b]` or `[[a.b]]`.
    mutating func header() throws(TomlError) -> (path: [String], isList: Bool) {
        next()
        let isList = take("[")
        skipBlanks()
        let path = try key()
        skipBlanks()
        guard take("]"), !isList || take("]") else {
            throw error("expected \(isList ? "]]" : "]") after the table's name")
        }
        return (path, isList)
    }

    /// `a`, `"a"` or `a.b`.
    mutating func key() throws(TomlError) -> [String] {
        var path: [String] = []
        repeat {
            skipBlanks()
            path.append(try keyPart())
            guard path.count <= TomlTable.maxDepth else {
                throw error("the key has more than \(TomlTable.maxDepth) parts")
            }
            skipBlanks()
        } while take(".")
        return path
    }

    private mutating func keyPart() throws(TomlError) -> String {
        if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") { return try string(mayHaveLines: false) }
        let start = index
        while let byte = peek, Self.isKeyByte(byte) { next() }
        guard index > start else {
            throw error("expected a key: letters, digits, _ and -, or a text in quotes")
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: Values

    /// A text in quotes; in three of them with `mayHaveLines`.
    mutating func string(mayHaveLines: Bool) throws(TomlError) -> String {
        let start = self
        guard let quote = peek else { throw error("expected a text in quotes") }
        let isLong = bytes[index...].prefix(3).elementsEqual([quote, quote, quote])
        guard !isLong || mayHaveLines else { throw error("a key has one quote at each end") }
        index += isLong ? 3 : 1
        if isLong { _ = try takeLineEnd() }
        var text: [UInt8] = []
        while let byte = peek {
            if byte == quote {
                guard isLong else {
                    next()
                    return String(decoding: text, as: UTF8.self)
                }
                // Up to two of them may stand before those at the end.
                let count = bytes[index...].prefix(5).prefix { $0 == quote }.count
                index += count
                guard count >= 3 else {
                    text += Array(repeating: quote, count: count)
                    continue
                }
                text += Array(repeating: quote, count: count - 3)
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                try escape(isLong: isLong, into: &text)
            } else if byte == 0x0A || byte == 0x0D {
                guard isLong, try takeLineEnd() else { throw start.error("this text has no end on its line") }
                text.append(0x0A)
            } else {
                try refuseControl(byte)
                text.append(byte)
                next()
            }
        }
        throw start.error("this text has no end")
    }

    private mutating func escape(isLong: Bool, into text: inout [UInt8]) throws(TomlError) {
        let start = self
        next()
        guard let byte = peek else { throw start.error("this text has no end") }
        next()
        switch byte {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let digits = bytes[index...].prefix(byte == UInt8(ascii: "u") ? 4 : 8)
            guard digits.count == (byte == UInt8(ascii: "u") ? 4 : 8),
                digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let scalar = UInt32(String(decoding: digits, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
            else { throw start.error("\\u and \\U name a character by 4 and 8 hexadecimal digits") }
            index += digits.count
            text += Array(String(scalar).utf8)
        default:
            // At a line's end: leaves out the blanks up to the next word.
            index = start.index + 1
            skipBlanks()
            guard isLong, try takeLineEnd() else {
                throw start.error("unknown escape sequence; a backslash in a text is written \\\\")
            }
            repeat { skipBlanks() } while try takeLineEnd()
        }
    }

    /// A number, a time, `true` or `false`.
    mutating func word() throws(TomlError) -> TomlValue {
        let start = self
        while let byte = peek, Self.isKeyByte(byte) || "+.:".utf8.contains(byte) { next() }
        var word = String(decoding: bytes[start.index..<index], as: UTF8.self)
        // A blank may stand between date and time.
        if Self.isDate(word), peek == 0x20, index + 1 < bytes.count, (0x30...0x39).contains(bytes[index + 1]) {
            next()
            let time = index
            while let byte = peek, Self.isKeyByte(byte) || "+.:".utf8.contains(byte) { next() }
            word += "T" + String(decoding: bytes[time..<index], as: UTF8.self)
        }
        switch word {
        case "": throw start.error("expected a value")
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        if let value = Self.number(word) { return value }
        if Self.isTime(word) { return .time }
        let shown = SettingValue.escaped(String(word.prefix(40)))
        throw start.error("unknown value \(shown); a text stands in quotes")
    }

    private static func number(_ word: String) -> TomlValue? {
        let sign = word.hasPrefix("-") ? "-" : ""
        let digits = word.hasPrefix("-") || word.hasPrefix("+") ? String(word.dropFirst()) : word
        if digits == "inf" || digits == "nan" { return .fraction }
        guard let first = digits.utf8.first, (0x30...0x39).contains(first) else { return nil }
        // An underscore stands between two digits.
        guard !digits.contains("__"), !digits.hasSuffix("_") else { return nil }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
            let rest = word.dropFirst(2)
            guard !rest.hasPrefix("_"), !rest.hasPrefix("-"), !rest.hasPrefix("+") else { return nil }
            return Int(rest.replacing("_", with: ""), radix: radix).map { .integer($0) }
        }
        let plain = digits.replacing("_", with: "")
        if plain.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard plain == "0" || !plain.hasPrefix("0") else { return nil }
            return Int(sign + plain).map { .integer($0) }
        }
        return isFraction(plain) ? .fraction : nil
    }

    /// `1.5`, `1e3`, `1.5e-3`.
    private static func isFraction(_ text: String) -> Bool {
        func areDigits(_ text: Substring) -> Bool {
            !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        let halves = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        if halves.count == 2 {
            let exponent = halves[1].first == "-" || halves[1].first == "+" ? halves[1].dropFirst() : halves[1]
            guard areDigits(exponent) else { return false }
        }
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy(areDigits) else { return false }
        return parts[0] == "0" || !parts[0].hasPrefix("0")
    }

    private static func isDate(_ text: String) -> Bool { shape(text) == "9999-99-99" }

    /// A date, a time of day, or both with or without an offset.
    private static func isTime(_ text: String) -> Bool {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == "t" }
        if parts.count == 1 { return isDate(text) || isTimeOfDay(parts[0], mayHaveOffset: false) }
        return isDate(String(parts[0])) && isTimeOfDay(parts[1], mayHaveOffset: true)
    }

    private static func isTimeOfDay(_ text: Substring, mayHaveOffset: Bool) -> Bool {
        let time = text.prefix { $0.isNumber || $0 == ":" || $0 == "." }
        let offset = shape(String(text.dropFirst(time.count)))
        guard ["", "Z", "z"].contains(offset) || offset == "+99:99" || offset == "-99:99" else { return false }
        guard mayHaveOffset || offset.isEmpty else { return false }
        let parts = time.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard shape(String(parts[0])) == "99:99:99" else { return false }
        return parts.count == 1 || (!parts[1].isEmpty && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) })
    }

    /// Every digit as a 9.
    private static func shape(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x30...0x39).contains($0) ? 0x39 : $0 }, as: UTF8.self)
    }
}
