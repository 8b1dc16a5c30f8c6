import ChatUI

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
        let table: TomlTable
        do throws(TomlError) { table = try TomlTable.reading(text) } catch { throw Self.syntax(error, name) }
        let lines = KeyLines(text)
        for key in table.keys {
            guard let value = table[key] else { continue }
            if key == "apps" {
                apps = try AppSettings.all(value, lines, name)
            } else if key == "rooms" {
                rooms = try RoomSettings.all(value, lines, name)
            } else if key == "accounts" {
                accounts = try AccountSettings.all(value, lines, name)
            } else if key == SettingKey.account.rawValue, value.table != nil {
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
        try checkWaiting(name)
    }

    /// An alarm before the warning is never meant.
    private func checkWaiting(_ name: String) throws(Failure) {
        guard case (.integer(let alarm), let line)? = values[.waitAlarm] else { return }
        let warning = values[.waitWarning]?.value ?? SettingKey.waitWarning.definition.initial
        guard case .integer(let minutes) = warning, alarm < minutes else { return }
        throw Self.wrong(
            name, line,
            "waiting.alarm_after is \(alarm), below waiting.warn_after, which is \(minutes); expected \(minutes) or more"
        )
    }

    private mutating func readKeys(
        _ value: TomlValue, _ lines: KeyLines, _ name: String
    ) throws(Failure) {
        guard let table = value.table else {
            throw Self.wrong(name, lines[["keys"]], "keys is \(Self.found(value)); expected a table [keys]")
        }
        var replaced: [(command: String, keys: [String])] = []
        for command in table.keys {
            guard let value = table[command] else { continue }
            let texts: [String]? =
                switch value {
                case .text(let text): [text]
                case .list(let list) where list.allSatisfy({ $0.text != nil }): list.compactMap(\.text)
                default: nil
                }
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

    private mutating func read(
        _ found: TomlValue?, _ path: [String], _ lines: KeyLines, _ name: String
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
        _ found: TomlValue, of full: String, _ kind: SettingKind, line: Int?, _ name: String
    ) throws(Failure) -> SettingValue {
        guard let value = value(found) else {
            throw wrong(name, line, "\(full) is \(self.found(found)); expected \(kind.expected)")
        }
        if let problem = kind.problem(value) { throw wrong(name, line, "\(full) \(problem)") }
        return value
    }

    private static func value(_ found: TomlValue) -> SettingValue? {
        switch found {
        case .text(let text): .text(text)
        case .integer(let number): .integer(number)
        case .boolean(let bool): .boolean(bool)
        case .table, .list, .fraction, .time: nil
        }
    }

    static func found(_ value: TomlValue) -> String {
        switch value {
        case .table: "a table"
        case .list: "a list"
        case .fraction: "a number with a fraction"
        case .time: "a date or time"
        case .text: "a text"
        case .integer(let number): String(number)
        case .boolean(let bool): bool ? "true" : "false"
        }
    }

    private static func list(_ tables: [String]) -> String {
        tables.dropLast().map { "[\($0)]" }.joined(separator: ", ") + " or [\(tables.last ?? "")]"
    }

    private static func unknown(_ full: String, _ value: TomlValue) -> String {
        if value.table != nil, !full.contains(".") {
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
        _ found: TomlValue, of list: String, each one: String, _ lines: KeyLines, _ name: String
    ) throws(Failure) -> [TomlValue] {
        if let list = found.list { return list }
        throw wrong(name, lines[[list]], "\(list) is \(Self.found(found)); each \(one) begins with [[\(list)]]")
    }

    static func table(
        _ entry: TomlValue, of list: String, each one: String, _ lines: KeyLines, _ name: String
    ) throws(Failure) -> TomlTable {
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

    private static func syntax(_ error: TomlError, _ name: String) -> Failure {
        Failure(.configuration, "\(name), line \(error.line), column \(error.column): \(Text.shown(error.reason))")
    }
}
