import Chat
import ChatSession
import Testing

@testable import parley

@Suite("accounts in the configuration")
struct AccountSettingsTests {
    private static let file = """
        url = "https://top.example"
        user = "alice"
        token = "top-token"
        [accounts.work]
        url = "https://work.example"
        [accounts.guest]
        user = "guest"
        token_command = "echo guest-token"
        [accounts.home]
        url = ""
        [accounts.shop]
        user = "17"
        [accounts.shop.channels]
        key = "k"
        host = "engine.example"
        auth_endpoint = "https://app.example/auth"
        """

    private func settings(
        _ account: String?, _ text: String = file, variables: [String: String] = [:],
        flags: [SettingKey: (flag: String, value: SettingValue)] = [:]
    ) throws -> Settings {
        let folder = try TestFolder()
        let path = try folder.write(text, to: "c.toml")
        var flags = flags
        if let account { flags[.account] = ("--account", .text(account)) }
        return try Settings.load(configFlag: path, flags: flags, environment: folder.environment(variables))
    }

    private static func options(_ arguments: String...) throws -> GlobalOptions {
        try #require(try Parley.command(for: arguments) as? ChatCommandLine).global
    }

    @Test("are named in the order of the file, behind the one at its top; a file without any has none")
    func names() throws {
        #expect(try settings(nil).accountNames == ["default", "work", "guest", "home", "shop"])
        #expect(try settings(nil, "user = \"a\"\n").accountNames == [])
        #expect(try settings(nil).account == nil)
        #expect(try settings("default").text(.url) == "https://top.example")
    }

    @Test("one that says where takes no address from the top of the file, another does; none takes a token")
    func places() throws {
        let work = try settings("work")
        #expect(work.text(.url) == "https://work.example")
        #expect(work.text(.token) == nil)
        #expect(work.text(.user) == "alice")
        let guest = try settings("guest")
        #expect(guest.text(.url) == "https://top.example")
        #expect(guest.text(.user) == "guest")
        #expect(try Target(guest).token() == "guest-token")
        let home = try Target(settings("home"))
        #expect(home.localUser?.text == "alice" && home.localFolder != nil)
        let shop = try Target(settings("shop"))
        #expect(shop.plain?.user.text == "17" && shop.plain?.key == "k")
        #expect(throws: Failure.self) { try shop.token() }
        #expect(throws: Failure.self) { try Target(work).token() }
    }

    @Test("are chosen by flag, environment and file in this order")
    func precedence() throws {
        let file = "account = \"guest\"\n" + Self.file
        #expect(try settings(nil, file).account == "guest")
        #expect(try settings(nil, file, variables: ["PARLEY_ACCOUNT": "work"]).account == "work")
        #expect(try settings("home", file, variables: ["PARLEY_ACCOUNT": "work"]).account == "home")
        #expect(try settings("default", file).account == nil)
        #expect(try settings("work").source(.url).description.hasSuffix("c.toml, line 5"))
    }

    @Test(
        "a flag stands above what an account says, the environment above one that it or the file chose, not above a flag's"
    )
    func above() throws {
        let variables = ["PARLEY_URL": "https://env.example", "PARLEY_TOKEN": "env", "PARLEY_USER": "eve"]
        let given = try settings(
            "work", variables: variables,
            flags: [.user: ("--as", .text("bob")), .url: ("--url", .text("https://flag.example"))])
        #expect(given.text(.url) == "https://flag.example" && given.text(.user) == "bob")
        let named = try settings("guest", variables: variables)
        #expect(named.text(.url) == "https://top.example" && named.text(.user) == "guest")
        #expect(try Target(named).token() == "guest-token")
        let top = try settings("default", variables: variables)
        #expect(top.text(.url) == "https://top.example" && top.text(.user) == "alice")
        #expect(try Target(top).token() == "top-token")
        let chosen = try settings(nil, variables: variables.merging(["PARLEY_ACCOUNT": "guest"]) { $1 })
        #expect(chosen.text(.url) == "https://env.example" && chosen.source(.url) == .environment("PARLEY_URL"))
        #expect(try Target(chosen).token() == "env")
        let without = try settings(nil, variables: ["PARLEY_URL": "https://env.example", "PARLEY_ACCOUNT": "guest"])
        #expect(throws: Failure.self) { try Target(without).token() }
    }

