public import NIOCore
public import NIOHTTP1
import NIOWebSocket

/// The server's upgrade to a strict WebSocket: NIO checks the handshake and signs the answer, `FrameHandler` takes over.
public final class FrameServerUpgrade<UpgradeResult: Sendable>: NIOTypedHTTPServerProtocolUpgrader, Sendable {
    public let supportedProtocol = "websocket"
    public let requiredUpgradeHeaders: [String] = []

    private let handshake: NIOTypedWebSocketServerUpgrader<Void>
    private let configure: @Sendable (any Channel, HTTPRequestHead) -> EventLoopFuture<UpgradeResult>

    /// - Parameters:
    ///   - shouldUpgrade: headers for the answer, or nil to leave the request to HTTP.
    ///   - configure: fills the pipeline of the upgraded channel, usually with a `FrameHandler(role: .server, …)` first.
    public init(
        shouldUpgrade: @escaping @Sendable (any Channel, HTTPRequestHead) -> EventLoopFuture<HTTPHeaders?>,
        configure: @escaping @Sendable (any Channel, HTTPRequestHead) -> EventLoopFuture<UpgradeResult>
    ) {
        self.configure = configure
        self.handshake = NIOTypedWebSocketServerUpgrader(shouldUpgrade: shouldUpgrade) { channel, _ in
            channel.eventLoop.makeSucceededVoidFuture()
        }
    }

    public func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        handshake.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders)
    }

    public func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        configure(channel, upgradeRequest)
    }
}

/// The client's upgrade to a strict WebSocket: NIO sends the key and checks the answer, `FrameHandler` takes over.
public final class FrameClientUpgrade<UpgradeResult: Sendable>: NIOTypedHTTPClientProtocolUpgrader {
    public let supportedProtocol = "websocket"
    public let requiredUpgradeHeaders: [String] = []

    private let handshake: NIOTypedWebSocketClientUpgrader<Void>
    private let configure: @Sendable (any Channel, HTTPResponseHead) -> EventLoopFuture<UpgradeResult>

    /// - Parameter configure: fills the pipeline of the upgraded channel, usually with a
    ///   `FrameHandler(role: .client, …)` first.
    public init(
        configure: @escaping @Sendable (any Channel, HTTPResponseHead) -> EventLoopFuture<UpgradeResult>
    ) {
        self.configure = configure
        self.handshake = NIOTypedWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
    }

    public func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        handshake.addCustom(upgradeRequestHeaders: &upgradeRequestHeaders)
    }

    public func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool {
        // An extension nobody asked for would change what the frames mean.
        handshake.shouldAllowUpgrade(upgradeResponse: upgradeResponse)
            && upgradeResponse.headers["Sec-WebSocket-Extensions"].isEmpty
    }

    public func upgrade(channel: any Channel, upgradeResponse: HTTPResponseHead) -> EventLoopFuture<UpgradeResult> {
        configure(channel, upgradeResponse)
    }
}
