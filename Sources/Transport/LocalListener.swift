import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// WebSockets of other programs on this machine, taken on a Unix socket: each is a line with a number.
///
/// Events come on the network thread, in order: `opened`, then texts, then `closed`. Calls may come from any thread and
/// never wait. What is sent to a line that does not read waits here up to a limit; beyond it the line is ended.
public final class LocalListener: Sendable {
    public enum Event: Equatable, Sendable {
        case opened(Int)
        case text(Int, String)
        case closed(Int)
    }

    public struct Limits: Sendable {
        /// Further ones are closed unheard.
        public var lines = 32
        /// The largest message taken in, in bytes.
        public var message = 64 << 10
        /// The most bytes that wait for one line.
        public var outbound = 4 << 20
        /// How many messages a line may send in a minute.
        public var messagesPerMinute = 240
        /// How long a connection may take to become a line.
        public var handshake: Duration = .seconds(5)

        public init() {}
    }

    private struct Line {
        let channel: any Channel
        var waitingBytes = 0
        var isEnding = false
        var minute: (began: NIODeadline, messages: Int)
    }

    private struct State {
        var lines: [Int: Line] = [:]
        var last = 0
        var connections = 0
        var isEnded = false
        var server: (any Channel)?
    }

    private let uri: String
    private let tooSlow: UInt16
    private let limits: Limits
    private let onEvent: @Sendable (Event) -> Void
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// - Parameters:
    ///   - uri: what is asked for; a request for anything else is refused with 404.
    ///   - tooSlow: the close code for a line that does not read, or says too much.
    public init(
        uri: String, tooSlow: UInt16, limits: Limits = Limits(), onEvent: @escaping @Sendable (Event) -> Void
    ) {
        self.uri = uri
        self.tooSlow = tooSlow
        self.limits = limits
        self.onEvent = onEvent
        loop = NetworkThread.loop
        state = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// Listens; what stands at the path is the caller's to remove. The file is its owner's alone. Not to be called on the
    /// network thread.
    public func listen(_ path: SocketPath) throws {
        let bootstrap = ServerBootstrap(group: loop).childChannelInitializer { [self] in setUp($0) }
        let server = try bootstrap.bind(unixDomainSocketPath: path.text).wait()
        guard chmod(path.text, 0o600) == 0 else {
            let code = errno
            server.close(promise: nil)
            throw SocketPathError(reason: "\(path.text): \(SystemSentence.text(code))")
        }
        loop.execute { [self] in
            if state.value.isEnded { server.close(promise: nil) } else { state.value.server = server }
        }
    }

    public func send(_ number: Int, _ text: String) {
        loop.execute { [self] in
            guard let line = state.value.lines[number], !line.isEnding else { return }
            let size = text.utf8.count
            guard line.waitingBytes + size <= limits.outbound else { return finish(number, tooSlow) }
            state.value.lines[number]?.waitingBytes += size
            line.channel.writeAndFlush(FrameMessage.text(text)).whenComplete { [self] _ in
                state.value.lines[number]?.waitingBytes -= size
            }
        }
    }

    /// Says why and closes, after what waits.
    public func end(_ number: Int, code: UInt16) {
        loop.execute { self.finish(number, code) }
    }

    /// Takes nobody any more and closes every line, as far as they can be told. Comes back when that is on its way.
    public func close(code: UInt16) {
        try? loop.submit { [self] in
            state.value.isEnded = true
            state.value.server?.close(promise: nil)
            for number in state.value.lines.keys { finish(number, code) }
        }.wait()
    }

    private func finish(_ number: Int, _ code: UInt16) {
        guard let line = state.value.lines[number], !line.isEnding else { return }
        state.value.lines[number]?.isEnding = true
        line.channel.writeAndFlush(FrameMessage.close(code: code, reason: ""), promise: nil)
    }

    // MARK: Lines

    private func setUp(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard !state.value.isEnded, state.value.connections < limits.lines else { return channel.close() }
        state.value.connections += 1
        channel.closeFuture.whenComplete { [self] _ in state.value.connections -= 1 }
        let deadline = loop.scheduleTask(in: TimeAmount(limits.handshake)) { channel.close(promise: nil) }
        return channel.eventLoop.makeCompletedFuture {
            let upgrade = FrameServerUpgrade<Void> { [uri] channel, head in
                channel.eventLoop.makeSucceededFuture(head.uri == uri ? [:] : nil)
            } configure: { [self] channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    deadline.cancel()
                    try begin(channel)
                }
            }
            let refusal: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NotFound())
                }
            }
            _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: .init(
                    upgradeConfiguration: .init(upgraders: [upgrade], notUpgradingCompletionHandler: refusal)))
        }
    }

    private func begin(_ channel: any Channel) throws {
        state.value.last += 1
        let number = state.value.last
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(FrameHandler(role: .server, maxMessageSize: limits.message))
        try pipeline.addHandler(LineReceiver { [self] text in heard(number, text) })
        state.value.lines[number] = Line(channel: channel, minute: (.now(), 0))
        channel.closeFuture.whenComplete { [self] _ in
            state.value.lines[number] = nil
            onEvent(.closed(number))
        }
        onEvent(.opened(number))
    }

    private func heard(_ number: Int, _ text: String) {
        guard var line = state.value.lines[number], !line.isEnding else { return }
        if NIODeadline.now() - line.minute.began > .minutes(1) { line.minute = (.now(), 0) }
        line.minute.messages += 1
        state.value.lines[number] = line
        guard line.minute.messages <= limits.messagesPerMinute else { return finish(number, tooSlow) }
        onEvent(.text(number, text))
    }
}

private final class LineReceiver: ChannelInboundHandler {
    typealias InboundIn = FrameMessage
    private let onText: @Sendable (String) -> Void

    init(_ onText: @escaping @Sendable (String) -> Void) { self.onText = onText }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .text(let text) = Self.unwrapInboundIn(data) { onText(text) }
    }
}

/// Answers whatever is no line.
private final class NotFound: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = Self.unwrapInboundIn(data) else { return }
        let answer = HTTPResponseHead(
            version: .http1_1, status: .notFound, headers: ["Content-Length": "0", "Connection": "close"])
        context.write(Self.wrapOutboundOut(.head(answer)), promise: nil)
        let channel = context.channel
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