    @Test("a token goes to the desk it is for and to no other, whoever is chosen and however", arguments: [0, 1, 2])
    func tokensStay(way: Int) throws {
        let folder = try TestFolder()
        let file = """
            url = "https://a.example"
            token = "of-a"
            [accounts.b]
            url = "https://b.example"
            token = "of-b"
            [accounts.c]
            url = "https://c.example"
            [accounts.d]
            [accounts.e]
            url = "https://c.example"
            """
        try folder.write(file, to: ".config/parley/config.toml")
        let kept = Credentials(stateFolder: folder.path + "/.local/state/parley")
        try kept.keep("kept for a", for: try DeskURL("https://a.example"))
        func token(_ account: String, _ more: [String: String] = [:]) throws -> (String, String) {
            var variables = more
            var flags: [SettingKey: (flag: String, value: SettingValue)] = [:]
            if way == 0 { flags[.account] = ("--account", .text(account)) }
            if way == 1 { variables["PARLEY_ACCOUNT"] = account }
            if way == 2 {
                try folder.write("account = \"\(account)\"\n" + file, to: ".config/parley/config.toml")
            }
            let target = try Target(try Settings.load(flags: flags, environment: folder.environment(variables)))
            return (target.name, try target.token())
        }
        #expect(try token("default") == ("https://a.example", "of-a"))
        #expect(try token("b") == ("https://b.example", "of-b"))
        // The token at the top, and the one kept for its desk, are not d's, who has none yet.
        for account in ["c", "d", "e"] { #expect(throws: Failure.self) { try token(account) } }
        if way > 0 {
            #expect(throws: Failure.self) { try token("b", ["PARLEY_URL": "https://elsewhere.example"]) }
            #expect(try token("b", ["PARLEY_URL": "https://a.example"]) == ("https://a.example", "kept for a"))
        } else {
            #expect(try token("b", ["PARLEY_TOKEN": "of-a"]) == ("https://b.example", "of-b"))
            #expect(throws: Failure.self) { try token("c", ["PARLEY_TOKEN": "of-a"]) }
        }
    }

    @Test("one that is alone at a desk may go by the token kept for it before there were accounts")
    func tokensBefore() throws {
        let folder = try TestFolder()
        try Credentials(stateFolder: folder.path + "/.local/state/parley")
            .keep("kept", for: try DeskURL("https://w.example"))
        func token(_ file: String) throws -> String {
            try folder.write(file, to: ".config/parley/config.toml")
            return try Target(
                try Settings.load(
                    flags: [.account: ("--account", .text("w"))], environment: folder.environment())
            ).token()
        }
        #expect(try token("[accounts.w]\nurl = \"https://W.example/\"\n") == "kept")
        for file in [
            "url = \"https://w.example\"\n[accounts.w]\nuser = \"w\"\n",
            "[accounts.w]\nurl = \"https://w.example\"\n[accounts.v]\nurl = \"https://w.example/\"\n",
        ] {
            #expect(throws: Failure.self) { try token(file) }
        }
    }

    @Test("a shell completes their names, from the file that the words before name")
    func completion() throws {
        let folder = try TestFolder()
        let path = try folder.write(Self.file, to: "c.toml")
        for words in [
            ["parley", "--config", path, "--account"], ["parley", "who", "--config=\(path)", "--account", ""],
        ] {
            #expect(AccountSettings.names(after: words) == ["default", "work", "guest", "home", "shop"])
        }
        #expect(AccountSettings.names(after: ["parley", "--config", path + "x", "--account"]) == [])
        #expect(AccountSettings.names(after: ["parley", "--config"]) == [])
    }

    @Test("the drafts, what is not sent yet and who it was last are each account's own")
    func files() throws {
        let folder = try TestFolder()
        let path = try folder.write(Self.file, to: "c.toml")
        func target(_ account: String) throws -> Target {
            try Target(
                try Settings.load(
                    configFlag: path, flags: [.account: ("--account", .text(account))],
                    environment: folder.environment()))
        }
        let user = UserID("alice")!
        let stores = try ["default", "work", "home", "shop"].map { try target($0).storePath(of: user) }
        #expect(Set(stores).count == stores.count)
        // Two of one desk are told apart by who they are.
        #expect(try target("guest").storePath(of: user) == stores[0])
        #expect(try target("guest").storePath(of: UserID("guest")!) != stores[0])
        try target("guest").keepLastUser(UserID("guest")!)
        #expect(try target("guest").lastUser?.text == "guest")
        #expect(try target("default").lastUser == nil)
    }

    @Test("another account is gone on as without the flags and variables of the one a run began as, which come back")
    func goingOn() throws {
        let folder = try TestFolder()
        let path = try folder.write(Self.file, to: "c.toml")
        let environment = folder.environment([
            "PARLEY_URL": "https://env.example", "PARLEY_TOKEN": "env", "PARLEY_ACCOUNT": "work",
        ])
        let first = try Self.options("--config", path, "--as", "carol").settings(environment: environment)
        let guest = try first.goingOn(as: "guest")
        #expect(guest.text(.url) == "https://top.example" && guest.text(.user) == "guest")
        #expect(guest.account == "guest" && guest.text(.token) == nil)
        let top = try guest.goingOn(as: "default")
        #expect(top.text(.url) == "https://top.example" && top.text(.user) == "alice" && top.account == nil)
        let back = try top.goingOn(as: "work")
        #expect(back.text(.url) == "https://env.example" && back.text(.user) == "carol")
        #expect(throws: Failure.self) { try back.goingOn(as: "nobody") }
    }

    @Test("each has a token of its own, also at the desk of another")
    func tokens() throws {
        let folder = try TestFolder()
        try folder.write(
            "url = \"https://a.example\"\n[accounts.b]\nuser = \"b\"\n", to: ".config/parley/config.toml")
        func target(_ account: String) throws -> Target {
            let flags: [SettingKey: (flag: String, value: SettingValue)] = [.account: ("--account", .text(account))]
            return try Target(try Settings.load(flags: flags, environment: folder.environment()))
        }
        let kept = Credentials(stateFolder: folder.path + "/.local/state/parley")
        try kept.keep("of-a", for: try DeskURL("https://a.example"))
        #expect(try target("default").token() == "of-a")
        let failure = #expect(throws: Failure.self) { try target("b").token() }
        #expect(
            failure?.sentence
                == "account b: there is no token for it; run parley login --account b, or set its token_command")
        try kept.keep("of b", for: try DeskURL("https://a.example"), "b")
        #expect(try target("b").token() == "of b")
        #expect(try target("default").token() == "of-a")
        try target("b").keepLastUser(UserID("b")!)
        #expect(try target("default").lastUser == nil)
        #expect(try target("b").lastUser == UserID("b"))
    }

