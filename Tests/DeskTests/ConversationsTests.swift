import Chat
import ChannelsProtocol
import Desk
import Testing

@Suite("conversations and what is unseen", .eachStore)
struct ConversationsTests {
    private func line(_ desk: TestDesk, _ user: String, _ conversation: String) async throws -> JSON {
        let list = try await desk.call(user, "GET", "/api/conversations").json
        return list.array?.first { $0["conversation"]?.string == conversation } ?? .null
    }

    @Test("own messages never count as unseen, the peer's do until they were seen")
    func unseen() async throws {
        try await withDesk { desk async throws in
            let chat = "private-chat-alice-bob"
            for text in ["1", "2"] { try await desk.say("alice", to: "bob", text) }
            try await desk.say("bob", to: "alice", "3")
            for text in ["4", "5"] { try await desk.say("alice", to: "bob", text) }
            #expect(try await line(desk, "bob", chat)["unseen"]?.int == 4)
            #expect(try await line(desk, "alice", chat)["unseen"]?.int == 1)
            #expect(try await desk.call("bob", "POST", "/api/conversations/alice/seen", #"{"seq":4}"#).status == 204)
            #expect(try await line(desk, "bob", chat)["unseen"]?.int == 1)
            #expect(try await line(desk, "bob", chat)["seen"]?.int == 4)
            #expect(try await line(desk, "alice", chat)["seen_by_peer"]?.int == 4)
        }
    }

