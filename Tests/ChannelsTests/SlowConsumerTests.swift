import Testing

@testable import Channels

@Suite("a slow consumer", .timeLimit(.minutes(1)))
struct SlowConsumerTests {
    @Test("is told what it lost, at the place where it is missing, and has the newest")
    func lost() async {
        let buffer = UpdateBuffer<Int>(limit: 3) { -$0 }
        for number in 1...10 { buffer.push(number) }
        buffer.finish()
        var seen: [Int] = []
        while let number = await buffer.next() { seen.append(number) }
        #expect(seen == [-7, 8, 9, 10])
    }

    @Test("that keeps up loses nothing, whatever the buffer's size", arguments: [1, 2, 64, 1_000])
    func order(limit: Int) async {
        let buffer = UpdateBuffer<Int>(limit: limit) { -$0 }
        var seen: [Int] = []
        for number in 1...2_000 {
            buffer.push(number)
            if number % limit == 0 { while seen.count < number { seen.append(await buffer.next() ?? 0) } }
        }
        #expect(seen == Array(1...(2_000 / limit * limit)))
    }

    @Test("of statuses sees the newest only, and no note")
    func newest() async {
        let buffer = UpdateBuffer<Int>(limit: 1, lostNote: nil)
        for number in 1...5 { buffer.push(number) }
        #expect(await buffer.next() == 5)
    }

    @Test("waits until there is something, several at once in their order")
    func waiting() async {
        let buffer = UpdateBuffer<Int>(limit: 3) { -$0 }
        async let first = buffer.next()
        async let second = buffer.next()
        buffer.push(1)
        buffer.push(2)
        #expect(Set([await first, await second]) == [1, 2])
    }

    @Test("delays nobody else on the same connection")
    func alone() async throws {
        try await withDesk { desk in
            var configuration = desk.here
            configuration.bufferSize = 4
            try await withClient(configuration) { client in
                let news = client.subscribe("news")
                let (slow, quick) = (news.updates, news.events(named: "item"))
                try await news.subscribed()
                for number in 0..<20 {
                    try await desk.publish("item", on: "news", "{\"n\":\(number)}")
                    #expect(try await quick.event("item").data["n"]?.int == number)
                }
                var iterator = slow.makeAsyncIterator()
                #expect(await iterator.next() == .lost(17))
                for number in 16..<20 {
                    guard case .event(let event) = await iterator.next() else {
                        Issue.record("no event")
                        return
                    }
                    #expect(event.data["n"]?.int == number)
                }
            }
        }
    }
}
