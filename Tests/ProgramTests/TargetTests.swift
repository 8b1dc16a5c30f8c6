import ChannelsProtocol
import Chat
import ChatSession
import Glibc
import Testing
import Transport

@testable import parley

@Suite("the desk a run talks to")
struct TargetTests {
    @Test("is the local one, as the login name, when nothing is configured")
    func local() throws {
        let folder = try TestFolder()
        let target = try Target(try Settings.load(environment: folder.environment()))
        #expect(target.place == .localDesk(folder: folder.path + "/.local/share/parley", user: UserID.near("tester")))
        #expect(try target.token() == "local:tester")
        #expect("\(target.address)" == folder.path + "/.local/share/parley/desk.sock")
    }

    @Test("is the URL's, with the token that stands closest")
    func remote() throws {
        let folder = try TestFolder()
        let url = "https://Desk.Example:8443/chat/"
        let unknown = try Target(try Settings.load(environment: folder.environment(["PARLEY_URL": url])))
        let failure = #expect(throws: Failure.self) { try unknown.token() }
        #expect(
            failure?.sentence == "https://desk.example:8443/chat: there is no token for it; run parley login"
                + " https://desk.example:8443/chat, or set PARLEY_TOKEN")
        #expect(failure?.code == .refused)
        try Credentials(stateFolder: folder.path + "/.local/state/parley").keep("kept", for: try DeskURL(url))
        #expect(try unknown.token() == "kept")
        let given = try Target(
            try Settings.load(environment: folder.environment(["PARLEY_URL": url, "PARLEY_TOKEN": "env"])))
        #expect(try given.token() == "env")
        #expect(given.basePath == "/chat")
    }

    @Test("never gets the token that the file keeps for another")
    func otherToken() throws {
        let folder = try TestFolder()
        try folder.write("url = \"https://a.example\"\ntoken = \"a\"\n", to: ".config/parley/config.toml")
        let own = try Target(try Settings.load(environment: folder.environment()))
        #expect(try own.token() == "a")
        let other = try Target(try Settings.load(environment: folder.environment(["PARLEY_URL": "https://b.example"])))
        #expect(throws: Failure.self) { try other.token() }
    }

    @Test("asks token_command once, and again after its token was refused; it too is for the file's URL alone")
    func tokenCommand() throws {
        let folder = try TestFolder()
        let count = folder.path + "/count"
        try folder.write(
            """
            url = "https://a.example"
            token_command = "echo x >> \(count); echo token-$(wc -l < \(count))"
            """, to: ".config/parley/config.toml")
        let own = try Target(try Settings.load(environment: folder.environment()))
        #expect(try own.token() == "token-1")
        #expect(try own.token() == "token-1")
        #expect(
            try Target(try Settings.load(environment: folder.environment(["PARLEY_TOKEN": "env"]))).token() == "env")
        let other = try Target(try Settings.load(environment: folder.environment(["PARLEY_URL": "https://b.example"])))
        #expect(throws: Failure.self) { try other.token() }
        let command = TokenCommand("echo x >> \(count); echo token-$(wc -l < \(count))")
        #expect(try command.token() == "token-2")
        command.forget("another")
        #expect(try command.token() == "token-2")
        command.forget("token-2")
        #expect(try command.token() == "token-3")
    }

    @Test(
        "a token_command that fails or prints no token is said so, without what it printed",
        arguments: [
            ("exit 3", "token_command: ended with 3; run it by hand to see why"),
            ("kill -9 $$", "token_command: ended with 137; run it by hand to see why"),
            ("true", "token_command: its first line is no token; expected one word"),
            ("echo s3cret and more", "token_command: its first line is no token; expected one word"),
            (
                "head -c 20000 /dev/zero | tr '\\0' x",
                "token_command: printed no line within 30 s, or too long a one, and was ended"
            ),
            ("echo no >&2; exit 1", "token_command: ended with 1; run it by hand to see why"),
        ])
    func tokenCommandFails(command: String, sentence: String) {
        let failure = #expect(throws: Failure.self) { try TokenCommand(command).token() }
        #expect(failure?.sentence == sentence)
    }

    @Test("without TLS beyond this machine is refused wherever its address comes from, unless --insecure was said")
    func cleartext() throws {
        let folder = try TestFolder()
        let url = "http://10.0.0.7:7007"
        func load(_ variables: [String: String], flag: String? = nil, isInsecure: Bool = false) throws -> Target {
            try Target(
                try Settings.load(
                    flags: flag.map { [.url: ("--url", .text($0))] } ?? [:], isInsecure: isInsecure,
                    environment: folder.environment(variables)))
        }
        let given = ["PARLEY_URL": url, "PARLEY_TOKEN": "t"]
        let refusal = #expect(throws: Failure.self) { try load(given) }
        #expect(refusal?.code == .configuration && refusal?.sentence.contains("--insecure") == true)
        #expect(throws: Failure.self) { try load([:], flag: url) }
        #expect(try load(given, isInsecure: true).token() == "t")
        #expect(try load(given.merging(["PARLEY_INSECURE": "1"]) { $1 }).token() == "t")
        for local in ["http://127.0.0.1:7007", "http://localhost", "http://[::1]:80", "https://10.0.0.7"] {
            #expect(throws: Never.self, "\(local)") { try load(["PARLEY_URL": local]) }
        }
        try folder.write("url = \"\(url)\"\ntoken = \"t\"\n", to: ".config/parley/config.toml")
        #expect(throws: Failure.self) { try load([:]) }
        // `login --insecure` has kept a token for it.
        try Credentials(stateFolder: folder.path + "/.local/state/parley").keep("kept", for: try DeskURL(url))
        #expect(throws: Never.self) { try load([:]) }
        #expect(throws: Failure.self) { try load(["PARLEY_URL": "http://10.0.0.8:7007"]) }
    }

    @Test("never leads from TLS to an engine without it, and without TLS beyond this machine only where that was said")
    func engine() throws {
        func engine(_ url: String, _ host: String?, isInsecure: Bool = false) throws -> WebSocketEndpoint {
            let folder = try TestFolder()
            let target = try Target(
                try Settings.load(isInsecure: isInsecure, environment: folder.environment(["PARLEY_URL": url])))
            let place = host.map { "\"host\":\"\($0)\",\"port\":6001,\"tls\":false," } ?? ""
            let body =
                "{\"id\":\"a\",\"name\":\"a\",\"store\":\"s\",\"channels\":{\(place)\"key\":\"k\",\"path\":\"\",\"presence\":\"presence-lobby\"}}"
            return try target.engine(of: try DeskReply.identity(status: 200, body: body))
        }
        for isInsecure in [false, true] {
            let down = #expect(throws: Failure.self) {
                try engine("https://a.example", "engine.example", isInsecure: isInsecure)
            }
            #expect(down?.code == .refused)
        }
        #expect(throws: Failure.self) { try engine("http://127.0.0.1:7007", "engine.example") }
        #expect(throws: Never.self) { try engine("http://127.0.0.1:7007", "engine.example", isInsecure: true) }
        for (url, host) in [
            ("https://a.example", nil), ("https://a.example", "127.0.0.1"), ("http://127.0.0.1:1", "localhost"),
        ] {
            #expect(throws: Never.self) { try engine(url, host) }
        }
    }

    private func plain(_ text: String, _ more: [String: String] = [:]) throws -> Target {
        let folder = try TestFolder()
        let file = try folder.write(text, to: "c.toml")
        return try Target(try Settings.load(configFlag: file, environment: folder.environment(more)))
    }

    private static let app = """
        user = "ana"
        [channels]
        key = "k"
        cluster = "eu"
        auth_endpoint = "https://app.example.org/broadcasting/auth"
        """

    @Test("is an application without a desk where [channels] has a key, unless a desk is named closer")
    func channels() throws {
        let target = try plain(Self.app)
        let settings = try #require(target.plain)
        #expect(settings.host == "ws-eu.pusher.com" && settings.port == 443 && settings.isSecure)
        #expect(settings.endpoint.path == "/broadcasting/auth")
        #expect("\(target.address)" == "app.example.org:443")
        #expect(target.localUser == UserID("ana"))
        #expect(throws: Failure.self) { try target.insistOnDesk() }
        #expect(try plain(Self.app, ["PARLEY_URL": "https://desk.example.org"]).plain == nil)
        let own = try plain(
            Self.app.replacing(
                "cluster = \"eu\"", with: "host = \"127.0.0.1\"\nport = 6001\ntls = false\npath = \"/ws\"")
                + "\nauth_params = \"a=b&c=d\"\nauth_headers = \"\"\"\nX-A: 1\nX-B: two words\"\"\"\norder = \"bytes\"")
        let other = try #require(own.plain)
        #expect(other.port == 6001 && !other.isSecure && other.path == "/ws" && !other.names.ordersIntegers)
        #expect(other.endpoint.parameters.map(\.value) == ["b", "d"])
        #expect(other.endpoint.headers.map(\.value) == ["1", "two words"])
    }

    @Test(
        "says what an application without a desk lacks",
        arguments: [
            ("user = \"ana\"\n", "", "user is missing"), ("cluster = \"eu\"\n", "", "channels.host is missing"),
            ("cluster", "host = \"h\"\ncluster", "exclude each other"),
            ("https://app", "http://app", "anybody on the way can read"),
            ("key = \"k\"", "key = \"k\"\nmessage_event = \"message\"", "begins with client-"),
            ("user =", "url = \"https://a.example\"\nuser =", "url and channels.key exclude each other"),
            ("auth_endpoint", "#", "channels.auth_endpoint is missing"),
            ("cluster = \"eu\"", "host = \"10.0.0.1\"\ntls = false", "channels.tls is false"),
        ])
    func incomplete(part: String, instead: String, sentence: String) {
        let failure = #expect(throws: Failure.self) { try plain(Self.app.replacing(part, with: instead)) }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.contains(sentence) == true, "\(failure?.sentence ?? "")")
    }

    @Test("expects the user of --as only where the flag says so")
    func expectedUser() throws {
        let folder = try TestFolder()
        let environment = folder.environment(["PARLEY_URL": "https://a.example", "PARLEY_USER": "env"])
        #expect(try Target(try Settings.load(environment: environment)).expectedUser == nil)
        let flagged = try Settings.load(flags: [.user: ("--as", .text("flag"))], environment: environment)
        #expect(try Target(flagged).expectedUser == UserID("flag"))
    }

    @Test("keeps the accounts of different desks and users apart on disk")
    func storePaths() throws {
        let folder = try TestFolder()
        let a = try Target(try Settings.load(environment: folder.environment(["PARLEY_URL": "https://a.example"])))
        let b = try Target(try Settings.load(environment: folder.environment(["PARLEY_URL": "https://b.example"])))
        let paths = [a, b].flatMap { target in ["x", "y"].map { target.storePath(of: UserID.near($0)) } }
        #expect(Set(paths).count == 4)
        #expect(
            paths.allSatisfy { $0.hasPrefix(folder.path + "/.local/state/parley/accounts/") && $0.hasSuffix(".sqlite") }
        )
        #expect(paths[0] == a.storePath(of: UserID.near("x")))
    }
}

