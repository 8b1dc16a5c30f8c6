import Chat
import ChannelsProtocol
import Desk
import Testing

@Suite("who may do what")
struct AuthorizationTests {
    @Test(
        "a chat is for its two users, an inbox for its owner, a room for whom it was declared for, other presence channels for everybody, nothing else",
        arguments: [
            ("private-chat-alice-bob", "alice", 200), ("private-chat-alice-bob", "bob", 200),
            ("private-chat-alice-bob", "carol", 403), ("private-chat-bob-alice", "alice", 403),
            ("private-chat-alice-alice", "alice", 403), ("private-chat-alice-nobody", "alice", 403),
            ("private-chat-alice", "alice", 403), ("private-user-alice", "alice", 200),
            ("private-user-alice", "bob", 403),
            ("presence-lobby", "carol", 200), ("presence-other", "carol", 200),
            ("presence-support", "carol", 200), ("presence-dev=2Dops", "alice", 200),
            ("presence-dev=2Dops", "carol", 403), ("private-other", "alice", 403),
            ("public", "alice", 403), ("private-encrypted-chat-alice-bob", "alice", 403),
            ("#server-to-user-alice", "alice", 403), ("a b", "alice", 403), ("", "alice", 403),
        ])
    func channels(channel: String, user: String, status: Int) async throws {
        try await withDesk(configure: { $0.rooms = testRooms }) { desk async throws in
            let answer = try await desk.authorize(user, channel, "1.2")
            #expect(answer.status == status)
            #expect((answer.json["auth"] != nil) == (status == 200))
        }
    }

    @Test(
        "with a key, the encrypted twin of a chat is for its two users, who are told its secret",
        arguments: [
            ("private-encrypted-chat-alice-bob", "alice", 200), ("private-encrypted-chat-alice-bob", "carol", 403),
            ("private-encrypted-chat-bob-alice", "alice", 403), ("private-encrypted-other", "alice", 403),
            ("private-encrypted-user-alice", "alice", 403), ("private-encrypted-cache-alice-bob", "alice", 403),
            ("private-chat-alice-bob", "alice", 200), ("presence-dev=2Dops", "alice", 200),
            ("presence-dev=2Dops", "carol", 403), ("private-encrypted-dev=2Dops", "alice", 403),
        ])
    func encrypted(channel: String, user: String, status: Int) async throws {
        func configure(_ configuration: inout DeskConfiguration) {
            configuration.masterKey = MasterKey(TestKey.text)
            configuration.rooms = testRooms
        }
        try await withDesk(configure: configure) { desk async throws in
            let answer = try await desk.authorize(user, channel, "1.2")
            #expect(answer.status == status)
            let isSealed = status == 200 && channel.contains("encrypted")
            let cipher = ChannelCipher(masterKey: TestKey.bytes, channel: ChannelName(wire: channel))
            #expect(answer.json["shared_secret"]?.string == (isSealed ? cipher?.sharedSecret : nil))
            #expect(try await desk.call(user, "GET", "/api/me").json["channels"]?["encrypted"] == true)
        }
    }

    @Test("two pairs whose ids look alike have channels of their own")
    func pairs() async throws {
        try await withDesk(["a-b", "c", "a", "b-c", "9", "10"]) { desk async throws in
            for (user, channel, status) in [
                ("c", "private-chat-a=2Db-c", 200), ("a", "private-chat-a=2Db-c", 403),
                ("a", "private-chat-a-b=2Dc", 200), ("9", "private-chat-9-10", 200), ("9", "private-chat-10-9", 403),
            ] {
                let answer = try await desk.authorize(user, channel, "1.2")
                #expect(answer.status == status, "\(user) \(channel)")
            }
        }
    }

    @Test("what is signed is what the engine accepts, for presence with id and name")
    func signatures() async throws {
        try await withDesk { desk async throws in
            let signer = Signer(key: desk.server.app.key, secret: desk.server.app.secret)
            let auth = try await desk.authorize("alice", "presence-lobby", "1.2").json
            let data = try #require(auth["channel_data"]?.string)
            #expect(try JSON(parsing: data) == ["user_id": "alice", "user_info": ["name": "Alice"]])
            let id = try #require(SocketID("1.2"))
            #expect(auth["auth"]?.string == signer.channel("presence-lobby", socketID: id, channelData: data))
            let user = try await desk.call("alice", "POST", "/pusher/user-auth", "socket_id=1.2").json
            let userData = try #require(user["user_data"]?.string)
            #expect(user["auth"]?.string == signer.user(socketID: id, userData: userData))
        }
    }