    @Test(
        "are refused in one sentence with line and what was found",
        arguments: [
            ("accounts = 3\n", "line 1: accounts is 3; each account begins with [accounts.NAME]"),
            ("[accounts]\nwork = 3\n", "line 2: accounts.work is 3; each account begins with [accounts.NAME]"),
            (
                "[accounts.default]\n",
                "line 1: accounts.default is what stands at the top of the file; give another name"
            ),
            (
                "[accounts.\"a b\"]\n",
                "line 1: accounts.a b is no name of an account; expected up to 32 letters, digits, _ and -"
            ),
            ("[accounts.a]\n\nulr = \"\"\n", "line 3: accounts.a.ulr is no setting; did you mean accounts.a.url?"),
            (
                "[accounts.a]\ntheme = \"dark\"\n",
                "line 2: accounts.a.theme is no setting; config.sample.toml has them all"
            ),
            (
                "[accounts.a.channels]\nkye = \"\"\n",
                "line 2: accounts.a.channels.kye is no setting; did you mean accounts.a.channels.key?"
            ),
            ("[accounts.a]\nuser = \"-\"\n", "line 2: accounts.a.user is \"-\"; a user id begins"),
            ("[account.work]\n", "line 1: account is a table; each account begins with [accounts.NAME]"),
            ("[[accounts]]\n", "line 1: accounts is a list; each account begins with [accounts.NAME]"),
            ("[[accounts.a]]\n", "line 1: accounts.a is a list; each account begins with [accounts.NAME]"),
            (
                "[accounts.a]\nchannels = 3\n",
                "line 2: accounts.a.channels is 3; expected a table [accounts.a.channels]"
            ),
            ("[accounts.a.deep]\nx = 1\n", "line 1: accounts.a.deep is no setting; config.sample.toml has them all"),
            (
                "[accounts.a]\naccount = \"b\"\n",
                "line 2: accounts.a.account is no setting; config.sample.toml has them all"
            ),
            ("accounts.a.url = 3\n", "line 1: accounts.a.url is 3; expected a text such as"),
            (
                "accounts = { a = { usr = \"\" } }\n",
                "line 1: accounts.a.usr is no setting; did you mean accounts.a.user?"
            ),
            ("[accounts.a]\nurl = \"http://\"\n", "line 2: accounts.a.url is "),
            ("[accounts.a]\nuser = 7\n", "line 2: accounts.a.user is 7; expected a user id in quotes, or \"\""),
        ])
    func refused(text: String, sentence: String) throws {
        let failure = #expect(throws: Failure.self) { try settings(nil, text) }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.contains("c.toml, " + sentence) == true, "\(failure?.sentence ?? "")")
    }

