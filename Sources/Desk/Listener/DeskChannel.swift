import ChannelsProtocol
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import Transport

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

    /// Time between two requests of a connection.
    static let idleTimeout: TimeAmount = .seconds(75)

    /// Time in which a client takes no byte of what was written to it.
    static let unreadTimeout: TimeAmount = .seconds(30)

    let responder: HTTPChannelHandler.Responder
    let hub: Hub
    let connections: Connections
    /// Nil: what comes in is not encrypted.
    let tls: Certificate?
    let hosts: HostCheck
    let proxies: TrustedProxies

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            guard connections.add(channel) else {
                // What is thrown here would stay open and unread.
                channel.close(promise: nil)
                return Value(channel: channel, kind: channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel))
            }
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls.context)) }
            try pipeline.addHandler(AnswerDrain(Self.unreadTimeout))
            try pipeline.addHandler(LingeringClose(TimeAmount(hub.handshakeTimeout)))
            try pipeline.addHandler(Patience(TimeAmount(hub.handshakeTimeout)))
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Kind>(upgraders: [webSocketUpgrade]) { channel in
                channel.eventLoop.makeCompletedFuture {
                    .http(try configureHTTP(channel, logger))
                }
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

    private func configureHTTP(
        _ channel: any Channel, _ logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        Patience.end(in: pipeline)
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: tls != nil))
        // A whole request, body and all, may take longer than its first line.
        try pipeline.addHandler(RequestPatience(TimeAmount(hub.handshakeTimeout * 6)))
        try pipeline.addHandler(
            HTTPConnectionStateHandler(idleTimeout: .nanoseconds(Self.idleTimeout.nanoseconds), logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    private var webSocketUpgrade: FrameServerUpgrade<Kind> {
        FrameServerUpgrade { channel, head in
            channel.eventLoop.makeSucceededFuture(WebSocketRequest(uri: head.uri) == nil ? nil : [:])
        } configure: { [hub, hosts, proxies, connections] channel, head in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                Patience.end(in: pipeline)
                // The frames have a farewell of their own.
                let http = [
                    try pipeline.context(handlerType: HandshakeGate.self),
                    try pipeline.context(handlerType: LingeringClose.self),
                    try pipeline.context(handlerType: AnswerDrain.self),
                ]
                for context in http { _ = pipeline.removeHandler(context: context) }
                var request = WebSocketRequest(uri: head.uri) ?? .init()
                let host = head.headers.first(name: "Host")
                request.caller = CallerAddress(
                    channel.remoteAddress, forwardedFor: head.headers["X-Forwarded-For"].joined(separator: ","),
                    proxies: proxies)
                request.isTooMany = !connections.assign(channel, to: request.caller.network)
                if !hosts.allows(host) {
                    request.refusal = "Host not allowed"
                } else if !OriginCheck.isAllowed(origin: head.headers.first(name: "Origin"), host: host) {
                    request.refusal = "Origin not allowed"
                }
                let limit = hub.limits(key: request.key).frameSize
                let frames = FrameHandler(role: .server, maxMessageSize: limit)
                try pipeline.addHandler(frames)
                try pipeline.addHandler(SocketHandler(hub: hub, frames: frames, request: request))
                return .webSocket
            }
        }
    }
}

/// The target of a WebSocket handshake: `/app/KEY?protocol=7&…`.
struct WebSocketRequest: Equatable, Sendable {
    var key = ""
    var query: HTTPQuery = [:]
    var caller = CallerAddress(nil, forwardedFor: nil, proxies: .thisMachine)
    /// Why it may not use the desk's own app, which is for programs and pages of this very place.
    var refusal: String?
    /// Whether its address has as many connections already as one may.
    var isTooMany = false

    init() {}

    /// Nil where the path is not one of the engine's.
    init?(uri: String) {
        let halves = uri.unicodeScalars.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Substring($0) }
        guard var path = halves.first else { return nil }
        // Clients that are given a path of `/` ask for `//app/KEY`.
        while path.utf8.starts(with: "//".utf8) { path = Substring(path.unicodeScalars.dropFirst()) }
        guard path.utf8.starts(with: "/app/".utf8) else { return nil }
        key = percentDecoded(Substring(path.unicodeScalars.dropFirst(5))) ?? ""
        query = HTTPQuery(decoding: halves.count > 1 ? halves[1] : "")
    }
}
