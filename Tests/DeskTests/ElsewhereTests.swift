import Chat
import ChannelsProtocol
import Foundation
import Synchronization
import Testing
import Transport

@testable import Desk

@Suite("a desk in front of an engine elsewhere", .timeLimit(.minutes(5)), .eachStore)
struct ElsewhereTests {
    private static let chat = "private-chat-alice-bob"

    private func withEngine(
        _ kind: TestEngine.Kind = .soketi, path: String = "", prepare: (inout TestEngine.State) -> Void = { _ in },
        _ test: (TestDesk, TestEngine) async throws -> Void
    ) async throws {
        let engine = try TestEngine(kind)
        engine.state.withLock {
            $0.prefix = path
            prepare(&$0)
        }
        try await withDesk(configure: {
            $0.engine = engine.place(path)
            $0.app = engine.app
        }) { desk async throws in try await test(desk, engine) }
    }

    @Test(
        "publishes what people must know, signed, in order and within each engine's limits",
        arguments: TestEngine.Kind.allCases)
    func publishes(kind: TestEngine.Kind) async throws {
        try await withEngine(kind) { desk, engine async throws in
            let long = String(repeating: "\"\u{1F600}", count: 2_000)
            let texts = [
                "1", String(repeating: "x", count: 8_000), "2", long, String(repeating: "é", count: 4_500), "3",
            ]
            for text in texts { #expect(try await desk.say("alice", to: "bob", text).status == 201) }
            try await engine.wait(for: texts.count, in: Self.chat)
            let told = engine.texts(Self.chat)
            // What fits into no request is fetched by its readers.
            #expect(zip(told, texts).allSatisfy { $0 == $1 || $0 == "(left out)" && $1.utf8.count > 8_000 }, "\(told)")
            let state = engine.state.withLock { $0 }
            #expect(state.problems == [])
            #expect(state.longest <= 10_000)
            for user in ["alice", "bob"] {
                let seqs = state.events.filter { $0.channel == "private-user-\(user)" }
                    .compactMap { (try? JSON(parsing: $0.data))?["seq"]?.int }
                #expect(seqs == Array(1...texts.count))
            }
            #expect(try await desk.call("bob", "POST", "/api/conversations/alice/seen", #"{"seq":6}"#).status == 204)
            try await engine.wait { $0.events.contains { $0.name == "message_seen" } }
            #expect(engine.state.withLock { $0.events.contains { $0.name == "message_seen" } })
        }
    }

    @Test(
        "goes on trying through every kind of failure; nothing is lost and the order stays",
        arguments: TestEngine.Kind.allCases)
    func retries(kind: TestEngine.Kind) async throws {
        try await withEngine(kind) { desk, engine async throws in
            engine.state.withLock { $0.statuses = [500, 0, 0, 429, 401, 503] }
            for number in 1...20 { try await desk.say("alice", to: "bob", "\(number)") }
            try await desk.say("carol", to: "bob", "hi")
            try await engine.wait(for: 20, in: Self.chat)
            try await engine.wait(for: 1, in: "private-chat-bob-carol")
            #expect(engine.texts(Self.chat) == (1...20).map(String.init))
            #expect(engine.state.withLock { $0.problems } == [])
            let metrics = try await desk.owner().call("GET", "/metrics").body
            #expect(!metrics.contains("\nparley_publish_errors_total 0\n"))
        }
    }

    /// As soketi refuses: with the status 200, since it sends a header before the status.
    private static func refusal(_ code: Int) -> String { #"{"error":"scripted","code":\#(code)}"# }

    @Test(
        "an answer of 200 with an error, or with a proxy's page, counts as not published: it is counted, logged, retried"
    )
    func bodies() async throws {
        let lines = LogLines()
        let engine = try TestEngine(.soketi)
        try await withDesk(configure: {
            $0.engine = engine.place()
            $0.app = engine.app
            $0.logger = lines.logger
        }) { desk async throws in
            engine.state.withLock {
                $0.bodies = [Self.refusal(401), Self.refusal(429), "<html>maintenance</html>", "", Self.refusal(500)]
            }
            for number in 1...3 { #expect(try await desk.say("alice", to: "bob", "\(number)").status == 201) }
            try await engine.wait(for: 3, in: Self.chat)
            #expect(engine.texts(Self.chat) == ["1", "2", "3"])
            let metrics = try await desk.owner().call("GET", "/metrics").body
            #expect(metrics.contains("\nparley_publish_errors_total 5\n"))
            #expect(lines.all.contains { $0.contains("with the error 401") && $0.contains("to be published waits") })
            #expect(lines.all.contains { $0.contains("takes events again, after 5 failures") })
        }
    }

    /// Expects that no desk starts in front of `engine`, with this in the error.
    private func expectRefusedStart(_ engine: TestEngine, _ sentence: String) async throws {
        let folder = try TemporaryFolder()
        var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
        configuration.engine = engine.place()
        configuration.app = engine.app
        let error = await #expect(throws: DeskError.self) { try await DeskServer.start(configuration) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }

    @Test(
        "does not start where the engine says in a body of 200 that it does not know its app or its secret",
        arguments: [
            (refusal(401), "does not accept the signature (401)"), (refusal(403), "refuses app 1 (403)"),
            (refusal(404), "has no app 1 (404)"), ("<html>welcome</html>", "is that the engine's URL?"),
        ])
    func wrongBody(body: String, sentence: String) async throws {
        let engine = try TestEngine(.soketi)
        engine.state.withLock { $0.bodies = [body] }
        try await expectRefusedStart(engine, sentence)
    }

    @Test("a dead engine is asked once for all who want to know who is online, and one line says so")
    func deadEngine() async throws {
        let lines = LogLines()
        let engine = try TestEngine(.soketi)
        try await withDesk(configure: {
            $0.engine = engine.place()
            $0.app = engine.app
            $0.logger = lines.logger
        }) { desk async throws in
            engine.state.withLock {
                $0.isAway = true
                $0.calls = []
            }
            let began = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for _ in 1...5 { group.addTask { try await desk.call("alice", "GET", "/api/users").status } }
                for try await status in group { #expect(status == 503) }
            }
            // Each question is made once more after a connection was hung up on.
            let questions = engine.state.withLock { $0.calls.filter { $0.hasSuffix("/users") }.count }
            let moments = 1 + Int((ContinuousClock.now - began) / OnlineAnswer.failureFreshness)
            #expect(questions <= 2 * moments, "\(questions)")
            #expect(lines.all.filter { $0.contains("engine") && $0.contains("refused: ") }.count == 1)
            #expect(lines.all.filter { !$0.contains("refused: ") && $0.contains(":\(engine.port)") }.count <= 2)
        }
    }

    @Test("what the engine never takes is left out, and what comes after it is published")
    func poison() async throws {
        try await withEngine(.reverb, prepare: { $0.poison = "bad" }) { desk, engine async throws in
            for text in ["1", "bad", "2"] { try await desk.say("alice", to: "bob", text) }
            try await engine.wait(for: 2, in: Self.chat)
            #expect(engine.texts(Self.chat) == ["1", "2"])
            // The line in the inbox tells of it, and its readers fetch it.
            try await engine.wait { $0.events.filter { $0.channel == "private-user-bob" }.count >= 3 }
            let seqs = engine.state.withLock { $0.events }.filter { $0.channel == "private-user-bob" }
                .compactMap { (try? JSON(parsing: $0.data))?["seq"]?.int }
            #expect(seqs == [1, 2, 3])
        }
    }

    @Test("an engine without batches is told one by one")
    func noBatches() async throws {
        try await withEngine(prepare: { $0.hasBatches = false }) { desk, engine async throws in
            for number in 1...5 { try await desk.say("alice", to: "bob", "\(number)") }
            try await engine.wait(for: 5, in: Self.chat)
            #expect(engine.texts(Self.chat) == (1...5).map(String.init))
        }
    }

    @Test("what was not published when the desk ended is published by the next, before anything new")
    func leftovers() async throws {
        let engine = try TestEngine(.soketi)
        let folder = try TemporaryFolder()
        let store = try StoreKind.current.place()
        let accounts = try Accounts(folder: folder.path, store: store)
        let token = try accounts.add(.init(validating: "alice"), name: nil)
        _ = try accounts.add(.init(validating: "bob"), name: nil)
        accounts.close()
        func start() async throws -> TestDesk {
            var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
            configuration.hosts = ["desk"]
            configuration.store = store
            configuration.engine = engine.place()
            configuration.app = engine.app
            return TestDesk(
                folder: folder, server: try await DeskServer.start(configuration), tokens: ["alice": token])
        }
        var desk = try await start()
        engine.state.withLock { $0.statuses = Array(repeating: 0, count: 10_000) }
        for number in 1...12 { #expect(try await desk.say("alice", to: "bob", "\(number)").status == 201) }
        await desk.server.drain()
        #expect(engine.texts(Self.chat) == [])
        engine.state.withLock { $0.statuses = [] }
        desk = try await start()
        try await desk.say("alice", to: "bob", "13")
        try await engine.wait(for: 13, in: Self.chat)
        #expect(engine.texts(Self.chat) == (1...13).map(String.init))
        await desk.server.drain()
        // Struck out: a third has nothing to say again.
        desk = try await start()
        try await desk.say("alice", to: "bob", "14")
        try await engine.wait(for: 14, in: Self.chat)
        #expect(engine.texts(Self.chat) == (1...14).map(String.init))
        await desk.server.drain()
    }

    @Test("a socket is kept out of an event only where the desk signed for it as the sender's")
    func excluded() async throws {
        try await withEngine { desk, engine async throws in
            #expect(try await desk.authorize("alice", "private-user-alice", "1.1").status == 200)
            #expect(try await desk.authorize("bob", "private-user-bob", "2.2").status == 200)
            for (id, socket) in [("a", "1.1"), ("b", "2.2")] {
                let body = #"{"client_id":"\#(id)","text":"\#(id)","socket_id":"\#(socket)"}"#
                #expect(try await desk.call("alice", "POST", "/api/conversations/bob/messages", body).status == 201)
            }
            try await engine.wait(for: 2, in: Self.chat)
            let excluded = engine.state.withLock { $0.events }.filter { $0.channel == Self.chat }.map(\.excluding?.text)
            #expect(excluded == ["1.1", nil])
        }
    }

    @Test(
        "who is online the engine says, with ids as texts or numbers, and a room that is not there is empty",
        arguments: TestEngine.Kind.allCases)
    func online(kind: TestEngine.Kind) async throws {
        let engine = try TestEngine(kind)
        try await withDesk(
            ["alice", "bob", "17"],
            configure: {
                $0.engine = engine.place()
                $0.app = engine.app
            }
        ) { desk async throws in
            func online() async throws -> [String] {
                let list = try await desk.call("alice", "GET", "/api/users").json.array ?? []
                return list.filter { $0["online"] == true }.compactMap { $0["id"]?.string }
            }
            #expect(try await online() == [])
            engine.state.withLock { $0.users = [["id": "bob"], ["id": 17], ["id": "alice"], ["x": 1]] }
            // The engine's own word that somebody came ends what it said before.
            #expect(try await webhook(desk, Self.arrival) == 200)
            #expect(try await online().sorted() == ["17", "bob"])
        }
    }

    private static let arrival =
        #"{"time_ms":1,"events":[{"name":"member_added","channel":"presence-lobby","user_id":"bob"}]}"#

    private func webhook(_ desk: TestDesk, _ body: String) async throws -> Int {
        let signature = Signer(key: "testkey", secret: "testsecret").webhook(body: body)
        return try await desk.connect().call(
            "POST", "/pusher/webhook", body: body,
            headers: ["X-Pusher-Key: testkey", "X-Pusher-Signature: \(signature)"]
        ).status
    }

    @Test("what the engine said of who is online counts for a second, without it having to say more")
    func freshness() {
        let answer = OnlineAnswer(ids: ["bob"], at: .seconds(100))
        #expect(answer.counts(now: .seconds(100)) && answer.counts(now: .milliseconds(100_999)))
        #expect(!answer.counts(now: .seconds(101)))
        let failure = OnlineAnswer(ids: nil, at: .seconds(100))
        #expect(failure.counts(now: .milliseconds(101_999)) && !failure.counts(now: .seconds(102)))
    }

    @Test("an engine that does not tell who is online is 503, and no list that says nobody is")
    func unknownOnline() async throws {
        try await withEngine { desk, engine async throws in
            engine.state.withLock { $0.statuses = [500] }
            let answer = try await desk.call("alice", "GET", "/api/users")
            #expect(answer.status == 503)
            #expect(answer.code == "engine_unavailable")
            #expect(answer.headers["retry-after"] == "2")
        }
    }

    @Test("tells clients where the engine is; nobody connects to the desk itself, and it lists no connections")
    func elsewhere() async throws {
        try await withEngine { desk, _ async throws in
            let me = try await desk.call("alice", "GET", "/api/me").json
            #expect(
                me["channels"]
                    == [
                        "key": "testkey", "host": "ws.example.org", "port": 443, "tls": true, "path": "",
                        "presence": "presence-lobby",
                    ])
            guard case .close(4003, _) = try await desk.unanswered(key: "testkey").ending() else {
                Issue.record("not closed with 4003")
                return
            }
            #expect(try await desk.engine("POST", "events", "{}").status == 403)
            let sessions = try await desk.call("alice", "GET", "/api/sessions")
            #expect(sessions.status == 404 && sessions.code == "engine_elsewhere")
        }
    }

    @Test("whose token was taken away is ended at the engine, and their programs are told to ask")
    func ends() async throws {
        try await withEngine { desk, engine async throws in
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            try accounts.remove(.init(validating: "bob"))
            accounts.close()
            #expect(try await desk.owner().call("POST", "/api/revocations").status == 204)
            #expect(engine.state.withLock { $0.calls.contains("POST /apps/1/users/bob/terminate_connections") })
            #expect(engine.state.withLock { $0.problems } == [])
            try await engine.wait { !$0.events.isEmpty }
            let event = try #require(engine.state.withLock { $0.events.first })
            #expect(event.channel == "private-user-bob")
            #expect(try JSON(parsing: event.data) == ["kind": "account_changed", "by": "bob"])
        }
    }

    @Test("takes webhooks that the engine signed, counts them, and refuses all others")
    func webhooks() async throws {
        try await withEngine { desk, _ async throws in
            let body = Self.arrival
            let signature = Signer(key: "testkey", secret: "testsecret").webhook(body: body)
            func status(_ headers: [String], _ body: String) async throws -> Int {
                try await desk.connect().call("POST", "/pusher/webhook", body: body, headers: headers).status
            }
            let good = ["X-Pusher-Key: testkey", "X-Pusher-Signature: \(signature)"]
            #expect(try await status(good, body) == 200)
            #expect(try await status(good, body + " ") == 401)
            #expect(try await status(["X-Pusher-Key: other", "X-Pusher-Signature: \(signature)"], body) == 401)
            #expect(try await status([], body) == 401)
            let nonsense = Signer(key: "testkey", secret: "testsecret").webhook(body: "no")
            #expect(try await status(["X-Pusher-Key: testkey", "X-Pusher-Signature: \(nonsense)"], "no") == 200)
            let metrics = try await desk.owner().call("GET", "/metrics").body
            #expect(metrics.contains("\nparley_webhook_events_total 1\n"))
        }
        try await withDesk { desk async throws in
            #expect(try await desk.connect().call("POST", "/pusher/webhook", body: "{}").status == 404)
        }
    }

    @Test("a prefix of the engine's own is found out to be signed or not", arguments: TestEngine.Kind.allCases)
    func prefix(kind: TestEngine.Kind) async throws {
        try await withEngine(kind, path: "/ws") { desk, engine async throws in
            try await desk.say("alice", to: "bob", "hi")
            try await engine.wait(for: 1, in: Self.chat)
            #expect(try await desk.call("alice", "GET", "/api/me").json["channels"]?["path"] == "/ws")
        }
    }

    @Test(
        "does not start where the engine does not know its app or its secret, and says which",
        arguments: [
            (401, "does not accept the signature (401)"), (403, "refuses app 1 (403)"), (404, "has no app 1 (404)"),
        ])
    func wrong(status: Int, sentence: String) async throws {
        let engine = try TestEngine(.soketi)
        engine.state.withLock { $0.statuses = [status] }
        try await expectRefusedStart(engine, sentence)
    }

    @Test("works with Parley's own engine in front of which it stands: who looks at it hears everything, once")
    func own() async throws {
        try await withDesk([]) { engine async throws in
            try await withDesk(configure: {
                let api = ServerAddress.tcp(host: "127.0.0.1", port: engine.port, isSecure: false)
                $0.engine = ExternalEngine(
                    api: api, apiPath: "", client: ("127.0.0.1", engine.port, false), clientPath: "")
                $0.app = engine.server.app
            }) { desk async throws in
                let socket = try await engine.socket()
                for channel in ["presence-lobby", "private-user-bob", Self.chat] {
                    let auth = try await desk.authorize("bob", channel, await socket.id)
                    try await socket.subscribe(channel, auth.json)
                }
                let users = try await desk.call("alice", "GET", "/api/users").json.array
                #expect(users?.first { $0["id"] == "bob" }?["online"] == true)
                for number in 1...10 { try await desk.say("alice", to: "bob", "\(number)") }
                for number in 1...10 {
                    let event = try await socket.event(named: "new_message")
                    #expect(event.data["seq"]?.int == number && event.data["text"]?.string == "\(number)")
                }
            }
        }
    }
}