    @Test(
        "a socket id is checked in full before anything is signed",
        arguments: [
            "", "1", "1.", ".1", "1.2:presence-lobby:{}", "1.2\n", " 1.2", "a.b", "1.2.3", "１.2",
        ])
    func socketIDs(id: String) async throws {
        try await withDesk { desk async throws in
            #expect(try await desk.authorize("alice", "private-user-alice", id).status == 400)
            let form: HTTPQuery = ["socket_id": id]
            #expect(try await desk.call("alice", "POST", "/pusher/user-auth", form.text).status == 400)
        }
    }

    @Test(
        "without a good token every call is 401",
        arguments: [
            ("GET", "/api/me"), ("GET", "/api/users"), ("GET", "/api/sessions"), ("GET", "/api/conversations"),
            ("GET", "/api/conversations/bob/messages"), ("POST", "/api/conversations/bob/messages"),
            ("POST", "/api/conversations/bob/seen"), ("GET", "/api/rooms/lobby/messages"),
            ("POST", "/api/rooms/lobby/messages"), ("POST", "/api/rooms/lobby/seen"), ("POST", "/pusher/auth"),
            ("POST", "/pusher/user-auth"),
        ])
    func unauthorized(method: String, path: String) async throws {
        try await withDesk { desk async throws in
            let body = method == "POST" ? "{}" : nil
            let alice = desk.token("alice")
            for token in [nil, "wrong", "", "local:alice", alice + "x", String(alice.dropLast())] {
                let answer = try await desk.connect().call(method, path, token: token, body: body)
                #expect(answer.status == 401)
                #expect(answer.headers["www-authenticate"] == "Bearer")
                #expect(answer.code != nil)
            }
            for header in ["Authorization: Basic \(alice)", "Authorization: \(alice)", "Authorization: Bearer"] {
                #expect(try await desk.connect().call(method, path, body: body, headers: [header]).status == 401)
            }
        }
    }

    @Test(
        "what is not there is 404 in the API's own form",
        arguments: [
            ("GET", "/"), ("GET", "/api"), ("DELETE", "/api/me"), ("POST", "/api/users"),
            ("GET", "/pusher/auth"), ("GET", "/app"), ("GET", "/api/conversations/bob"),
        ])
    func notFound(method: String, path: String) async throws {
        try await withDesk { desk async throws in
            let answer = try await desk.call("alice", method, path)
            #expect(answer.status == 404)
            #expect(answer.code == "not_found")
        }
    }

    @Test("a body beyond the limit is 413 and says the limit, announced or not")
    func bodies() async throws {
        try await withDesk { desk async throws in
            let long = String(repeating: "x", count: 300_000)
            for (path, form) in [("/api/conversations/bob/messages", false), ("/pusher/auth", true)] {
                let answer = try await desk.call("alice", "POST", path, form ? "socket_id=" + long : "\"\(long)\"")
                #expect(answer.status == 413)
                #expect(answer.code == "body_too_large")
            }
            let chunk = String(repeating: "x", count: 100_000)
            let chunked = String(repeating: "186a0\r\n\(chunk)\r\n", count: 3) + "0\r\n\r\n"
            let answer = try await desk.connect().call(
                "POST", "/api/conversations/bob/messages", token: desk.token("alice"), body: chunked,
                headers: ["Transfer-Encoding: chunked", "Content-Length-Not: 0"])
            #expect(answer.status == 413)
        }
    }

