import NIOCore

/// Tells when an answer has been handed to the kernel, and ends a connection whose client takes no byte of it in time: an
/// unread answer occupies memory, and its connection a place.
final class AnswerDrain: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let limit: TimeAmount
    private var waiting: EventLoopPromise<Void>?
    private var timeout: Scheduled<Void>?
    /// Unsent bytes at the last look.
    private var unsent = 0

    /// - Parameter limit: how long a client may take no byte of what was written.
    init(_ limit: TimeAmount) { self.limit = limit }

    /// On the event loop: completes when at most the channel's low water mark of unsent bytes remains; fails when the
    /// connection ends first.
    func drained(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard channel.isActive else { return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        guard !channel.isWritable else { return channel.eventLoop.makeSucceededVoidFuture() }
        if let waiting { return waiting.futureResult }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        waiting = promise
        return promise.futureResult
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stopWatching()
            finish(nil)
        } else if timeout == nil {
            watch(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopWatching()
        finish(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopWatching()
        finish(ChannelError.ioOnClosedChannel)
    }

    private func watch(_ context: ChannelHandlerContext) {
        unsent = Self.unsentBytes(context)
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            let unsent = Self.unsentBytes(context)
            guard unsent < self.unsent else {
                // From here toward the network: `LingeringClose`, which waits for the client, is on the other side.
                return context.close(promise: nil)
            }
            self.watch(context)
        }
    }

    private func stopWatching() {
        timeout?.cancel()
        timeout = nil
    }

    private func finish(_ error: (any Error)?) {
        let promise = waiting
        waiting = nil
        if let error { promise?.fail(error) } else { promise?.succeed() }
    }

    private static func unsentBytes(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
