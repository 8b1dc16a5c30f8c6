import NIOCore

/// Lets the last answer arrive: where a connection is closed while its client is still writing, the kernel resets it, and
/// with the reset goes what the client has not read yet. So first only the end is said; what still comes is read and
/// dropped, up to a bound and for a time, or until the client closes too.
final class LingeringClose: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes that are dropped at most. Who writes more than that does not listen.
    static let bound = 16 << 20

    private let limit: TimeAmount
    private var left = LingeringClose.bound
    private var timeout: Scheduled<Void>?
    private var isLingering = false
    /// False before the first byte and when the desk ends: there is no answer to wait for, or no time.
    private var isPatient = false
    private var hasInputEnded = false

    init(_ limit: TimeAmount) { self.limit = limit }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isLingering else {
            isPatient = true
            return context.fireChannelRead(data)
        }
        left -= unwrapInboundIn(data).readableBytes
        if left < 0 { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Those above may have stopped reading.
        if isLingering { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { isPatient = false }
        if (event as? NIOCore.ChannelEvent) == .inputClosed { hasInputEnded = true }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode != .input, isPatient, !isLingering, !hasInputEnded else {
            return context.close(mode: mode, promise: promise)
        }
        isLingering = true
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
        if mode == .all {
            context.close(mode: .output, promise: nil)
            context.channel.closeFuture.cascade(to: promise)
        } else {
            context.close(mode: .output, promise: promise)
        }
        context.read()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }
}
