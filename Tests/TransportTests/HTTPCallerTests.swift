import NIOCore
import Transport
import Testing

@Suite("an HTTP call", .timeLimit(.minutes(1)))
struct HTTPCallerTests {
    @Test("gives status and body, whatever the status", arguments: [200, 201, 302, 401, 404, 409, 429, 503])
    func answers(status: Int) async throws {
        let server = try await TestServer.raw { _ in
            .bytes("HTTP/1.1 \(status) X\r\nContent-Length: 5\r\nRetry-After: 7\r\nLocation: /elsewhere\r\n\r\nhello")
        }
        let caller = HTTPCaller(server.address)
        let answer = try await caller.call("GET", "/api/me")
        #expect(answer == HTTPAnswer(status: status, body: "hello", retryAfter: .seconds(7), location: "/elsewhere"))
        caller.shutdown()
    }

    @Test("carries method, path, host, type, body, and the token as it is at that moment")
    func request() async throws {
        let seen = Seen()
        let server = try await TestServer.raw { request in
            seen.note(request)
            return .bytes("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let tokens = Seen()
        let caller = HTTPCaller(server.address, basePath: "/desk") {
            tokens.note("")
            return "token\(tokens.all.count)"
        }
        _ = try await caller.call("POST", "/api/x?a=%C3%BC", contentType: "application/json", body: "{\"a\":\"ü\"}")
        _ = try await caller.call("GET", "/b")
        let requests = seen.all
        #expect(requests.first?.hasPrefix("POST /desk/api/x?a=%C3%BC HTTP/1.1\r\n") == true)
        #expect(requests.first?.hasSuffix("\r\n\r\n{\"a\":\"ü\"}") == true)
        #expect(requests.first?.lowercased().contains("\r\nhost: \(server.address)\r\n") == true)
        #expect(requests.first?.lowercased().contains("\r\ncontent-type: application/json\r\n") == true)
        #expect(requests.first?.contains("\r\nAuthorization: Bearer token1\r\n") == true)
        #expect(requests.last?.contains("\r\nAuthorization: Bearer token2\r\n") == true)
        caller.shutdown()
    }

    @Test("works over a Unix socket, also one whose path no socket address holds", arguments: [8, 180])
    func unixSocket(nameLength: Int) async throws {
        let folder = SocketFolder(nameLength: nameLength)
        let server = try await TestServer.raw(path: folder.socket) { _ in
            .bytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let caller = HTTPCaller(server.address)
        #expect(try await caller.call("GET", "/").body == "ok")
        #expect(try await caller.call("GET", "/").body == "ok")
        caller.shutdown()
    }

    @Test("with an answer that does not end is cut at the limit")
    func endless() async throws {
        let block = String(repeating: "x", count: 16_384)
        let server = try await TestServer.raw { _ in .endless("HTTP/1.1 200 OK\r\n\r\n", block: block) }
        let caller = HTTPCaller(server.address, maxBody: 100_000)
        await #expect(throws: HTTPCallFailure.tooLarge("\(server.address): the answer has more than 100000 bytes")) {
            try await caller.call("GET", "/")
        }
        caller.shutdown()
    }

    @Test("that announces too much is refused before it is read")
    func announced() async throws {
        let server = try await TestServer.raw { _ in .bytes("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n") }
        let caller = HTTPCaller(server.address, maxBody: 1000)
        await #expect(throws: HTTPCallFailure.tooLarge("\(server.address): the answer has more than 1000 bytes")) {
            try await caller.call("GET", "/")
        }
        caller.shutdown()
    }

    @Test("that nobody takes is told apart from one that may have been taken")
    func unreachable() async throws {
        let port = ReservedPort()
        let nobody = HTTPCaller(port.address)
        await #expect(throws: HTTPCallFailure.unreachable("\(port.address): connection refused")) {
            try await nobody.call("GET", "/")
        }
        nobody.shutdown()
        let folder = SocketFolder()
        let noSocket = HTTPCaller(.unix(path: folder.socket))
        await #expect(throws: HTTPCallFailure.unreachable("\(folder.socket): no such file or directory")) {
            try await noSocket.call("GET", "/")
        }
        noSocket.shutdown()
        let server = try await TestServer.raw { _ in .close }
        let cut = HTTPCaller(server.address)
        await #expect(
            throws: HTTPCallFailure.interrupted("\(server.address): the connection was closed before an answer came")
        ) { try await cut.call("POST", "/", body: "x") }
        cut.shutdown()
    }

    @Test("that is not answered ends when its time is over")
    func timeout() async throws {
        let server = try await TestServer.raw { _ in .silence }
        let caller = HTTPCaller(server.address)
        await #expect(throws: HTTPCallFailure.timedOut("\(server.address): no answer within 100 ms")) {
            try await caller.call("GET", "/", timeout: .milliseconds(100))
        }
        caller.shutdown()
    }

    @Test(
        "answered with something else than HTTP fails with a sentence",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 abc\r\n\r\n", "\u{0}\u{1}",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        ])
    func notHTTP(text: String) async throws {
        let server = try await TestServer.raw { _ in .bytesThenClose(text) }
        let caller = HTTPCaller(server.address)
        let failure = await #expect(throws: HTTPCallFailure.self) { try await caller.call("GET", "/") }
        guard case .interrupted(let sentence)? = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(sentence.hasPrefix("\(server.address): "))
        caller.shutdown()
    }

    @Test("whose token cannot be had is not made, and neither is one after the end")
    func notSent() async throws {
        struct NoToken: Error, CustomStringConvertible { var description: String { "no token here" } }
        let seen = Seen()
        let server = try await TestServer.raw { request in
            seen.note(request)
            return .close
        }
        let caller = HTTPCaller(server.address) { throw NoToken() }
        await #expect(throws: HTTPCallFailure.notSent("no token here")) { try await caller.call("GET", "/") }
        caller.shutdown()
        caller.shutdown()
        await #expect(throws: HTTPCallFailure.self) { try await caller.call("GET", "/") }
        #expect(seen.all.isEmpty)
    }

    @Test("to a TLS address where nobody speaks it says so")
    func noTLS() async throws {
        let plain = try await TestServer.start { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RawFrames(Array("HTTP/1.1 400 Bad\r\n\r\n".utf8)))
            }
        }
        guard case .tcp(_, let plainPort, _) = plain.address else { return }
        let caller = HTTPCaller(.tcp(host: "127.0.0.1", port: plainPort, isSecure: true))
        let failure = await #expect(throws: HTTPCallFailure.self) { try await caller.call("GET", "/") }
        #expect(
            failure?.description
                == "127.0.0.1:\(plainPort): TLS: the server does not speak it; is it an http:// address?")
        caller.shutdown()
    }
}
