import NIOCore
import NIOHTTP1
import Transport
import Testing

@Suite("a WebSocket connection", .timeLimit(.minutes(1)))
struct WebSocketConnectionTests {
    @Test("opens, carries texts both ways and closes with the code it was told")
    func echo() async throws {
        let server = try await TestServer.webSocket(Echo.handlers)
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        for text in ["", "hello", "grüße 👋🏽", String(repeating: "x", count: 200_000)] {
            client.connection.send(text)
            #expect(await client.next() == .text(text))
        }
        client.connection.close(code: 1000)
        #expect(await client.next() == .closed(code: 1000, reason: ""))
        #expect(await client.next() == nil)
    }

    @Test("works over a Unix socket, also one whose path no socket address holds", arguments: [8, 180])
    func unixSocket(nameLength: Int) async throws {
        let folder = SocketFolder(nameLength: nameLength)
        let server = try await TestServer.webSocket(path: folder.socket, Echo.handlers)
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        client.connection.send("hi")
        #expect(await client.next() == .text("hi"))
        client.connection.abandon()
    }

    @Test("tells the code and reason of a close", arguments: [1000, 1001, 4001, 4100, 4200, 4999] as [UInt16])
    func closeCodes(code: UInt16) async throws {
        let server = try await TestServer.webSocket(Echo.handlers)
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        client.connection.send("close \(code)")
        #expect(await client.next() == .closed(code: code, reason: "as you wish"))
        #expect(await client.next() == nil)
    }

    @Test("that is cut ends without a code")
    func cut() async throws {
        let server = try await TestServer.webSocket(Echo.handlers)
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        client.connection.send("cut")
        #expect(await client.next() == .closed(code: nil, reason: ""))
        #expect(await client.next() == nil)
    }

    @Test("tells of pings and pongs as signs of life, and answers pings")
    func control() async throws {
        let server = try await TestServer.webSocket(Echo.handlers)
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        client.connection.ping()
        #expect(await client.next() == .control)
        client.connection.send("ping me")
        #expect(await client.next() == .control)
        client.connection.send("still there")
        #expect(await client.next() == .text("still there"))
        client.connection.abandon()
    }

