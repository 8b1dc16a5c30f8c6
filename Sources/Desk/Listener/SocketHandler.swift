import Chat
import ChannelsProtocol
import Logging
import NIOCore
import Synchronization
import Transport

/// One WebSocket of the engine, at the top of its pipeline: hands what came to the hub, writes what the hub wants sent.
/// Lives on its channel's event loop; the hub knows it by `link`.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = FrameMessage

    private let hub: Hub
    private let frames: FrameHandler
    private let request: WebSocketRequest
    private var link: SocketLink?

    init(hub: Hub, frames: FrameHandler, request: WebSocketRequest) {
        self.hub = hub
        self.frames = frames
        self.request = request
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // The channel tells of writability when more than this waits to be sent.
        let limit = hub.limits(key: request.key).pendingBytes
        let mark = ChannelOptions.Types.WriteBufferWaterMark(low: limit / 2, high: limit)
        try? context.channel.syncOptions?.setOption(.writeBufferWaterMark, value: mark)
        link = hub.connect(channel: context.channel, frames: frames, request: request)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let link else { return }
        switch unwrapInboundIn(data) {
        case .text(let text): hub.receive(text, from: link)
        case .binary: frames.close(code: 1003, reason: "binary frames are not understood here")
        case .ping, .pong: hub.activity(link)
        case .close: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let link { hub.disconnect(link) }
        link = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        hub.logger.debug("a socket broke off: \(error)")
        // The frames close a connection that broke their rules themselves, with a reason.
        if !(error is FrameViolation) { context.close(promise: nil) }
    }
}

/// How the hub reaches a socket from any thread; the handlers themselves are touched on their event loop only.
final class SocketLink: Sendable {
    let number: UInt64
    /// Which of the hub's apps it belongs to.
    let app: Int
    /// Which of the hub's outboxes it is served from.
    let lane: Int
    let channel: any Channel
    let frames: NIOLoopBound<FrameHandler>
    let since: Timestamp
    let caller: CallerAddress
    /// What the client calls itself: its name, its version, and the run of the program, which is the same after a
    /// reconnect.
    let client: (name: String?, version: String?, run: String?)
    /// The ids of those for whom the desk signed something that this connection may show, at once or later.
    let signedFor = Mutex<Set<String>>([])

    init(
        number: UInt64, app: Int, lane: Int, channel: any Channel, frames: NIOLoopBound<FrameHandler>,
        _ request: WebSocketRequest
    ) {
        self.number = number
        self.app = app
        self.lane = lane
        self.channel = channel
        self.frames = frames
        since = WallClock.now()
        caller = request.caller
        let query = request.query
        client = (Self.shown(query["client"]), Self.shown(query["version"]), Self.shown(query["run"]))
    }

    /// Visible ASCII, and not much of it: other people's terminals show it.
    private static func shown(_ text: String?) -> String? {
        guard let text, (1...40).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        return text
    }
}
