import Dispatch
import Synchronization

/// A number of connections, made as they are needed, and the work that waits for one. Work runs on queues of its own: an
/// answer of the server is waited for there, and never on an event loop.
final class PostgresPool: Sendable {
    typealias Job = @Sendable (PostgresSlot) -> Void

    /// Work that may wait; more is refused.
    private static let mostWaiting = 2_000

    private struct State {
        /// The one used last first, so that few connections are made where little is to do.
        var idle: [PostgresSlot]
        var waiting: [Job] = []
        var next = 0
        var isClosed = false
    }

    private let state: Mutex<State>

    init(_ door: PostgresDoor, size: Int) {
        state = Mutex(State(idle: (0..<size).map { _ in PostgresSlot(door) }))
    }

    func run<Answer: Sendable>(_ work: @escaping @Sendable (PostgresSlot) throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = submit { slot in continuation.resume(with: Result { try work(slot) }) }
            if !isTaken {
                continuation.resume(
                    throwing: PostgresError(state: "", message: "too much waits for the database", isLost: true))
            }
        }
    }

    private func submit(_ job: @escaping Job) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.waiting.count - state.next < Self.mostWaiting else { return false }
            if let slot = state.idle.popLast() {
                slot.queue.async { [self] in work(off: job, slot) }
            } else {
                state.waiting.append(job)
            }
            return true
        }
    }

    private func work(off job: @escaping Job, _ slot: PostgresSlot) {
        var job = job
        while true {
            job(slot)
            let next = state.withLock { state -> Job? in
                guard state.next < state.waiting.count else {
                    state.waiting.removeAll(keepingCapacity: true)
                    state.next = 0
                    state.idle.append(slot)
                    if state.isClosed { slot.connection = nil }
                    return nil
                }
                state.next += 1
                return state.waiting[state.next - 1]
            }
            guard let next else { return }
            job = next
        }
    }

    /// No more work is taken; what is under way ends by itself.
    func close() {
        state.withLock { state in
            state.isClosed = true
            for slot in state.idle { slot.connection = nil }
        }
    }
}

/// Where connections come from. After one that failed the next is not tried at once: who waits is told so right away.
final class PostgresDoor: Sendable {
    private static let pause: Duration = .milliseconds(500)

    let url: PostgresURL
    private let failed = Mutex<(until: Duration, error: PostgresError)?>(nil)
    /// Whether the desk may use the database at all: of those with an engine of their own there is one.
    let isBarred = Mutex(false)

    init(_ url: PostgresURL) { self.url = url }

    func open() throws -> PostgresConnection {
        guard !isBarred.withLock({ $0 }) else {
            throw PostgresError(state: "", message: "another desk may be in this one's place", isLost: true)
        }
        if let failed = failed.withLock({ $0 }), WallClock.monotonic() < failed.until { throw failed.error }
        do {
            let connection = try PostgresConnection(url)
            failed.withLock { $0 = nil }
            return connection
        } catch let error as PostgresError {
            failed.withLock { $0 = (WallClock.monotonic() + Self.pause, error) }
            throw error
        }
    }
}

/// The place of one connection; used by one piece of work at a time.
final class PostgresSlot: @unchecked Sendable {
    /// How often work is done again that others were in the way of.
    private static let attempts = 8

    let queue = DispatchQueue(label: "postgres")
    private let door: PostgresDoor
    var connection: PostgresConnection?

    init(_ door: PostgresDoor) { self.door = door }

    /// A connection that was lost before anything was asked of it in this work is replaced once, unseen.
    private func use<Answer>(_ work: (PostgresConnection) throws -> Answer) throws -> Answer {
        if let connection, !door.isBarred.withLock({ $0 }) {
            do { return try work(connection) } catch let error as PostgresError where error.isLost {
                self.connection = nil
            }
        }
        let fresh = try door.open()
        connection = fresh
        do { return try work(fresh) } catch {
            if fresh.isLost { connection = nil }
            throw error
        }
    }

    func read<Answer>(_ work: (any StoreConnection) throws -> Answer) throws -> Answer { try use(work) }

    /// - Parameter cutShort: called where it cannot be known whether the change is on the disk.
    func write<Answer>(
        _ work: (any StoreConnection) throws -> Answer, cutShort: () -> Void = {}
    ) throws -> Answer {
        var attempt = 1
        while true {
            let connection = try use { connection in
                try connection.script("BEGIN")
                return connection
            }
            do {
                let answer = try work(connection)
                do { try connection.script("COMMIT") } catch {
                    if connection.isLost { cutShort() }
                    throw error
                }
                return answer
            } catch {
                if connection.isLost { self.connection = nil } else { rollBack(connection) }
                guard let error = error as? PostgresError, error.isPassing, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }

    private func rollBack(_ connection: PostgresConnection) {
        do { try connection.script("ROLLBACK") } catch { self.connection = nil }
    }
}
