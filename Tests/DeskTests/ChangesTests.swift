import ChannelsProtocol
import Testing

@testable import Desk

@Suite("what is new in one's conversations, for those whom no WebSocket reaches", .eachStore)
struct ChangesTests {
    /// What stands for the state of things as `user` sees them.
    private func state(_ user: String, _ desk: TestDesk) async throws -> String {
        try #require(try await desk.call(user, "GET", "/api/changes").json["state"]?.string)
    }

    @Test("without a state it is the list of conversations; with the state of now it is none")
    func list() async throws {
        try await withDesk { desk async throws in
            try await desk.say("alice", to: "bob", "one")
            try await desk.say("carol", to: "#lobby", "two")
            let all = try await desk.call("bob", "GET", "/api/changes")
            let known = try #require(all.json["state"]?.string)
            #expect(all.json["conversations"] == (try await desk.call("bob", "GET", "/api/conversations")).json)
            let same = try await desk.call("bob", "GET", "/api/changes?since=\(known)")
            #expect(same.json == ["state": .string(known)])
            let part = try await desk.call("bob", "GET", "/api/changes?limit=1&wait=15")
            #expect(part.json["conversations"]?.array?.count == 1)
            // Whatever else `since` is, it stands for nothing of now.
            for since in ["", "x", "%00%FF", String(repeating: "y", count: 2_000)] {
                let other = try await desk.call("bob", "GET", "/api/changes?wait=15&since=\(since)")
                #expect(other.json["conversations"]?.array?.count == 2)
            }
        }
    }

    @Test("whoever waits is woken by what is said to them or to all, and by what is seen, and by nothing else")
    func woken() async throws {
        try await withDesk { desk async throws in
            try await desk.say("bob", to: "alice", "first")
            func wait(for what: String, _ act: () async throws -> TestAnswer) async throws -> TestAnswer {
                let known = try await state("bob", desk)
                async let held = desk.call("bob", "GET", "/api/changes?wait=15&since=\(known)")
                await desk.waits(1)
                // Between two others: nobody is woken by it in vain.
                try await desk.say("alice", to: "carol", "aside")
                #expect(try await act().status < 300)
                let answer = try await held
                #expect(answer.json["conversations"] != nil, "\(what): \(answer)")
                return answer
            }
            let said = try await wait(for: "a message") { try await desk.say("alice", to: "bob", "second") }
            #expect(said.json["conversations"]?.array?.first?["last"]?["text"] == "second")
            let seen = try await wait(for: "what alice has seen") {
                try await desk.call("alice", "POST", "/api/conversations/bob/seen", #"{"seq":1}"#)
            }
            #expect(seen.json["conversations"]?.array?.first?["seen_by_peer"]?.int == 1)
            let mine = try await wait(for: "what bob has seen elsewhere") {
                try await desk.call("bob", "POST", "/api/conversations/alice/seen", #"{"seq":2}"#)
            }
            #expect(mine.json["conversations"]?.array?.first?["unseen"]?.int == 0)
            let all = try await wait(for: "the lobby") { try await desk.say("carol", to: "#lobby", "all") }
            #expect(all.json["conversations"]?.array?.first?["room"] == "lobby")
            _ = try await wait(for: "what bob has seen of the lobby") {
                try await desk.call("bob", "POST", "/api/rooms/lobby/seen", #"{"seq":1}"#)
            }
        }
    }

    @Test("the answer comes when the time is up, or when the desk ends, without a list")
    func timeUp() async throws {
        try await withDesk { desk async throws in
            let known = try await state("bob", desk)
            let late = try await desk.call("bob", "GET", "/api/changes?wait=1&since=\(known)")
            #expect(late.json == ["state": .string(known)])
            async let held = desk.call("bob", "GET", "/api/changes?wait=25&since=\(known)")
            await desk.waits(1)
            await desk.server.drain()
            #expect(try await held.json == ["state": .string(known)])
        }
    }

    @Test(
        "a wait or a limit that is none is refused, and so is whoever has no account",
        arguments: ["wait=26", "wait=-1", "wait=x", "wait=", "limit=0", "limit=201", "limit=x"])
    func refused(query: String) async throws {
        try await withDesk { desk async throws in
            #expect(try await desk.call("bob", "GET", "/api/changes?since=x&" + query).status == 400)
            #expect(try await desk.call(nil, "GET", "/api/changes?" + query).status == 401)
            let other = try await desk.connect().call("GET", "/api/changes", token: "parley_wrong")
            #expect(other.status == 401)
            #expect(desk.server.waiters.count == 0)
        }
    }
}
