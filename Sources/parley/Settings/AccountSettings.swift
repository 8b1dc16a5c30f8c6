/// One `[accounts.NAME]` table: somebody else, or somewhere else, than the top of the file says.
struct AccountSettings: Sendable {
    let name: String
    /// Those of `keys` that stand there.
    private(set) var values: [SettingKey: (value: SettingValue, line: Int)] = [:]

    /// What the account that the top of the file describes is called.
    static let top = "default"
    static let limit = 50
    private static let maxName = 32

    /// What an account may say: who somebody is, and where.
    static let keys = SettingKey.allCases.filter { $0 == .user || $0.isToken || isPlace($0) }

    private static func isPlace(_ key: SettingKey) -> Bool { key == .url || key.table == "channels" }

    /// Whether it says where: then nothing of what the top of the file says of that is meant for it.
    var saysWhere: Bool { values.keys.contains(where: Self.isPlace) }

    func text(_ key: SettingKey) -> String? {
        guard case .text(let text)? = values[key]?.value, !text.isEmpty else { return nil }
        return text
    }

    /// In the order of the file.
    static func all(_ found: TomlValue, _ lines: KeyLines, _ name: String) throws(Failure)
        -> [AccountSettings]
    {
        guard let table = found.table else {
            throw ConfigFile.wrong(
                name, lines[["accounts"]],
                "accounts is \(ConfigFile.found(found)); each account begins with [accounts.NAME]")
        }
        guard table.keys.count <= limit else {
            throw ConfigFile.wrong(
                name, lines[["accounts"]], "there are \(table.keys.count) accounts; there may be \(limit)")
        }
        var accounts: [(line: Int, account: AccountSettings)] = []
        for key in table.keys {
            guard let inner = table[key] else { continue }
            accounts.append((lines[["accounts", key]] ?? 0, try AccountSettings(key, inner, lines, name)))
        }
        return accounts.sorted { ($0.line, $0.account.name) < ($1.line, $1.account.name) }.map(\.account)
    }

    /// Those that can be chosen, for a shell that completes one behind `words`; none where the settings are wrong.
    static func names(after words: [String]) -> [String] {
        var file: String?
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            if word == "--config" { file = next }
            if word.utf8.starts(with: "--config=".utf8) {
                file = String(word.unicodeScalars.dropFirst("--config=".count))
            }
        }
        return (try? Settings.load(configFlag: file, environment: .current()))?.accountNames ?? []
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maxName
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_-".unicodeScalars.contains(scalar))
            }
    }

    private static func noName(_ text: String, _ lines: KeyLines, _ name: String) -> Failure {
        let part = SettingValue.escaped(String(text.unicodeScalars.prefix(maxName)))
        let shown = part + (text.unicodeScalars.count > maxName ? "…" : "")
        return ConfigFile.wrong(
            name, lines[["accounts", text]],
            "accounts.\(shown) is no name of an account; expected up to \(maxName) letters, digits, _ and -")
    }

    private init(
        _ account: String, _ found: TomlValue, _ lines: KeyLines, _ name: String
    ) throws(Failure) {
        self.name = account
        let place = ["accounts", account]
        guard Self.isName(account) else { throw Self.noName(account, lines, name) }
        guard account != Self.top else {
            throw ConfigFile.wrong(
                name, lines[place],
                "accounts.\(account) is what stands at the top of the file; give another name")
        }
        guard let table = found.table else {
            throw ConfigFile.wrong(
                name, lines[place],
                "accounts.\(account) is \(ConfigFile.found(found)); each account begins with [accounts.NAME]")
        }
        for key in table.keys {
            guard let value = table[key] else { continue }
            if key == "channels" {
                guard let channels = value.table else {
                    let full = "accounts.\(account).channels"
                    throw ConfigFile.wrong(
                        name, lines[place + [key]], "\(full) is \(ConfigFile.found(value)); expected a table [\(full)]")
                }
                for inner in channels.keys { try read(channels[inner], [key, inner], place, lines, name) }
            } else {
                try read(value, [key], place, lines, name)
            }
        }
    }

    private mutating func read(
        _ found: TomlValue?, _ path: [String], _ place: [String], _ lines: KeyLines, _ name: String
    ) throws(Failure) {
        guard let found else { return }
        let line = lines[place + path]
        let full = (place + path).joined(separator: ".")
        guard let key = SettingKey(rawValue: path.joined(separator: ".")), Self.keys.contains(key) else {
            let near = Nearest.word(to: path.joined(separator: "."), in: Self.keys.map(\.rawValue))
            throw ConfigFile.wrong(
                name, line, ConfigFile.unknown(full, near.map { "accounts.\(self.name).\($0)" }))
        }
        values[key] = (
            try ConfigFile.value(found, of: full, key.definition.kind, line: line, name), line ?? 0
        )
    }
}
