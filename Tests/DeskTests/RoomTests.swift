import Chat
import ChannelsProtocol
import Desk
import Testing

/// For everybody, and for alice and bob.
let testRooms = [
    DeskRoom(UserID("support")!, title: "Customers"),
    DeskRoom(UserID("dev-ops")!, users: [UserID("alice")!, UserID("bob")!]),
]

@Suite("rooms of a desk", .eachStore)
struct RoomTests {
    private func withRooms(_ test: (TestDesk) async throws -> Void) async throws {
        try await withDesk(configure: { $0.rooms = testRooms }, test)
    }

    @Test("are told to those they are for, the lobby first")
    func told() async throws {
        try await withRooms { desk async throws in
            let all = try await desk.call("alice", "GET", "/api/me").json["rooms"]
            #expect(
                all == [
                    ["name": "lobby", "channel": "presence-lobby"],
                    ["name": "support", "channel": "presence-support", "title": "Customers"],
                    ["name": "dev-ops", "channel": "presence-dev=2Dops"],
                ])
            let carols = try await desk.call("carol", "GET", "/api/me").json["rooms"]?.array
            #expect(carols?.compactMap { $0["name"]?.string } == ["lobby", "support"])
        }
    }

    @Test("have messages, unseen counts and seen marks of their own, and the room's channel carries what is said")
    func messages() async throws {
        try await withRooms { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-dev=2Dops")
            for (room, text) in [("dev-ops", "one"), ("dev-ops", "two"), ("support", "three"), ("lobby", "four")] {
                let body = #"{"client_id":"\#(text)","text":"\#(text)"}"#
                let sent = try await desk.call("alice", "POST", "/api/rooms/\(room)/messages", body)
                #expect(sent.status == 201)
            }
            for text in ["one", "two"] {
                let event = try await bob.event()
                #expect(event.name == "new_message" && event.data["text"]?.string == text)
            }
            let page = try await desk.call("bob", "GET", "/api/rooms/dev-ops/messages").json
            #expect(page["last"]?.int == 2)
            func unseen(_ user: String) async throws -> [String] {
                let list = try await desk.call(user, "GET", "/api/conversations").json.array ?? []
                return list.map { "\($0["room"]?.string ?? "-") \($0["unseen"]?.int ?? -1)" }
            }
            #expect(try await unseen("bob") == ["lobby 1", "support 1", "dev-ops 2"])
            #expect(try await unseen("carol") == ["lobby 1", "support 1"])
            #expect(try await desk.call("bob", "POST", "/api/rooms/dev-ops/seen", #"{"seq":2}"#).status == 204)
            #expect(try await unseen("bob") == ["lobby 1", "support 1", "dev-ops 0"])
        }
    }

    @Test("whoever comes later has nothing unseen in any, and is shown none that are for others")
    func newcomer() async throws {
        try await withRooms { desk async throws in
            for room in ["lobby", "support", "dev-ops"] { try await desk.say("alice", to: "#\(room)", "secret") }
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            let token = try accounts.add(UserID(validating: "dave"), name: nil)
            accounts.close()
            let later = TestDesk(folder: desk.folder, server: desk.server, tokens: ["dave": token])
            let list = try await later.call("dave", "GET", "/api/conversations").json.array ?? []
            #expect(list.map { $0["room"]?.string } == ["support", "lobby"])
            #expect(list.map { $0["unseen"]?.int } == [0, 0])
            #expect(try await later.call("dave", "GET", "/api/search?q=secret").json.array?.count == 2)
        }
    }

    @Test("whoever a room is no longer for finds nothing of it, also of what they said there")
    func former() async throws {
        try await withRooms { desk async throws in
            try await desk.say("bob", to: "#dev-ops", "secret")
            #expect(try await desk.call("alice", "POST", "/api/rooms/dev-ops/seen", #"{"seq":1}"#).status == 204)
            await desk.server.drain()
            var configuration = DeskConfiguration(folder: desk.folder.path)
            configuration.store = desk.store
            configuration.rooms = [DeskRoom(UserID("dev-ops")!, users: [UserID("carol")!])]
            let server = try await DeskServer.start(configuration)
            let later = TestDesk(folder: desk.folder, server: server, tokens: desk.tokens)
            for user in ["alice", "bob"] {
                #expect(try await later.call(user, "GET", "/api/conversations").json.array?.count == 1)
                #expect(try await later.call(user, "GET", "/api/search?q=secret").json == [])
                #expect(try await later.call(user, "GET", "/api/rooms/dev-ops/messages").status == 403)
            }
            #expect(try await later.call("carol", "GET", "/api/search?q=secret").json.array?.count == 1)
            await server.drain()
        }
    }

    @Test(
        "what is no room is 404, and what is for others 403",
        arguments: [
            ("alice", "nothere", 404), ("alice", "Support", 404), ("alice", "presence-support", 404),
            ("alice", "a%20b", 404), ("alice", "%FF", 404), ("carol", "dev-ops", 403), ("alice", "dev-ops", 200),
        ])
    func refused(user: String, room: String, status: Int) async throws {
        try await withRooms { desk async throws in
            let body = #"{"client_id":"1","text":"x"}"#
            let sent = try await desk.call(user, "POST", "/api/rooms/\(room)/messages", body)
            #expect(sent.status == (status == 200 ? 201 : status))
            let seen = try await desk.call(user, "POST", "/api/rooms/\(room)/seen", #"{"seq":1}"#)
            #expect(seen.status == (status == 200 ? 204 : status))
            for path in ["messages", "messages?after=0&wait=1", "members"] {
                #expect(try await desk.call(user, "GET", "/api/rooms/\(room)/\(path)").status == status)
            }
            let search = try await desk.call(user, "GET", "/api/search?q=x&peer=%23\(room)")
            #expect(search.status == status)
        }
    }

    @Test("a search finds only in rooms that are for the one who searches")
    func search() async throws {
        try await withRooms { desk async throws in
            let body = #"{"client_id":"1","text":"secret plan"}"#
            #expect(try await desk.call("alice", "POST", "/api/rooms/dev-ops/messages", body).status == 201)
            #expect(try await desk.call("bob", "GET", "/api/search?q=secret").json.array?.count == 1)
            #expect(try await desk.call("carol", "GET", "/api/search?q=secret").json.array?.count == 0)
        }
    }

    @Test("whoever waits for changes is woken by a room of theirs, and by none that is for others")
    func changes() async throws {
        try await withRooms { desk async throws in
            let known = try #require(try await desk.call("carol", "GET", "/api/changes").json["state"]?.string)
            async let held = desk.call("carol", "GET", "/api/changes?wait=15&since=\(known)")
            await desk.waits(1)
            try await desk.say("alice", to: "#dev-ops", "secret")
            try await desk.say("alice", to: "#support", "one")
            let answer = try await held
            #expect(answer.json["conversations"]?.array?.first?["last"]?["text"] == "one")
            #expect(!answer.body.contains("secret") && !answer.body.contains("dev-ops"))
        }
    }

    @Test("members are those who are in it at that moment")
    func members() async throws {
        try await withRooms { desk async throws in
            func ids() async throws -> [String] {
                let list = try await desk.call("alice", "GET", "/api/rooms/support/members").json.array ?? []
                return list.compactMap { $0["id"]?.string }
            }
            #expect(try await ids() == [])
            let carol = try await desk.socket("carol", in: "presence-support")
            #expect(try await ids() == ["carol"])
            _ = carol
        }
    }
}
