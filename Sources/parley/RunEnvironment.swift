import Chat
import Glibc

/// What the program was started in: variables, home, login name. Tests make their own.
struct RunEnvironment: Sendable {
    var variables: [String: String]
    /// From the user database, where `HOME` says nothing.
    var fallbackHome: String?
    var loginName: String?

    init(variables: [String: String], fallbackHome: String? = nil, loginName: String? = nil) {
        self.variables = variables
        self.fallbackHome = fallbackHome
        self.loginName = loginName
    }

    static func current() -> RunEnvironment {
        var variables: [String: String] = [:]
        for name in names { if let value = getenv(name) { variables[name] = String(cString: value) } }
        var home: String?
        var login: String?
        if let entry = getpwuid(geteuid())?.pointee {
            home = entry.pw_dir.map { String(cString: $0) }
            login = entry.pw_name.map { String(cString: $0) }
        }
        return RunEnvironment(variables: variables, fallbackHome: home, loginName: login)
    }

    private static let names = [
        "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "PARLEY_CONFIG", "PARLEY_USER", "PARLEY_URL",
        "PARLEY_TOKEN", "PARLEY_ACCOUNT", "PARLEY_INSECURE", "PARLEY_APP_SECRET", "PARLEY_STORE_URL", "NO_COLOR",
        "LOGNAME", "SSH_CONNECTION",
    ]

    /// A variable that is set to nothing counts as not set.
    subscript(name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// Who a person is at the local desk when they say nothing else.
    var localUser: UserID { UserID.near(loginName ?? self["LOGNAME"] ?? "user") }

    var configFolder: String { get throws(Failure) { try folder("XDG_CONFIG_HOME", ".config") } }
    var dataFolder: String { get throws(Failure) { try folder("XDG_DATA_HOME", ".local/share") } }
    var stateFolder: String { get throws(Failure) { try folder("XDG_STATE_HOME", ".local/state") } }

    private func folder(_ variable: String, _ below: String) throws(Failure) -> String {
        // The XDG specification has relative paths ignored.
        if let path = self[variable], path.utf8.first == UInt8(ascii: "/") { return Self.trimmed(path) + "/parley" }
        guard let home = self["HOME"] ?? fallbackHome, home.utf8.first == UInt8(ascii: "/") else {
            throw Failure(
                .configuration, "HOME is not set, and neither is \(variable); set one of them to a folder of yours")
        }
        return Self.trimmed(home) + "/\(below)/parley"
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
