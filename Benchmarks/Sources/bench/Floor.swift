import NIOCore
import NIOPosix

/// As little as a fan-out with NIO can be: who says `S` is a subscriber, frames after a `P` go to all of them.
enum Floor {
    static func run() throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hall = Hall()
        let channel = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Guest(hall))
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        print("floor:\(channel.localAddress?.port ?? 0)")
        try channel.closeFuture.wait()
    }
}

/// On the one event loop only.
private final class Hall: @unchecked Sendable {
    var subscribers: [any Channel] = []
}

private final class Guest: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let hall: Hall
    private var pending = ByteBuffer()

    init(_ hall: Hall) { self.hall = hall }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        pending.writeBuffer(&bytes)
        var hasWritten = false
        var answers = 0
        while let kind = pending.getInteger(at: pending.readerIndex, as: UInt8.self) {
            if kind == UInt8(ascii: "S") {
                pending.moveReaderIndex(forwardBy: 1)
                hall.subscribers.append(context.channel)
                context.writeAndFlush(NIOAny(ByteBuffer(string: "ok")), promise: nil)
                continue
            }
            guard let count = pending.getInteger(at: pending.readerIndex + 1, as: UInt8.self),
                let size = pending.getInteger(at: pending.readerIndex + 2, as: UInt16.self),
                pending.readableBytes >= 4 + Int(count) * Int(size)
            else { break }
            pending.moveReaderIndex(forwardBy: 4)
            for _ in 0..<count {
                guard let frame = pending.readSlice(length: Int(size)) else { break }
                for subscriber in hall.subscribers { subscriber.write(frame, promise: nil) }
            }
            hasWritten = true
            answers += 1
        }
        pending.discardReadBytes()
        if hasWritten { for subscriber in hall.subscribers { subscriber.flush() } }
        if answers > 0 {
            context.writeAndFlush(NIOAny(ByteBuffer(repeating: 0x2E, count: answers)), promise: nil)
        }
    }
}
