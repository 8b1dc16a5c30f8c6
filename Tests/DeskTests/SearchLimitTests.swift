import Chat
import ChannelsProtocol
import Synchronization
import Testing

@testable import Desk

@Suite("search limits")
struct SearchLimitTests {
    /// Work that ends when it is told to.
    private final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, entered: Int, waiting: [CheckedContinuation<Void, Never>])>(
            (false, 0, []))
        var entered: Int { state.withLock { $0.entered } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.entered += 1
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            state.withLock { state in
                state.isOpen = true
                state.waiting.forEach { $0.resume() }
                state.waiting = []
            }
        }
    }

    private func until(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test("one search of a user runs at a time, and another user's runs beside it")
    func share() async throws {
        let turns = SearchTurns()
        let gate = Gate()
        let first = Task { try await turns.run(for: 1) { await gate.pass() } }
        await until { gate.entered == 1 }
        let second = Task { try await turns.run(for: 1) { await gate.pass() } }
        await until { turns.waitingCount == 1 }
        #expect(gate.entered == 1)
        let other = Task { try await turns.run(for: 2) { await gate.pass() } }
        await until { gate.entered == 2 }
        let third = Task { try await turns.run(for: 3) { await gate.pass() } }
        await until { turns.waitingCount == 2 }
        gate.open()
        for task in [first, second, other, third] { try await task.value }
        #expect(gate.entered == 4 && turns.waitingCount == 0)
    }

    @Test("the oldest waiting search of a user is refused when too many wait")
    func refusal() async throws {
        let turns = SearchTurns()
        let gate = Gate()
        let running = Task { try await turns.run(for: 1) { await gate.pass() } }
        await until { gate.entered == 1 }
        var waiting: [Task<Void, any Error>] = []
        for count in 1...SearchTurns.waitingOfUser {
            waiting.append(Task { try await turns.run(for: 1) { await gate.pass() } })
            await until { turns.waitingCount == count }
        }
        let last = Task { try await turns.run(for: 1) { await gate.pass() } }
        await #expect(throws: SearchTurns.Refusal.self) { try await waiting.removeFirst().value }
        gate.open()
        for task in waiting + [running, last] { try await task.value }
    }

    @Test("a cancelled search gives up its place in the queue")
    func cancelled() async throws {
        let turns = SearchTurns()
        let gate = Gate()
        let running = Task { try await turns.run(for: 1) { await gate.pass() } }
        await until { gate.entered == 1 }
        let waiting = Task { try await turns.run(for: 1) { await gate.pass() } }
        await until { turns.waitingCount == 1 }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.open()
        try await running.value
        try await turns.run(for: 1) {}
    }

    @Test("a search that takes too long is ended, and the store goes on", .eachStore)
    func deadline() async throws {
        let folder = try TemporaryFolder()
        let store = try StoreKind.current.store(folder, StoreKind.current.place())
        defer { store.close() }
        await #expect(throws: SearchTimeout.self) {
            try await store.disk.search(within: .milliseconds(50)) { db in
                let sql =
                    db.dialect == .postgres
                    ? "SELECT pg_sleep(300)"
                    : "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
                return try db.rows(sql, []).count
            }
        }
        let user = try await store.userOnFirstUse(try UserID(validating: "alice"))
        #expect(try await store.search("anything", by: user, in: nil, rooms: [], limit: 10) == [])
    }

    @Test("twenty searches at once by one user end with answers or a clear refusal", .eachStore)
    func flood() async throws {
        try await withDesk { desk async throws in
            for number in 1...20 { try await desk.say("bob", to: "alice", "a b c d e f g h i j k l m n o p \(number)") }
            let query = HTTPQuery.encode("a b c d e f g h i j k l m n o p")
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await desk.call("alice", "GET", "/api/search?q=\(query)") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for answer in answers {
                if answer.status == 200 {
                    #expect(answer.json.array?.count == 20)
                } else {
                    #expect(answer.status == 429 && answer.code == "too_many_searches")
                    #expect(answer.headers["retry-after"] == "1")
                }
            }
            #expect(answers.contains { $0.status == 200 })
        }
    }
}
