import Chat
import ChatUI
import Desk

/// What is in force, and where each value comes from: flag, environment, file, default, in this order.
struct Settings: Sendable {
    enum Source: Equatable, Sendable, CustomStringConvertible {
        case flag(String)
        case environment(String)
        case file(String, line: Int)
        case initial

        var description: String {
            switch self {
            case .flag(let name): name
            case .environment(let name): "environment \(name)"
            case .file(let path, let line): "\(path), line \(line)"
            case .initial: "default"
            }
        }
    }

    private var values: [SettingKey: (value: SettingValue, source: Source)] = [:]
    /// The file that is read, whether or not it is there.
    private(set) var path: String
    /// Whether it is there.
    private(set) var hasFile = false
    let environment: RunEnvironment
    /// Whether the user said that a token and messages may travel without TLS beyond this machine.
    let isInsecure: Bool
    private var began: Beginning
    /// Those of the file, in its order.
    private(set) var apps: [AppSettings] = []
    private(set) var rooms: [RoomSettings] = []
    private(set) var accounts: [AccountSettings] = []
    /// The URL at the top of the file.
    private var topURL: String?
    private(set) var keys = KeyMap.standard
    /// The commands whose keys the file names, and where.
    private(set) var keyLines: [String: Int] = [:]

    /// - Parameters:
    ///   - flags: what the command line sets, with the flag's name.
    ///   - isInsecure: what `--insecure` says; `PARLEY_INSECURE=1` says it to children.
    static func load(
        configFlag: String? = nil, flags: [SettingKey: (flag: String, value: SettingValue)] = [:],
        isInsecure: Bool = false, environment: RunEnvironment
    ) throws(Failure) -> Settings {
        let named = configFlag ?? environment["PARLEY_CONFIG"]
        var settings = Settings(
            path: "", environment: environment, isInsecure: isInsecure || environment["PARLEY_INSECURE"] == "1",
            began: Beginning(configFlag: configFlag, flags: flags))
        if let named {
            settings.path = named
        } else {
            settings.path = try environment.configFolder + "/config.toml"
        }
        try settings.readFile(mustExist: named != nil)
        try settings.readEnvironment(flags: flags)
        for (key, (flag, value)) in flags {
            if let problem = key.definition.kind.problem(value) { throw Failure(.usage, "\(flag) \(problem)") }
            settings.values[key] = (value, .flag(flag))
        }
        try settings.takeAccount()
        return settings
    }

    private init(path: String, environment: RunEnvironment, isInsecure: Bool, began: Beginning) {
        self.path = path
        self.environment = environment
        self.isInsecure = isInsecure
        self.began = began
    }

    /// The command line of the run.
    private struct Beginning: Sendable {
        let configFlag: String?
        let flags: [SettingKey: (flag: String, value: SettingValue)]
    }

    /// The settings to go on with as another account, read anew. What flags and environment say of who and where is meant
    /// for the account that the run began as, and comes back with it.
    func goingOn(as name: String) throws(Failure) -> Settings {
        let first = try Self.load(
            configFlag: began.configFlag, flags: began.flags, isInsecure: isInsecure, environment: environment)
        guard (first.account ?? AccountSettings.top) != name else { return first }
        var flags = began.flags
        (flags[.user], flags[.url]) = (nil, nil)
        flags[.account] = ("--account", .text(name))
        var next = try Self.load(
            configFlag: began.configFlag, flags: flags, isInsecure: isInsecure, environment: environment)
        next.began = began
        return next
    }

    private mutating func readFile(mustExist: Bool) throws(Failure) {
        guard let contents = try SmallFile.read(path) else {
            guard mustExist else { return }
            throw Failure(
                .configuration, "\(path): there is no such file; --config and PARLEY_CONFIG name one that exists")
        }
        hasFile = true
        let file = try ConfigFile(contents.text, name: path)
        for (key, (value, line)) in file.values {
            if key.definition.kind.isSecret, value != .text("") { try keepSecret(key.rawValue, line, contents) }
            values[key] = (value, .file(path, line: line))
        }
        topURL = text(.url)
        accounts = file.accounts
        for account in accounts {
            for (key, (value, line)) in account.values where key.definition.kind.isSecret && value != .text("") {
                try keepSecret("accounts.\(account.name).\(key.rawValue)", line, contents)
            }
        }
        apps = file.apps
        rooms = file.rooms
        keys = file.keys
        keyLines = file.keyLines
        for app in apps where app.text(.secret) != nil { try keepSecret("apps.secret", app.secretLine, contents) }
    }

