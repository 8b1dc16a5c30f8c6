import ArgumentParser
import Chat
import ChatSession

/// The options every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read the settings from this file.", valueName: "file"))
    var config: String?
    @Option(
        help: ArgumentHelp("Be this account of [accounts] in the settings.", valueName: "name"),
        completion: .custom { words, _, _ in AccountSettings.names(after: words) })
    var account: String?
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("Be this user; at the local desk anybody you like.", valueName: "user"))
    var user: String?
    @Option(help: ArgumentHelp("Talk to the desk at this address and not to the local one.", valueName: "url"))
    var url: String?
    @Flag(help: "Let the token and messages travel without TLS to another machine.")
    var insecure = false
    @Option(name: .long, help: ArgumentHelp("How much the log file tells: trace to critical.", valueName: "level"))
    var logLevel: String?

    func settings(
        _ more: [SettingKey: (flag: String, value: SettingValue)] = [:], environment: RunEnvironment = .current()
    ) throws(Failure) -> Settings {
        var flags = more
        if let user {
            // An empty setting means "the login name"; an empty flag is a mistake.
            _ = try Self.userID(user, in: "--as")
            flags[.user] = ("--as", .text(user))
        }
        if let account {
            guard !account.isEmpty else {
                throw Failure(.usage, "--account: is empty; expected the name of an account, or \(AccountSettings.top)")
            }
            flags[.account] = ("--account", .text(account))
        }
        if let url { flags[.url] = ("--url", .text(url)) }
        if let logLevel { flags[.logLevel] = ("--log-level", .text(logLevel)) }
        return try Settings.load(
            configFlag: config, flags: flags, isInsecure: insecure, environment: environment)
    }

    static func userID(_ text: String, in place: String) throws(Failure) -> UserID {
        do throws(UserIDError) {
            return try UserID(validating: text)
        } catch {
            throw Failure(.usage, "\(place): \(error)")
        }
    }
}

/// What an argument PEER names.
typealias Peer = Place

extension Place {
    /// A user id, or a room with `#` before its name.
    init(argument text: String) throws(Failure) {
        if text.hasPrefix("#") {
            let name = String(text.dropFirst())
            guard UserID(name) != nil else {
                throw Failure(.usage, "PEER: \(Text.shown(text)) is no room; expected a name such as #lobby")
            }
            self = .room(name)
        } else {
            self = .peer(try GlobalOptions.userID(text, in: "PEER"))
        }
    }
}

/// `10s`, `500ms`, `2m`, `1h`; a bare number is seconds.
struct TimeSpan: ExpressibleByArgument, Equatable, Sendable {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [(String, Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("", 1000)]
        for (unit, factor) in units where argument.hasSuffix(unit) {
            guard let number = Double(argument.dropLast(unit.count)), number >= 0, number.isFinite,
                argument.first?.isNumber == true
            else { return nil }
            let milliseconds = (number * Double(factor)).rounded()
            guard milliseconds <= 30 * 86_400_000 else { return nil }
            duration = .milliseconds(Int(milliseconds))
            return
        }
        return nil
    }

    var defaultValueDescription: String {
        let milliseconds =
            Int(duration.components.seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000)
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}
