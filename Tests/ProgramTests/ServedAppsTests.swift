import ChannelsProtocol
import Desk
import Testing

@testable import parley

@Suite("apps of parley serve")
struct ServedAppsTests {
    private static let two = """
        [desk]
        app_id = "1"
        app_key = "one"
        app_secret = "s1"

        [[apps]]
        id = "1"
        subscription_counts = true

        [[apps]]
        id = "2"
        key = "two"
        secret = "s2"
        client_events = false
        require_sign_in = true
        connections = 50
        members = 0
        event_data = 20000
        activity_timeout = 60

        [[apps.webhooks]]
        url = "https://hooks.example:8443/a/b"
        events = "member_added member_removed"
        batch = 20
        [[apps.webhooks]]
        url = "http://127.0.0.1:9"
        """

    private func served(_ text: String, mode: Int = 0o600) throws -> DeskConfiguration {
        let folder = try TestFolder()
        let file = try folder.write(text, to: "c.toml", mode: mode)
        return try Serve.configuration(try Settings.load(configFlag: file, environment: folder.environment()))
    }

    @Test("have the engine's own limits where the file says nothing")
    func limits() {
        let limits = Limits()
        for key in AppKey.allCases {
            let shown: Int?
            switch key.limit {
            case .count(let path): shown = limits[keyPath: path]
            case .optional(let path): shown = limits[keyPath: path] ?? 0
            case .seconds(let path): shown = Int(limits[keyPath: path].components.seconds)
            case nil: shown = nil
            }
            if let shown { #expect(key.definition.initial == .integer(shown), "\(key)") }
        }
    }

    @Test("are read with their rules, those of the desk's own app too")
    func accepted() throws {
        let configuration = try served(Self.two)
        #expect(configuration.app == AppCredentials(id: "1", key: "one", secret: "s1"))
        #expect(configuration.rules.subscriptionCounts)
        #expect(configuration.rules.clientEvents)
        #expect(configuration.rules.limits.presenceMembers == nil)
        let other = try #require(configuration.otherApps.first)
        #expect(configuration.otherApps.count == 1)
        #expect(other.credentials == AppCredentials(id: "2", key: "two", secret: "s2"))
        #expect(!other.rules.clientEvents && other.rules.requiresAuthorization)
        #expect(other.rules.limits.connections == 50)
        #expect(other.rules.limits.presenceMembers == nil)
        #expect(other.rules.limits.eventData == 20_000)
        #expect(other.rules.limits.activityTimeout == .seconds(60))
        #expect(other.rules.webhooks.map(\.path) == ["/a/b", "/"])
        #expect(other.rules.webhooks.map { "\($0.address)" } == ["hooks.example:8443", "127.0.0.1:9"])
        #expect(other.rules.webhooks[0].kinds == ["member_added", "member_removed"])
        #expect(other.rules.webhooks[0].batch == 20)
        #expect(other.rules.webhooks[1].kinds == Set(AppRules.Webhook.allKinds))
    }

    @Test(
        "are refused in one sentence with line, key, what was found and what is expected",
        arguments: [
            ("apps = 3\n", "line 1: apps is 3; each app begins with [[apps]]"),
            ("[apps]\nid = \"1\"\n", "line 1: apps is a table; each app begins with [[apps]]"),
            ("apps = [1]\n", "line 1: an entry of apps is 1; each app begins with [[apps]]"),
            (
                "\n[[apps]]\nkey = \"k\"\n",
                "line 2: apps.id is missing; expected a text in quotes without blanks, or \"\""
            ),
            (
                "[[apps]]\nid = \"1\"\n[[apps]]\nid = 7\n",
                "line 4: apps.id is 7; expected a text in quotes without blanks, or \"\""
            ),
            (
                "[[apps]]\nid = \"1\"\n[[apps]]\nid = \"2\"\nkez = \"\"\n",
                "line 5: apps.kez is no setting; did you mean apps.key?"
            ),
            ("[[apps]]\nid = \"1\"\nmembers = -1\n", "line 3: apps.members is -1; expected a number from 0 to 1000000"),
            (
                "[[apps]]\nid = \"1\"\nwebhooks = \"x\"\n",
                "line 3: apps.webhooks is a text; each webhook begins with [[apps.webhooks]]"
            ),
            (
                "[[apps]]\nid = \"1\"\n[[apps.webhooks]]\nbatch = 1\n",
                "line 3: apps.webhooks.url is missing; expected a text such as \"https://desk.example.org\", or \"\""
            ),
            (
                "[[apps]]\nid = \"1\"\n[[apps.webhooks]]\nurl = \"http://a\"\n[[apps.webhooks]]\nurl = \"a\"\n",
                "line 6: apps.webhooks.url is \"a\", which begins with neither https:// nor http://; expected an address"
                    + " such as https://desk.example.org"
            ),
            (
                "[[apps]]\nid = \"1\"\n[[apps.webhooks]]\nurl = \"http://a\"\nevents = \"cache_mis\"\n",
                "line 5: apps.webhooks.events has \"cache_mis\"; expected some of \"channel_occupied channel_vacated"
                    + " member_added member_removed client_event cache_miss subscription_count\"; did you mean \"cache_miss\"?"
            ),
            (
                "[[apps]]\nid = \"1\"\n[[apps.webhooks]]\nurl = \"http://a\"\nuri = 1\n",
                "line 5: apps.webhooks.uri is no setting; did you mean apps.webhooks.url?"
            ),
            ("[[apps]]\nid = \"1\"\nsecret = \"s\"\n", "line 1: apps.key is missing; its clients connect with it"),
            (
                "[[apps]]\nid = \"1\"\nkey = \"k\"\n",
                "line 1: apps.secret_file is missing, and apps.secret too; who publishes signs with it"
            ),
            (
                "[desk]\napp_id = \"1\"\napp_key = \"k\"\napp_secret = \"s\"\n[[apps]]\nid = \"1\"\nkey = \"k\"\n",
                "line 5: the desk's own app has its key and secret in [desk]; leave them out here"
            ),
        ])
    func refused(text: String, sentence: String) throws {
        let failure = #expect(throws: Failure.self) { try served(text) }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.hasSuffix("c.toml, " + sentence) == true, "\(failure?.sentence ?? "")")
    }

    @Test("keep their secret from others")
    func secrets() throws {
        let failure = #expect(throws: Failure.self) {
            try served("[[apps]]\nid = \"2\"\nkey = \"k\"\nsecret = \"s\"\n", mode: 0o644)
        }
        #expect(
            failure?.sentence.hasSuffix(
                "c.toml, line 4: apps.secret is a secret and others can read the file (mode 644); chmod 600 it") == true
        )
        let missing = #expect(throws: Failure.self) {
            try served("[[apps]]\nid = \"2\"\nkey = \"k\"\nsecret_file = \"/nowhere\"\n")
        }
        #expect(missing?.sentence == "/nowhere: there is no such file; it is to hold the application's secret")
    }

    @Test("certificate and key are given together")
    func tls() throws {
        let both = try served("[desk]\ntls_certificate = \"/c\"\ntls_key = \"/k\"\n")
        #expect(both.tls == TLSFiles(certificate: "/c", key: "/k"))
        for (text, missing) in [
            ("tls_certificate = \"/c\"", "desk.tls_key"), ("tls_key = \"/k\"", "desk.tls_certificate"),
        ] {
            let failure = #expect(throws: Failure.self) { try served("[desk]\n\(text)\n") }
            #expect(failure?.code == .configuration)
            #expect(failure?.sentence.hasPrefix(missing + " is missing") == true)
        }
    }
}
