import Channels
import Desk
import Testing

@Suite("the example", .timeLimit(.minutes(1)))
struct ExampleTests {
    @Test("says who is here and what happens")
    func runs() async throws {
        try await TestDesk.run(users: ["alice"]) { desk, tokens in
            let token = try #require(tokens["alice"])
            let (lines, said) = AsyncStream.makeStream(of: String.self)
            let running = Task { [port = desk.port, key = desk.app.key] in
                try await example(host: "127.0.0.1", port: port, isSecure: false, key: key, token: { token }) { words in
                    said.yield(words.map { "\($0)" }.joined(separator: " "))
                }
            }
            var line = lines.makeAsyncIterator()
            #expect(await line.next() == "signed in, hearing #server-to-user-alice")
            #expect(await line.next() == #"here are ["alice"]"#)
            try await withClient(desk.here, desk.authorizer(as: "bob")) { bob in
                try await bob.subscribe("presence-lobby").subscribed()
                #expect(await line.next() == "bob came")
                try await desk.publish("news", on: "presence-lobby", #"{"text":"hello"}"#)
                #expect(await line.next() == "news hello")
            }
            #expect(await line.next() == "bob went")
            running.cancel()
            try? await running.value
        }
    }
}
