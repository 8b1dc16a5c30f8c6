import ChannelsProtocol
import Foundation
import Testing

@testable import parley

extension Runs {
    @Suite("parley doctor")
    struct DoctorRuns {
        private let folder: TestFolder
        private let desk: ServedDesk
        private let token: String

        init() throws {
            folder = try TestFolder()
            desk = try ServedDesk(folder)
            token = try Self.addUser("alice", folder)
        }

        private static func addUser(_ id: String, _ folder: TestFolder) throws -> String {
            let added = try Program.run(["user", "add", id, "--data", folder.path + "/desk"], home: folder.path)
            return try #require(added.lines.last.map { String($0) })
        }

        private func doctor(
            _ port: Int?, url: String? = nil, environment: [String: String?] = [:]
        ) throws -> (code: Int32, checks: [JSON]) {
            let address = url ?? port.map { "http://127.0.0.1:\($0)" }
            let variables = ["PARLEY_TOKEN": token, "PARLEY_URL": address].merging(environment) { $1 }
            let outcome = try Program.run(
                ["doctor", "--json"], home: folder.path, environment: variables, within: .seconds(30))
            try SchemaCheck.expect(outcome.output, fits: "doctor")
            return (outcome.code, try outcome.lines.map { try JSON(parsing: String($0)) })
        }

