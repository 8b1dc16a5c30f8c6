import NIOCore
import Synchronization

/// The open connections of a desk: so that there is an end to them, and to their number.
final class Connections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var count: Int { state.withLock { $0.open.count } }

    /// False where no more are taken.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isTaken = state.withLock { state in
            guard !state.isClosed, state.open.count < limit else { return false }
            state.open[id] = channel
            return true
        }
        if isTaken {
            channel.closeFuture.whenComplete { [weak self] _ in
                _ = self?.state.withLock { $0.open.removeValue(forKey: id) }
            }
        }
        return isTaken
    }

    /// Returns when the last of them has ended.
    func end() async {
        for channel in state.withLock({ Array($0.open.values) }) { try? await channel.closeFuture.get() }
    }

    /// Ends whatever is still open, and takes no more.
    func closeAll() {
        let open = state.withLock { state in
            state.isClosed = true
            return Array(state.open.values)
        }
        for channel in open { channel.close(promise: nil) }
    }
}
