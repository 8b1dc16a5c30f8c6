import Chat
import ChatUI
import Foundation
import Testing

@testable import parley

@Suite("settings")
struct SettingsTests {
    @Test("flag stands above environment, environment above file, file above default")
    func precedence() throws {
        let folder = try TestFolder()
        try folder.write(
            "user = \"file\"\nurl = \"https://file.example\"\nlog_level = \"debug\"\n", to: ".config/parley/config.toml"
        )
        let environment = folder.environment(["PARLEY_USER": "env", "PARLEY_URL": "https://env.example"])
        let settings = try Settings.load(flags: [.user: ("--as", .text("flag"))], environment: environment)
        #expect(settings.text(.user) == "flag")
        #expect(settings.source(.user) == .flag("--as"))
        #expect(settings.text(.url) == "https://env.example")
        #expect(settings.source(.url).description == "environment PARLEY_URL")
        #expect(settings.text(.logLevel) == "debug")
        #expect(settings.source(.logLevel) == .file(folder.path + "/.config/parley/config.toml", line: 3))
        #expect(settings.boolean(.bell))
        #expect(settings.source(.bell) == .initial)
    }

    @Test("a variable that is empty counts as not set, NO_COLOR counts whatever it says")
    func emptyVariables() throws {
        let folder = try TestFolder()
        let settings = try Settings.load(
            environment: folder.environment(["PARLEY_USER": "", "PARLEY_CONFIG": "", "NO_COLOR": "0"]))
        #expect(settings.source(.user) == .initial)
        #expect(settings.text(.theme) == "mono")
    }

    @Test("no file is no mistake, unless it was named")
    func missingFile() throws {
        let folder = try TestFolder()
        _ = try Settings.load(environment: folder.environment())
        #expect(throws: Failure.self) {
            try Settings.load(configFlag: folder.path + "/x", environment: folder.environment())
        }
        let failure = #expect(throws: Failure.self) {
            try Settings.load(environment: folder.environment(["PARLEY_CONFIG": folder.path + "/nothing"]))
        }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.hasPrefix(folder.path + "/nothing: there is no such file") == true)
    }

    @Test("a wrong variable or flag is named")
    func wrongVariable() throws {
        let folder = try TestFolder()
        let wrongURL = #expect(throws: Failure.self) {
            try Settings.load(environment: folder.environment(["PARLEY_URL": "desk.example"]))
        }
        #expect(wrongURL?.code == .configuration)
        #expect(wrongURL?.sentence.hasPrefix("PARLEY_URL is \"desk.example\", which begins with neither") == true)
        let wrongFlag = #expect(throws: Failure.self) {
            try Settings.load(flags: [.logLevel: ("--log-level", .text("loud"))], environment: folder.environment())
        }
        #expect(wrongFlag?.code == .usage)
        #expect(wrongFlag?.sentence.hasPrefix("--log-level is \"loud\"; expected one of") == true)
    }

    @Test("a secret in a file that others can read is refused, and is never shown")
    func secrets() throws {
        let folder = try TestFolder()
        let file = try folder.write("token = \"s3cr3t\"\n", to: "c.toml", mode: 0o644)
        let failure = #expect(throws: Failure.self) {
            try Settings.load(configFlag: file, environment: folder.environment())
        }
        #expect(
            failure?.sentence
                == "\(file), line 1: token is a secret and others can read the file (mode 644); chmod 600 it")
        try folder.write("token = \"s3cr3t\"\n", to: "c.toml", mode: 0o600)
        let settings = try Settings.load(configFlag: file, environment: folder.environment())
        #expect(settings.shown(.token) == .text("(hidden)"))
        #expect(settings.text(.token) == "s3cr3t")
    }

    @Test("a file that is a folder, binary or not there to be read is explained")
    func oddFiles() throws {
        let folder = try TestFolder()
        let isFolder = #expect(throws: Failure.self) {
            try Settings.load(configFlag: folder.path, environment: folder.environment())
        }
        #expect(isFolder?.code == .configuration)
        let binary = folder.path + "/binary.toml"
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: binary))
        let notText = #expect(throws: Failure.self) {
            try Settings.load(configFlag: binary, environment: folder.environment())
        }
        #expect(notText?.sentence == "\(binary): is not UTF-8 text")
    }

    @Test("without a home each folder says what to set")
    func noHome() throws {
        let nowhere = RunEnvironment(variables: [:])
        let failure = #expect(throws: Failure.self) { try Settings.load(environment: nowhere) }
        #expect(
            failure?.sentence == "HOME is not set, and neither is XDG_CONFIG_HOME; set one of them to a folder of yours"
        )
        let elsewhere = RunEnvironment(
            variables: ["XDG_CONFIG_HOME": "/c/", "XDG_DATA_HOME": "rel"], fallbackHome: "/home/x")
        #expect(try elsewhere.configFolder == "/c/parley")
        #expect(try elsewhere.dataFolder == "/home/x/.local/share/parley")
        #expect(try elsewhere.stateFolder == "/home/x/.local/state/parley")
    }

    @Test("the login name becomes an id, other characters replaced")
    func loginName() {
        #expect(RunEnvironment(variables: [:], loginName: "jürgen w").localUser.text == "j_rgen_w")
        #expect(RunEnvironment(variables: ["LOGNAME": "x"]).localUser.text == "x")
    }
}

