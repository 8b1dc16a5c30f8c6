import ChannelsProtocol
import Desk
/// Every setting of an `[[apps]]` table: an app of the engine beside the desk's own.
enum AppKey: String, CaseIterable, Sendable {
    case id
    case key
    case secret
    case secretFile = "secret_file"
    case enabled
    case clientEvents = "client_events"
    case subscriptionCounts = "subscription_counts"
    case requireSignIn = "require_sign_in"
    case connections
    case members
    case eventData = "event_data"
    case clientEventsPerSecond = "client_events_per_second"
    case activityTimeout = "activity_timeout"
    case pongTimeout = "pong_timeout"
    case handshakeTimeout = "handshake_timeout"
    case signInTimeout = "sign_in_timeout"
    case channelName = "channel_name"
    case eventName = "event_name"
    case userID = "user_id"
    case userInfo = "user_info"
    case watchlist
    case channelsPerTrigger = "channels_per_trigger"
    case batch
    case channelsPerConnection = "channels_per_connection"
    case framesPerSecond = "frames_per_second"
    case pendingBytes = "pending_bytes"

    var definition: SettingKey.Definition {
        switch self {
        case .id:
            .init(
                .word, .text(""),
                "Its id; where that is desk.app_id, the rules below are for the desk's own app, without key and secret."
            )
        case .key: .init(.word, .text(""), "Its key, which its clients connect with.")
        case .secret: .init(.secret, .text(""), "Its secret; a file is a better place.")
        case .secretFile: .init(.path, .text(""), "A file whose first line is its secret.")
        case .enabled: .init(.boolean, .boolean(true), "Off refuses its clients and its publishers.")
        case .clientEvents: .init(.boolean, .boolean(true), "Whether its clients may send events to each other.")
        case .subscriptionCounts:
            .init(.boolean, .boolean(false), "Tell subscribers how many they are, outside of presence channels.")
        case .requireSignIn:
            .init(.boolean, .boolean(false), "Close connections that have not signed in within sign_in_timeout.")
        case .connections: .init(.integer(0...1_000_000), .integer(0), "The most connections; 0 is without limit.")
        case .members:
            .init(.integer(0...1_000_000), .integer(100), "The most members of a presence channel; 0 is without limit.")
        case .eventData: .init(.integer(1...100_000), .integer(10_240), "The most bytes of an event's data.")
        case .clientEventsPerSecond:
            .init(
                .integer(0...100_000), .integer(10), "The most client events of a connection in a second; 0 is any.")
        case .activityTimeout:
            .init(.integer(5...3_600), .integer(30), "Seconds of silence after which a connection is pinged.")
        case .pongTimeout:
            .init(.integer(1...3_600), .integer(30), "Seconds after which a connection that was pinged is given up.")
        case .handshakeTimeout:
            .init(
                .integer(1...3_600), .integer(10),
                "Seconds a connection has for its first request; the first app's counts.")
        case .signInTimeout:
            .init(.integer(1...3_600), .integer(30), "Seconds a connection has to sign in, where it must.")
        case .channelName: .init(.integer(1...200), .integer(164), "The most bytes of a channel's name.")
        case .eventName: .init(.integer(1...200), .integer(200), "The most bytes of an event's name.")
        case .userID: .init(.integer(1...200), .integer(128), "The most characters of a user id.")
        case .userInfo: .init(.integer(1...100_000), .integer(1_024), "The most bytes a member tells of themself.")
        case .watchlist: .init(.integer(0...10_000), .integer(100), "The most ids of a watchlist that count.")
        case .channelsPerTrigger:
            .init(.integer(1...10_000), .integer(100), "The most channels one event is published to.")
        case .batch: .init(.integer(1...1_000), .integer(10), "The most events of one batch.")
        case .channelsPerConnection:
            .init(.integer(0...1_000_000), .integer(1_000), "The most channels of a connection; 0 is without limit.")
        case .framesPerSecond:
            .init(.integer(0...1_000_000), .integer(1_000), "The most frames of a connection in a second; 0 is any.")
        case .pendingBytes:
            .init(
                .integer(65_536...1_073_741_824), .integer(1_048_576),
                "The most bytes that wait for a connection that reads too slowly; beyond it is closed.")
        }
    }
}

extension AppKey {
    /// The limit a number stands for.
    enum Limit {
        case count(WritableKeyPath<Limits, Int>)
        /// 0 is without limit.
        case optional(WritableKeyPath<Limits, Int?>)
        case seconds(WritableKeyPath<Limits, Duration>)
    }

    var limit: Limit? {
        switch self {
        case .connections: .optional(\.connections)
        case .members: .optional(\.presenceMembers)
        case .clientEventsPerSecond: .optional(\.clientEventsPerSecond)
        case .channelsPerConnection: .optional(\.channelsPerConnection)
        case .framesPerSecond: .optional(\.framesPerSecond)
        case .activityTimeout: .seconds(\.activityTimeout)
        case .pongTimeout: .seconds(\.pongTimeout)
        case .handshakeTimeout: .seconds(\.handshakeTimeout)
        case .signInTimeout: .seconds(\.signInTimeout)
        case .channelName: .count(\.channelName)
        case .eventName: .count(\.eventName)
        case .userID: .count(\.userID)
        case .userInfo: .count(\.userInfo)
        case .watchlist: .count(\.watchlist)
        case .channelsPerTrigger: .count(\.channelsPerTrigger)
        case .batch: .count(\.batchSize)
        case .pendingBytes: .count(\.pendingBytes)
        case .id, .key, .secret, .secretFile, .enabled, .clientEvents, .subscriptionCounts, .requireSignIn, .eventData:
            nil
        }
    }
}

