import ChannelsProtocol
import Desk
import Foundation
import Logging
import Synchronization
import Testing
import Transport

@testable import parley

@Suite("settings of parley serve")
struct DeskSettingsTests {
    private func served(_ text: String) throws -> DeskConfiguration {
        let folder = try TestFolder()
        let file = try folder.write(text, to: "c.toml", mode: 0o600)
        return try Serve.configuration(try Settings.load(configFlag: file, environment: folder.environment()))
    }

    @Test("hosts and rates reach the desk; what is not set is the desk's own default, and 0 is none")
    func reach() throws {
        let initial = try served("")
        #expect(initial.hosts == [])
        #expect(initial.rates == CallRates())
        let given = try served(
            """
            [desk]
            hosts = "desk.example.org  192.0.2.1"
            sends_per_second = 0
            authorizations_per_second = 7
            failed_sign_ins_per_minute = 0
            """)
        #expect(given.hosts == ["desk.example.org", "192.0.2.1"])
        #expect(given.rates.sendsPerSecond == nil)
        #expect(given.rates.authorizationsPerSecond == 7)
        #expect(given.rates.failedSignInsPerMinute == nil)
    }

    @Test("proxies and the admin token reach the desk")
    func proxies() throws {
        let folder = try TestFolder()
        let file = try folder.write("t0ken\n", to: "admin")
        let given = try served("[desk]\nproxies = \"10.0.0.0/8 ::1\"\nadmin_token_file = \"\(file)\"")
        #expect(given.proxies == TrustedProxies("10.0.0.0/8 ::1"))
        #expect(given.adminToken == "t0ken")
        #expect(try served("[desk]\nproxies = \"\"").proxies == TrustedProxies(""))
        #expect(try served("").proxies == TrustedProxies(TrustedProxies.initial))
        let failure = #expect(throws: Failure.self) { try served("[desk]\nproxies = \"proxy.example\"") }
        #expect(failure?.sentence.contains("desk.proxies is \"proxy.example\"; expected addresses") == true)
    }

    @Test("an engine elsewhere is where its URL or its cluster says, for clients too unless they are sent elsewhere")
    func engines() throws {
        let app = "app_id = \"1\"\napp_key = \"k\"\napp_secret = \"s\"\n"
        let own = try served("[desk]\n\(app)engine_url = \"http://10.0.0.1:6001/ws\"")
        #expect(
            own.engine
                == ExternalEngine(
                    api: .tcp(host: "10.0.0.1", port: 6001, isSecure: false), apiPath: "/ws",
                    client: ("10.0.0.1", 6001, false), clientPath: "/ws"))
        let public_ = try served(
            "[desk]\n\(app)engine_url = \"http://10.0.0.1:6001\"\nengine_client_url = \"https://ws.example.org/x\"")
        #expect(public_.engine?.client.host == "ws.example.org" && public_.engine?.client.port == 443)
        #expect(public_.engine?.clientPath == "/x" && public_.engine?.apiPath == "")
        let hosted = try served("[desk]\n\(app)cluster = \"eu\"")
        #expect(hosted.engine?.api == .tcp(host: "api-eu.pusher.com", port: 443, isSecure: true))
        #expect(hosted.engine?.client.host == "ws-eu.pusher.com")
        #expect(try served("").engine == nil)
        for (text, part) in [
            ("engine_url = \"http://a\"", "id, key and secret are missing"),
            ("\(app)engine_url = \"http://a\"\ncluster = \"eu\"", "exclude each other"),
            ("\(app)engine_client_url = \"http://a\"", "desk.engine_url is missing"),
            ("\(app)cluster = \"e/u\"", "desk.cluster is \"e/u\""),
        ] {
            let failure = #expect(throws: Failure.self) { try served("[desk]\n\(text)") }
            #expect(failure?.sentence.contains(part) == true, "\(failure?.sentence ?? "")")
        }
    }

    @Test("a line of the log is a JSON object where that is wanted, with its facts as members of their own")
    func jsonLog() throws {
        let lines = Mutex<[String]>([])
        let handler = LineLogHandler(label: "desk", isJSON: true) { line in lines.withLock { $0.append(line) } }
        let logger = Logger(label: "desk") { _ in handler }
        logger.notice("refused: \u{1B}[2J\nno", metadata: ["status": "401", "message": "mine"])
        let line = try #require(lines.withLock { $0.first })
        let json = try JSON(parsing: line)
        #expect(json["v"] == 1 && json["level"] == "notice" && json["label"] == "desk")
        #expect(json["fact_status"] == "401" && json["fact_message"] == "mine")
        #expect(json["message"]?.string?.hasPrefix("refused: ") == true)
        #expect(line.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test(
        "a host that is none is refused with what it is",
        arguments: ["https://desk.example.org", "desk.example.org:80", "a/b", "desk,other", "dėsk", "[::1]", "."])
    func wrongHosts(text: String) {
        let failure = #expect(throws: Failure.self) { try served("[desk]\nhosts = \"ok \(text)\"") }
        #expect(failure?.code == .configuration)
        #expect(failure?.sentence.contains("desk.hosts has \"\(text)\"") == true, "\(failure?.sentence ?? "")")
    }

    @Test(
        "a secret in a file of somebody else is refused", .enabled(if: geteuid() == 0, "only root can give a file away")
    )
    func foreignOwner() throws {
        let folder = try TestFolder()
        let file = try folder.write("token = \"s3cr3t\"\n", to: "c.toml", mode: 0o600)
        chown(file, 65_534, 65_534)
        let settings = #expect(throws: Failure.self) {
            try Settings.load(configFlag: file, environment: folder.environment())
        }
        #expect(settings?.code == .configuration)
        #expect(settings?.sentence.contains("line 1: token is a secret and the file belongs to user 65534") == true)
        let secret = #expect(throws: Failure.self) { try Serve.secret(inFile: file) }
        #expect(secret?.sentence.contains("belongs to user 65534") == true)
    }

    @Test("a log that others could read is closed to them, and what is no log of ours is told nothing")
    func log() throws {
        let folder = try TestFolder()
        let path = try folder.write("before\n", to: "parley.log", mode: 0o644)
        LogFile(path: path).write("one")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "before\none\n")
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let link = folder.path + "/link.log"
        symlink(path, link)
        LogFile(path: link).write("two")
        let pipe = folder.path + "/pipe.log"
        mkfifo(pipe, 0o600)
        LogFile(path: pipe).write("three")
        if geteuid() == 0 {
            chown(path, 65_534, 65_534)
            LogFile(path: path).write("four")
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "before\none\n")
    }
}
