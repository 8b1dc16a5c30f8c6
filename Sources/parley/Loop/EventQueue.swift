import ChatSession
import Synchronization

/// What other threads say to the loop: events in order, and a wake-up when the first of them comes.
final class EventQueue: Sendable {
    private let events = Mutex<[SessionEvent]>([])
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ event: SessionEvent) {
        let wasEmpty = events.withLock { events in
            events.append(event)
            return events.count == 1
        }
        if wasEmpty { wake() }
    }

    /// Everything said so far, oldest first.
    func drain() -> [SessionEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
