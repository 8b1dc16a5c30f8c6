import NIOCore

/// Ends a connection that makes no request in time: before its first there is no handler of HTTP that would.
///
/// Who has begun one and does not come to its end is told so with 408; who has said nothing at all is not answered.
final class Patience: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: TimeAmount
    private var timeout: Scheduled<Void>?
    private var hasHeard = false

    init(_ limit: TimeAmount) { self.limit = limit }

    static func end(in pipeline: ChannelPipeline.SynchronousOperations) {
        if let context = try? pipeline.context(handlerType: Patience.self) {
            _ = pipeline.removeHandler(context: context)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.giveUp(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timeout?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasHeard = true
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        let isEnd = event is ChannelShouldQuiesceEvent || (event as? NIOCore.ChannelEvent) == .inputClosed
        if isEnd { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func giveUp(_ context: ChannelHandlerContext) {
        if hasHeard {
            let answer = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: answer)), promise: nil)
        }
        context.close(promise: nil)
    }
}