    @Test("a seen mark never goes back and never beyond the last message, and is told when it moves")
    func seenMark() async throws {
        try await withDesk { desk async throws in
            let alice = try await desk.socket("alice", in: "private-chat-alice-bob", "private-user-alice")
            let bob = try await desk.socket("bob", in: "private-user-bob")
            for text in ["1", "2", "3"] { try await desk.say("alice", to: "bob", text) }
            for seq in [2, 1, 2, Int.max] {
                let answer = try await desk.call("bob", "POST", "/api/conversations/alice/seen", #"{"seq":\#(seq)}"#)
                #expect(answer.status == 204)
                #expect(answer.body == "")
            }
            func marks(_ socket: TestSocket, _ peer: JSON) async throws -> [String] {
                var heard: [String] = []
                while !heard.contains("inbox 3") {
                    let event = try await socket.event()
                    let isMark = event.name == "message_seen" || event.data["kind"] == "message_seen"
                    guard isMark, event.data["by"] == "bob", let seq = event.data["seq"]?.int else { continue }
                    if event.name == "inbox" { #expect(event.data["peer"] == peer) }
                    heard.append("\(event.name) \(seq)")
                }
                return heard
            }
            #expect(try await marks(alice, "bob") == ["message_seen 2", "inbox 2", "message_seen 3", "inbox 3"])
            #expect(try await marks(bob, "alice") == ["inbox 2", "inbox 3"])
        }
    }

    @Test("the list has the newest first, the lobby always, and goes on where the page before ended")
    func list() async throws {
        try await withDesk(["alice", "bob", "carol", "dave"]) { desk async throws in
            func names(_ query: String) async throws -> [String] {
                let list = try await desk.call("alice", "GET", "/api/conversations" + query).json
                return list.array?.compactMap { $0["peer"]?.string ?? $0["room"]?.string.map { "#" + $0 } } ?? []
            }
            #expect(try await names("") == ["#lobby"])
            for peer in ["bob", "carol", "#lobby", "dave"] { try await desk.say("alice", to: peer, "hi") }
            try await desk.say("bob", to: "carol", "between others")
            #expect(try await names("") == ["dave", "#lobby", "carol", "bob"])
            try await desk.say("bob", to: "alice", "again")
            #expect(try await names("") == ["bob", "dave", "#lobby", "carol"])
            #expect(try await names("?limit=2") == ["bob", "dave"])
            #expect(try await names("?limit=2&before=private-chat-alice-dave") == ["#lobby", "carol"])
            #expect(try await names("?before=presence-lobby") == ["carol"])
            #expect(try await names("?before=nothing") == [])
        }
    }

    @Test("a page that begins at a conversation of others is the same as at one that does not exist")
    func foreignCursor() async throws {
        try await withDesk(configure: { $0.rooms = testRooms }) { desk async throws in
            try await desk.say("alice", to: "bob", "private")
            try await desk.say("alice", to: "#dev-ops", "restricted")
            try await desk.say("carol", to: "#lobby", "newest")
            func page(_ user: String, _ before: String) async throws -> TestAnswer {
                try await desk.call(user, "GET", "/api/conversations?before=" + HTTPQuery.encode(before))
            }
            let unknown = try await page("carol", "private-chat-alice-nobody")
            #expect(unknown.json == [])
            for before in ["private-chat-alice-bob", "presence-dev=2Dops", "private-user-alice", "presence-x"] {
                let answer = try await page("carol", before)
                #expect(answer.status == unknown.status && answer.body == unknown.body, "\(before)")
            }
            // Those who may read them go on from there.
            #expect(try await page("alice", "presence-lobby").json.array?.count == 2 + 1)
            #expect(try await page("alice", "presence-dev=2Dops").json.array?.first?["peer"] == "bob")
        }
    }

    @Test("the lobby counts what others said since one's account was made")
    func lobby() async throws {
        try await withDesk(["alice", "bob"]) { desk async throws in
            try await desk.say("alice", to: "#lobby", "1")
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            let token = try accounts.add(.init(validating: "zoe"), name: nil)
            try await desk.say("alice", to: "#lobby", "2")
            try await desk.say("bob", to: "#lobby", "3")
            func unseen(_ user: String) async throws -> Int? {
                try await line(desk, user, "presence-lobby")["unseen"]?.int
            }
            #expect(try await unseen("alice") == 1)
            #expect(try await unseen("bob") == 2)
            let list = try await desk.connect().call("GET", "/api/conversations", token: token).json
            #expect(list.array?.first?["unseen"]?.int == 2)
            #expect(try await desk.call("bob", "POST", "/api/rooms/lobby/seen", #"{"seq":3}"#).status == 204)
            #expect(try await unseen("bob") == 0)
        }
    }

    @Test(
        "a malformed seen mark or query is refused",
        arguments: [
            ("POST", "/api/conversations/bob/seen", "{}"), ("POST", "/api/conversations/bob/seen", #"{"seq":-1}"#),
            ("POST", "/api/conversations/bob/seen", #"{"seq":"1"}"#), ("POST", "/api/conversations/bob/seen", ""),
            ("POST", "/api/conversations/bob/seen", #"{"seq":9223372036854775808}"#),
            ("POST", "/api/conversations/bob/seen", #"{"seq":1e400}"#),
            ("GET", "/api/conversations/bob/messages?before=9223372036854775808", nil),
            ("POST", "/api/conversations/bob/seen", #"{"seq":1.5}"#), ("POST", "/api/rooms/lobby/seen", "[1]"),
            ("GET", "/api/conversations?limit=0", nil), ("GET", "/api/conversations?limit=201", nil),
            ("GET", "/api/conversations/bob/messages?limit=x", nil),
            ("GET", "/api/conversations/bob/messages?before=-1", nil),
            ("GET", "/api/conversations/bob/messages?after=99999999999999999999", nil),
            ("GET", "/api/rooms/lobby/messages?limit=201", nil),
        ])
    func malformed(method: String, path: String, body: String?) async throws {
        try await withDesk { desk async throws in
            let answer = try await desk.call("alice", method, path, body)
            #expect(answer.status == 400)
            #expect(answer.code == "bad_request")
            #expect(answer.json["error"]?["message"]?.string?.isEmpty == false)
        }
    }

    @Test("conversations survive the desk's end, with what was seen")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let store = try StoreKind.current.place()
        let accounts = try Accounts(folder: folder.path, store: store)
        let tokens = [
            "alice": try accounts.add(.init(validating: "alice"), name: nil),
            "bob": try accounts.add(.init(validating: "bob"), name: nil),
        ]
        accounts.close()
        var credentials: [AppCredentials] = []
        var stores: Set<String> = []
        for round in 1...2 {
            var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
            configuration.hosts = ["desk"]
            configuration.store = store
            let server = try await DeskServer.start(configuration)
            let desk = TestDesk(folder: folder, server: server, tokens: tokens)
            #expect(try await desk.say("alice", to: "bob", "round \(round)").json["seq"]?.int == round)
            stores.insert(try await desk.call("bob", "GET", "/api/me").json["store"]?.string ?? "")
            credentials.append(server.app)
            await server.drain()
        }
        #expect(stores.count == 1)
        #expect(credentials[0] == credentials[1])
    }
}