    @Test(
        "a name that could be taken for something else is refused, shown without what it does to a terminal",
        arguments: [
            "..", ".", "/", "a/b", "#", "a#b", " ", "", "a b", "é", "a\\u001b[31m", "a\\u0000", "a\\u202e", "\\n",
            String(repeating: "a", count: 33), String(repeating: "a", count: 70_000),
        ])
    func hostileNames(name: String) throws {
        let failure = #expect(throws: Failure.self) { try settings(nil, "\n[accounts.\"\(name)\"]\nurl = \"\"\n") }
        let sentence = Text.shown(failure?.sentence ?? "")
        #expect(failure?.code == .configuration)
        #expect(sentence.contains("c.toml, line 2: accounts."), "\(sentence)")
        #expect(
            sentence.hasSuffix(" is no name of an account; expected up to 32 letters, digits, _ and -"), "\(sentence)")
        #expect(
            sentence.utf8.count < 400 && !sentence.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }

    @Test(
        "a file of malformed tables ends in a sentence",
        arguments: [
            "[accounts.é]\n", "[accounts.]\n", "[accounts.a\n", "[accounts.\"a]\n", "[accounts.a]\n[accounts.a]\n",
        ])
    func malformed(text: String) throws {
        let failure = #expect(throws: Failure.self) { try settings(nil, text) }
        #expect(failure?.code == .configuration && failure?.sentence.contains("c.toml") == true)
    }

    @Test("there may be fifty")
    func limit() throws {
        func text(_ count: Int) -> String { (1...count).map { "[accounts.a\($0)]\n" }.joined() }
        #expect(try settings("a50", text(50)).accountNames.count == 51)
        let failure = #expect(throws: Failure.self) { try settings(nil, text(51)) }
        #expect(failure?.sentence.hasSuffix("line 1: there are 51 accounts; there may be 50") == true)
    }

    @Test("one that is not there is refused with those that are")
    func unknown() throws {
        let failure = #expect(throws: Failure.self) { try settings("wrok") }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.hasPrefix("--account: there is no account \"wrok\" in ") == true)
        #expect(failure?.sentence.hasSuffix("there are default, work, guest, home and shop") == true)
        let none = #expect(throws: Failure.self) {
            try settings(nil, "", variables: ["PARLEY_ACCOUNT": "a\u{1B}b"])
        }
        #expect(none?.code == .configuration && none?.sentence.contains("\u{1B}") == false)
        let file = #expect(throws: Failure.self) { try settings(nil, "\naccount = \"x\"\n" + Self.file) }
        #expect(file?.sentence.contains("c.toml, line 2: there is no account \"x\" in ") == true)
        let empty = #expect(throws: Failure.self) { try Self.options("--account", "").settings() }
        #expect(empty?.code == .usage)
    }

    @Test("a token there is a secret that nobody else may read")
    func secrets() throws {
        let folder = try TestFolder()
        let path = try folder.write("[accounts.a]\ntoken = \"x\"\n", to: "c.toml", mode: 0o644)
        let failure = #expect(throws: Failure.self) {
            try Settings.load(configFlag: path, environment: folder.environment())
        }
        #expect(
            failure?.sentence.hasSuffix(
                "line 2: accounts.a.token is a secret and others can read the file (mode 644); chmod 600 it") == true)
    }
}
