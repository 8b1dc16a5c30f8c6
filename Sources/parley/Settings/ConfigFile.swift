import ChatUI
import TOMLKit

/// The settings in a TOML file, or one sentence that says where it is wrong.
struct ConfigFile {
    private(set) var values: [SettingKey: (value: SettingValue, line: Int)] = [:]
    private(set) var apps: [AppSettings] = []
    private(set) var rooms: [RoomSettings] = []
    private(set) var accounts: [AccountSettings] = []
    /// What each key means, and the commands whose keys the file names.
    private(set) var keys = KeyMap.standard
    private(set) var keyLines: [String: Int] = [:]

    /// - Parameter name: the file's, for the sentences.
    init(_ text: String, name: String) throws(Failure) {
        // toml++ is handed a C string and would not see what comes after.
        if let end = text.utf8.firstIndex(of: 0) {
            let line = text.utf8[..<end].count { $0 == UInt8(ascii: "\n") } + 1
            throw Self.wrong(name, line, "there is a NUL character; expected text")
        }
        // toml++ ends the process over a table whose name begins with what no key begins with.
        for (number, line) in Self.lines(text).enumerated() {
            let header = line.unicodeScalars.drop { $0 == " " || $0 == "\t" }
            guard header.first == "[", let first = header.first(where: { !"[ \t".unicodeScalars.contains($0) })
            else { continue }
            let isKey = first.isASCII && (first.properties.isAlphabetic || ("0"..."9").contains(first))
            guard isKey || "_-\"'].#\r\n".unicodeScalars.contains(first) else {
                throw Self.wrong(
                    name, number + 1,
                    "a table's name begins with a letter, found \"\(SettingValue.escaped(String(first)))\"")
            }
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch {
            throw Self.syntax(error, name)
        }
        let lines = KeyLines(text)
        for key in table.keys {
            guard let value = table[key] else { continue }
            if key == "apps" {
                apps = try AppSettings.all(value, lines, name)
            } else if key == "rooms" {
                rooms = try RoomSettings.all(value, lines, name)
            } else if key == "accounts" {
                accounts = try AccountSettings.all(value, lines, name)
            } else if key == SettingKey.account.rawValue, value.type == .table {
                throw Self.wrong(name, lines[[key]], "account is a table; each account begins with [accounts.NAME]")
            } else if key == "keys" {
                try readKeys(value, lines, name)
            } else if SettingKey.tables.contains(key) {
                guard let inner = value.table else {
                    throw Self.wrong(name, lines[[key]], "\(key) is \(Self.found(value)); expected a table [\(key)]")
                }
                for name_ in inner.keys { try read(inner[name_], [key, name_], lines, name) }
            } else {
                try read(value, [key], lines, name)
            }
        }
    }

    private mutating func readKeys(
        _ value: any TOMLValueConvertible, _ lines: KeyLines, _ name: String
    ) throws(Failure) {
        guard let table = value.table else {
            throw Self.wrong(name, lines[["keys"]], "keys is \(Self.found(value)); expected a table [keys]")
        }
        var replaced: [(command: String, keys: [String])] = []
        for command in table.keys {
            guard let value = table[command] else { continue }
            let texts: [String]? =
                value.type == .array
                ? value.array.flatMap { list in
                    let texts = list.compactMap { $0.type == .string ? $0.string : nil }
                    return texts.count == list.count ? texts : nil
                } : value.type == .string ? value.string.map { [$0] } : nil
            guard let texts else {
                throw Self.wrong(
                    name, lines[["keys", command]],
                    "keys.\(SettingValue.escaped(command)) is \(Self.found(value)); expected a key such as \"Ctrl-T\","
                        + " a list of such, or [] for none")
            }
            replaced.append((command, texts))
            keyLines[command] = lines[["keys", command]] ?? 0
        }
        do throws(KeyMapError) {
            keys = try KeyMap(replacing: replaced)
        } catch {
            let line = error.commands.compactMap { keyLines[$0] }.first
            throw Self.wrong(name, line, SettingValue.escaped("\(error)", quotes: false))
        }
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }

    private mutating func read(
        _ found: (any TOMLValueConvertible)?, _ path: [String], _ lines: KeyLines, _ name: String
    ) throws(Failure) {
        guard let found else { return }
        let line = lines[path]
        let full = path.joined(separator: ".")
        guard let key = SettingKey(rawValue: full), path.count == (key.table.isEmpty ? 1 : 2) else {
            throw Self.wrong(name, line, Self.unknown(full, found))
        }
        values[key] = (try Self.value(found, of: full, key.definition.kind, line: line, name), line ?? 0)
    }

    /// The value of the setting `full`, where it is one that may stand there.
    static func value(
        _ found: any TOMLValueConvertible, of full: String, _ kind: SettingKind, line: Int?, _ name: String
    ) throws(Failure) -> SettingValue {
        guard let value = value(found) else {
            throw wrong(name, line, "\(full) is \(self.found(found)); expected \(kind.expected)")
        }
        if let problem = kind.problem(value) { throw wrong(name, line, "\(full) \(problem)") }
        return value
    }

    private static func value(_ found: any TOMLValueConvertible) -> SettingValue? {
        switch found.type {
        case .string: found.string.map { .text($0) }
        case .int: found.int.map { .integer($0) }
        case .bool: found.bool.map { .boolean($0) }
        case .table, .array, .double, .date, .time, .dateTime: nil
        }
    }

    static func found(_ value: any TOMLValueConvertible) -> String {
        switch value.type {
        case .table: "a table"
        case .array: "a list"
        case .double: "a number with a fraction"
        case .date, .time, .dateTime: "a date or time"
        case .string: "a text"
        case .int: value.int.map(String.init) ?? "a number"
        case .bool: value.bool.map { $0 ? "true" : "false" } ?? "a truth value"
        }
    }

    private static func list(_ tables: [String]) -> String {
        tables.dropLast().map { "[\($0)]" }.joined(separator: ", ") + " or [\(tables.last ?? "")]"
    }

    private static func unknown(_ full: String, _ value: any TOMLValueConvertible) -> String {
        if value.type == .table, !full.contains(".") {
            let full = SettingValue.escaped(full)
            let tables = SettingKey.tables.filter { !$0.isEmpty } + ["keys", "accounts"]
            let near = Nearest.word(to: full, in: tables).map { "did you mean [\($0)]?" }
            return
                "[\(full)] is no table of settings; \(near ?? "expected " + Self.list(tables))"
        }
        return unknown(full, nearest(to: full)?.rawValue)
    }

    /// The entries of a list of tables such as `[[apps]]`, each of which is `one`.
    static func entries(
        _ found: any TOMLValueConvertible, of list: String, each one: String, _ lines: KeyLines, _ name: String
    ) throws(Failure) -> TOMLArray {
        if let array = found.array { return array }
        throw wrong(name, lines[[list]], "\(list) is \(Self.found(found)); each \(one) begins with [[\(list)]]")
    }

    static func table(
        _ entry: any TOMLValueConvertible, of list: String, each one: String, _ lines: KeyLines, _ name: String
    ) throws(Failure) -> TOMLTable {
        if let table = entry.table { return table }
        throw wrong(
            name, lines[[list]],
            "an entry of \(list) is \(found(entry)); each \(one) begins with [[\(list)]]")
    }

    static func unknown(_ full: String, _ near: String?) -> String {
        "\(SettingValue.escaped(full)) is no setting; "
            + (near.map { "did you mean \($0)?" } ?? "config.sample.toml has them all")
    }

    /// The key of that table whose name is close, else one of any table whose name is.
    private static func nearest(to full: String) -> SettingKey? {
        let dot = full.firstIndex(of: ".")
        let table = dot.map { String(full[..<$0]) } ?? ""
        let name = dot.map { String(full[full.index(after: $0)...]) } ?? full
        for keys in [SettingKey.allCases.filter { $0.table == table }, SettingKey.allCases] {
            if let word = Nearest.word(to: name, in: keys.map(\.name)) { return keys.first { $0.name == word } }
        }
        return nil
    }

    static func wrong(_ name: String, _ line: Int?, _ what: String) -> Failure {
        Failure(.configuration, line.map { "\(name), line \($0): \(what)" } ?? "\(name): \(what)")
    }

    /// toml++ begins with "Error while parsing …: ", which says nothing a person needs.
    private static func syntax(_ error: any Error, _ name: String) -> Failure {
        guard let error = error as? TOMLParseError else { return Failure(.configuration, "\(name): \(error)") }
        var text = error.description
        if text.hasPrefix("Error while parsing "), let colon = text.firstIndex(of: ":") {
            let what = text[text.index(text.startIndex, offsetBy: 20)..<colon]
            text = "this is no \(what):" + text[text.index(after: colon)...]
        }
        text = String(text.map { $0.isNewline ? " " : $0 })
        let begin = error.source.begin
        return Failure(.configuration, "\(name), line \(begin.line), column \(begin.column): \(text)")
    }
}
