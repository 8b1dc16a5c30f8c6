import Foundation
import Testing

extension Runs {
    /// The engine and the signatures are a served desk's, of which these programs know nothing else.
    @Suite("parley with an application without a desk")
    struct PlainRuns {
        /// A desk whose folder is gone ends.
        private let folder: TestFolder
        private let server: ServedDesk
        private let homes: [String: TestFolder]

        init() throws {
            folder = try TestFolder()
            let rooms = "\n[[rooms]]\nname = \"support\"\n[[rooms]]\nname = \"board\"\nusers = \"bob\"\n"
            server = try ServedDesk(folder, config: rooms)
            var homes: [String: TestFolder] = [:]
            for user in ["alice", "bob"] {
                let token = try Program.add(user, folder)
                let home = try TestFolder()
                try home.write(
                    """
                    user = "\(user)"
                    token_command = "echo \(token)"
                    [channels]
                    key = "testkey"
                    host = "127.0.0.1"
                    port = \(server.port)
                    tls = false
                    auth_endpoint = "\(server.url)/pusher/auth"
                    """ + rooms, to: ".config/parley/config.toml")
                homes[user] = home
            }
            self.homes = homes
        }

        private func start(_ user: String, _ arguments: String...) throws -> LinearProgram {
            let home = try #require(homes[user])
            return try LinearProgram(
                arguments, environment: Program.environment(home: home.path), errors: home.path + "/errors")
        }

