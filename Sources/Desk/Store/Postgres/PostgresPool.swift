import Dispatch
import Synchronization

/// A number of connections, made as they are needed, and the work that waits for one. Work runs on queues of its own: an
/// answer of the server is waited for there, and never on an event loop.
final class PostgresPool: Sendable {
    typealias Job = @Sendable (PostgresSlot) -> Void

    /// Work that may wait; more is refused.
    private static let mostWaiting = 2_000
    /// How long work waits for a connection, and how long it may have one: less than callers of the desk wait. What waits
    /// when the door is shut is not done, so both together are waited for only where much is to do.
    private static let turn: Duration = .seconds(8)
    private static let use: Duration = .seconds(6)

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
            let end = WallClock.monotonic() + Self.turn
            let isTaken = submit { slot in
                let now = WallClock.monotonic()
                guard now < end else {
                    return continuation.resume(
                        throwing: PostgresError(
                            state: "", message: "the database was not free in time", isLost: true, isSilent: true))
                }
                slot.deadline = now + Self.use
                continuation.resume(with: Result { try work(slot) })
            }
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
/// Whoever watches the database shuts the door while it is away, so that nobody waits for it, and opens it again.
final class PostgresDoor: Sendable {
    private static let pause: Duration = .milliseconds(500)

    private struct State {
        var failed: (until: Duration, error: PostgresError)?
        var shut: PostgresError?
        /// How often the door was shut: a connection made before that may hang.
        var epoch = 0
    }

    let url: PostgresURL
    private let state = Mutex(State())

    init(_ url: PostgresURL) { self.url = url }

    /// Why the database cannot be used now.
    var reason: PostgresError? { state.withLock { $0.shut } }

    var epoch: Int { state.withLock { $0.epoch } }

    func shut(_ reason: PostgresError) {
        state.withLock { state in
            if state.shut == nil { state.epoch += 1 }
            state.shut = reason
        }
    }

    /// The database is there: what failed before says nothing any more.
    func open() { state.withLock { $0 = State(epoch: $0.epoch) } }

    func connect(until deadline: Duration? = nil) throws -> PostgresConnection {
        let now = WallClock.monotonic()
        let known = state.withLock { state in
            state.shut ?? state.failed.flatMap { now < $0.until ? $0.error : nil }
        }
        if let known { throw known }
        do {
            let limit = min(.seconds(5), max(.milliseconds(1), (deadline ?? .seconds(Int64.max)) - now))
            let connection = try PostgresConnection(url, within: limit)
            state.withLock { $0.failed = nil }
            return connection
        } catch let error as PostgresError {
            state.withLock { $0.failed = (WallClock.monotonic() + Self.pause, error) }
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
    private var epoch = 0
    /// When whoever uses it stops waiting; nil: when the connection does.
    var deadline: Duration?

    init(_ door: PostgresDoor) { self.door = door }

    /// A connection that was lost before anything was asked of it in this work is replaced once, unseen.
    private func use<Answer>(_ work: (PostgresConnection) throws -> Answer) throws -> Answer {
        if let reason = door.reason { throw reason }
        if door.epoch != epoch {
            connection = nil
            epoch = door.epoch
        }
        if let connection {
            connection.deadline = deadline
            do { return try work(connection) } catch let error as PostgresError where error.isLost {
                self.connection = nil
                // Another would have to be waited for as long.
                if error.isSilent { throw error }
            }
        }
        let fresh = try door.connect(until: deadline)
        fresh.deadline = deadline
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
                guard let error = error as? PostgresError, error.isPassing || error.isReadOnly && attempt == 1,
                    attempt < Self.attempts, deadline.map({ WallClock.monotonic() < $0 }) ?? true
                else { throw error }
                attempt += 1
            }
        }
    }

    private func rollBack(_ connection: PostgresConnection) {
        do { try connection.script("ROLLBACK") } catch { self.connection = nil }
    }
}
