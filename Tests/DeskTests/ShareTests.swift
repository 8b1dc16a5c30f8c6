import Chat
import ChannelsProtocol
import Foundation
import Synchronization
import Testing

@testable import Desk

@Suite("what one user or address may hold of a desk", .timeLimit(.minutes(5)))
struct ShareTests {
    private func user(_ id: String, key: Int64 = 1) throws -> DeskUser {
        DeskUser(key: key, id: try UserID(validating: id), name: id)
    }

    @Test("a user holds at most 64 calls; the next is 429 with Retry-After, and another user's is held")
    func held() async throws {
        try await withDesk { desk async throws in
            let path = "/api/rooms/lobby/messages?after=0&wait=25"
            let alice = try UserID(validating: "alice")
            let tickets = try (1..<MessageWaiters.limitForUser).map { _ in
                try #require(try desk.server.waiters.join(["elsewhere"], as: alice))
            }
            async let call = desk.call("alice", "GET", path)
            await desk.waits(MessageWaiters.limitForUser)
            let refused = try await desk.call("alice", "GET", path)
            #expect(refused.status == 429 && refused.code == "too_many_waits")
            #expect(refused.headers["retry-after"] == "5")
            #expect(try await desk.call("alice", "GET", "/api/changes?wait=25&since=x").status == 429)
            // What needs no place is answered.
            #expect(try await desk.call("alice", "GET", "/api/changes").status == 200)
            async let other = desk.call("bob", "GET", path)
            await desk.waits(MessageWaiters.limitForUser + 1)
            try await desk.say("alice", to: "#lobby", "hello")
            #expect(try await other.json["last"]?.int == 1)
            #expect(try await call.json["last"]?.int == 1)
            for ticket in tickets { desk.server.waiters.leave(ticket) }
        }
    }

