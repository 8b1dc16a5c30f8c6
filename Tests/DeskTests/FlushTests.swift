import ChannelsProtocol
import NIOCore
import Synchronization
import Testing

@testable import Desk

/// Counts how often a connection is written to the network.
private final class FlushCounter: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer

    let count = Atomic<Int>(0)

    func flush(context: ChannelHandlerContext) {
        count.add(1, ordering: .relaxed)
        context.flush()
    }
}

@Suite("what many do at the same time")
struct FlushTests {
    private static let people = 20

    @Test("reaches each receiver in one write, in the order in which it was done")
    func onceEach() async throws {
        try await withDesk { desk async throws in
            var talkers: [TestSocket] = []
            for _ in 0..<Self.people { talkers.append(try await desk.socket("alice", in: "presence-lobby")) }
            let listeners = [
                try await desk.socket("bob", in: "presence-lobby"),
                try await desk.socket("carol", in: "presence-lobby"),
            ]
            let hub = desk.server.hub
            let links = hub.state.withLock { $0.traffic.links.values.sorted { $0.number < $1.number } }
            #expect(links.count == Self.people + 2)
            var counters: [FlushCounter] = []
            for link in links.suffix(2) {
                let counter = FlushCounter()
                try await link.channel.pipeline.addHandler(counter, position: .first)
                counters.append(counter)
            }
            // The loop reads from every one of them before it turns to anything else.
            try await hub.loops[0].submit {
                for (number, link) in links.prefix(Self.people).enumerated() {
                    let event = ClientFrame.event(
                        name: "client-wave", channel: "presence-lobby", data: ["n": JSON(number)])
                    hub.receive(event.text, from: link)
                    link.channel.pipeline.fireChannelReadComplete()
                }
            }.get()
            for listener in listeners {
                for number in 0..<Self.people {
                    #expect(try await listener.event(named: "client-wave").data["n"]?.int == number)
                }
            }
            #expect(counters.map { $0.count.load(ordering: .relaxed) } == [1, 1])
            _ = talkers
        }
    }
}