    @Test("that the server refuses says so with the status")
    func refused() async throws {
        let server = try await TestServer.webSocket(accepts: { _ in false }, Echo.handlers)
        let client = Client(server.address)
        #expect(
            await client.next()
                == .refused(
                    status: 403, "\(server.address): the server refused the WebSocket with HTTP status 403"))
        #expect(await client.next() == nil)
    }

    @Test("sends the host it was given and the path with its query")
    func request() async throws {
        let seen = Seen()
        let server = try await TestServer.webSocket(
            accepts: { head in
                seen.note(
                    "\(head.uri) \(head.headers["Host"].joined(separator: ",")) \(head.headers["Sec-WebSocket-Extensions"])"
                )
                return true
            }, Echo.handlers)
        let client = Client(server.address, path: "/app/key?protocol=7")
        #expect(await client.next() == .opened)
        #expect(seen.all == ["/app/key?protocol=7 \(server.address) []"])
        client.connection.abandon()
    }

    @Test(
        "that gets a broken frame ends with a sentence",
        arguments: [
            ([0x81, 0x81, 0, 0, 0, 0, 0x61], "may not be masked"),
            ([0xC1, 0x01, 0x61], "reserved bit"),
            ([0x83, 0x00], "opcode 3 is reserved"),
            ([0x81, 0x02, 0xC3, 0x28], "not UTF-8"),
            ([0x80, 0x01, 0x61], "continuation"),
            ([0x88, 0x01, 0x03], "close frame"),
            ([0x88, 0x02, 0x03, 0xED], "1005"),
            ([0x09, 0x00], "control frame"),
            ([0x81, 0x7E, 0x00, 0x01, 0x61], "shortest form"),
            ([0x81, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "at most"),
        ] as [([UInt8], String)])
    func brokenFrames(bytes: [UInt8], words: String) async throws {
        let server = try await TestServer.webSocket { [RawFrames(bytes)] }
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        guard case .failed(let sentence)? = await client.next() else {
            Issue.record("it did not fail")
            return
        }
        #expect(sentence.hasPrefix("\(server.address): the server broke the rules of WebSocket: "))
        #expect(sentence.contains(words), "\(sentence)")
        #expect(await client.next() == nil)
    }

    @Test("takes frames that come right behind the upgrade")
    func earlyFrames() async throws {
        let server = try await TestServer.webSocket { [RawFrames([0x81, 0x02, 0x68, 0x69, 0x89, 0x00])] }
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        #expect(await client.next() == .text("hi"))
        #expect(await client.next() == .control)
        client.connection.abandon()
    }

    @Test("hears what comes in one piece with the answer to the handshake and the end of the connection")
    func hasty() async throws {
        let server = try await TestServer.webSocket(isHasty: true) {
            [RawFrames([0x81, 0x02, 0x68, 0x69], isLast: true)]
        }
        for _ in 0..<50 {
            let client = Client(server.address)
            var events: [TransportEvent] = []
            while let event = await client.next() { events.append(event) }
            #expect(events == [.opened, .text("hi"), .closed(code: nil, reason: "")])
        }
    }

    @Test("to a message above its limit ends with a sentence")
    func tooBig() async throws {
        let server = try await TestServer.webSocket(Echo.handlers)
        let client = Client(server.address, limits: WebSocketLimits(message: 100))
        #expect(await client.next() == .opened)
        client.connection.send(String(repeating: "x", count: 101))
        #expect(
            await client.next()
                == .failed(
                    "\(server.address): the server broke the rules of WebSocket: a message has at most 100 bytes"))
    }

    @Test("to a server that does not read ends when too much waits")
    func outboundBound() async throws {
        let server = try await TestServer.webSocket { [RawFrames([]), Deaf()] }
        let client = Client(server.address, limits: WebSocketLimits(outbound: 32 << 20))
        #expect(await client.next() == .opened)
        for _ in 0..<80 { client.connection.send(String(repeating: "x", count: 1 << 20)) }
        guard case .failed(let sentence)? = await client.next() else {
            Issue.record("it did not fail")
            return
        }
        #expect(sentence.contains("does not read"))
    }

    @Test("to nobody fails with the reason")
    func nobody() async throws {
        let nobody = ReservedPort()
        let refused = Client(nobody.address)
        #expect(await refused.next() == .failed("\(nobody.address): connection refused"))
        let folder = SocketFolder()
        let missing = Client(.unix(path: folder.socket))
        #expect(await missing.next() == .failed("\(folder.socket): no such file or directory"))
        let tooDeep = Client(.unix(path: "/nowhere/" + String(repeating: "x", count: 200) + "/s.sock"))
        guard case .failed(let sentence)? = await tooDeep.next() else {
            Issue.record("it did not fail")
            return
        }
        #expect(sentence.hasSuffix("no such file or directory"))
    }

    @Test(
        "that is cut or not answered was refused without a status; an answer of HTTP says with which",
        arguments: [
            (RawAnswer.silence, nil, "no answer within 500 ms"),
            (.close, nil, "the connection was closed before an answer came"),
            (
                .bytesThenClose("HTTP/1.1 200 OK\r\n\r\n"), 200, "the server refused the WebSocket with HTTP status 200"
            ),
            (
                .bytes("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"), 426,
                "the server refused the WebSocket with HTTP status 426"
            ),
        ] as [(RawAnswer, Int?, String)])
    func refusals(answer: RawAnswer, status: Int?, words: String) async throws {
        let server = try await TestServer.raw { _ in answer }
        let client = Client(server.address, timeout: words.contains("within") ? .milliseconds(500) : .seconds(20))
        #expect(await client.next() == .refused(status: status, "\(server.address): \(words)"))
        #expect(await client.next() == nil)
    }

    @Test(
        "to something that is no WebSocket server fails with a sentence",
        arguments: [
            RawAnswer.bytesThenClose("SSH-2.0-OpenSSH_9.2\r\n"),
            .bytes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
            .bytes(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"
            ),
            .endless(
                "HTTP/1.1 101 Switching Protocols\r\n",
                block: "X-Padding: " + String(repeating: "x", count: 10_000) + "\r\n"),
        ])
    func noWebSocket(answer: RawAnswer) async throws {
        let server = try await TestServer.raw { _ in answer }
        let client = Client(server.address, timeout: .seconds(20))
        guard case .failed(let sentence)? = await client.next() else {
            Issue.record("it did not fail")
            return
        }
        #expect(sentence.hasPrefix("\(server.address): "))
        #expect(!sentence.contains("no answer within"), "\(sentence)")
        #expect(await client.next() == nil)
    }

    @Test("that is abandoned tells nothing more")
    func abandoned() async throws {
        let server = try await TestServer.webSocket(Echo.handlers)
        let client = Client(server.address)
        #expect(await client.next() == .opened)
        client.connection.send("hi")
        client.connection.abandon()
        client.connection.send("more")
        client.connection.close()
        client.connection.abandon()
        let other = Client(server.address)
        #expect(await other.next() == .opened)
        other.connection.send("there")
        #expect(await other.next() == .text("there"))
        client.finish()
        var rest: [TransportEvent] = []
        while let event = await client.next() { rest.append(event) }
        #expect(rest.allSatisfy { $0 == .text("hi") })
    }
}

/// Reads nothing.
private final class Deaf: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    func read(context: ChannelHandlerContext) {}
}

/// A connection and its events, one after another; nil after the last.
final class Client: Sendable {
    let connection: WebSocketConnection
    private let events: AsyncStream<TransportEvent>
    private let continuation: AsyncStream<TransportEvent>.Continuation

    init(
        _ address: ServerAddress, path: String = "/", timeout: Duration = .seconds(10),
        limits: WebSocketLimits = .init()
    ) {
        let (events, continuation) = AsyncStream.makeStream(of: TransportEvent.self)
        (self.events, self.continuation) = (events, continuation)
        connection = WebSocketConnection.open(
            WebSocketEndpoint(address: address, path: path), timeout: timeout, limits: limits
        ) { event in
            continuation.yield(event)
            switch event {
            case .closed, .failed, .refused: continuation.finish()
            case .opened, .text, .control: break
            }
        }
    }

    func next() async -> TransportEvent? {
        var iterator = events.makeAsyncIterator()
        return await iterator.next()
    }

    func finish() { continuation.finish() }
}
