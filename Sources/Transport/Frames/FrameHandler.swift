public import NIOCore

/// A strict WebSocket in a NIO pipeline: bytes below, `FrameMessage` above. Goes where NIO's frame decoder, encoder,
/// aggregator and error handler would have stood; `FrameUpgrade` puts it there.
///
/// It answers pings (and passes them on, as a sign of life), answers a close, and ends a connection that broke the rules
/// with 1002, 1007 or 1009, which is fired upwards as a `FrameViolation`. Every close is bounded by `closeTimeout`:
/// whoever does not answer it is cut off. After a close frame has gone out nothing else is sent, after one has come in
/// nothing else is read.
public final class FrameHandler: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = FrameMessage
    public typealias OutboundIn = FrameMessage
    public typealias OutboundOut = ByteBuffer

    private let role: FrameRole
    private let closeTimeout: TimeAmount
    private var reader: FrameReader
    private var pending: ByteBuffer?
    private var context: ChannelHandlerContext?
    private var hasSentClose = false
    private var hasEnded = false
    private var hasUnsent = false
    private var timeout: Scheduled<Void>?

    public init(role: FrameRole, maxMessageSize: Int, closeTimeout: TimeAmount = .seconds(2)) {
        self.role = role
        self.closeTimeout = closeTimeout
        self.reader = FrameReader(role: role, maxMessageSize: maxMessageSize)
    }

    /// On the channel's event loop only: whether anything can still be sent.
    public var isOpen: Bool { context != nil && !hasSentClose && !hasEnded }

    /// On the channel's event loop only: writes a frame that was made once for many receivers; `flush()` sends it.
    public func send(encoded frame: ByteBuffer) {
        guard let context, !hasSentClose else { return }
        hasUnsent = true
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    /// On the channel's event loop only. Costs nothing where nothing waits.
    public func flush() {
        guard hasUnsent else { return }
        hasUnsent = false
        context?.flush()
    }

    /// On the channel's event loop only: says why and closes, at the latest after `closeTimeout`.
    public func close(code: UInt16, reason: String) {
        guard let context else { return }
        sendClose(context, code: code, reason: reason)
    }

    public func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        timeout?.cancel()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        timeout?.cancel()
        context.fireChannelInactive()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        var bytes = unwrapInboundIn(data)
        if var earlier = pending {
            pending = nil
            earlier.writeBuffer(&bytes)
            bytes = earlier
        }
        do throws(FrameViolation) {
            while !hasEnded, let message = try reader.next(from: &bytes) { deliver(message, context) }
            if !hasEnded, bytes.readableBytes > 0 {
                bytes.discardReadBytes()
                pending = bytes
            }
        } catch {
            hasEnded = true
            let isFirst = !hasSentClose
            sendClose(context, code: error.code, reason: error.reason)
            if isFirst { context.fireErrorCaught(error) }
        }
    }

    private func deliver(_ message: FrameMessage, _ context: ChannelHandlerContext) {
        switch message {
        case .ping(let payload):
            // Who sends pings and reads no pongs gets none; only the newest is owed anyway.
            if !hasSentClose, context.channel.isWritable { write(.pong(payload), context, nil, flush: true) }
        case .close(let code, _):
            hasEnded = true
            context.fireChannelRead(wrapInboundOut(message))
            answerClose(code, context)
            return
        case .text, .binary, .pong: break
        }
        context.fireChannelRead(wrapInboundOut(message))
    }

    private func answerClose(_ code: UInt16?, _ context: ChannelHandlerContext) {
        if !hasSentClose {
            hasSentClose = true
            write(.close(code: code, reason: ""), context, nil, flush: true)
        }
        // The server closes the TCP connection first (RFC 6455 §7.1.1); a client waits for that, but not for ever.
        if role == .server { context.close(promise: nil) } else { scheduleEnd(context) }
    }

    private func sendClose(_ context: ChannelHandlerContext, code: UInt16, reason: String) {
        guard !hasSentClose else { return }
        hasSentClose = true
        write(.close(code: code, reason: reason), context, nil, flush: true)
        scheduleEnd(context)
    }

    private func scheduleEnd(_ context: ChannelHandlerContext) {
        guard timeout == nil else { return }
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: closeTimeout) { channel.close(promise: nil) }
    }

    private func write(
        _ message: FrameMessage, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?,
        flush: Bool = false
    ) {
        let mask = role == .client ? UInt32.random(in: 1...UInt32.max) : nil
        let frame = FrameWriter.frame(message, mask: mask, allocator: context.channel.allocator)
        context.write(wrapOutboundOut(frame), promise: promise)
        if flush { context.flush() }
    }

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasSentClose else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let message = unwrapOutboundIn(data)
        write(message, context, promise)
        if case .close = message {
            hasSentClose = true
            context.flush()
            scheduleEnd(context)
        }
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // With half closure allowed, the peer's end arrives as an event; a WebSocket has no half that is worth keeping.
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

@available(*, unavailable)
extension FrameHandler: Sendable {}