        private func run(_ user: String, _ arguments: String...) throws -> Program.Outcome {
            try Program.run(arguments, home: try #require(homes[user]).path, within: .seconds(60))
        }

        private func begin(_ user: String, _ arguments: String...) throws -> BackgroundVerb {
            try BackgroundVerb(command: [Program.path] + arguments, home: try #require(homes[user]).path, [:])
        }

        @Test("two talk line by line over client events, in a room too")
        func talk() throws {
            defer { server.kill() }
            let bob = try start("bob")
            let alice = try start("alice", "--with", "bob")
            try alice.waitFor("You are now writing to bob.", beside: [bob])
            for number in 1...5 { _ = alice.type("line \(number)\n") }
            for number in 1...5 { try bob.waitFor("alice: line \(number)", beside: [alice]) }
            try alice.waitFor("You to bob: line 5 (sent)", beside: [bob])
            #expect(bob.output.components(separatedBy: "alice: line 3").count == 2, "\(bob.output)")
            _ = bob.type("/query alice\nyes\n")
            try alice.waitFor("bob: yes", beside: [bob])
            _ = bob.type("/query #lobby\nall of you\n")
            try bob.waitFor("You in #lobby: all of you (relayed)", beside: [alice])
            for (program, name) in [(bob, "bob"), (alice, "alice")] {
                _ = program.type("/join #support\n")
                try program.waitFor("You are now writing to #support.", beside: [alice, bob])
                if name == "alice" { try bob.waitFor("alice entered #support.", beside: [alice]) }
            }
            _ = alice.type("to the room\n")
            try bob.waitFor("alice in #support: to the room", beside: [alice])
        }

        @Test("send is sent when it is confirmed, relayed in the lobby, and not confirmed where nobody is")
        func send() throws {
            defer { server.kill() }
            let bob = try start("bob")
            try bob.waitFor("Nothing is unseen.")
            let sent = try run("alice", "send", "bob", "one", "--json")
            #expect(sent.code == 0 && sent.output.contains(#""state":"sent""#), "\(sent)")
            let all = try run("alice", "send", "#lobby", "two", "--json")
            #expect(all.code == 0 && all.output.contains(#""relayed":true,"state":"relayed""#), "\(all)")
            for number in 3...8 { #expect(try run("alice", "send", "#lobby", "\(number)").code == 0) }
            let room = try run("alice", "send", "#support", "four", "--json")
            #expect(room.code == 0 && room.output.contains(#""state":"relayed""#), "\(room)")
            #expect(try run("alice", "send", "#nowhere", "five").code == 67)
            try bob.waitFor("alice: one")
            for text in ["two"] + (3...8).map(String.init) { try bob.waitFor("alice in #lobby: \(text)") }
            let nobody = try run("alice", "send", "carol", "three", "--json", "--timeout", "2s")
            #expect(nobody.code == 75 && nobody.output.contains(#""state":"relayed""#), "\(nobody)")
            #expect(nobody.errors.contains("not confirmed in time; it may have arrived"))
            for outcome in [sent, all] { try SchemaCheck.expect(outcome.output, fits: "send") }
            #expect(try run("alice", "send", "alice", "me").code == 64)
        }

        @Test("who, who --wait, on and status tell of those in the presence channel")
        func presence() throws {
            defer { server.kill() }
            #expect(try run("alice", "who").output == "")
            #expect(try run("alice", "who", "--wait", "bob", "--timeout", "500ms").code == 75)
            let waits = try begin("alice", "who", "--wait", "bob", "--json")
            let bob = try start("bob")
            let here = try waits.waitForEnd()
            #expect(here.code == 0 && here.output.contains(#""id":"bob","name":"bob","online":true"#), "\(here)")
            try SchemaCheck.expect(here.output, fits: "who")
            let status = try run("alice", "status", "--json")
            #expect(status.output.contains(#""unseen":0,"conversations":0,"online":1"#), "\(status)")
            try SchemaCheck.expect(status.output, fits: "status")
            let on = try begin("bob", "on", "join,leave", "alice", "--count", "1", "--json", "--timeout", "60s")
            // Whichever of her visits is the first that is seen.
            while !on.hasEnded { _ = try run("alice", "who") }
            try SchemaCheck.expect(try on.waitForEnd().output, fits: "on")
            bob.kill()
        }

        @Test("who is in a room is told too, and of no room that there is none")
        func room() throws {
            defer { server.kill() }
            let bob = try start("bob")
            _ = bob.type("/join #support\n")
            try bob.waitFor("You are now writing to #support.")
            // He is in when the engine says so, which is not when he asked.
            let limit = ContinuousClock.now + .seconds(20)
            var here = try run("alice", "who", "#support", "--json")
            while here.output.isEmpty, .now < limit { here = try run("alice", "who", "#support", "--json") }
            #expect(here.code == 0 && here.output.contains(#""id":"bob","name":"bob","online":true"#), "\(here)")
            #expect(!here.output.contains("alice"))
            try SchemaCheck.expect(here.output, fits: "who")
            // Of two channels he may be let into the other first.
            var lobby = try run("alice", "who", "#lobby")
            while lobby.output.isEmpty, .now < limit { lobby = try run("alice", "who", "#lobby") }
            #expect(lobby.output == "bob\n", "\(lobby)")
            let none = try run("alice", "who", "#nowhere")
            #expect(none.code == 67 && none.errors.contains("there are #lobby #support #board"), "\(none)")
        }

        @Test("a room that the application does not sign is refused in a sentence")
        func refusedRoom() throws {
            defer { server.kill() }
            let outcome = try run("alice", "who", "#board")
            #expect(outcome.code == 77 && outcome.errors.contains("#board: "), "\(outcome)")
            #expect(outcome.output == "")
        }

        @Test("ask ends with the first word that is one of the choices")
        func ask() throws {
            defer { server.kill() }
            let bob = try start("bob", "--with", "alice")
            try bob.waitFor("You are now writing to alice.")
            let ask = try begin("alice", "ask", "bob", "tea?", "--choices", "yes,not now", "--json")
            try bob.waitFor("alice: tea? (yes / not now)")
            _ = bob.type("which?\nNot  now\n")
            let answer = try ask.waitForEnd()
            #expect(answer.code == 0 && answer.output.contains(#""outcome":"answered""#), "\(answer)")
            #expect(answer.output.contains("Not  now"))
            try SchemaCheck.expect(answer.output, fits: "ask")
            #expect(try run("alice", "ask", "bob", "again?", "--timeout", "2s").code == 75)
            let left = try begin("alice", "ask", "bob", "still there?", "--grace", "1s")
            try bob.waitFor("still there?")
            _ = bob.type("/quit\n")
            #expect(try left.waitForEnd().code == 11)
        }

        @Test("doctor, bench and inspect look at the engine and the endpoint of the application")
        func looks() throws {
            defer { server.kill() }
            let well = try run("alice", "doctor", "--json")
            #expect(well.code == 0, "\(well)")
            #expect(
                ["network", "engine", "presence", "client-events", "payload"].allSatisfy {
                    well.output.contains("\"check\":\"\($0)\",\"ok\":true")
                })
            #expect(!well.output.contains("\"desk\"") && !well.output.contains("\"token\""))
            let bench = try run("alice", "bench", "--clients", "2", "--rounds", "2", "--json")
            #expect(bench.code == 0 && bench.output.contains(#""lost":0"#), "\(bench)")
            let frames = try run("alice", "inspect", "--count", "3", "--json")
            #expect(frames.code == 0 && frames.output.contains("connection_established"), "\(frames)")
            let home = try #require(homes["alice"])
            let config = try String(contentsOfFile: home.path + "/.config/parley/config.toml", encoding: .utf8)
            func wrong(_ change: (String, String), _ words: String...) throws {
                try home.write(
                    config.replacingOccurrences(of: change.0, with: change.1), to: ".config/parley/config.toml")
                let found = try run("alice", "doctor")
                #expect(found.code == 69)
                for word in words { #expect(found.output.contains(word), "\(word): \(found)") }
            }
            try wrong(("testkey", "otherkey"), "4001", "set channels.key")
            try wrong(("/pusher/auth", "/nowhere"), "the application does not sign it", "look at /nowhere there")
            try wrong(("echo parley", "echo wrong"), "set PARLEY_TOKEN, or token_command")
        }

        @Test(
            "a verb that asks for what a desk keeps says that there is none, and what works",
            arguments: [
                ["history", "bob"], ["seen", "bob"], ["sessions"], ["export", "bob"],
                ["bench", "--clients", "2", "--rounds", "1", "--compare", "polling"],
            ])
        func refused(arguments: [String]) throws {
            defer { server.kill() }
            let outcome = try Program.run(arguments, home: try #require(homes["alice"]).path, within: .seconds(60))
            #expect(outcome.code == 78 && outcome.output == "")
            #expect(
                outcome.errors
                    == "parley: 127.0.0.1: is an application without a desk, which keeps nothing that could be asked for; parley, send, tail, who, on, ask, status, inspect, doctor and bench work there\n",
                "\(outcome)")
        }
    }
}
