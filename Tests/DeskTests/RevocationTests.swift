import ChannelsProtocol
import Chat
import Testing
import TestPostgres

@testable import Desk

@Suite("tokens and accounts that are revoked", .eachStore, .timeLimit(.minutes(5)))
struct RevocationTests {
    private func renew(_ user: String, _ desk: TestDesk) throws -> String {
        let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
        defer { accounts.close() }
        return try accounts.newToken(.init(validating: user))
    }

    @Test("a desk that is not told of a new token ends what stands on the old one all the same")
    func untold() async throws {
        try await withDesk { desk async throws in
            let mallory = try await desk.socket("carol", in: "private-user-carol", "presence-lobby")
            let bob = try await desk.socket("bob", in: "private-user-bob")
            let token = try renew("carol", desk)
            let end = try await mallory.ending()
            #expect(end == .close(code: 4009, reason: "the account or its token is no longer good"))
            #expect(try await desk.connect().call("GET", "/api/me", token: token).status == 200)
            try await bob.send(["event": "pusher:ping", "data": [:]])
            #expect(try await bob.event().name == "pusher:pong")
        }
    }

    @Test("a held call whose token is revoked ends with 401 and tells nothing", arguments: ["changes", "chat", "room"])
    func held(kind: String) async throws {
        try await withDesk { desk async throws in
            let state = try await desk.call("bob", "GET", "/api/changes").json["state"]?.string ?? ""
            let path =
                switch kind {
                case "changes": "/api/changes?wait=25&since=\(state)"
                case "chat": "/api/conversations/alice/messages?after=0&wait=25"
                default: "/api/rooms/lobby/messages?after=0&wait=25"
                }
            let began = ContinuousClock.now
            async let answer = desk.call("bob", "GET", path)
            await desk.waits(1)
            _ = try renew("bob", desk)
            #expect(try await desk.owner().call("POST", "/api/revocations").status == 204)
            try await desk.say("alice", to: kind == "room" ? "#lobby" : "bob", "secret")
            let ended = try await answer
            #expect(ended.status == 401 && ended.code == "bad_token")
            #expect(!ended.body.contains("secret"))
            #expect(ContinuousClock.now - began < .seconds(20))
        }
    }

    @Test("a held call that is woken by a message checks its token before it tells the message")
    func wokenFirst() async throws {
        try await withDesk { desk async throws in
            async let answer = desk.call("bob", "GET", "/api/conversations/alice/messages?after=0&wait=25")
            await desk.waits(1)
            _ = try renew("bob", desk)
            async let sent = desk.say("alice", to: "bob", "secret")
            let ended = try await answer
            #expect(ended.status == 401 && !ended.body.contains("secret"))
            #expect(try await sent.status == 201)
        }
    }

    @Test("a revocation counts once: whoever comes back with the new token stays")
    func once() async throws {
        try await withDesk { desk async throws in
            let token = try renew("bob", desk)
            let owner = try desk.owner()
            _ = try await owner.call("POST", "/api/revocations")
            let socket = try await desk.socket()
            let form: HTTPQuery = ["socket_id": await socket.id, "channel_name": "private-user-bob"]
            let auth = try await desk.connect().call("POST", "/pusher/auth", token: token, body: form.text)
            try await socket.subscribe("private-user-bob", auth.json)
            #expect(try await owner.call("POST", "/api/revocations").status == 204)
            try await socket.send(["event": "pusher:ping", "data": [:]])
            #expect(try await socket.event(named: "pusher:pong").name == "pusher:pong")
        }
    }
}

@Suite("tokens that are revoked while PostgreSQL's notices do not arrive", .timeLimit(.minutes(5)))
struct LostNoticeTests {
    @Test("the desk ends the old socket within seconds, though its LISTEN connection was cut and the notice never came")
    func cut() async throws {
        try await StoreKind.$current.withValue(.postgres) {
            try await withDesk { desk async throws in
                let server = try TestPostgres.server()
                let name = TestPostgres.name(try #require(desk.store).text)
                let mallory = try await desk.socket("carol", in: "private-user-carol")
                let ended = try server.sql(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                        + " (SELECT oid FROM pg_database WHERE datname = '\(name)')", in: "postgres")
                #expect((Int(ended) ?? 0) >= 1)
                // As `parley user token` does it, without the notice.
                try server.sql(
                    #"UPDATE users SET token_hash = NULL WHERE id = 'carol'; INSERT INTO revocations ("user") VALUES ('carol')"#,
                    in: name)
                let began = ContinuousClock.now
                let end = try await mallory.ending()
                #expect(end == .close(code: 4009, reason: "the account or its token is no longer good"))
                #expect(ContinuousClock.now - began < .seconds(9))
            }
        }
    }
}
