import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("calls of a webhook")
struct WebhookQueueTests {
    let signer = Signer(key: "278d425bdf160c739803", secret: "7ad3773142a6692b25b8")

    private func queue(_ change: (inout WebhookQueue.Settings) -> Void = { _ in }) -> WebhookQueue {
        var settings = WebhookQueue.Settings()
        change(&settings)
        return WebhookQueue(signer: signer, settings: settings)
    }

    private func take(_ queue: inout WebhookQueue, now: Duration, milliseconds: Int) throws -> WebhookCall {
        let call = queue.next(now: now, milliseconds: milliseconds)
        return try #require(call)
    }

    @Test("carry one event, the key and the signature of the documents")
    func call() throws {
        var queue = queue()
        #expect(queue.deadline == nil)
        queue.add(.channelOccupied("private-chat-3-17"))
        #expect(queue.deadline == .zero)
        let call = try take(&queue, now: .zero, milliseconds: 1_327_078_148_132)
        let headers = Dictionary(call.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        #expect(
            headers == [
                "Content-Type": "application/json", "X-Pusher-Key": "278d425bdf160c739803",
                "X-Pusher-Signature": "54b80348c227edf57e29ec8962b4e21ba0b214756a2cf49c6a1912728188c66d",
            ])
    }

    @Test("go out one at a time and in order")
    func order() throws {
        var queue = queue()
        queue.add(.channelOccupied("a"))
        queue.add(.channelVacated("a"))
        let first = try take(&queue, now: .zero, milliseconds: 1)
        let early = queue.next(now: .seconds(1), milliseconds: 1)
        #expect(early == nil)
        queue.answered(first.number, status: 204, now: .seconds(1))
        let second = try take(&queue, now: .seconds(1), milliseconds: 1)
        #expect(second.body.contains("channel_vacated"))
        queue.answered(first.number, status: 500, now: .seconds(1))
        let late = queue.next(now: .seconds(9), milliseconds: 1)
        #expect(late == nil)
    }

    @Test("carry several events where that is wished")
    func batches() throws {
        var queue = queue { $0.batchSize = 3 }
        for name in ["a", "b", "c", "d"] { queue.add(.channelOccupied(ChannelName(wire: name))) }
        let first = try take(&queue, now: .zero, milliseconds: 1)
        #expect(try JSON(parsing: first.body)["events"]?.array?.count == 3)
        queue.answered(first.number, status: 200, now: .zero)
        let second = try take(&queue, now: .zero, milliseconds: 1)
        #expect(try JSON(parsing: second.body)["events"]?.array?.count == 1)
    }

    @Test(
        "are repeated as they are, further and further apart, and dropped after five minutes",
        arguments: [500, 301, 404, nil])
    func retries(status: Int?) throws {
        var queue = queue()
        queue.add(.channelOccupied("a"))
        queue.add(.channelOccupied("b"))
        var now: Duration = .zero
        let first = try take(&queue, now: now, milliseconds: 1)
        var waits: [Duration] = []
        while queue.dropped == 0 {
            queue.answered(first.number, status: status, now: now)
            guard queue.dropped == 0, let due = queue.deadline else { break }
            waits.append(due - now)
            let early = queue.next(now: due - .milliseconds(1), milliseconds: 2)
            #expect(early == nil)
            now = due
            let again = try take(&queue, now: now, milliseconds: 2)
            #expect(again == first)
        }
        #expect(waits.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(now <= .seconds(300))
        #expect(queue.dropped == 1)
        let second = try take(&queue, now: now, milliseconds: 3)
        #expect(second.body.contains(#""channel":"b""#))
    }

    @Test("do not pile up without end")
    func capacity() throws {
        var queue = queue { $0.capacity = 10 }
        for index in 0..<5_000 { queue.add(.channelOccupied(ChannelName(wire: "c\(index)"))) }
        #expect(queue.count == 10)
        #expect(queue.dropped == 4_990)
        let call = try take(&queue, now: .zero, milliseconds: 1)
        #expect(call.body.contains("c4990"))
    }
}
