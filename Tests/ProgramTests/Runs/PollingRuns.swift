import Foundation
import Testing

extension Runs {
    @Suite("the program where a proxy refuses every WebSocket")
    struct PollingRuns {
        private let folder: TestFolder
        private let desk: ServedDesk
        private let proxy: Proxy
        private let tokens: [String: String]

        init() throws {
            let folder = try TestFolder()
            self.folder = folder
            tokens = ["alice": try Program.add("alice", folder), "bob": try Program.add("bob", folder)]
            desk = try ServedDesk(folder)
            proxy = try Proxy(to: desk.port)
            proxy.set(.noWebSockets)
        }

        /// Bob sits behind the proxy.
        private func url(_ user: String) -> String {
            user == "bob" ? "http://127.0.0.1:\(proxy.port)" : desk.url
        }

        private func home(_ user: String) throws -> String {
            let home = folder.path + "/" + user
            try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
            return home
        }

        private func talker(_ user: String, with peer: String) throws -> LinearProgram {
            let home = try home(user)
            return try LinearProgram(
                ["--with", peer, "--url", url(user)],
                environment: Program.environment(home: home, ["PARLEY_TOKEN": tokens[user]]),
                errors: home + "/errors")
        }

        private func verb(_ user: String, _ arguments: String...) throws -> BackgroundVerb {
            try BackgroundVerb(
                command: [Program.path] + arguments + ["--url", url(user)], home: try home(user + "-verbs"),
                ["PARLEY_TOKEN": tokens[user]])
        }

        private func end() {
            proxy.stop()
            desk.kill()
        }

        @Test("two talk as ever; when WebSockets get through the client goes back by itself and repeats nothing")
        func talk() throws {
            defer { end() }
            let (alice, bob) = (try talker("alice", with: "bob"), try talker("bob", with: "alice"))
            try bob.waitFor("No live connection gets through: asking the desk.", beside: [alice])
            try alice.waitFor("You are now writing to bob.", beside: [bob])
            _ = alice.type("one\n")
            try bob.waitFor("alice: one", beside: [alice])
            _ = bob.type("two\n")
            try alice.waitFor("bob: two", beside: [bob])
            try bob.waitFor("You to alice: two (sent)", beside: [alice])
            proxy.set(.pass)
            try bob.waitFor("Connected.", beside: [alice])
            try alice.waitFor("bob is online.", beside: [bob])
            _ = alice.type("three\n")
            try bob.waitFor("alice: three", beside: [alice])
            for text in ["alice: one", "alice: three"] {
                #expect(bob.output.components(separatedBy: text).count == 2, "\(bob.output)")
            }
        }

        @Test("tail says how it hears of things; who, status and ask are what they are elsewhere")
        func verbs() throws {
            defer { end() }
            let tail = try verb("bob", "tail", "--json", "--count", "1", "--timeout", "60s")
            try tail.waitForOutput("\"polling\"")
            let alice = try talker("alice", with: "bob")
            let here = try verb("bob", "who", "--wait", "alice", "--timeout", "30s", "--json").waitForEnd(
                within: .seconds(40))
            #expect(here.code == 0 && here.output.contains(#""id":"alice""#), "\(here)")
            try alice.waitFor("You are now writing to bob.")
            _ = alice.type("hello\n")
            let told = try tail.waitForEnd(within: .seconds(60))
            #expect(told.code == 0 && told.output.contains("\"hello\""), "\(told)")
            try SchemaCheck.expect(told.output, fits: "tail", atLeast: 2)
            let status = try verb("bob", "status").waitForEnd()
            #expect(status.output == "1 unseen in 1 · 1 online\n", "\(status)")
            let ask = try verb("bob", "ask", "alice", "well?", "--timeout", "60s", "--json")
            try alice.waitFor("well?")
            _ = alice.type("/answer yes\n")
            let answer = try ask.waitForEnd(within: .seconds(60))
            #expect(answer.code == 0 && answer.output.contains("answered"), "\(answer) \(alice.output)")
            let away = try verb("bob", "on", "away", "--timeout", "60s").waitForEnd(within: .seconds(40))
            #expect(away.code == 69 && away.errors.contains("no WebSocket gets through"), "\(away)")
        }

        @Test("parley doctor names the refused WebSocket, and what is to be done")
        func doctor() throws {
            defer { end() }
            let found = try verb("bob", "doctor", "--json").waitForEnd(within: .seconds(40))
            #expect(found.code == 69)
            let wrong = found.lines.filter { $0.contains(#""ok":false"#) }
            #expect(wrong.count == 1, "\(found)")
            for word in ["engine", "status 403", "a proxy or firewall on the way has to let WebSockets through"] {
                #expect(wrong.first?.contains(word) == true, "\(word): \(wrong)")
            }
        }
    }
}
