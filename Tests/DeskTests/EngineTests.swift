import ChannelsProtocol
import Desk
import Foundation
import Testing

@Suite("the desk's engine, on the same port")
struct EngineTests {
    @Test("an event published over HTTP reaches the subscribers of its channel")
    func publishes() async throws {
        try await withDesk { desk async throws in
            let alice = try await desk.socket("alice", in: "presence-lobby")
            let body = #"{"name":"news","channels":["presence-lobby"],"data":"{\"a\":1}"}"#
            let answer = try await desk.engine("POST", "events", body)
            #expect(answer.status == 200)
            #expect(answer.body == "{}")
            let event = try await alice.event()
            #expect(event.name == "news")
            #expect(event.data == ["a": 1])
            let users = try await desk.engine("GET", "channels/presence-lobby/users")
            #expect(users.json == ["users": [["id": "alice"]]])
        }
    }

    @Test(
        "a request with a wrong signature, a wrong body or an old time is 401",
        arguments: [
            (700, false), (-700, false), (0, true),
        ])
    func signatures(age: Int, spoil: Bool) async throws {
        try await withDesk { desk async throws in
            let body = #"{"name":"news","channels":["presence-lobby"],"data":"{}"}"#
            #expect(try await desk.engine("POST", "events", body, age: age, spoil: spoil).status == 401)
            #expect(try await desk.call(nil, "POST", "/apps/\(desk.server.app.id)/events", body).status == 401)
            #expect(try await desk.call(nil, "POST", "/apps/other/events", body).status == 404)
        }
    }

    @Test(
        "a socket with a wrong key or protocol is told so and closed",
        arguments: [
            ("nokey?protocol=7", 4001), ("KEY", 4008), ("KEY?protocol=99", 4007), ("KEY?protocol=x", 4007), ("", 4001),
        ])
    func refusals(target: String, code: Int) async throws {
        try await withDesk { desk async throws in
            let path = "/app/" + target.replacingOccurrences(of: "KEY", with: desk.server.app.key)
            let socket = try await TestSocket(desk.connect(), path: path)
            let error = try await socket.event()
            #expect(error.name == "pusher:error")
            #expect(error.data["code"]?.int == code)
            guard case .close(let closed, _) = try await socket.ending() else {
                Issue.record("no close frame")
                return
            }
            #expect(closed == UInt16(code))
        }
    }

    @Test(
        "a frame that breaks the rules ends its socket with the right code, and no other",
        arguments: [
            ([0x81, 0x02, 0x68, 0x69], 1002), ([0xC1, 0x80, 1, 2, 3, 4], 1002), ([0x83, 0x80, 1, 2, 3, 4], 1002),
            ([0x8B, 0x80, 1, 2, 3, 4], 1002), ([0x80, 0x80, 1, 2, 3, 4], 1002), ([0x09, 0x80, 1, 2, 3, 4], 1002),
            ([0x81, 0xFE, 0, 1, 0, 0, 0, 0, 65], 1002), ([0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            ([0x88, 0x81, 0, 0, 0, 0, 3], 1002), ([0x88, 0x82, 0, 0, 0, 0, 3, 0xED], 1002),
            ([0x81, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0], 1009), ([0x82, 0x80, 1, 2, 3, 4], 1003),
        ] as [([UInt8], UInt16)])
    func violations(frame: [UInt8], code: UInt16) async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            let socket = try await desk.socket()
            try await socket.raw(frame)
            guard case .close(let closed, _) = try await socket.ending() else {
                Issue.record("no close frame")
                return
            }
            #expect(closed == code)
            try await desk.say("alice", to: "#lobby", "still here")
            #expect(try await bob.event().name == "new_message")
        }
    }

