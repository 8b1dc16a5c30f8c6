import ChannelsProtocol
import Desk
import Testing

@Suite("a user's sessions, and what the desk says of itself")
struct SessionsTests {
    @Test("one more is told to the others, listed with its channels, and can be ended by its user only")
    func sessions() async throws {
        try await withDesk { desk async throws in
            let first = try await desk.socket("alice", in: "private-user-alice")
            let second = try await desk.socket("alice", in: "private-user-alice", "presence-lobby")
            let opened = try await first.event()
            #expect(opened.name == "inbox")
            #expect(opened.data == ["kind": "session_opened", "by": "alice"])
            let list = try await desk.call("alice", "GET", "/api/sessions").json
            let ids = [await first.id, await second.id]
            #expect(list.array?.compactMap { $0["id"]?.string } == ids)
            #expect(list.array?.last?["channels"] == ["presence-lobby", "private-user-alice"])
            #expect(try await desk.call("bob", "GET", "/api/sessions").json == [])
            let foreign = try await desk.call("bob", "DELETE", "/api/sessions/\(ids[1])")
            #expect(foreign.status == 404)
            #expect(foreign.code == "unknown_session")
            #expect(try await desk.call("alice", "DELETE", "/api/sessions/\(ids[1])").status == 204)
            guard case .close(4009, _) = try await second.ending() else {
                Issue.record("not closed with 4009")
                return
            }
            #expect(try await desk.call("alice", "DELETE", "/api/sessions/\(ids[1])").status == 404)
            #expect(try await desk.call("alice", "GET", "/api/sessions").json.array?.count == 1)
        }
    }

    @Test("an id that is none is 400, no token is 401", arguments: ["1", "a.b", "1.2%0A", "1.2.3"])
    func malformed(id: String) async throws {
        try await withDesk { desk async throws in
            #expect(try await desk.call("alice", "DELETE", "/api/sessions/\(id)").status == 400)
            #expect(try await desk.call(nil, "DELETE", "/api/sessions/\(id)").status == 401)
        }
    }

    @Test("metrics count connections, channels and deliveries, and are for this machine alone")
    func metrics() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            let answer = try await desk.call(nil, "GET", "/metrics")
            #expect(answer.status == 200)
            let lines = answer.body.split(separator: "\n")
            #expect(lines.contains("parley_connections{app=\"\(desk.server.app.id)\"} 1"))
            #expect(lines.contains("parley_channels{app=\"\(desk.server.app.id)\"} 1"))
            #expect(lines.contains("parley_deliveries_total 2"))
            #expect(lines.contains("parley_waiting_bytes 0"))
            let proxied = try await desk.connect().call("GET", "/metrics", headers: ["X-Forwarded-For: 192.0.2.1"])
            #expect(proxied.status == 403)
            _ = bob
        }
    }
}
