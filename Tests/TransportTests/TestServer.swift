import Foundation
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Transport

/// A server of a test's own: a free port or a Unix socket, closed and removed with it.
final class TestServer: Sendable {
    let address: ServerAddress
    private let channel: any Channel
    private let path: String?

    private init(_ channel: any Channel, path: String?) {
        self.channel = channel
        self.path = path
        address =
            path.map { .unix(path: $0) }
            ?? .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0, isSecure: false)
    }

    deinit {
        channel.close(promise: nil)
        if let path { unlink(path) }
    }

    /// Every connection is given to `setUp`.
    static func start(
        path: String? = nil, _ setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> TestServer {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).childChannelInitializer(setUp)
        guard let path else {
            return TestServer(try await bootstrap.bind(host: "127.0.0.1", port: 0).get(), path: nil)
        }
        let short = try SocketPath(path)
        return TestServer(try await bootstrap.bind(unixDomainSocketPath: short.text).get(), path: path)
    }

    /// A WebSocket server whose connections get these handlers after the upgrade.
    ///
    /// - Parameter isHasty: what it says goes out in one piece with the end of the connection.
    static func webSocket(
        path: String? = nil, isHasty: Bool = false,
        accepts: @escaping @Sendable (HTTPRequestHead) -> Bool = { _ in true },
        _ handlers: @escaping @Sendable () -> [any ChannelHandler]
    ) async throws -> TestServer {
        try await start(path: path) { channel in
            channel.eventLoop.makeCompletedFuture {
                if isHasty { try channel.pipeline.syncOperations.addHandler(AllAtOnce()) }
                let upgrade = FrameServerUpgrade<Void> { channel, head in
                    channel.eventLoop.makeSucceededFuture(accepts(head) ? [:] : nil)
                } configure: { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(handlers())
                    }
                }
                let refusal: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Refusal())
                    }
                }
                _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                    configuration: .init(
                        upgradeConfiguration: .init(upgraders: [upgrade], notUpgradingCompletionHandler: refusal)))
            }
        }
    }

    /// A server that answers the bytes of each request with bytes, whatever they are.
    static func raw(
        path: String? = nil, _ answer: @escaping @Sendable (String) -> RawAnswer
    ) async throws -> TestServer {
        try await start(path: path) { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(RawHandler(answer)) }
        }
    }
}

/// What a raw server does with a request.
enum RawAnswer: Sendable {
    case bytes(String)
    case bytesThenClose(String)
    /// These bytes, and then the same block again until nobody reads.
    case endless(String, block: String)
    case silence
    case close
}

private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let answer: @Sendable (String) -> RawAnswer
    private var received = ""

    init(_ answer: @escaping @Sendable (String) -> RawAnswer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: Self.unwrapInboundIn(data))
        // A body, where one is announced, counts as part of the request.
        guard let end = received.range(of: "\r\n\r\n") else { return }
        let announced = received.lowercased().range(of: "content-length: ").flatMap { range in
            Int(received[range.upperBound...].prefix { $0.isNumber })
        }
        guard received[end.upperBound...].utf8.count >= announced ?? 0 else { return }
        let request = received
        received = ""
        switch answer(request) {
        case .bytes(let text): context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
        case .bytesThenClose(let text):
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
        case .endless(let text, let block):
            let channel = context.channel
            channel.writeAndFlush(ByteBuffer(string: text)).whenSuccess { Self.repeated(block, channel) }
        case .silence: break
        case .close: context.close(promise: nil)
        }
    }

    private static func repeated(_ block: String, _ channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(string: block)).whenSuccess { repeated(block, channel) }
    }
}

private final class Refusal: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = Self.unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .forbidden, headers: ["Content-Length": "0"])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
    }
}

/// Keeps back what is written until the connection ends.
private final class AllAtOnce: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private var written = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written.writeImmutableBuffer(Self.unwrapOutboundIn(data))
        promise?.succeed()
    }

    func flush(context: ChannelHandlerContext) {}

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        context.writeAndFlush(NIOAny(written), promise: nil)
        context.close(mode: mode, promise: promise)
    }
}

/// Writes these bytes as soon as the upgrade is done, and then ends the connection where `isLast`.
final class RawFrames: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let bytes: [UInt8]

    private let isLast: Bool

    init(_ bytes: [UInt8], isLast: Bool = false) {
        self.bytes = bytes
        self.isLast = isLast
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        let channel = context.channel
        if isLast { channel.eventLoop.execute { channel.close(promise: nil) } }
    }
}

/// Says back every text; `close N` closes with that code, `cut` without a word.
final class Echo: ChannelInboundHandler {
    typealias InboundIn = FrameMessage
    typealias OutboundOut = FrameMessage

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .text(let text) = Self.unwrapInboundIn(data) else { return }
        let answer: FrameMessage
        if text == "cut" { return context.close(promise: nil) }
        if text == "ping me" {
            answer = .ping(ByteBuffer(string: "x"))
        } else if text.hasPrefix("close ") {
            answer = .close(code: UInt16(text.dropFirst(6)), reason: "as you wish")
        } else {
            answer = .text(text)
        }
        context.writeAndFlush(Self.wrapOutboundOut(answer), promise: nil)
    }

    static func handlers() -> [any ChannelHandler] {
        [FrameHandler(role: .server, maxMessageSize: 1 << 20), Echo()]
    }
}

/// A path for a socket in a folder that is removed with this.
final class SocketFolder {
    let path: String

    init(nameLength: Int = 8) {
        var template = Array("/tmp/parley-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
        path = made + "/" + String(repeating: "f", count: nameLength)
        mkdir(path, 0o700)
    }

    deinit {
        unlink(path + "/s.sock")
        rmdir(path)
        rmdir(String(path[..<path.lastIndex(of: "/")!]))
    }

    var socket: String { path + "/s.sock" }
}