/// Every setting of an `[[apps.webhooks]]` table.
enum WebhookKey: String, CaseIterable, Sendable {
    case url
    case events
    case batch

    var definition: SettingKey.Definition {
        switch self {
        case .url: .init(.url, .text(""), "Who is called with what happens in the app; the call is signed.")
        case .events:
            .init(
                .words(AppRules.Webhook.allKinds), .text(AppRules.Webhook.allKinds.joined(separator: " ")),
                "What is told, with blanks between.")
        case .batch: .init(.integer(1...1_000), .integer(1), "The most events of one call.")
        }
    }
}

/// One `[[apps]]` table, in order as far as the file alone can tell.
struct AppSettings: Equatable, Sendable {
    private(set) var values: [AppKey: SettingValue] = [:]
    private(set) var webhooks: [[WebhookKey: SettingValue]] = []
    /// Where its first key is, and where its secret.
    private(set) var line: Int?
    private(set) var secretLine: Int?

    static func all(_ found: TomlValue, _ lines: KeyLines, _ name: String) throws(Failure)
        -> [AppSettings]
    {
        let list = try ConfigFile.entries(found, of: "apps", each: "app", lines, name)
        var apps: [AppSettings] = []
        for (index, entry) in list.enumerated() {
            let place = ["apps[\(index)]"]
            let table = try ConfigFile.table(entry, of: "apps", each: "app", lines, name)
            apps.append(try AppSettings(table, place, lines, name))
        }
        return apps
    }

    private init(_ table: TomlTable, _ place: [String], _ lines: KeyLines, _ name: String) throws(Failure) {
        line = lines[place] ?? lines[["apps"]]
        func at(_ key: String) -> Int? { lines[place + [key]] ?? lines[["apps"]] }
        for key in table.keys {
            guard let found = table[key] else { continue }
            if key == "webhooks" {
                webhooks = try Self.webhooks(found, place, lines, name)
                continue
            }
            guard let known = AppKey(rawValue: key) else {
                let near = Nearest.word(to: key, in: AppKey.allCases.map(\.rawValue) + ["webhooks"])
                throw ConfigFile.wrong(name, at(key), ConfigFile.unknown("apps.\(key)", near.map { "apps.\($0)" }))
            }
            values[known] = try ConfigFile.value(
                found, of: "apps.\(key)", known.definition.kind, line: at(key), name)
            if known == .secret { secretLine = at(key) }
        }
        guard text(.id) != nil else {
            throw ConfigFile.wrong(name, line, "apps.id is missing; expected \(AppKey.id.definition.kind.expected)")
        }
    }

    private static func webhooks(
        _ found: TomlValue, _ place: [String], _ lines: KeyLines, _ name: String
    ) throws(Failure) -> [[WebhookKey: SettingValue]] {
        let line = lines[place + ["webhooks"]] ?? lines[["apps"]]
        guard let list = found.list else {
            throw ConfigFile.wrong(
                name, line, "apps.webhooks is \(ConfigFile.found(found)); each webhook begins with [[apps.webhooks]]")
        }
        var hooks: [[WebhookKey: SettingValue]] = []
        for (index, entry) in list.enumerated() {
            let here = place + ["webhooks[\(index)]"]
            guard let table = entry.table else {
                throw ConfigFile.wrong(
                    name, line,
                    "an entry of apps.webhooks is \(ConfigFile.found(entry)); each webhook begins with [[apps.webhooks]]"
                )
            }
            var hook: [WebhookKey: SettingValue] = [:]
            for key in table.keys {
                guard let found = table[key] else { continue }
                let at = lines[here + [key]] ?? line
                guard let known = WebhookKey(rawValue: key) else {
                    let near = Nearest.word(to: key, in: WebhookKey.allCases.map(\.rawValue))
                    throw ConfigFile.wrong(
                        name, at, ConfigFile.unknown("apps.webhooks.\(key)", near.map { "apps.webhooks.\($0)" }))
                }
                hook[known] = try ConfigFile.value(
                    found, of: "apps.webhooks.\(key)", known.definition.kind, line: at, name)
            }
            guard case .text(let url) = hook[.url], !url.isEmpty else {
                throw ConfigFile.wrong(
                    name, lines[here] ?? line,
                    "apps.webhooks.url is missing; expected \(WebhookKey.url.definition.kind.expected)")
            }
            hooks.append(hook)
        }
        return hooks
    }

    /// Nil where it is empty.
    func text(_ key: AppKey) -> String? {
        guard case .text(let text) = value(key), !text.isEmpty else { return nil }
        return text
    }

    func value(_ key: AppKey) -> SettingValue { values[key] ?? key.definition.initial }
}
