/// Finds the line a key stands on in a text that TOML has already accepted, since tables keep no
/// positions. Keys inside inline tables and arrays are found at the key that holds them.
struct KeyLines {
    private var lines: [String: Int] = [:]

    init(_ text: String) {
        var scanner = Scanner(rest: Array(text.utf8)[...])
        var table: [String] = []
        var lists: [String: Int] = [:]
        while !scanner.rest.isEmpty {
            scanner.skipBlank()
            guard let byte = scanner.rest.first else { break }
            switch byte {
            case UInt8(ascii: "\n"): scanner.next()
            case UInt8(ascii: "#"): scanner.skipLine()
            case UInt8(ascii: "["):
                var brackets = 0
                while scanner.rest.first == UInt8(ascii: "[") {
                    scanner.next()
                    brackets += 1
                }
                let path = scanner.key(until: UInt8(ascii: "]"))
                for count in 1...path.count { note(Array(path.prefix(count)), scanner.line) }
                table = Self.place(path, isEntry: brackets > 1, &lists)
                note(table, scanner.line)
                scanner.skipLine()
            default:
                let line = scanner.line
                let key = table + scanner.key(until: UInt8(ascii: "="))
                for count in 1...max(1, key.count) { note(Array(key.prefix(count)), line) }
                scanner.skipValue()
            }
        }
    }

    /// A table's path with the numbers of the lists it goes through: `["apps[0]", "webhooks[1]"]`.
    private static func place(_ path: [String], isEntry: Bool, _ lists: inout [String: Int]) -> [String] {
        var place: [String] = []
        for (depth, part) in path.enumerated() {
            let name = (place + [part]).joined(separator: "\u{0}")
            if isEntry, depth == path.count - 1 { lists[name, default: -1] += 1 }
            place.append(lists[name].map { "\(part)[\($0)]" } ?? part)
        }
        return place
    }

    /// The line of a key, or of the nearest that holds it; nil where nothing of it is in the text.
    subscript(path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = lines[path.joined(separator: "\u{0}")] { return line }
            path.removeLast()
        }
        return nil
    }

    private mutating func note(_ path: [String], _ line: Int) {
        let name = path.joined(separator: "\u{0}")
        if lines[name] == nil { lines[name] = line }
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>
        var line = 1

        @discardableResult mutating func next() -> UInt8? {
            guard let byte = rest.popFirst() else { return nil }
            if byte == UInt8(ascii: "\n") { line += 1 }
            return byte
        }

        mutating func skipBlank() {
            while let byte = rest.first, byte == 0x20 || byte == 0x09 || byte == 0x0D { next() }
        }

        mutating func skipLine() {
            while let byte = rest.first, byte != UInt8(ascii: "\n") { next() }
        }

        /// The parts of a dotted key up to `end`, which is consumed.
        mutating func key(until end: UInt8) -> [String] {
            var parts: [[UInt8]] = [[]]
            while let byte = rest.first, byte != UInt8(ascii: "\n") {
                switch byte {
                case end:
                    next()
                    return parts.map { String(decoding: $0, as: UTF8.self) }
                case UInt8(ascii: "."): parts.append([])
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    next()
                    while let inside = rest.first, inside != byte, inside != UInt8(ascii: "\n") {
                        parts[parts.count - 1].append(inside)
                        next()
                    }
                case 0x20, 0x09: break
                default: parts[parts.count - 1].append(byte)
                }
                next()
            }
            return parts.map { String(decoding: $0, as: UTF8.self) }
        }

        /// To the end of the value's last line.
        mutating func skipValue() {
            var depth = 0
            while let byte = rest.first {
                switch byte {
                case UInt8(ascii: "\n"):
                    if depth <= 0 { return }
                    next()
                case UInt8(ascii: "#"): skipLine()
                case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(byte)
                default:
                    if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
                    if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth -= 1 }
                    next()
                }
            }
        }

        private mutating func skipString(_ quote: UInt8) {
            let isLong = rest.count >= 3 && rest.prefix(3).allSatisfy { $0 == quote }
            for _ in 0..<(isLong ? 3 : 1) { next() }
            while let byte = rest.first {
                if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                    next()
                    next()
                } else if !isLong, byte == quote || byte == UInt8(ascii: "\n") {
                    if byte == quote { next() }
                    return
                } else if isLong, rest.count >= 3, rest.prefix(3).allSatisfy({ $0 == quote }) {
                    while rest.first == quote { next() }
                    return
                } else {
                    next()
                }
            }
        }
    }
}
