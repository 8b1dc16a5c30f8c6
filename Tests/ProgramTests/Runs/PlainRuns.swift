import Foundation
import Testing

extension Runs {
    @Suite("parley with an application without a desk")
    struct PlainRuns {
        @Test("two talk line by line over client events; a verb that needs a desk says so")
        func talk() throws {
            let folder = try TestFolder()
            let server = try ServedDesk(folder)
            defer { server.kill() }
            var homes: [String: TestFolder] = [:]
            for user in ["alice", "bob"] {
                let token = try Program.run(
                    ["user", "add", user, "--data", folder.path + "/desk"], home: folder.path
                ).output.trimmingCharacters(in: .newlines)
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
                    """, to: ".config/parley/config.toml")
                homes[user] = home
            }
            func start(_ user: String, _ arguments: [String]) throws -> LinearProgram {
                let home = try #require(homes[user])
                return try LinearProgram(
                    arguments, environment: Program.environment(home: home.path), errors: home.path + "/errors")
            }
            let bob = try start("bob", [])
            let alice = try start("alice", ["--with", "bob"])
            try alice.waitFor("You are now writing to bob.", beside: [bob])
            for number in 1...5 { _ = alice.type("line \(number)\n") }
            for number in 1...5 { try bob.waitFor("alice: line \(number)", beside: [alice]) }
            try alice.waitFor("You to bob: line 5 (sent)", beside: [bob])
            #expect(bob.output.components(separatedBy: "alice: line 3").count == 2, "\(bob.output)")
            _ = bob.type("/query alice\nyes\n")
            try alice.waitFor("bob: yes", beside: [bob])
            let home = try #require(homes["alice"])
            let history = try Program.run(["history", "bob"], home: home.path)
            #expect(history.code == 78)
            #expect(history.errors.contains("is an application without a desk"))
        }
    }
}
