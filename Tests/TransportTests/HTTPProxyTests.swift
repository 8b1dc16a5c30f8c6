import NIOCore
import NIOPosix
import Testing

@testable import Transport

@Suite("the proxy of a connection", .timeLimit(.minutes(1)))
struct HTTPProxyTests {
    private let desk = ServerAddress.tcp(host: "desk.example.org", port: 443, isSecure: true)
    private let plain = ServerAddress.tcp(host: "10.0.0.7", port: 7007, isSecure: false)

    private func proxy(_ address: ServerAddress, _ variables: [String: String]) throws -> String? {
        try HTTPProxy.named(for: address) { variables[$0] }?.description
    }

    @Test("is named by the variable of the scheme, and by ALL_PROXY where there is none")
    func variables() throws {
        #expect(try proxy(desk, [:]) == nil)
        #expect(try proxy(desk, ["HTTPS_PROXY": "http://p:3128"]) == "p:3128")
        #expect(try proxy(desk, ["https_proxy": "p:1", "HTTPS_PROXY": "http://q:2"]) == "p:1")
        #expect(try proxy(desk, ["HTTP_PROXY": "http://p:3128"]) == nil)
        #expect(try proxy(plain, ["HTTP_PROXY": "http://p:3128/"]) == "p:3128")
        #expect(try proxy(plain, ["HTTPS_PROXY": "http://p:3128"]) == nil)
        #expect(try proxy(desk, ["ALL_PROXY": "http://[::1]:3128"]) == "[::1]:3128")
        #expect(try proxy(desk, ["HTTPS_PROXY": "", "all_proxy": "p"]) == "p:80")
        let user = try HTTPProxy.named(for: desk) { $0 == "ALL_PROXY" ? "http://an%40a:p%3Aw@p:1" : nil }
        #expect(user?.user == "an@a" && user?.password == "p:w" && user?.variable == "ALL_PROXY")
    }

    @Test(
        "is none on this machine",
        arguments: [
            .unix(path: "/x"), .tcp(host: "localhost", port: 1, isSecure: false),
            .tcp(host: "127.0.0.1", port: 1, isSecure: true),
            .tcp(host: "::1", port: 1, isSecure: true),
        ] as [ServerAddress])
    func local(address: ServerAddress) throws { #expect(try proxy(address, ["ALL_PROXY": "http://p:1"]) == nil) }

    @Test(
        "is none for what NO_PROXY names",
        arguments: [
            ("*", true), ("desk.example.org", true), ("example.org", true), (".example.org", true),
            ("*.example.org", true),
            ("a,DESK.example.org", true), ("desk.example.org:443", true), ("desk.example.org:80", false),
            ("k.example.org", false), ("example.com", false), ("", false), ("10.0.0.0/8", false),
        ])
    func exceptions(text: String, isDirect: Bool) throws {
        #expect(try (proxy(desk, ["ALL_PROXY": "http://p:1", "NO_PROXY": text]) == nil) == isDirect)
    }

    @Test(
        "is none for a network in NO_PROXY",
        arguments: [("10.0.0.0/8", true), ("10.0.0.7", true), ("10.1.0.0/16", false), ("0.0.0.0/0", true)])
    func networks(text: String, isDirect: Bool) throws {
        #expect(try (proxy(plain, ["ALL_PROXY": "http://p:1", "NO_PROXY": text]) == nil) == isDirect)
    }

    @Test(
        "that cannot be used is an error and no direct connection, and says no password",
        arguments: ["socks5://u:secret@p:1080", "https://p", "http://", "http://p:x", "http://u:secret@:1"])
    func wrong(text: String) {
        let error = #expect(throws: HTTPProxyError.self) { try proxy(desk, ["ALL_PROXY": text]) }
        #expect(error?.reason.hasPrefix("ALL_PROXY: ") == true && error?.reason.contains("secret") == false)
    }

    // MARK: Tunnels

    private struct Answer { let tunnel: Result<Void, any Error>; let request: String }

    /// What comes of a tunnel whose proxy answers with `answer`.
    private func tunnel(_ answer: String, _ text: String = "http://p:1") async throws -> Answer {
        let proxy = try #require(try HTTPProxy.named(for: desk) { $0 == "ALL_PROXY" ? text : nil })
        let (requests, note) = AsyncStream.makeStream(of: String.self)
        let server = try await TestServer.start { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(AnswerOnce(answer) { note.yield($0) })
            }
        }
        guard case .tcp(let host, let port, _) = server.address else { throw ProxyRefusal.noAnswer }
        let channel = try await ClientBootstrap(group: NetworkThread.loop).connect(host: host, port: port).get()
        let established = channel.eventLoop.flatSubmit {
            ProxyTunnel.open(channel, proxy, host: "desk.example.org", port: 443)
        }
        let result: Result<Void, any Error>
        do { result = .success(try await established.get()) } catch { result = .failure(error) }
        channel.close(promise: nil)
        var first: String?
        for await request in requests {
            first = request
            break
        }
        return Answer(tunnel: result, request: first ?? "")
    }

    @Test("gives a tunnel by CONNECT, with the name and password that the variable has")
    func established() async throws {
        let answer = try await tunnel("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", "http://a:b@p:1")
        #expect(throws: Never.self) { try answer.tunnel.get() }
        #expect(
            answer.request
                == "CONNECT desk.example.org:443 HTTP/1.1\r\nHost: desk.example.org:443\r\n"
                + "Proxy-Authorization: Basic YTpi\r\n\r\n")
    }

    @Test(
        "that gives no tunnel says why",
        arguments: [
            ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", ProxyRefusal.refused(407)),
            ("HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", .refused(403)), ("SSH-2.0-x\r\n\r\n", .noAnswer),
            (String(repeating: "x", count: 20_000), .noAnswer), ("HTTP/1.1 200 OK\r\n\r\nevil", .noAnswer),
        ])
    func refused(text: String, refusal: ProxyRefusal) async throws {
        let answer = try await tunnel(text)
        let error = #expect(throws: ProxyRefusal.self) { try answer.tunnel.get() }
        #expect(error == refusal)
    }
}

/// Answers the first request, whatever it is.
private final class AnswerOnce: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let answer: String
    private let note: @Sendable (String) -> Void
    private var request = ""

    init(_ answer: String, _ note: @escaping @Sendable (String) -> Void) {
        self.answer = answer
        self.note = note
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request += String(buffer: Self.unwrapInboundIn(data))
        guard request.hasSuffix("\r\n\r\n") else { return }
        note(request)
        context.writeAndFlush(Self.wrapOutboundOut(context.channel.allocator.buffer(string: answer)), promise: nil)
    }
}