    @Test(
        "a request that is no HTTP, or a handshake that is none, is answered and not left waiting",
        arguments: [
            ("GARBAGE\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
            ("GET /app/KEY HTTP/1.1\r\nHost: desk\r\n\r\n", 426),
            ("GET /app/KEY HTTP/1.1\r\nHost: desk\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 426),
            ("GET /api/me HTTP/1.1\r\nHost: desk\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 401),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200),
            ("POST /app/KEY HTTP/1.1\r\nHost: desk\r\nUpgrade: websocket\r\nContent-Length: 0\r\n\r\n", 404),
            ("GET /healthz HTTP/1.0\r\n\r\n", 200),
        ])
    func handshakes(request: String, status: Int) async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            try await connection.send(request.replacingOccurrences(of: "KEY", with: desk.server.app.key))
            let answer = try await connection.answer()
            #expect(answer.status == status)
            if status == 400 || request.contains("HTTP/1.0") {
                let rest = try await connection.receive()
                #expect(rest.isEmpty)
            }
        }
    }

    @Test(
        "what comes right behind a handshake, in the same packet, is read as frames and ends nobody",
        arguments: [
            (TestSocket.frame(opcode: 9, [7]), TestSocket.Frame.other(opcode: 10, [7])),
            (TestSocket.frame(opcode: 8, [3, 0xE8]), .close(code: 1000, reason: "")),
        ])
    func behindTheHandshake(bytes: [UInt8], answer: TestSocket.Frame) async throws {
        try await withDesk { desk async throws in
            let path = "/app/\(desk.server.app.key)?protocol=7"
            let socket = try await TestSocket(desk.connect(), path: path, behind: bytes)
            // The greeting may come before it or after it.
            let frames = try await [socket.next(), socket.next()]
            #expect(frames.contains(answer))
            #expect(try await desk.connect().call("GET", "/healthz").status == 200)
        }
    }

    @Test("a WebSocket ping is answered with its own bytes, a close with its own code")
    func control() async throws {
        try await withDesk { desk async throws in
            let socket = try await desk.socket()
            try await socket.raw(TestSocket.frame(opcode: 9, [1, 2, 3]))
            #expect(try await socket.next() == .other(opcode: 10, [1, 2, 3]))
            try await socket.raw(TestSocket.frame(opcode: 8, [0x0F, 0xA0]))
            #expect(try await socket.next() == .close(code: 4000, reason: ""))
            #expect(try await socket.next() == .end)
        }
    }

    @Test("a text in three pieces, cut inside a letter and with a ping in between, is one frame")
    func fragments() async throws {
        try await withDesk { desk async throws in
            let socket = try await desk.socket()
            let text = Array(#"{"event":"pusher:ping","data":{"ö":1}}"#.utf8)
            let cut = 32
            try await socket.raw(TestSocket.frame(opcode: 1, Array(text[..<cut]), isFinal: false))
            try await socket.raw(TestSocket.frame(opcode: 9, []))
            try await socket.raw(TestSocket.frame(opcode: 0, [], isFinal: false))
            try await socket.raw(TestSocket.frame(opcode: 0, Array(text[cut...])))
            #expect(try await socket.next() == .other(opcode: 10, []))
            #expect(try await socket.event().name == "pusher:pong")
        }
    }

    @Test("who leaves, however, is gone from the lobby at once")
    func leaving() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            do {
                _ = try await desk.socket("alice", in: "presence-lobby")
                #expect(try await bob.event().name == "pusher_internal:member_added")
            }
            let gone = try await bob.event()
            #expect(gone.name == "pusher_internal:member_removed")
            #expect(gone.data["user_id"] == "alice")
        }
    }

    @Test("a socket that does not read is cut off, and the others hear everything")
    func slowReader() async throws {
        try await withDesk(["alice", "bob"], configure: { $0.limits.pendingBytes = 50_000 }) { desk async throws in
            // Over the Unix socket, whose buffer in the kernel is small.
            let slow = try await desk.socket(
                over: RawConnection(socketPath: LocalDesk.socket(desk.folder.path).path), "bob", in: ["presence-lobby"])
            let reader = try await desk.socket("alice", in: "presence-lobby")
            let text = String(repeating: "x", count: 8_000)
            async let heard = Task {
                for seq in 1...200 {
                    let message = try await reader.event(named: "new_message")
                    if message.data["seq"]?.int != seq { return seq }
                }
                return 0
            }.value
            let connection = try desk.connect()
            for number in 1...200 {
                let body = #"{"client_id":"\#(number)","text":"\#(text)"}"#
                _ = try await connection.call(
                    "POST", "/api/rooms/lobby/messages", token: desk.token("alice"), body: body)
            }
            #expect(try await heard == 0)
            let members = try await desk.call("alice", "GET", "/api/users").json
            #expect(members.array?.first?["online"] == false)
            _ = slow
        }
    }

    @Test("with several event loops everybody still hears everything once and in order")
    func severalLoops() async throws {
        try await withDesk(["alice", "bob"], eventLoops: 3) { desk async throws in
            var sockets: [TestSocket] = []
            for number in 0..<12 {
                sockets.append(try await desk.socket(number.isMultiple(of: 2) ? "alice" : "bob", in: "presence-lobby"))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 { group.addTask { try await desk.say("alice", to: "#lobby", "\(number)") } }
                try await group.waitForAll()
            }
            for socket in sockets {
                for seq in 1...60 {
                    let message = try await socket.event(named: "new_message")
                    #expect(message.data["seq"]?.int == seq)
                }
            }
        }
    }

    @Test("a drained desk closes every socket with 4200, listens no more and takes two seconds at most")
    func drain() async throws {
        try await withDesk { desk async throws in
            let sockets = [try await desk.socket("alice", in: "presence-lobby"), try await desk.socket()]
            let silent = try desk.connect()
            let clock = ContinuousClock()
            let start = clock.now
            await desk.server.drain()
            // Two is what it allows; the rest is for a machine with many other tests to do.
            #expect(clock.now - start < .seconds(10))
            for socket in sockets {
                guard case .close(let code, _) = try await socket.ending() else {
                    Issue.record("no close frame")
                    return
                }
                #expect(code == 4200)
            }
            #expect(try await silent.receive().isEmpty)
            #expect(throws: RawConnection.Failure.self) { try desk.connect() }
            #expect(try desk.folder.names().contains("desk.sock") == false)
        }
    }
}