    /// Throws where a secret stands in a file that is somebody else's, or that others can read.
    private func keepSecret(_ key: String, _ line: Int?, _ contents: SmallFile.Contents) throws(Failure) {
        guard contents.isOwn else {
            throw ConfigFile.wrong(
                path, line,
                "\(key) is a secret and the file belongs to user \(contents.owner), neither you nor root; see who made it,"
                    + " then chown it")
        }
        guard contents.mode & 0o077 == 0 else {
            throw ConfigFile.wrong(
                path, line,
                "\(key) is a secret and others can read the file (mode \(String(contents.mode, radix: 8))); chmod 600 it"
            )
        }
    }

    /// What there is to choose from, the top of the file first; empty where that is all.
    var accountNames: [String] { accounts.isEmpty ? [] : [AccountSettings.top] + accounts.map(\.name) }

    /// The account in force; nil is the top of the file.
    var account: String? { text(.account).flatMap { $0 == AccountSettings.top ? nil : $0 } }

    /// Puts what an account says in the place of what the top of the file says; what stands above the file stands above
    /// both. The tokens at the top are somebody else's.
    private mutating func takeAccount() throws(Failure) {
        guard let name = account else { return }
        guard let account = accounts.first(where: { $0.name == name }) else {
            let known = accounts.isEmpty ? "[accounts.NAME] there makes one" : "there are \(Self.list(accountNames))"
            throw Failure(
                .configuration, "\(source(.account)): there is no account \"\(Text.shown(name))\" in \(path); \(known)")
        }
        for key in AccountSettings.keys where source(key) == .initial || source(key).isFile {
            if let (value, line) = account.values[key] {
                values[key] = (value, .file(path, line: line))
            } else if key.isToken || (account.saysWhere && key != .user) {
                values[key] = nil
            }
        }
    }

    /// What the token for the file's URL is kept under beside it; nil is nothing, as for a URL from elsewhere.
    var tokenName: String? { source(.url).isFile ? account : nil }

    /// Whether no other account of the file is at `url`, so that a token kept for the URL alone can be no other's.
    func isOnlyAccount(at url: DeskURL) -> Bool {
        let places = accounts.filter { $0.name != account }.map { $0.saysWhere ? $0.text(.url) : topURL }
        return !(places + [topURL]).compactMap(\.self).contains { (try? DeskURL($0)) == url }
    }

    private static func list(_ names: [String]) -> String {
        names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }

    /// A flag that names the account stands above what the environment says of user, desk and token; one that names the desk
    /// above a token that the environment has for another.
    private mutating func readEnvironment(
        flags: [SettingKey: (flag: String, value: SettingValue)]
    ) throws(Failure) {
        let namesAccount = flags[.account] != nil
        let namesOtherDesk = Self.isOther(flags[.url]?.value, than: environment["PARLEY_URL"])
        for key in SettingKey.allCases {
            if namesAccount, AccountSettings.keys.contains(key) { continue }
            if namesOtherDesk, key == .token { continue }
            guard let variable = key.variable, let text = environment[variable] else { continue }
            // NO_COLOR counts by being there.
            let value: SettingValue = key == .theme ? .text("mono") : .text(text)
            if let problem = key.definition.kind.problem(value, isPrivate: true) {
                throw Failure(.configuration, "\(variable) \(problem)")
            }
            values[key] = (value, .environment(variable))
        }
    }

    private static func isOther(_ flag: SettingValue?, than text: String?) -> Bool {
        guard case .text(let named) = flag, let text else { return false }
        return named != text && (try? DeskURL(named)) != (try? DeskURL(text))
    }

    func value(_ key: SettingKey) -> SettingValue { values[key]?.value ?? key.definition.initial }
    func source(_ key: SettingKey) -> Source { values[key]?.source ?? .initial }

    /// Nil where it is empty.
    func text(_ key: SettingKey) -> String? {
        guard case .text(let text) = value(key), !text.isEmpty else { return nil }
        return text
    }

    func integer(_ key: SettingKey) -> Int {
        guard case .integer(let number) = value(key) else { preconditionFailure("\(key) is no number") }
        return number
    }

    func boolean(_ key: SettingKey) -> Bool {
        guard case .boolean(let bool) = value(key) else { preconditionFailure("\(key) is no truth value") }
        return bool
    }

    /// As it may be shown: secrets are not.
    func shown(_ key: SettingKey) -> SettingValue {
        guard let text = text(key) else { return value(key) }
        if key.definition.kind.isSecret { return .text("(hidden)") }
        return key.definition.kind == .store ? .text(PostgresURL(text)?.shown ?? "(hidden)") : value(key)
    }
}