        /// Exactly one check is wrong, it is this one, and it says so and what to do.
        private func expect(
            _ name: Check.Name, _ words: String..., of found: (code: Int32, checks: [JSON]),
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            let wrong = found.checks.filter { $0["ok"]?.bool == false }
            #expect(
                wrong.compactMap { $0["check"]?.string } == [name.rawValue], "\(found)", sourceLocation: sourceLocation)
            #expect(found.code == (name == .settings ? 78 : 69), sourceLocation: sourceLocation)
            for word in words {
                #expect(
                    wrong.first?["detail"]?.string?.contains(word) == true, "\(word): \(wrong)",
                    sourceLocation: sourceLocation)
            }
        }

        @Test("says ok to everything of a healthy desk, served or local, and ends with 0")
        func healthy() throws {
            defer { desk.kill() }
            let served = try doctor(desk.port)
            #expect(served.code == 0 && served.checks.allSatisfy { $0["ok"]?.bool == true }, "\(served)")
            #expect(
                served.checks.compactMap { $0["check"]?.string }
                    == Check.Name.allCases.map(\.rawValue).filter { $0 != "tls" })
            let local = try doctor(nil, environment: ["PARLEY_TOKEN": nil])
            #expect(local.code == 0 && local.checks.allSatisfy { $0["ok"]?.bool == true }, "\(local)")
            let passed = try doctor(try FaultyDesk(before: desk.port) { _ in }.port)
            _ = passed
        }

        @Test("names the one thing that is wrong on the way there")
        func way() throws {
            defer { desk.kill() }
            expect(.host, "no-such-host.invalid", "DNS", of: try doctor(nil, url: "https://no-such-host.invalid"))
            expect(.settings, "--insecure", of: try doctor(nil, url: "http://no-such-host.invalid"))
            let (socket, port) = try FaultyDesk.bound()
            defer { close(socket) }
            expect(.network, "127.0.0.1:\(port)", "refused", "firewall", of: try doctor(port))
            // What needs no token is looked at without one.
            expect(.token, "no token", "parley login", of: try doctor(desk.port, environment: ["PARLEY_TOKEN": nil]))
            expect(
                .tls, "TLS", "http://",
                of: try doctor(nil, url: "https://127.0.0.1:\(desk.port)", environment: ["PARLEY_TOKEN": nil]))
            expect(.token, "parley login", of: try doctor(desk.port, environment: ["PARLEY_TOKEN": "parley_wrong"]))
        }

        @Test("names the one answer that is wrong")
        func answers() throws {
            defer { desk.kill() }
            func faulty(_ change: @escaping @Sendable (inout FaultyDesk.Answer) -> Void) throws -> (Int32, [JSON]) {
                let proxy = try FaultyDesk(before: desk.port, change: change)
                return try withExtendedLifetime(proxy) { try doctor(proxy.port) }
            }
            expect(.desk, "is no desk", of: try faulty { if $0.path == "/healthz" { $0.body = "<html>hello</html>" } })
            expect(.desk, "answers 502", of: try faulty { if $0.path == "/healthz" { $0.status = 502 } })
            expect(
                .clock, "ahead of", "NTP",
                of: try faulty { answer in
                    answer.headers = answer.headers.filter { !$0.lowercased().hasPrefix("date") }
                    answer.headers.append("Date: Fri, 20 Nov 2020 10:15:30 GMT")
                })
            expect(
                .engine, "4001", "app key",
                of: try faulty { $0.body = $0.body.replacingOccurrences(of: "testkey", with: "otherkey") })
            expect(
                .authorization, "secret",
                of: try faulty { if $0.path == "/pusher/auth" { $0.body = #"{"auth":"testkey:00"}"# } })
            expect(
                .authorization, "/pusher/auth",
                of: try faulty { answer in
                    guard answer.path == "/pusher/auth" else { return }
                    answer.status = 403
                    answer.body = #"{"error":{"code":"x","message":"go away"}}"#
                })
        }

        @Test(
            "names the one limit of the engine that is in the way",
            arguments: [
                ("client_events = false", Check.Name.clientEvents, "enable client events"),
                ("members = 1", .presence, "presence members"),
            ])
        func limits(rule: String, name: Check.Name, advice: String) throws {
            desk.kill()
            let other = try TestFolder()
            let limited = try ServedDesk(other, config: "[[apps]]\nid = \"1\"\n\(rule)\n")
            defer { limited.kill() }
            let bob = try Self.addUser("bob", other)
            let alice = try Self.addUser("alice", other)
            let tail = try BackgroundVerb(
                folder: other, ["tail", "--present", "--json"],
                ["PARLEY_TOKEN": bob, "PARLEY_URL": "http://127.0.0.1:\(limited.port)"])
            try tail.waitForOutput("\"online\"")
            expect(name, advice, of: try doctor(limited.port, environment: ["PARLEY_TOKEN": alice]))
            tail.kill()
        }

        @Test("names an engine elsewhere that takes shorter events than messages need")
        func payload() throws {
            desk.kill()
            let (engineFolder, deskFolder) = (try TestFolder(), try TestFolder())
            let app = """
                [[apps]]
                id = "2"
                key = "shortkey"
                secret = "testsecret"
                event_data = 5000
                """
            let engine = try ServedDesk(engineFolder, config: app)
            defer { engine.kill() }
            let other = try ServedDesk(
                deskFolder, config: "[desk]\nengine_url = \"\(engine.url)\"\n", app: ("2", "shortkey"))
            defer { other.kill() }
            let alice = try Self.addUser("alice", deskFolder)
            expect(.payload, "9000 bytes", "10240", of: try doctor(other.port, environment: ["PARLEY_TOKEN": alice]))
        }

        @Test("names the one thing that is wrong on this machine")
        func here() throws {
            defer { desk.kill() }
            let config = try folder.write("url = 7\n", to: "wrong.toml")
            expect(.settings, "line 1", of: try doctor(desk.port, environment: ["PARLEY_CONFIG": config]))
            let state = folder.path + "/.local/state/parley"
            try folder.write("# none\n", to: ".local/state/parley/credentials.toml", mode: 0o644)
            expect(.files, "credentials.toml", "chmod 600", of: try doctor(desk.port))
            try FileManager.default.removeItem(atPath: state + "/credentials.toml")
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: state)
            expect(.files, "mode 777", "chmod 700", of: try doctor(desk.port))
        }

        @Test("looks at the terminal where there is one")
        func terminal() throws {
            desk.kill()
            let room = try TerminalRoom()
            let fine = try room.start("doctor")
            #expect(try fine.waitForEnd() == 0)
            #expect(fine.picture.text.contains("80x24") && !fine.picture.text.contains("wrong"))
            for (environment, words) in [(["LANG": "C"], "UTF-8"), (["TERM": "no-such-terminal"], "no-such-terminal")] {
                let wrong = try room.start("doctor", environment: environment)
                #expect(try wrong.waitForEnd() == 69)
                #expect(wrong.picture.line(with: "wrong")?.contains("terminal") == true)
                #expect(wrong.picture.text.contains(words))
            }
            // It tells where its cursor is, as if a character of two columns had taken one.
            let narrow = try room.start("doctor")
            try narrow.waitFor("being asked") { _ in String(decoding: narrow.bytes, as: UTF8.self).contains("\u{1B}[6n")
            }
            try narrow.type("\u{1B}[5;2R\u{1B}[5;2R\u{1B}[5;3R\u{1B}[5;2R")
            #expect(try narrow.waitForEnd() == 69)
            #expect(narrow.picture.text.contains("draws 漢 in 1 column, where 2 are counted"))
            let small = try room.start("doctor", columns: 38, rows: 24)
            #expect(try small.waitForEnd() == 69)
        }
    }

    @Suite("records")
    struct RecordRuns {
        @Test("inspect shows frames, records them, hides every secret, and replay leads to the same notices")
        func record() throws {
            let folder = try TestFolder()
            let desk = try ServedDesk(folder)
            defer { desk.kill() }
            let tokens = try ["alice", "bob"].map { id in
                let added = try Program.run(["user", "add", id, "--data", folder.path + "/desk"], home: folder.path)
                return try #require(added.lines.last.map { String($0) })
            }
            func variables(_ index: Int) -> [String: String?] {
                ["PARLEY_TOKEN": tokens[index], "PARLEY_URL": "http://127.0.0.1:\(desk.port)"]
            }
            let record = folder.path + "/record"
            let inspect = try BackgroundVerb(
                folder: folder, ["inspect", "--json", "--record", record, "--timeout", "6s"], variables(0))
            try inspect.waitForOutput("subscription_succeeded")
            // Somebody pastes the very token.
            let sent = try Program.run(
                ["send", "alice", "my token is \(tokens[0])"], home: folder.path, environment: variables(1))
            #expect(sent.code == 0)
            try inspect.waitForOutput("new_message")
            let outcome = try inspect.waitForEnd()
            #expect(outcome.code == 0, "\(outcome)")
            try SchemaCheck.expect(outcome.output, fits: "inspect", atLeast: 4)
            let recorded = try String(contentsOfFile: record, encoding: .utf8)
            for text in [outcome.output, recorded] {
                #expect(!text.contains(tokens[0]) && !text.contains("testkey:"))
                #expect(text.contains("(hidden)"))
            }
            #expect(try FileManager.default.attributesOfItem(atPath: record)[.posixPermissions] as? Int == 0o600)
            let replayed = try Program.run(["replay", record, "--json"], home: folder.path)
            #expect(replayed.code == 0, "\(replayed)")
            #expect(replayed.output.contains("my token is (hidden)"))
            try SchemaCheck.expect(replayed.output, fits: "tail", atLeast: 2)
            #expect(try Program.run(["replay", record, "--json"], home: folder.path).output == replayed.output)
            let broken = try folder.write(
                recorded.replacingOccurrences(of: "socket_text", with: "nothing"), to: "broken")
            #expect(try Program.run(["replay", broken], home: folder.path).code == 65)
        }

        @Test("bench counts every message, and says what it found in all its forms")
        func bench() throws {
            let folder = try TestFolder()
            let svg = folder.path + "/b.svg"
            let json = try Program.run(
                ["bench", "--clients", "3", "--rounds", "3", "--json", "--svg", svg], home: folder.path)
            #expect(json.code == 0, "\(json)")
            try SchemaCheck.expect(json.output, fits: "bench")
            #expect(json.output.contains(#""expected":18,"received":18,"lost":0"#))
            #expect(try String(contentsOfFile: svg, encoding: .utf8).hasSuffix("</svg>\n"))
            let text = try Program.run(["bench", "--clients", "2", "--rounds", "2"], home: folder.path)
            #expect(text.output.contains("every message") && text.output.contains("█"))
            #expect(try Program.run(["who", "--all", "--json"], home: folder.path).output.isEmpty)
        }
    }
}
