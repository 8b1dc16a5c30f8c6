import ChannelsEngine
import ChannelsProtocol
import Foundation
import Testing

@testable import Desk

@Suite("what one connection may cost")
struct LimitTests {
    private func closing(_ socket: TestSocket) async throws -> (code: UInt16, reason: String) {
        guard case .close(let code, let reason) = try await socket.ending() else {
            Issue.record("no close frame")
            return (0, "")
        }
        return (code, reason)
    }

    @Test("frames beyond the limit of a second end the socket with 4100, pings count too", arguments: ["text", "ping"])
    func frames(kind: String) async throws {
        try await withDesk(configure: { $0.limits.framesPerSecond = 20 }) { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            let flood = try await desk.socket()
            let one =
                kind == "ping"
                ? TestSocket.frame(opcode: 9, [])
                : TestSocket.frame(opcode: 1, Array(#"{"event":"pusher:ping","data":{}}"#.utf8))
            try await flood.raw(Array(repeatElement(one, count: 60).joined()))
            let end = try await closing(flood)
            #expect(end.code == 4100)
            #expect(end.reason == "more than 20 frames a second")
            try await desk.say("alice", to: "#lobby", "still here")
            #expect(try await bob.event(named: "new_message").data["text"] == "still here")
        }
    }

    @Test("a message in more pieces than anybody needs ends the socket with 1009")
    func fragments() async throws {
        try await withDesk { desk async throws in
            let socket = try await desk.socket()
            let pieces = Array(repeatElement(TestSocket.frame(opcode: 0, [], isFinal: false), count: 4_096).joined())
            try await socket.raw(TestSocket.frame(opcode: 1, [], isFinal: false) + pieces)
            #expect(try await closing(socket).code == 1009)
        }
    }

    @Test(
        "a connection that makes no request in time is ended, with 408 if it has begun one",
        arguments: [("", ""), ("GET /healthz HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 408 "), ("G", "HTTP/1.1 408 ")])
    func handshakeTime(begun: String, answer: String) async throws {
        try await withDesk(configure: { $0.limits.handshakeTimeout = .milliseconds(200) }) { desk async throws in
            let connection = try desk.connect()
            if !begun.isEmpty { try await connection.send(begun) }
            let first = try await connection.receive()
            #expect(String(decoding: first.prefix(13), as: UTF8.self) == answer)
            if !first.isEmpty { #expect(try await connection.receive().isEmpty) }
        }
    }

    @Test("a socket that has made its handshake is not ended by the time for it")
    func handshakeDone() async throws {
        try await withDesk(configure: { $0.limits.handshakeTimeout = .milliseconds(200) }) { desk async throws in
            let silent = try desk.connect()
            let socket = try await desk.socket()
            let kept = try desk.connect()
            #expect(try await kept.call("GET", "/healthz").status == 200)
            // Ended by the time that began last of the three, so theirs are over.
            let last = try desk.connect()
            #expect(try await last.receive().isEmpty)
            #expect(try await silent.receive().isEmpty)
            try await socket.send(["event": "pusher:ping", "data": [:]])
            #expect(try await socket.event().name == "pusher:pong")
            #expect(try await kept.call("GET", "/healthz").status == 200)
        }
    }

    @Test("a body that drips in for longer than a request may take ends the connection, and nobody else's")
    func drippingBody() async throws {
        try await withDesk(configure: { $0.limits.handshakeTimeout = .milliseconds(100) }) { desk async throws in
            let slow = try desk.connect()
            try await slow.send(
                "POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(desk.token("alice"))\r\n"
                    + "Content-Length: 100\r\n\r\n{")
            let kept = try desk.connect()
            #expect(try await kept.call("GET", "/healthz").status == 200)
            #expect(try await slow.receive().isEmpty)
            #expect(try await kept.call("GET", "/healthz").status == 200)
        }
    }

    @Test(
        "headers without end, and bytes that no header has, are refused; the desk goes on",
        arguments: [
            String(repeating: "X-A: b\r\n", count: 500), "X-Long: \(String(repeating: "a", count: 40_000))\r\n",
            "X-Nul: a\0b\r\n", "X Y: a\r\n", ": a\r\n", "X-A: b\r\n continued\r\n",
            "Content-Length: 1\r\nContent-Length: 2\r\n",
            "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: gzip\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ])
    func headers(lines: String) async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            try await connection.send("POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: desk\r\n" + lines + "\r\n")
            let answer = String(decoding: try await connection.receive(), as: UTF8.self)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(60))")
            #expect(try await desk.say("alice", to: "bob", "still here").status == 201)
        }
    }

    @Test(
        "bodies that are deep, no UTF-8, or full of what no text has are refused in a sentence",
        arguments: [
            Array((String(repeating: "[", count: 100_000)).utf8),
            Array((String(repeating: #"{"a":"#, count: 30_000)).utf8),
            Array(#"{"client_id":"x","text":"\#(String(repeating: "\\u0000", count: 100))"}"#.utf8),
            [0x7B, 0x22, 0xFF, 0x22, 0x7D], [0xED, 0xA0, 0x80], [0], [],
            Array(#"{"client_id":"\#(String(repeating: "x", count: 129))","text":"hi"}"#.utf8),
            Array(#"{"client_id":"x","text":"hi","socket_id":"\#(String(repeating: "1", count: 10_000)).2"}"#.utf8),
        ] as [[UInt8]])
    func bodies(body: [UInt8]) async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            let head =
                "POST /api/rooms/lobby/messages HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(desk.token("alice"))\r\n"
                + "Content-Length: \(body.count)\r\n\r\n"
            try await connection.send(Array(head.utf8) + body)
            let answer = try await connection.answer()
            #expect(answer.status == 400)
            #expect(answer.code == "bad_request")
            #expect((answer.json["error"]?["message"]?.string ?? "").utf8.count < 300)
            let page = try await desk.call("bob", "GET", "/api/rooms/lobby/messages").json
            #expect(page["last"]?.int == 0)
        }
    }

    @Test("connections beyond the app's number are refused with 4004, and taken again when one has gone")
    func quota() async throws {
        try await withDesk(configure: { $0.limits.connections = 2 }) { desk async throws in
            let first = try await desk.socket()
            do {
                let second = try await desk.socket()
                let third = try await desk.unanswered()
                #expect(try await third.event().data["code"] == 4004)
                #expect(try await closing(third).code == 4004)
                try await second.raw(TestSocket.frame(opcode: 8, []))
                _ = try await second.ending()
            }
            let fourth = try await desk.socket()
            try await fourth.send(["event": "pusher:ping", "data": [:]])
            #expect(try await fourth.event().name == "pusher:pong")
            _ = first
        }
    }

    @Test("beyond the desk's number of connections of any kind nobody is let in")
    func allConnections() async throws {
        try await withDesk(configure: { $0.maxConnections = 2 }) { desk async throws in
            let first = try desk.connect()
            #expect(try await first.call("GET", "/healthz").status == 200)
            let second = try desk.connect()
            #expect(try await second.call("GET", "/healthz").status == 200)
            #expect(try await desk.connect().receive().isEmpty)
            #expect(try await first.call("GET", "/healthz").status == 200)
        }
    }

    /// A connection that signs in stays: the engine's own tests say so with a clock that a busy machine cannot slow down.
    @Test("where sign-in is required, a connection without it is ended in time with 4009")
    func signIn() async throws {
        try await withDesk(configure: {
            $0.rules.requiresAuthorization = true
            $0.limits.signInTimeout = .seconds(1)
        }) { desk async throws in
            let silent = try await desk.socket()
            #expect(try await silent.event().data["code"] == 4009)
            #expect(try await closing(silent).code == 4009)
        }
    }

    @Test("who reads nothing of a hundred megabytes is closed with 4100 early, and keeps nobody waiting")
    func hundredMegabytes() async throws {
        try await withDesk(["alice", "bob"]) { desk async throws in
            let slow = try await desk.socket("bob", in: "presence-lobby")
            let reader = try await desk.socket("alice", in: "presence-lobby")
            let news = PublishedEvent(
                name: "news", data: String(repeating: "x", count: 10_000), channels: ["presence-lobby"])
            var greatest = 0
            var heard = 0
            for _ in 0..<1_000 {
                for _ in 0..<10 { try desk.server.hub.trigger(news) }
                greatest = max(greatest, await desk.server.hub.waitingBytes())
                for _ in 0..<10 {
                    guard case .text(let text) = try await reader.next() else { break }
                    if text.hasPrefix(#"{"event":"news""#) { heard += 1 } else { _ = try await reader.next() }
                }
            }
            // One of the frames was that bob has gone.
            #expect(heard >= 9_999)
            // One megabyte for each of the two, and a batch on top.
            #expect(greatest < 3 << 20, "\(greatest) bytes waited")
            let users = try await desk.engine("GET", "channels/presence-lobby/users")
            #expect(users.json == ["users": [["id": "alice"]]])
            _ = slow
        }
    }

    @Test("the code reaches whoever begins to read again")
    func lateReader() async throws {
        try await withDesk(["alice", "bob"], configure: { $0.limits.pendingBytes = 100_000 }) { desk async throws in
            let path = try LocalDesk.socket(desk.folder.path).path
            let slow = try await desk.socket(over: RawConnection(socketPath: path), "bob", in: ["presence-lobby"])
            let news = PublishedEvent(
                name: "news", data: String(repeating: "x", count: 10_000), channels: ["presence-lobby"])
            // More than the kernel keeps for it and what may wait here; quickly, since it is cut off two seconds later.
            for _ in 0..<100 { try desk.server.hub.trigger(news) }
            let end = try await closing(slow)
            #expect(end.code == 4100)
            #expect(end.reason == "you do not read what is sent")
        }
    }

    @Test("a socket id that is another's keeps nothing from them, an unknown one is nothing to complain of")
    func foreignSocket() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob", "private-user-bob")
            let alice = try await desk.socket("alice", in: "private-chat-alice-bob", "presence-lobby")
            let carol = try await desk.socket("carol", in: "presence-lobby")
            for (socket, id) in [("bob", await bob.id), ("nobody", "1.2")] {
                let body = #"{"client_id":"\#(socket)","text":"for \#(socket)","socket_id":"\#(id)"}"#
                #expect(try await desk.call("alice", "POST", "/api/conversations/bob/messages", body).status == 201)
                #expect(try await bob.event(named: "new_message").data["text"]?.string == "for \(socket)")
            }
            // By the lobby it is known whose a socket is.
            let own = await alice.id
            let body = #"{"client_id":"x","text":"own","socket_id":"\#(own)"}"#
            _ = try await desk.call("alice", "POST", "/api/rooms/lobby/messages", body)
            try await desk.say("alice", to: "#lobby", "next")
            #expect(try await carol.event(named: "new_message").data["text"] == "own")
            #expect(try await alice.event(named: "new_message").data["text"] == "for bob")
            #expect(try await alice.event(named: "new_message").data["text"] == "for nobody")
            #expect(try await alice.event(named: "new_message").data["text"] == "next")
        }
    }
}
