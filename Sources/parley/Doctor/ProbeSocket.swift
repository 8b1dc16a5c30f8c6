import Dispatch
import Synchronization
import Transport

/// One WebSocket whose events are taken one by one by whoever can wait.
final class ProbeSocket: Sendable {
    private let events = Mutex<[TransportEvent]>([])
    private let come = DispatchSemaphore(value: 0)
    private let connection = Mutex<WebSocketConnection?>(nil)

    init(_ endpoint: WebSocketEndpoint) {
        let opened = WebSocketConnection.open(endpoint) { [self] event in
            events.withLock { $0.append(event) }
            come.signal()
        }
        connection.withLock { $0 = opened }
    }

    /// Nil when nothing came in time.
    func next(within limit: Duration) -> TransportEvent? {
        let parts = limit.components
        let nanoseconds = Int(parts.seconds) * 1_000_000_000 + Int(parts.attoseconds / 1_000_000_000)
        guard come.wait(timeout: .now() + .nanoseconds(max(0, nanoseconds))) == .success else { return nil }
        return events.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func send(_ text: String) { connection.withLock { $0 }?.send(text) }

    func close() { connection.withLock { $0 }?.close() }
}
