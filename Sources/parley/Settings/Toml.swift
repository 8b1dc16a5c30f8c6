/// A value of a TOML text. Of numbers with a fraction and of times only the kind is kept: no setting is one.
enum TomlValue {
    case text(String)
    case integer(Int)
    case boolean(Bool)
    case fraction
    case time
    case list([TomlValue])
    case table(TomlTable)

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var table: TomlTable? { if case .table(let table) = self { table } else { nil } }
    var list: [TomlValue]? { if case .list(let list) = self { list } else { nil } }
}

/// A table of a TOML text, its keys in the order of the text.
final class TomlTable {
    /// What made the table, which decides what may be added to it.
    enum Origin {
        /// `[name]`
        case header
        /// `[name.inner]`, without a `[name]` so far.
        case innerHeader
        /// `name.key = …`
        case dottedKey
        /// `{ … }`
        case inline
    }

    fileprivate(set) var keys: [String] = []
    private var values: [String: TomlValue] = [:]
    fileprivate var origin: Origin
    /// The keys that hold a list of `[[name]]` tables.
    fileprivate var tableLists: Set<String> = []

    fileprivate init(_ origin: Origin) { self.origin = origin }

    fileprivate(set) subscript(key: String) -> TomlValue? {
        get { values[key] }
        set {
            if values[key] == nil { keys.append(key) }
            values[key] = newValue
        }
    }
}

/// Why a text is no TOML, and where.
struct TomlError: Error, Equatable {
    let line: Int
    let column: Int
    let reason: String
}

extension TomlTable {
    /// More parts of a key, or more levels of lists, have no use in any file of this program.
    static let maxDepth = 16

    /// Reads a text of TOML 1.0.
    static func reading(_ text: String) throws(TomlError) -> TomlTable {
        let root = TomlTable(.header)
        var table = root
        var scanner = TomlScanner(text)
        while try scanner.skipToStatement() {
            if scanner.peek == UInt8(ascii: "[") {
                table = try root.open(try scanner.header(), scanner)
            } else {
                let path = try scanner.key()
                try scanner.expect("=", "expected = after the key")
                try table.set(path, try value(&scanner, depth: 0), scanner)
            }
            try scanner.endStatement()
        }
        return root
    }

    /// The table that a header names.
    private func open(
        _ header: (path: [String], isList: Bool), _ scanner: TomlScanner
    ) throws(TomlError) -> TomlTable {
        var table = self
        for part in header.path.dropLast() {
            switch table[part] {
            case nil:
                let inner = TomlTable(.innerHeader)
                table[part] = .table(inner)
                table = inner
            case .table(let inner) where inner.origin != .inline: table = inner
            case .list(let list) where table.tableLists.contains(part):
                guard let inner = list.last?.table else { throw scanner.error("\(part) holds no table") }
                table = inner
            default: throw scanner.error("\(part) has a value already and cannot hold a table")
            }
        }
        guard let name = header.path.last else { throw scanner.error("a table needs a name") }
        if header.isList {
            let entry = TomlTable(.header)
            switch table[name] {
            case nil:
                table[name] = .list([.table(entry)])
                table.tableLists.insert(name)
            case .list(let list) where table.tableLists.contains(name): table[name] = .list(list + [.table(entry)])
            default: throw scanner.error("\(name) is there already and is no list of tables")
            }
            return entry
        }
        switch table[name] {
        case nil:
            let inner = TomlTable(.header)
            table[name] = .table(inner)
            return inner
        case .table(let inner) where inner.origin == .innerHeader:
            inner.origin = .header
            return inner
        default: throw scanner.error("\(name) is there already")
        }
    }

    private func set(_ path: [String], _ value: TomlValue, _ scanner: TomlScanner) throws(TomlError) {
        var table = self
        for part in path.dropLast() {
            switch table[part] {
            case nil:
                let inner = TomlTable(.dottedKey)
                table[part] = .table(inner)
                table = inner
            case .table(let inner) where inner.origin == .dottedKey: table = inner
            default: throw scanner.error("\(part) is there already")
            }
        }
        guard let name = path.last, table[name] == nil else {
            throw scanner.error("\(path.last ?? "") is there already")
        }
        table[name] = value
    }

    private static func value(_ scanner: inout TomlScanner, depth: Int) throws(TomlError) -> TomlValue {
        guard depth < maxDepth else { throw scanner.error("there are more than \(maxDepth) levels of lists or tables") }
        switch scanner.peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text(try scanner.string(mayHaveLines: true))
        case UInt8(ascii: "["): return .list(try list(&scanner, depth))
        case UInt8(ascii: "{"): return .table(try inlineTable(&scanner, depth))
        default: return try scanner.word()
        }
    }

    private static func list(_ scanner: inout TomlScanner, _ depth: Int) throws(TomlError) -> [TomlValue] {
        let start = scanner
        scanner.next()
        var list: [TomlValue] = []
        while true {
            try scanner.skipBlankLines()
            if scanner.take("]") { return list }
            guard scanner.peek != nil else { throw start.error("this list has no end; expected ]") }
            list.append(try value(&scanner, depth: depth + 1))
            try scanner.skipBlankLines()
            if scanner.take(",") { continue }
            guard scanner.peek != nil else { throw start.error("this list has no end; expected ]") }
            try scanner.expect("]", "expected a comma or ] in the list")
            return list
        }
    }

    private static func inlineTable(_ scanner: inout TomlScanner, _ depth: Int) throws(TomlError) -> TomlTable {
        scanner.next()
        // Dotted keys inside add to it until it is closed.
        let table = TomlTable(.dottedKey)
        scanner.skipBlanks()
        if scanner.take("}") {
            table.origin = .inline
            return table
        }
        while true {
            scanner.skipBlanks()
            let path = try scanner.key()
            try scanner.expect("=", "expected = after the key")
            try table.set(path, try value(&scanner, depth: depth + 1), scanner)
            scanner.skipBlanks()
            if scanner.take(",") { continue }
            try scanner.expect("}", "expected a comma or } in the table")
            table.origin = .inline
            return table
        }
    }
}
