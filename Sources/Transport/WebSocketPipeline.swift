import NIOCore
import NIOHTTP1
import NIOSSL

/// Turns a connected channel into a WebSocket: TLS, the HTTP upgrade, strict frames. Everything on the channel's loop.
struct WebSocketPipeline: Sendable {
    enum Event: Sendable {
        case upgraded
        /// The server answered the upgrade with something else.
        case refused(status: Int)
        case failed(any Error)
        case message(FrameMessage)
        case inactive
    }

    let endpoint: WebSocketEndpoint
    let maxMessageSize: Int
    let onEvent: @Sendable (Event) -> Void

    func upgrade(_ channel: any Channel) -> EventLoopFuture<Void> {
        do {
            let pipeline = channel.pipeline.syncOperations
            if case .tcp(let host, _, true) = endpoint.address {
                let name = ServerAddress.isIP(host) ? nil : host
                try pipeline.addHandler(NIOSSLClientHandler(context: try TLS.context(), serverHostname: name))
            }
            try pipeline.addHandler(ConnectionWatcher(onEvent))
            var http = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: handshake)
            // A server's first frames may come in one piece with its answer; NIO would drop them.
            http.leftOverBytesStrategy = .forwardBytes
            return try pipeline.configureUpgradableHTTPClientPipeline(configuration: http).flatMap { $0 }
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
    }

    private var handshake: NIOTypedHTTPClientUpgradeConfiguration<EventLoopFuture<Void>> {
        let upgrader = FrameClientUpgrade<EventLoopFuture<Void>> { [self] channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let frames = FrameHandler(role: .client, maxMessageSize: maxMessageSize)
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(frames)
                try pipeline.addHandler(MessageReceiver(onEvent))
                onEvent(.upgraded)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: endpoint.path, headers: ["Host": endpoint.address.hostHeader])
        return .init(upgradeRequestHead: head, upgraders: [upgrader]) { [onEvent] channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(RefusalReader(onEvent))
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        }
    }
}

/// The first to see an error or the end, whatever stands above it at the time.
private final class ConnectionWatcher: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let onEvent: @Sendable (WebSocketPipeline.Event) -> Void

    init(_ onEvent: @escaping @Sendable (WebSocketPipeline.Event) -> Void) { self.onEvent = onEvent }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        onEvent(.failed(error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Where the end comes together with the answer to the handshake, the handlers above are still being changed.
        context.eventLoop.assumeIsolated().execute { [onEvent] in
            // Those above first: a close frame may still be on its way through them.
            context.fireChannelInactive()
            onEvent(.inactive)
        }
    }
}

private final class MessageReceiver: ChannelInboundHandler {
    typealias InboundIn = FrameMessage
    private let onEvent: @Sendable (WebSocketPipeline.Event) -> Void

    init(_ onEvent: @escaping @Sendable (WebSocketPipeline.Event) -> Void) { self.onEvent = onEvent }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onEvent(.message(Self.unwrapInboundIn(data)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        onEvent(.failed(error))
    }
}

/// Reads the status of an answer that is not the upgrade.
private final class RefusalReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    private let onEvent: @Sendable (WebSocketPipeline.Event) -> Void

    init(_ onEvent: @escaping @Sendable (WebSocketPipeline.Event) -> Void) { self.onEvent = onEvent }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = Self.unwrapInboundIn(data) else { return }
        onEvent(.refused(status: Int(head.status.code)))
        context.close(promise: nil)
    }
}
