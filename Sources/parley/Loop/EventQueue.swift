import ChatSession
import Synchronization

/// What other threads say to the loop: events in order, and a wake-up when the first of them comes.
final class EventQueue: Sendable {
    private let events = Mutex<[SessionEvent]>([])
    private let onFull = Mutex<(@Sendable (Bool) -> Void)?>(nil)
    /// Beyond so many waiting events the network is not read any more until they were taken.
    static let capacity = 8_192
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ event: SessionEvent) {
        let count = events.withLock { events in
            events.append(event)
            return events.count
        }
        if count == 1 { wake() }
        if count == Self.capacity { tell(isFull: true) }
    }

    /// Everything said so far, oldest first.
    func drain() -> [SessionEvent] {
        let taken = events.withLock { events in
            defer { events = [] }
            return events
        }
        if taken.count >= Self.capacity { tell(isFull: false) }
        return taken
    }

    /// `body` is called with true when nobody took events for long, and with false when they were taken.
    func whenFull(_ body: @escaping @Sendable (Bool) -> Void) { onFull.withLock { $0 = body } }

    private func tell(isFull: Bool) { onFull.withLock { $0 }?(isFull) }
}
