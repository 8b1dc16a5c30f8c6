import Synchronization

/// Limits how many searches run at once, so that one user's searches leave readers of the store for everybody else.
///
/// One search of a user runs at a time. Of those that wait, the oldest of a user is refused when there are too many: a person
/// who types goes on asking, and wants the last answer.
final class SearchTurns: Sendable {
    /// Fewer than the store has readers.
    static let running = 2
    static let waitingOfUser = 4
    static let waiting = 64

    /// The search was refused, or given up for a later one.
    struct Refusal: Error {}

    private typealias Waiter = (number: Int, user: Int64, continuation: CheckedContinuation<Void, any Error>)

    private struct State {
        var running: Set<Int64> = []
        var waiting: [Waiter] = []
        var last = 0
    }

    private let state = Mutex(State())

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func run<Answer: Sendable>(for user: Int64, _ work: () async throws -> Answer) async throws -> Answer {
        try await take(user)
        defer { give(back: user) }
        return try await work()
    }

    private func take(_ user: Int64) async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let refused = state.withLock { state in
                    state.waiting.append((number, user, continuation))
                    Self.admit(&state)
                    let own = state.waiting.indices.filter { state.waiting[$0].user == user }
                    let isTooMany = own.count > Self.waitingOfUser || state.waiting.count > Self.waiting
                    return isTooMany ? own.first.map { state.waiting.remove(at: $0).continuation } : nil
                }
                refused?.resume(throwing: Refusal())
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func give(back user: Int64) {
        state.withLock { state in
            state.running.remove(user)
            Self.admit(&state)
        }
    }

    private static func admit(_ state: inout State) {
        while state.running.count < running,
            let next = state.waiting.firstIndex(where: { !state.running.contains($0.user) })
        {
            let waiter = state.waiting.remove(at: next)
            state.running.insert(waiter.user)
            waiter.continuation.resume()
        }
    }
}
