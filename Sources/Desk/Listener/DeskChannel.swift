import ChannelsProtocol
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Network

/// What becomes of an accepted connection: a WebSocket under `/app/…`, HTTP for everything else, both on one port.
///
/// Which of the two is known after the first request. A connection that sends none in time is closed.
struct DeskChannel: ServerChildChannel, HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let kind: EventLoopFuture<Kind>
    }

    enum Kind: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        /// Everything happens on its event loop from here on.
        case webSocket
    }

    /// Time for the first request, and between two requests of a connection.
    static let idleTimeout: TimeAmount = .seconds(75)

    let responder: HTTPChannelHandler.Responder
    let hub: Hub
    let connections: Connections
    let maxMessageSize: Int

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            guard connections.add(channel) else { throw ChannelError.ioOnClosedChannel }
            let pipeline = channel.pipeline.syncOperations
            let patience = Patience(Self.idleTimeout)
            try pipeline.addHandler(patience)
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Kind>(upgraders: [webSocketUpgrade]) { channel in
                channel.eventLoop.makeCompletedFuture { .http(try Self.configureHTTP(channel, logger)) }
            }
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
            configuration.enablePipelining = false
            // The types of what is answered allow nothing else.
            configuration.enableResponseHeaderValidation = false
            configuration.decoderConfiguration.maxHeaderFieldSize = 16_384
            configuration.decoderConfiguration.maxHeaderListSize = 32_768
            configuration.decoderConfiguration.maxHeaderFieldCount = 100
            let kind = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration)
            let upgrader = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Kind>.self)
            try pipeline.addHandler(HandshakeGate(), position: .before(upgrader))
            return Value(channel: channel, kind: kind)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.kind.get() {
            case .http(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket: break
            }
        } catch {
            logger.debug("a connection ended before its first request: \(error)")
            value.channel.close(promise: nil)
        }
    }

    private static func configureHTTP(
        _ channel: any Channel, _ logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        Patience.end(in: pipeline)
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(
            HTTPConnectionStateHandler(idleTimeout: .nanoseconds(Self.idleTimeout.nanoseconds), logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    private var webSocketUpgrade: FrameServerUpgrade<Kind> {
        FrameServerUpgrade { channel, head in
            channel.eventLoop.makeSucceededFuture(WebSocketRequest(uri: head.uri) == nil ? nil : [:])
        } configure: { [hub, maxMessageSize] channel, head in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                Patience.end(in: pipeline)
                let gate = try pipeline.context(handlerType: HandshakeGate.self)
                _ = pipeline.removeHandler(context: gate)
                let frames = FrameHandler(role: .server, maxMessageSize: maxMessageSize)
                try pipeline.addHandler(frames)
                try pipeline.addHandler(
                    SocketHandler(hub: hub, frames: frames, request: WebSocketRequest(uri: head.uri) ?? .init()))
                return .webSocket
            }
        }
    }
}

/// The target of a WebSocket handshake: `/app/KEY?protocol=7&…`.
struct WebSocketRequest: Equatable, Sendable {
    var key = ""
    var query: HTTPQuery = [:]

    init() {}

    /// Nil where the path is not one of the engine's.
    init?(uri: String) {
        let halves = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = halves.first, path.hasPrefix("/app/") else { return nil }
        key = percentDecoded(path.dropFirst(5)) ?? ""
        query = HTTPQuery(decoding: halves.count > 1 ? halves[1] : "")
    }
}

/// Ends a connection that says nothing: before its first request there is no handler of HTTP that would.
private final class Patience: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    private let limit: TimeAmount
    private var timeout: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    static func end(in pipeline: ChannelPipeline.SynchronousOperations) {
        if let context = try? pipeline.context(handlerType: Patience.self) {
            _ = pipeline.removeHandler(context: context)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        let isEnd = event is ChannelShouldQuiesceEvent || (event as? NIOCore.ChannelEvent) == .inputClosed
        if isEnd { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
