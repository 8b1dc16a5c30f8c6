import HTTPTypes
import Synchronization

/// Shares the store's readers among users: of one user's reads one runs at a time, the others of that user wait in order.
final class ReadTurns: Sendable {
    /// Fewer than a store has readers and a small machine has cores, so that others always find one of each.
    static let atOnce = 1
    /// Reads of one user that may wait; more are refused.
    static let mostWaiting = 100

    private struct Line {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let lines = Mutex<[Int64: Line]>([:])

    /// Throws 429 where too many reads of this user wait already.
    func run<Answer>(_ user: DeskUser, _ read: () async throws -> Answer) async throws -> Answer {
        try await take(user)
        defer { give(user.key) }
        return try await read()
    }

    private func take(_ user: DeskUser) async throws(APIError) {
        var isRefused = false
        await withCheckedContinuation { continuation in
            let goesOn = lines.withLock { lines in
                var line = lines[user.key] ?? Line()
                defer { lines[user.key] = line }
                if line.running < Self.atOnce {
                    line.running += 1
                    return true
                }
                guard line.waiting.count < Self.mostWaiting else {
                    isRefused = true
                    return true
                }
                line.waiting.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
        guard !isRefused else {
            throw APIError(
                .tooManyRequests, "too_many_reads", "\(user.id): \(Self.mostWaiting) reads are waiting already",
                retryAfter: 1)
        }
    }

    private func give(_ user: Int64) {
        lines.withLock { lines -> CheckedContinuation<Void, Never>? in
            guard var line = lines[user] else { return nil }
            guard line.waiting.isEmpty else {
                let next = line.waiting.removeFirst()
                lines[user] = line
                return next
            }
            line.running -= 1
            lines[user] = line.running > 0 ? line : nil
            return nil
        }?.resume()
    }
}
