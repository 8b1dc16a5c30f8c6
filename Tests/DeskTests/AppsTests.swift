import ChannelsProtocol
import Foundation
import Testing

@testable import Desk

@Suite("several apps behind one port")
struct AppsTests {
    static let other = AppCredentials(id: "7", key: "otherkey", secret: "othersecret")

    private static let rules: AppRules = {
        var rules = AppRules()
        rules.limits.presenceMembers = 1
        rules.limits.frameSize = 2_000
        return rules
    }()

    private func withTwo(
        _ change: (inout AppRules) -> Void = { _ in }, _ test: (TestDesk) async throws -> Void
    ) async throws {
        var rules = Self.rules
        change(&rules)
        try await withDesk(configure: { $0.otherApps = [(Self.other, rules)] }, test)
    }

    private func member(_ id: String, _ socket: TestSocket, _ channel: ChannelName) async throws -> JSON {
        let data = #"{"user_id":"\#(id)"}"#
        let signer = Signer(key: Self.other.key, secret: Self.other.secret)
        let socketID = try #require(SocketID(await socket.id))
        return [
            "auth": .string(signer.channel(channel, socketID: socketID, channelData: data)),
            "channel_data": .string(data),
        ]
    }

    @Test("key and id choose the app, and nothing passes between them")
    func apart() async throws {
        try await withTwo { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            let socket = try await desk.socket(key: Self.other.key)
            try await socket.subscribe("presence-lobby", member("x", socket, "presence-lobby"))
            let body = #"{"name":"news","channel":"presence-lobby","data":"7"}"#
            #expect(try await desk.engine("POST", "events", body, app: Self.other).status == 200)
            #expect(try await socket.event().name == "news")
            try await desk.say("alice", to: "#lobby", "hello")
            #expect(try await bob.event().name == "new_message")
            let users = try await desk.engine("GET", "channels/presence-lobby/users", app: Self.other)
            #expect(users.json == ["users": [["id": "x"]]])
            let own = try await desk.engine("GET", "channels/presence-lobby/users")
            #expect(own.json == ["users": [["id": "bob"]]])
        }
    }

    @Test("one app's key and secret open nothing of another")
    func foreignSecret() async throws {
        try await withTwo { desk async throws in
            let mixed = AppCredentials(id: desk.server.app.id, key: Self.other.key, secret: Self.other.secret)
            #expect(try await desk.engine("GET", "channels", app: mixed).status == 401)
            let unknown = AppCredentials(id: "8", key: Self.other.key, secret: Self.other.secret)
            #expect(try await desk.engine("GET", "channels", app: unknown).status == 404)
            #expect(try await desk.engine("GET", "channels", app: Self.other).status == 200)
            let socket = try await desk.socket(key: Self.other.key)
            let auth = try await desk.authorize("alice", "presence-lobby", socket.id).json
            await #expect(throws: RawConnection.Failure.self) { try await socket.subscribe("presence-lobby", auth) }
        }
    }

    @Test("each has its own limits")
    func limits() async throws {
        try await withTwo { desk async throws in
            let first = try await desk.socket(key: Self.other.key)
            try await first.subscribe("presence-room", member("x", first, "presence-room"))
            let second = try await desk.socket(key: Self.other.key)
            let auth = try await member("y", second, "presence-room")
            await #expect(throws: RawConnection.Failure.self) { try await second.subscribe("presence-room", auth) }
            try await second.raw(TestSocket.frame(opcode: 1, [UInt8](repeating: 0x20, count: 2_001)))
            guard case .close(1009, _) = try await second.ending() else {
                Issue.record("not closed with 1009")
                return
            }
            _ = try await desk.socket("alice", in: "presence-lobby")
            let bob = try await desk.socket("bob", in: "presence-lobby")
            try await bob.raw(TestSocket.frame(opcode: 1, [UInt8](repeating: 0x20, count: 2_001)))
            _ = try await bob.event(named: "pusher:error")
        }
    }

    @Test("an app that is switched off refuses with 4003 and 403")
    func disabled() async throws {
        try await withTwo({ $0.isEnabled = false }) { desk async throws in
            let socket = try await desk.unanswered(key: Self.other.key)
            #expect(try await socket.event().data["code"] == 4003)
            #expect(try await desk.engine("GET", "channels", app: Self.other).status == 403)
            _ = try await desk.socket()
        }
    }

    @Test("without client events they are refused with 4301, with counts subscribers are told how many they are")
    func features() async throws {
        try await withTwo({
            $0.clientEvents = false
            $0.subscriptionCounts = true
        }) { desk async throws in
            let socket = try await desk.socket(key: Self.other.key)
            try await socket.subscribe("news", [:])
            let count = try await socket.event(named: "pusher_internal:subscription_count")
            #expect(count.data["subscription_count"] == 1)
            try await socket.subscribe("presence-room", member("x", socket, "presence-room"))
            try await socket.send(["event": "client-a", "channel": "presence-room", "data": [:]])
            #expect(try await socket.event(named: "pusher:error").data["code"] == 4301)
        }
    }

    @Test(
        "two apps with one id or key are no configuration",
        arguments: [
            ("7", "k", "two apps of the engine have the id \"7\"; give each its own"),
            ("8", "otherkey", "two apps of the engine have the key \"otherkey\"; give each its own"),
        ])
    func twins(id: String, key: String, sentence: String) async throws {
        let folder = try TemporaryFolder()
        var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
        configuration.otherApps = [
            (Self.other, AppRules()), (AppCredentials(id: id, key: key, secret: "s"), AppRules()),
        ]
        let error = await #expect(throws: DeskError.self) { try await DeskServer.start(configuration) }
        #expect(error == DeskError(.configuration, sentence))
    }

    @Test("the desk's own may not be narrower than what the desk says in it", arguments: 0..<5)
    func tooNarrow(number: Int) async throws {
        let folder = try TemporaryFolder()
        var configuration = DeskConfiguration(folder: folder.path)
        let paths: [WritableKeyPath<Limits, Int>] = [\.channelName, \.eventName, \.eventData, \.userID, \.userInfo]
        configuration.limits[keyPath: paths[number]] = 20
        let error = await #expect(throws: DeskError.self) { try await DeskServer.start(configuration) }
        #expect(error?.exitCode == 78)
        #expect(error?.message.contains("= 20; the desk itself needs") == true)
        #expect(try LocalDesk.tryHost(folder.path) != nil)
    }
}
