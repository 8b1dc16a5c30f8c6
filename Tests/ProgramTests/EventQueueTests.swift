import ChatSession
import Synchronization
import Testing

@testable import parley

@Suite("the queue to the loop")
struct EventQueueTests {
    @Test("holds the network back when nobody takes events, lets it go on when they were taken, and loses none")
    func backPressure() {
        let told = Mutex<[Bool]>([])
        let queue = EventQueue {}
        queue.whenFull { isFull in told.withLock { $0.append(isFull) } }
        let count = EventQueue.capacity + 100
        for number in 1...count { queue.post(.socketActive(attempt: number)) }
        #expect(told.withLock { $0 } == [true])
        #expect(queue.drain().count == count)
        #expect(told.withLock { $0 } == [true, false])
        queue.post(.woke)
        #expect(queue.drain() == [.woke])
        #expect(told.withLock { $0 } == [true, false])
    }
}