    @Test("opening a conversation rings the peer once, and answering rings nobody")
    func doorbell() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-user-bob")
            let alice = try await desk.socket("alice", in: "private-user-alice")
            for _ in 1...3 { _ = try await desk.authorize("alice", "private-chat-alice-bob", "1.2") }
            _ = try await desk.authorize("bob", "private-chat-alice-bob", "1.3")
            try await desk.say("bob", to: "alice", "end")
            let bell = try await bob.event(named: "inbox")
            #expect(
                bell.data == [
                    "kind": "conversation_opened", "conversation": "private-chat-alice-bob", "peer": "alice",
                    "by": "alice",
                ])
            #expect(try await bob.event(named: "inbox").data["kind"] == "new_message")
            #expect(try await alice.event(named: "inbox").data["kind"] == "new_message")
        }
    }

    @Test("everybody but oneself is listed, and who is in the lobby is online")
    func users() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            let users = try await desk.call("alice", "GET", "/api/users").json
            #expect(
                users == [
                    ["id": "bob", "name": "Bob", "online": true], ["id": "carol", "name": "Carol", "online": false],
                ])
            let sessions = try await desk.call("bob", "GET", "/api/sessions").json
            #expect(sessions.array?.count == 1)
            #expect(await sessions.array?.first?["id"]?.string == bob.id)
            let me = try await desk.call("bob", "GET", "/api/me").json
            #expect(me["id"] == "bob")
            #expect(me["name"] == "Bob")
            #expect(me["channels"]?["key"]?.string == desk.server.app.key)
            #expect(me["channels"]?["presence"] == "presence-lobby")
            #expect(me["channels"]?["host"] == nil)
        }
    }

    @Test("accounts are made, renewed and removed while the desk runs")
    func accounts() async throws {
        try await withDesk { desk async throws in
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            func status(_ token: String) async throws -> Int {
                try await desk.connect().call("GET", "/api/me", token: token).status
            }
            let first = try accounts.add(.init(validating: "zoe"), name: "Zoë")
            #expect(try await status(first) == 200)
            #expect(throws: DeskError.self) { try accounts.add(.init(validating: "zoe"), name: nil) }
            let second = try accounts.newToken(.init(validating: "zoe"))
            #expect(try await status(first) == 401)
            #expect(try await status(second) == 200)
            #expect(try accounts.list().map(\.id.text) == ["alice", "bob", "carol", "zoe"])
            let said = try await desk.say("alice", to: "zoe", "hi")
            #expect(said.status == 201)
            try accounts.remove(.init(validating: "zoe"))
            #expect(try await status(second) == 401)
            #expect(try await desk.say("alice", to: "zoe", "hi").code == "unknown_peer")
            let page = try await desk.call("alice", "GET", "/api/conversations/zoe/messages").json
            #expect(page["last"]?.int == 1)
            #expect(throws: DeskError.self) { try accounts.remove(.init(validating: "zoe")) }
            #expect(throws: DeskError.self) { try accounts.newToken(.init(validating: "nobody")) }
        }
    }

    @Test("the id of a removed account is refused to a new holder, and given back to the same person only by name")
    func reused() async throws {
        try await withDesk { desk async throws in
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            defer { accounts.close() }
            let mallory = try UserID(validating: "mallory")
            _ = try accounts.add(mallory, name: nil)
            try await desk.say("alice", to: "mallory", "for the first mallory")
            try accounts.remove(mallory)
            let refusal = #expect(throws: DeskError.self) { try accounts.add(mallory, name: "Another") }
            #expect(refusal?.kind == .badInput && refusal?.message.contains("--keep-history") == true)
            // Nor by the socket, where an id has an account on first use.
            let local = try await desk.owner().call("GET", "/api/me", token: "local:mallory")
            #expect(local.status == 401 && local.code == "account_removed")
            #expect(try accounts.list().map(\.id.text) == ["alice", "bob", "carol"])
            let token = try accounts.add(mallory, name: nil, keepsHistory: true)
            let page = try await desk.connect().call("GET", "/api/conversations/alice/messages", token: token).json
            #expect(page["last"]?.int == 1)
            // Where nobody had the id before, the flag changes nothing.
            _ = try accounts.add(.init(validating: "zoe"), name: nil, keepsHistory: true)
        }
    }

    @Test("of a removed account only those know who talked with it")
    func removedPeer() async throws {
        try await withDesk { desk async throws in
            try await desk.say("alice", to: "bob", "hi")
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            try accounts.remove(.init(validating: "bob"))
            accounts.close()
            for (method, path, body) in [
                ("GET", "/api/conversations/bob/messages", nil), ("POST", "/api/conversations/bob/seen", #"{"seq":1}"#),
                ("GET", "/api/search?q=hi&peer=bob", nil),
            ] as [(String, String, String?)] {
                #expect(try await desk.call("alice", method, path, body).status < 300)
                let refused = try await desk.call("carol", method, path, body)
                let unknown = try await desk.call(
                    "carol", method, path.replacing("bob", with: "nil"), body)
                #expect(refused.status == 404 && refused.code == "unknown_peer")
                #expect(refused.body == unknown.body.replacing("nil", with: "bob"))
            }
        }
    }
}