@Suite("config.sample.toml")
struct SampleFileTests {
    @Test("holds every setting with its sentence, what it may be and its default, and nothing else")
    func isComplete() throws {
        let expected = Self.rendered()
        if ProcessInfo.processInfo.environment["RECORD_SAMPLE"] != nil {
            try expected.write(toFile: Repository.root + "/config.sample.toml", atomically: true, encoding: .utf8)
        }
        #expect(try Repository.text("config.sample.toml") == expected)
    }

    @Test("read as a configuration it changes nothing")
    func equalsDefaults() throws {
        let file = try ConfigFile(try Repository.text("config.sample.toml"), name: "config.sample.toml")
        #expect(Set(file.values.keys) == Set(SettingKey.allCases))
        for key in SettingKey.allCases { #expect(file.values[key]?.value == key.definition.initial, "\(key.rawValue)") }
    }

    @Test("every default is a value that is allowed")
    func defaultsAreAllowed() {
        for key in SettingKey.allCases { #expect(key.definition.kind.problem(key.definition.initial) == nil) }
    }

    static func rendered() -> String {
        var text = """
            # Parley's settings, every one of them with its default. Copy what you want to change to
            # $XDG_CONFIG_HOME/parley/config.toml (usually ~/.config/parley/config.toml); parley config shows what is in force.

            """
        for table in SettingKey.tables {
            if !table.isEmpty { text += "\n[\(table)]\n" }
            for key in SettingKey.allCases where key.table == table {
                text += "\n# \(key.definition.sentence)\n# \(key.definition.kind.expected)\n"
                text += "\(key.name) = \(key.definition.initial.toml)\n"
            }
        }
        return text + renderedKeys() + renderedAccounts() + renderedRooms() + renderedApps()
    }

    /// As comments, since those of a table that stands there are in force whatever comes later.
    private static func renderedKeys() -> String {
        var text = """

            # Other keys for commands: a key, a list of keys, or [] for none. parley keys shows what is in force, and
            # parley keys --read what a key is called.
            #
            # [keys]

            """
        for info in CommandTable.all {
            let keys = KeyMap.standard.allNames(of: info.command).map { "\"\($0)\"" }.joined(separator: ", ")
            text += "#\n# # \(info.help)\n# \(info.command.rawValue) = [\(keys)]\n"
        }
        return text
    }

    @Test("has the keys of every command, which can be uncommented and change nothing")
    func sampleKeys() throws {
        let sample = try Repository.text("config.sample.toml")
        let start = try #require(sample.range(of: "# [keys]\n"))
        let end = try #require(sample.range(of: "\n# More accounts"))
        let text = sample[start.lowerBound..<end.lowerBound].split(separator: "\n")
            .map { $0.dropFirst($0.hasPrefix("# ") ? 2 : 1) }.joined(separator: "\n")
        let file = try ConfigFile(text, name: "sample")
        #expect(Set(file.keyLines.keys) == Set(UICommand.allCases.map(\.rawValue)))
        #expect(file.keys == .standard)
    }

    /// As comments, since what stands there is there.
    private static func block(_ header: String, _ keys: [(name: String, definition: SettingKey.Definition)]) -> String {
        "#\n# \(header)\n"
            + keys.map { key in
                "#\n# # \(key.definition.sentence)\n# # \(key.definition.kind.expected)\n"
                    + "# \(key.name) = \(key.definition.initial.toml)\n"
            }.joined()
    }

    private static func renderedAccounts() -> String {
        """

        # More accounts, each in a table of its own, which may have url, user, token, token_command and the keys of
        # [channels]. One that says url or channels takes nothing of these from the top, and none takes a token.
        #
        # [accounts.work]
        # url = "https://desk.example.org"
        #
        # [accounts.shop]
        # user = "17"
        #
        # [accounts.shop.channels]
        # key = "APP_KEY"

        """
    }

    private static func renderedRooms() -> String {
        """

        # Rooms beside the lobby, each with [[rooms]]: of parley serve, of the local desk, or of an application without a
        # desk.

        """ + block("[[rooms]]", RoomKey.allCases.map { ($0.rawValue, $0.definition) })
    }

    private static func renderedApps() -> String {
        return """

            # More apps of parley serve's engine, for other programs, each with [[apps]]; and whom to call when something
            # happens in one, each with [[apps.webhooks]] below it.

            """ + block("[[apps]]", AppKey.allCases.map { ($0.rawValue, $0.definition) })
                + block("[[apps.webhooks]]", WebhookKey.allCases.map { ($0.rawValue, $0.definition) })
    }

    @Test("has apps and webhooks that can be uncommented and are the defaults then")
    func sampleApps() throws {
        let sample = try Repository.text("config.sample.toml")
        let start = try #require(sample.range(of: "#\n# [[apps]]\n"))
        let text = sample[start.lowerBound...].split(separator: "\n").map { $0.dropFirst($0.hasPrefix("# ") ? 2 : 1) }
            .joined(separator: "\n").replacing("id = \"\"", with: "id = \"7\"")
            .replacing("url = \"\"", with: "url = \"http://127.0.0.1:1/x\"")
        let app = try #require(try ConfigFile(text, name: "sample").apps.first)
        #expect(Set(app.values.keys) == Set(AppKey.allCases))
        for key in AppKey.allCases where key != .id { #expect(app.values[key] == key.definition.initial, "\(key)") }
        let hook = try #require(app.webhooks.first)
        #expect(Set(hook.keys) == Set(WebhookKey.allCases))
        for key in WebhookKey.allCases where key != .url { #expect(hook[key] == key.definition.initial, "\(key)") }
    }
}