@Suite("a desk's address")
struct DeskURLTests {
    @Test(
        "is written in one form",
        arguments: [
            ("https://desk.example.org", "https://desk.example.org"),
            ("HTTPS://Desk.Example.ORG/", "https://desk.example.org"),
            ("https://desk.example.org:443/a/b//", "https://desk.example.org/a/b"),
            ("http://127.0.0.1:7007", "http://127.0.0.1:7007"),
            ("http://[::1]:7007/x", "http://[::1]:7007/x"), ("http://localhost:80", "http://localhost"),
        ])
    func form(text: String, written: String) throws {
        #expect(try DeskURL(text).description == written)
        #expect(try DeskURL(written) == DeskURL(text))
    }

    @Test(
        "is refused with what was found",
        arguments: [
            ("", "begins with neither"), ("desk.example", "begins with neither"), ("ftp://a", "begins with neither"),
            ("https://", "no host"), ("https://:80", "no host"), ("https://a:0", "port"), ("https://a:65536", "port"),
            ("https://a:+80", "port"), ("https://a:", "port"), ("https://u:p@a", "user name"),
            ("https://a/?q", "query"),
            ("https://a/#f", "query"), ("https://a b", "character"), ("https://a\n", "character"),
            ("https://ü", "character"),
            ("https://[::1", "no host"), ("https://[zz]", "IPv6"), ("https://a/\u{1B}[31m", "character"),
        ])
    func refused(text: String, words: String) {
        let failure = #expect(throws: Failure.self) { try DeskURL(text) }
        #expect(failure?.sentence.contains(words) == true, "\(failure?.sentence ?? "")")
        #expect(failure?.sentence.contains("\n") == false)
    }
}

