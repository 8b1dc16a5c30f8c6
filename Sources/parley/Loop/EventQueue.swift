import ChatSession
import Synchronization

/// What other threads say to the loop: events in order, and a wake-up when the first of them comes.
final class EventQueue: Sendable {
    private struct State {
        var events: [SessionEvent] = []
        var bytes = 0
        var isPaused = false
    }

    /// Beyond so many waiting events, or bytes of frames, the network is not read any more until they were taken.
    static let capacity = 8_192
    static let byteCapacity = 8 << 20

    private let state = Mutex(State())
    private let onFull = Mutex<(@Sendable (Bool) -> Void)?>(nil)
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ event: SessionEvent) {
        let (wasEmpty, isFull) = state.withLock { state in
            state.events.append(event)
            switch event {
            case .socketText(_, let text), .lineText(_, let text): state.bytes += text.utf8.count
            default: break
            }
            let isFull = state.events.count >= Self.capacity || state.bytes >= Self.byteCapacity
            defer { state.isPaused = state.isPaused || isFull }
            return (state.events.count == 1, isFull && !state.isPaused)
        }
        if wasEmpty { wake() }
        if isFull { tell(isFull: true) }
    }

    var isEmpty: Bool { state.withLock { $0.events.isEmpty } }

    /// Everything said so far, oldest first.
    func drain() -> [SessionEvent] {
        let taken = state.withLock { state in
            defer { state = State() }
            return state
        }
        if taken.isPaused { tell(isFull: false) }
        return taken.events
    }

    /// `body` is called with true when nobody took events for long, and with false when they were taken.
    func whenFull(_ body: @escaping @Sendable (Bool) -> Void) { onFull.withLock { $0 = body } }

    private func tell(isFull: Bool) { onFull.withLock { $0 }?(isFull) }
}
