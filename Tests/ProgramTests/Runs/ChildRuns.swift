import Foundation
import Testing

@testable import parley

extension Runs {
    @Suite("with children, tokens and proxies")
    struct ChildRuns {
        @Test("a host that is killed is replaced within a second, whatever its commands have left running")
        func leftChild() throws {
            let room = try TerminalRoom()
            let host = try BackgroundVerb(
                room, "tail", "--as", "host", "--present", "--exec",
                "sleep 300 & echo $! >>\(room.home)/sleepers; echo ran")
            try host.waitForOutput("ran")
            let alice = try room.enter("alice")
            #expect(try room.run("send", "--as", "bob", "host", "hi").code == 0)
            try alice.waitFor("local desk")
            host.kill()
            let began = ContinuousClock.now
            try alice.waitFor("(host)")
            // A second is promised; a busy machine takes longer, and the time that a child would hold it is minutes.
            #expect(ContinuousClock.now - began < .seconds(10))
            let sleepers = try String(contentsOfFile: room.home + "/sleepers", encoding: .utf8)
            for pid in sleepers.split(separator: "\n").compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
        }

        @Test("tail ends in time though a command of its does not")
        func hangingCommand() throws {
            let room = try TerminalRoom()
            #expect(try room.run("send", "--as", "bob", "alice", "hi").code == 0)
            let began = ContinuousClock.now
            let tail = try room.run(
                "tail", "bob", "--as", "alice", "--since", "0", "--timeout", "3s", "--exec", "sleep 300; true")
            #expect(tail.code == 0 && tail.errors.contains("ended 1 running command"), "\(tail)")
            #expect(ContinuousClock.now - began < .seconds(12))
        }

        @Test("a command of tail is the same user, though the environment names another")
        func identity() throws {
            let room = try TerminalRoom()
            #expect(try room.run("send", "--as", "bob", "alice", "hi").code == 0)
            let tail = try Program.run(
                [
                    "tail", "bob", "--as", "alice", "--since", "0", "--count", "1", "--exec",
                    "\(Program.path) status --format '{user} {unseen}'; echo $PARLEY_USER",
                ], home: room.home, environment: ["PARLEY_USER": "mallory"])
            #expect(tail.output.contains("alice 1\nalice\n"), "\(tail)")
        }

        @Test("without a token, or with tokens that others can read, there is one sentence and 77")
        func noToken() throws {
            let folder = try TestFolder()
            let variables = ["PARLEY_URL": "http://127.0.0.1:9"]
            for isReadable in [false, true] {
                if isReadable { try folder.write("", to: ".local/state/parley/credentials.toml", mode: 0o644) }
                for verb in [["--linear"], ["tail"], ["who"], ["on", "join"]] {
                    let outcome = try Program.run(verb, home: folder.path, environment: variables)
                    #expect(outcome.code == 77, "\(verb): \(outcome)")
                    #expect(outcome.errors.split(separator: "\n").count == 1, "\(verb): \(outcome)")
                    #expect(outcome.errors.contains(isReadable ? "chmod 600" : "parley login"))
                }
            }
            try folder.write("# tokens\n[.a]\n", to: ".local/state/parley/credentials.toml")
            let broken = try Program.run(["who"], home: folder.path, environment: variables)
            #expect(broken.code == 78 && broken.errors.contains("credentials.toml, line 2"), "\(broken)")
        }

        @Test("desk calls and the WebSocket go through the proxy that the environment names")
        func proxy() throws {
            let folder = try TestFolder()
            let desk = try ServedDesk(folder, config: "[desk]\nhosts = \"desk.invalid\"\n")
            defer { desk.kill() }
            let token = try Program.add("alice", folder)
            let proxy = try Proxy(to: desk.port, isTunnel: true)
            defer { proxy.stop() }
            // A name that only the proxy knows.
            let variables = [
                "PARLEY_URL": "http://desk.invalid:7007", "PARLEY_TOKEN": token,
                "HTTP_PROXY": "http://127.0.0.1:\(proxy.port)",
            ]
            let tail = try Program.run(
                ["tail", "--present", "--json", "--timeout", "3s", "--insecure"], home: folder.path,
                environment: variables)
            #expect(tail.output.contains(#""state":"online""#), "\(tail)")
            #expect(Set(proxy.destinations) == ["desk.invalid:7007"])
            #expect(proxy.destinations.count >= 2)
            let doctor = try Program.run(["doctor", "--insecure"], home: folder.path, environment: variables)
            #expect(doctor.output.contains("the proxy 127.0.0.1:\(proxy.port), which HTTP_PROXY names"), "\(doctor)")
            let refused = try Program.run(["who"], home: folder.path, environment: variables)
            #expect(refused.code == 78 && refused.errors.contains("--insecure"), "\(refused)")
        }

        @Test("parley opens the desk that one has signed in to, and login says what opens it")
        func login() throws {
            let folder = try TestFolder()
            let desk = try ServedDesk(folder)
            defer { desk.kill() }
            let token = try Program.add("alice", folder)
            let first = try Program.run(["login", desk.url], home: folder.path, input: token + "\n")
            #expect(first.code == 0 && first.errors.contains("config.toml"), "\(first)")
            let who = try Program.run(["status", "--format", "{user}@{desk}"], home: folder.path)
            #expect(who.output == "alice@\(desk.url)\n", "\(who)")
            try folder.write("log_level = \"error\"\n", to: ".config/parley/config.toml")
            let second = try Program.run(["login", desk.url], home: folder.path, input: token + "\n")
            #expect(second.errors.contains("parley --url \(desk.url)"), "\(second)")
        }

        @Test("a comma between two names at the local desk makes no user of that name")
        func comma() throws {
            let room = try TerminalRoom()
            let refused = try room.run("send", "--as", "alice", "carol,bob", "hi")
            #expect(refused.code == 64 && refused.errors.contains("one at a time"), "\(refused)")
            let who = try room.run("who", "--all", "--as", "alice")
            #expect(!who.output.contains("carol"), "\(who)")
        }
    }
}
