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
    /// Those of the file, in its order.
    private(set) var apps: [AppSettings] = []
    private(set) var rooms: [RoomSettings] = []
    private(set) var keys = KeyMap.standard
    /// The commands whose keys the file names, and where.
    private(set) var keyLines: [String: Int] = [:]

    /// - Parameter flags: what the command line sets, with the flag's name.
    static func load(
        configFlag: String? = nil, flags: [SettingKey: (flag: String, value: SettingValue)] = [:],
        environment: RunEnvironment
    ) throws(Failure) -> Settings {
        let named = configFlag ?? environment["PARLEY_CONFIG"]
        var settings = Settings(path: "", environment: environment)
        if let named {
            settings.path = named
        } else {
            settings.path = try environment.configFolder + "/config.toml"
        }
        try settings.readFile(mustExist: named != nil)
        try settings.readEnvironment()
        for (key, (flag, value)) in flags {
            if let problem = key.definition.kind.problem(value) { throw Failure(.usage, "\(flag) \(problem)") }
            settings.values[key] = (value, .flag(flag))
        }
        return settings
    }

    private init(path: String, environment: RunEnvironment) {
        self.path = path
        self.environment = environment
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
            if key.definition.kind.isSecret, value != .text(""), !contents.isOwn {
                throw Self.foreign(path, line, key.rawValue, contents)
            }
            if key.definition.kind.isSecret, value != .text(""), contents.mode & 0o077 != 0 {
                throw Failure(
                    .configuration,
                    "\(path), line \(line): \(key.rawValue) is a secret and others can read the file"
                        + " (mode \(String(contents.mode, radix: 8))); chmod 600 it")
            }
            values[key] = (value, .file(path, line: line))
        }
        apps = file.apps
        rooms = file.rooms
        keys = file.keys
        keyLines = file.keyLines
        for app in apps where app.text(.secret) != nil && !contents.isOwn {
            throw Self.foreign(path, app.secretLine, "apps.secret", contents)
        }
        for app in apps where app.text(.secret) != nil && contents.mode & 0o077 != 0 {
            throw ConfigFile.wrong(
                path, app.secretLine,
                "apps.secret is a secret and others can read the file (mode \(String(contents.mode, radix: 8)));"
                    + " chmod 600 it")
        }
    }

    private static func foreign(_ path: String, _ line: Int?, _ key: String, _ contents: SmallFile.Contents) -> Failure
    {
        ConfigFile.wrong(
            path, line,
            "\(key) is a secret and the file belongs to user \(contents.owner), neither you nor root; see who made it, then"
                + " chown it")
    }

    private mutating func readEnvironment() throws(Failure) {
        for key in SettingKey.allCases {
            guard let variable = key.variable, let text = environment[variable] else { continue }
            // NO_COLOR counts by being there.
            let value: SettingValue = key == .theme ? .text("mono") : .text(text)
            if let problem = key.definition.kind.problem(value, isPrivate: true) {
                throw Failure(.configuration, "\(variable) \(problem)")
            }
            values[key] = (value, .environment(variable))
        }
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