    @Test("when all places for held calls are taken, a newcomer gets one of the user who holds most")
    func displaced() async throws {
        let waiters = MessageWaiters(limit: 4)
        let alice = try UserID(validating: "alice")
        let tickets = try (1...4).map { _ in try #require(try waiters.join(["a"], as: alice)) }
        let bob = try #require(try waiters.join(["a"], as: UserID(validating: "bob")))
        // The oldest of alice's goes home, and leaving twice gives no second place.
        await waiters.wait(tickets[0], atMost: .seconds(60))
        waiters.leave(tickets[0])
        #expect(waiters.count == 4)
        // Of three and one nobody has much more than the other.
        _ = try #require(try waiters.join(["a"], as: UserID(validating: "bob")))
        #expect(try waiters.join(["a"], as: UserID(validating: "bob")) == nil)
        waiters.leave(bob)
        for ticket in tickets { waiters.leave(ticket) }
        #expect(waiters.count == 1)
    }

    /// What happened, in order, from any thread.
    private final class Tally: Sendable {
        private let all = Mutex<[Int]>([])
        var numbers: [Int] { all.withLock { $0 } }
        func add(_ number: Int) { all.withLock { $0.append(number) } }
    }

    @Test("of one user's reads one runs at a time, in order, and another user's runs beside it")
    func turns() async throws {
        let turns = ReadTurns()
        let (alice, bob) = (try user("alice"), try user("bob", key: 2))
        let gate = AsyncStream.makeStream(of: Void.self)
        let began = Tally()
        let tasks = (1...3).map { number in
            Task {
                try await turns.run(alice) {
                    began.add(number)
                    for await _ in gate.stream { break }
                }
            }
        }
        while began.numbers.isEmpty { await Task.yield() }
        #expect(try await turns.run(bob) { began.numbers.count } == ReadTurns.atOnce)
        gate.continuation.finish()
        for task in tasks { try await task.value }
        #expect(began.numbers.sorted() == [1, 2, 3])
    }

    @Test("reads that wait beyond the number for one user are refused with 429")
    func tooManyReads() async throws {
        let turns = ReadTurns()
        let alice = try user("alice")
        let gate = AsyncStream.makeStream(of: Void.self)
        let refused = Tally()
        let tasks = (1...(ReadTurns.atOnce + ReadTurns.mostWaiting + 5)).map { number in
            Task {
                do {
                    try await turns.run(alice) { for await _ in gate.stream { break } }
                } catch {
                    #expect((error as? APIError)?.code == "too_many_reads")
                    refused.add(number)
                }
            }
        }
        while refused.numbers.count < 5 { await Task.yield() }
        gate.continuation.finish()
        for task in tasks { await task.value }
        #expect(refused.numbers.count == 5)
    }

    @Test("who asks for pages and does not read is refused beyond 16 MB, and every other user is answered")
    func unread() async throws {
        try await withDesk { desk async throws in
            // Characters that JSON escapes, so that a page is six times as long as its texts.
            let text = "x" + String(repeating: "\u{1}", count: 7_900) + "x"
            for _ in 1...150 { #expect(try await desk.say("alice", to: "bob", text).status == 201) }
            let request =
                "GET /api/conversations/alice/messages?limit=200 HTTP/1.1\r\nHost: desk\r\n"
                + "Authorization: Bearer \(desk.token("bob"))\r\n\r\n"
            let connections = try (1...8).map { _ in try desk.connect() }
            for connection in connections { try await connection.send(request) }
            var refused = try await desk.call("bob", "GET", "/api/me")
            let limit = ContinuousClock.now + .seconds(60)
            while refused.status == 200, .now < limit { refused = try await desk.call("bob", "GET", "/api/me") }
            #expect(refused.status == 429 && refused.code == "unread_answers")
            #expect(try await desk.call("alice", "GET", "/api/conversations/bob/messages?limit=200").status == 200)
            // What bob writes is not a read.
            #expect(try await desk.say("bob", to: "alice", "hi").status == 201)
            // Whoever reads has room again.
            for connection in connections { _ = try await connection.answer() }
            #expect(try await desk.call("bob", "GET", "/api/me").status == 200)
        }
    }

    @Test("one address has half of a few connections at most, a proxy three quarters; others and the owner get in")
    func addresses() async throws {
        let others = try #require(TrustedProxies("127.0.0.9"))
        try await withDesk(configure: {
            $0.maxConnections = 16
            $0.proxies = others
        }) { desk async throws in
            func fill(_ address: String, _ count: Int) async throws -> [RawConnection] {
                var open: [RawConnection] = []
                for _ in 1...count {
                    let connection = try RawConnection(port: desk.port, from: address)
                    #expect(try await connection.call("GET", "/healthz").status == 200)
                    open.append(connection)
                }
                return open
            }
            let first = try await fill("127.0.0.1", 8)
            #expect(try await RawConnection(port: desk.port, from: "127.0.0.1").receive().isEmpty)
            let second = try await fill("127.0.0.2", 8)
            #expect(try await RawConnection(port: desk.port, from: "127.0.0.3").receive().isEmpty)
            #expect(try await desk.owner().call("GET", "/metrics").status == 200)
            _ = (first, second)
        }
        let connections = Connections(limit: 20_000, proxies: others)
        #expect(connections.most(of: try #require(IPAddress("192.0.2.1"))) == 5_000)
        #expect(connections.most(of: try #require(IPAddress("127.0.0.9"))) == 15_000)
        #expect(Connections(limit: 100, proxies: others).most(of: try #require(IPAddress("192.0.2.1"))) == 50)
    }

    @Test("WebSockets that a proxy passes on count as their callers', and one too many is refused with 4100")
    func forwarded() async throws {
        try await withDesk(configure: { $0.maxConnections = 16 }) { desk async throws in
            let path = "/app/\(desk.server.app.key)?protocol=7"
            func socket(_ from: String) async throws -> TestSocket {
                try await TestSocket(desk.connect(), path: path, headers: ["X-Forwarded-For: \(from)"])
            }
            var open: [TestSocket] = []
            for _ in 1...8 {
                open.append(try await socket("192.0.2.7:4711"))
                try await open.last?.greet()
            }
            let refused = try await socket("192.0.2.7")
            #expect(try await refused.event().data["code"] == 4100)
            guard case .close(4100, _) = try await refused.ending() else {
                Issue.record("not closed with 4100")
                return
            }
            try await socket("192.0.2.8").greet()
            _ = open
        }
    }
}
