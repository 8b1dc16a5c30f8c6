import ChannelsProtocol
import Foundation
import Testing
import TestProxy

@testable import Desk

@Suite("requests as clients and proxies make them", .timeLimit(.minutes(2)))
struct RequestTests {
    @Test(
        "a request that says twice what has one value is refused with 400, and its connection ends",
        arguments: [
            "Host: other", "host: desk", "Authorization: Bearer x", "Content-Length: 2\r\nContent-Length: 2",
            "Content-Length: 2\r\nContent-Length: 3",
            "Origin: http://desk\r\nOrigin: http://evil.example", "Transfer-Encoding: chunked",
            "Content-Type: text/plain\r\nContent-Type: application/json",
        ])
    func twins(lines: String) async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            let answer = try await connection.call(
                "POST", "/api/rooms/lobby/seen", token: desk.token("alice"), body: "{}", headers: [lines])
            #expect(answer.status == 400)
            #expect(try await connection.receive().isEmpty)
            #expect(try await desk.call("bob", "GET", "/api/rooms/lobby/messages").json["last"]?.int == 0)
        }
    }

    @Test("a handshake with two Host headers opens no WebSocket")
    func twinHandshake() async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            let answer = try await connection.call(
                "GET", "/app/\(desk.server.app.key)?protocol=7",
                headers: [
                    "Host: evil.example", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                ])
            #expect(answer.status == 400)
        }
    }

    @Test(
        "HEAD is answered like GET, without a body",
        arguments: [
            ("/healthz", 200), ("/api/me", 200), ("/api/conversations", 200), ("/api/rooms/lobby/messages", 200),
            ("/api/search", 400), ("/nothing", 404), ("/metrics", 403),
        ])
    func head(path: String, status: Int) async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            let get = try await connection.call("GET", path, token: desk.token("alice"))
            #expect(get.status == status)
            try await connection.send(
                "HEAD \(path) HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer \(desk.token("alice"))\r\n\r\n")
            let head = String(decoding: try await connection.receive(), as: UTF8.self)
            #expect(head.hasPrefix("HTTP/1.1 \(status) "))
            #expect(head.lowercased().contains("\r\ncontent-length: \(get.body.utf8.count)\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
            // Nothing of a body stands before the next answer.
            #expect(try await connection.call("GET", "/healthz").body == #"{"ok":true}"#)
        }
    }

    @Test("a client that waits to be told to send its body is told so; one that announces too much is refused first")
    func expectation() async throws {
        try await withDesk { desk async throws in
            let connection = try desk.connect()
            let body = #"{"client_id":"1","text":"hi"}"#
            func head(_ length: Int) -> String {
                "POST /api/conversations/bob/messages HTTP/1.1\r\nHost: desk\r\nExpect: 100-continue\r\n"
                    + "Authorization: Bearer \(desk.token("alice"))\r\nContent-Length: \(length)\r\n\r\n"
            }
            try await connection.send(head(body.utf8.count))
            let told = String(decoding: try await connection.receive(), as: UTF8.self)
            #expect(told == "HTTP/1.1 100 Continue\r\n\r\n")
            try await connection.send(body)
            #expect(try await connection.answer().status == 201)
            #expect(try await connection.call("GET", "/healthz").status == 200)
            try await connection.send(head(10_000_000))
            #expect(try await connection.answer().status == 413)
            // An old client does not know the word, and waits for nothing.
            let old = try desk.connect()
            try await old.send(head(body.utf8.count).replacing("HTTP/1.1", with: "HTTP/1.0") + body)
            #expect(try await old.answer().status == 200)
        }
    }

    @Test("a client whose path is a slash gets its WebSocket", arguments: ["//app/", "///app/"])
    func slashes(path: String) async throws {
        try await withDesk { desk async throws in
            let socket = try await TestSocket(desk.connect(), path: "\(path)\(desk.server.app.key)?protocol=7")
            try await socket.greet()
        }
    }

    @Test("a desk that listens on * is reached by IPv4, and by IPv6 where the machine has it")
    func everywhere() async throws {
        try await withDesk(configure: { $0.listen = ("*", 0) }) { desk async throws in
            #expect(try await RawConnection(port: desk.port, from: "127.0.0.3").call("GET", "/healthz").status == 200)
            let address = try #require(desk.server.address)
            #expect(address == "http://[::]:\(desk.port)" || address == "http://0.0.0.0:\(desk.port)")
            // By a name that is not this machine's.
            #expect(try await desk.call("alice", "GET", "/api/me").status == 200)
        }
    }

    @Test(
        "metrics are not told through a real proxy, with or without its word, nor by TCP at all",
        arguments: TestProxy.Kind.allCases)
    func metrics(kind: TestProxy.Kind) async throws {
        guard kind.isInstalled else { return print("\(kind.rawValue) is not installed; left out") }
        try await withDesk(configure: { $0.hosts = [] }) { desk async throws in
            let options =
                kind == .nginx
                ? ["", TestProxy.webSockets, "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"]
                : ["", "option forwardfor"]
            for lines in options {
                let proxy = try TestProxy(kind, to: desk.port, options: lines)
                for host in ["localhost", "127.0.0.1:\(desk.port)"] {
                    func status(_ path: String) async throws -> Int {
                        try await RawConnection(port: proxy.port).call("GET", path, host: host).status
                    }
                    #expect(try await status("/healthz") == 200)
                    #expect(try await status("/metrics") == 403)
                }
            }
        }
    }

    @Test(
        "a WebSocket through nginx tells from where it comes",
        .enabled(if: TestProxy.Kind.nginx.isInstalled, "needs nginx"))
    func forwarded() async throws {
        try await withDesk(configure: { $0.hosts = [] }) { desk async throws in
            let proxy = try TestProxy(
                .nginx, to: desk.port,
                options: TestProxy.webSockets + "proxy_set_header X-Forwarded-For \"203.0.113.7:$remote_port\";")
            let path = "/app/\(desk.server.app.key)?protocol=7"
            let socket = try await TestSocket(RawConnection(port: proxy.port), path: path, host: "localhost")
            try await socket.greet()
            let auth = try await desk.connect().call(
                "POST", "/pusher/auth", token: desk.token("alice"),
                body: "socket_id=\(await socket.id)&channel_name=private-user-alice", host: "localhost")
            try await socket.subscribe("private-user-alice", auth.json)
            let sessions = try await desk.connect().call(
                "GET", "/api/sessions", token: desk.token("alice"), host: "localhost")
            #expect(sessions.json.array?.first?["from"] == "203.0.113.7")
        }
    }
}