@Suite("kept tokens")
struct CredentialsTests {
    @Test("come back, each for its own desk, in a file closed to others")
    func roundTrip() throws {
        let folder = try TestFolder()
        let credentials = Credentials(stateFolder: folder.path + "/state")
        let (a, b) = (try DeskURL("https://a.example"), try DeskURL("http://127.0.0.1:7007"))
        #expect(try credentials.token(for: a) == nil)
        try credentials.keep("token\"\\a", for: a)
        try credentials.keep("tokenb", for: b)
        try credentials.keep("tokenb2", for: b)
        #expect(try credentials.token(for: a) == "token\"\\a")
        #expect(try credentials.token(for: b) == "tokenb2")
        #expect(try folder.mode(of: "state/credentials.toml") == 0o600)
        #expect(try folder.mode(of: "state") == 0o700)
    }

    @Test(
        "in a file that others can read, or that is no TOML, are refused",
        arguments: [
            ("\"https://a.example\" = \"x\"", 0o640, Failure.Code.refused.rawValue, "chmod 600"),
            ("# tokens\n[.a]", 0o600, Failure.Code.configuration.rawValue, ", line 2: "),
        ])
    func refused(text: String, mode: Int, code: Int32, words: String) throws {
        let folder = try TestFolder()
        try folder.write(text, to: "credentials.toml", mode: mode)
        let failure = #expect(throws: Failure.self) {
            try Credentials(stateFolder: folder.path).token(for: try DeskURL("https://a.example"))
        }
        #expect(failure?.code.rawValue == code)
        #expect(failure?.sentence.hasPrefix(folder.path + "/credentials.toml") == true)
        #expect(failure?.sentence.contains(words) == true)
    }

    @Test("stay behind a link of the user's, and what is no file is not replaced")
    func link() throws {
        let folder = try TestFolder()
        let file = try folder.write("", to: "elsewhere/tokens")
        #expect(mkdir(folder.path + "/state", 0o700) == 0)
        #expect(symlink(file, folder.path + "/state/credentials.toml") == 0)
        let url = try DeskURL("https://a.example")
        try Credentials(stateFolder: folder.path + "/state").keep("x", for: url)
        #expect(try SmallFile.read(file)?.text.contains("\"x\"") == true)
        #expect(try Credentials(stateFolder: folder.path + "/state").token(for: url) == "x")
    }

    @Test("that cannot be written are explained")
    func cannotWrite() throws {
        let folder = try TestFolder()
        try folder.write("", to: "file")
        let failure = #expect(throws: Failure.self) {
            try Credentials(stateFolder: folder.path + "/file/state").keep("x", for: try DeskURL("https://a.example"))
        }
        #expect(failure?.code == .cannotWrite || failure?.code == .configuration)
    }
}
