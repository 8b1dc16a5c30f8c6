internal import Synchronization

/// What waits for one consumer: bounded, oldest out first, with a note of how many went.
///
/// Never waits for the consumer: one that stands still must not hold up the pings and the other channels.
final class UpdateBuffer<Element: Sendable>: Sendable {
    private struct State {
        var items: [Element] = []
        /// Everything before this index has been read or dropped.
        var first = 0
        var lost = 0
        var isFinished = false
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Element?, Never>)] = []
        var nextWaiter: UInt64 = 0
    }

    private let limit: Int
    /// Nil: what was lost is not worth telling, because the newest says it all.
    private let lostNote: (@Sendable (Int) -> Element)?
    private let state = Mutex(State())

    init(limit: Int, lostNote: (@Sendable (Int) -> Element)?) {
        self.limit = max(1, limit)
        self.lostNote = lostNote
    }

    func push(_ element: Element) {
        state.withLock { state in
            guard !state.isFinished else { return }
            if !state.waiters.isEmpty {
                state.waiters.removeFirst().continuation.resume(returning: element)
                return
            }
            state.items.append(element)
            guard state.items.count - state.first > limit else { return }
            state.first += 1
            state.lost += 1
            compact(&state)
        }
    }

    /// What is there is still read; then the sequence ends.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    /// Nil at the end, and when the waiting task is cancelled.
    func next() async -> Element? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Element?? = state.withLock { state in
                    if let element = take(&state) { return .some(element) }
                    if state.isFinished || Task.isCancelled { return .some(nil) }
                    state.waiters.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    private func take(_ state: inout State) -> Element? {
        if state.lost > 0, let lostNote {
            defer { state.lost = 0 }
            return lostNote(state.lost)
        }
        guard state.first < state.items.count else { return nil }
        let element = state.items[state.first]
        state.first += 1
        compact(&state)
        return element
    }

    /// Gives room back when half of it is behind us: every element is moved once at most, on average.
    private func compact(_ state: inout State) {
        if state.first == state.items.count {
            state.items.removeAll(keepingCapacity: state.items.count <= 64)
            state.first = 0
        } else if state.first > 64, state.first * 2 > state.items.count {
            state.items.removeFirst(state.first)
            state.first = 0
        }
    }
}
