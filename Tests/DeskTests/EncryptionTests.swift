import Chat
import ChannelsProtocol
import Synchronization
import Testing

@testable import Desk

@Suite("what an engine may not read", .timeLimit(.minutes(2)))
struct EncryptionTests {
    @Test("a key is 32 bytes in base64 and nothing else, and shows itself nowhere")
    func keys() throws {
        let key = try #require(MasterKey(TestKey.text))
        #expect("\(key)" == "MasterKey" && "\(Mirror(reflecting: key).children.count)" == "0")
        for text in ["", "x", "AAEC", TestKey.text + "AA", String(TestKey.text.dropLast()), " " + TestKey.text] {
            #expect(MasterKey(text) == nil, "\(text)")
        }
    }

    @Test(
        "an engine elsewhere hears no word of what is said, whatever its length, and its readers can open it",
        arguments: TestEngine.Kind.allCases)
    func elsewhere(kind: TestEngine.Kind) async throws {
        let engine = try TestEngine(kind)
        try await withDesk(configure: {
            $0.engine = engine.place("")
            $0.app = engine.app
            $0.masterKey = MasterKey(TestKey.text)
        }) { desk async throws in
            let channel = "private-encrypted-chat-alice-bob"
            let texts = ["secret 1", "secret " + String(repeating: "x", count: 7_900), "secret 3"]
            for text in texts { #expect(try await desk.say("alice", to: "bob", text).status == 201) }
            let lobby = #"{"client_id":"c","text":"secret 4"}"#
            #expect(try await desk.call("alice", "POST", "/api/rooms/lobby/messages", lobby).status == 201)
            #expect(try await desk.call("bob", "POST", "/api/conversations/alice/seen", #"{"seq":3}"#).status == 204)
            try await engine.wait { $0.events.contains { $0.name == "message_seen" } }
            try await engine.wait { $0.events.contains { $0.channel == "presence-lobby" } }
            let state = engine.state.withLock { $0 }
            #expect(state.problems == [])
            #expect(state.longest <= 10_000)
            #expect(!state.events.contains { $0.data.contains("secret") || $0.channel == "private-chat-alice-bob" })
            let cipher = try #require(ChannelCipher(masterKey: TestKey.bytes, channel: ChannelName(wire: channel)))
            let heard = try state.events.filter { $0.channel == channel }.map {
                try cipher.open(JSON(parsing: $0.data))
            }
            #expect(heard.compactMap { $0["seq"]?.int } == [1, 2, 3, 3])
            #expect(heard.map { $0["text"]?.string } == [texts[0], nil, texts[2], nil])
            #expect(heard[1]["truncated"] == true && heard[3]["by"] == "bob")
        }
    }

    @Test(
        "a key or a room that a restart adds is announced in the lobby, once, and a restart that changes nothing is not"
    )
    func announced() async throws {
        let engine = try TestEngine(.soketi)
        let folder = try TemporaryFolder()
        func restart(_ change: (inout DeskConfiguration) throws -> Void) async throws -> Int {
            var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
            configuration.engine = engine.place()
            configuration.app = engine.app
            try change(&configuration)
            let server = try await DeskServer.start(configuration)
            while try await server.store.outboxCount() > 0 { await Task.yield() }
            await server.drain()
            return engine.state.withLock {
                $0.events.count { $0.name == "desk_changed" && $0.channel == "presence-lobby" }
            }
        }
        #expect(try await restart { _ in } == 0)
        #expect(try await restart { _ in } == 0)
        #expect(try await restart { $0.masterKey = MasterKey(TestKey.text) } == 1)
        #expect(try await restart { $0.masterKey = MasterKey(TestKey.text) } == 1)
        let room = DeskRoom(try UserID(validating: "support"))
        #expect(
            try await restart {
                $0.masterKey = MasterKey(TestKey.text); $0.rooms = [room]
            } == 2)
        #expect(try await restart { $0.rooms = [room] } == 3)
    }

    @Test("the desk's own engine carries encrypted channels as well, also of the longest ids")
    func own() async throws {
        let long = [String(repeating: "a", count: 64), String(repeating: "b", count: 64)]
        try await withDesk(long, configure: { $0.masterKey = MasterKey(TestKey.text) }) { desk async throws in
            let name = try #require(ConversationName(UserID(validating: long[0]), UserID(validating: long[1])))
            let channel = try #require(name.encryptedChannel)
            let socket = try await desk.socket()
            let auth = try await desk.authorize(long[1], channel, await socket.id).json
            try await socket.subscribe(channel, auth)
            #expect(try await desk.say(long[0], to: long[1], "hi").status == 201)
            let event = try await socket.event()
            let cipher = try #require(auth["shared_secret"]?.string.flatMap(ChannelCipher.init(sharedSecret:)))
            #expect(try cipher.open(event.data)["text"] == "hi")
        }
    }
}
