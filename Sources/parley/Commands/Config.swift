import ArgumentParser
import ChannelsProtocol

/// `parley config`: where the settings are, what is in force, or whether the file is right.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show the settings in force, and where each comes from.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Only where the file is, or would be.")
    var path = false
    @Flag(
        name: .customLong("print"),
        help: "What is in force and where each value comes from (this is what config alone does).")
    var printing = false
    @Flag(help: "Only whether the settings are right: 0, or a sentence and 78.")
    var check = false

    func validate() throws {
        guard [path, printing, check].count(where: { $0 }) <= 1 else {
            throw ValidationError("--path, --print and --check exclude each other")
        }
    }

    func run() throws {
        if path {
            let environment = RunEnvironment.current()
            let path = try global.config ?? environment["PARLEY_CONFIG"] ?? environment.configFolder + "/config.toml"
            return try output.json ? Output.json([("path", .string(path))]) : Output.line(path)
        }
        let settings = try global.settings()
        if check {
            try settings.check()
            let verdict = settings.hasFile ? "in order" : "there is no such file, so everything is at its default"
            if output.json {
                try Output.json([("path", .string(settings.path)), ("ok", true), ("found", .bool(settings.hasFile))])
            } else {
                try Output.line("\(settings.path): \(verdict)")
            }
        } else {
            for key in SettingKey.allCases { try show(key, of: settings) }
            for account in settings.accounts { try show(account, of: settings) }
            for (index, app) in settings.apps.enumerated() { try show(app, index, of: settings) }
            for (index, room) in settings.rooms.enumerated() { try show(room, index, of: settings) }
        }
    }

    /// What stands in the file of an account, in force or not.
    private func show(_ account: AccountSettings, of settings: Settings) throws(Failure) {
        for key in AccountSettings.keys {
            guard let (value, line) = account.values[key] else { continue }
            let isHidden = key.definition.kind.isSecret && account.text(key) != nil
            let name = "accounts.\(account.name).\(key.rawValue)"
            try show(name, isHidden ? .text("(hidden)") : value, line, of: settings)
        }
    }

    /// What stands in the file of an app; the rest of it is at its default.
    private func show(_ app: AppSettings, _ index: Int, of settings: Settings) throws(Failure) {
        for key in AppKey.allCases {
            guard let value = app.values[key] else { continue }
            let isHidden = key.definition.kind.isSecret && app.text(key) != nil
            try show("apps[\(index)].\(key.rawValue)", isHidden ? .text("(hidden)") : value, app.line, of: settings)
        }
    }

    private func show(_ room: RoomSettings, _ index: Int, of settings: Settings) throws(Failure) {
        for key in RoomKey.allCases {
            guard let value = room.values[key] else { continue }
            try show("rooms[\(index)].\(key.rawValue)", value, room.line, of: settings)
        }
    }

    /// What stands in a list of the file.
    private func show(_ name: String, _ value: SettingValue, _ line: Int?, of settings: Settings) throws(Failure) {
        let source = Settings.Source.file(settings.path, line: line ?? 0).description
        if output.json {
            try Output.json([("key", .string(name)), ("value", Self.json(value)), ("source", .string(source))])
        } else {
            try Output.line("\(name) = \(value.toml)  # \(Text.shown(source))")
        }
    }

    private func show(_ key: SettingKey, of settings: Settings) throws(Failure) {
        let source = settings.source(key).description
        if output.json {
            try Output.json([
                ("key", .string(key.rawValue)), ("value", Self.json(settings.shown(key))), ("source", .string(source)),
            ])
        } else {
            try Output.line("\(key.rawValue) = \(settings.shown(key).toml)  # \(Text.shown(source))")
        }
    }

    private static func json(_ value: SettingValue) -> JSON {
        switch value {
        case .text(let text): .string(text)
        case .integer(let number): JSON(number)
        case .boolean(let bool): .bool(bool)
        }
    }
}
