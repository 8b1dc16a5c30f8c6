import Chat
import ChannelsProtocol
@testable import Desk
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
            #expect(
                opened.data == [
                    "kind": "session_opened", "by": "alice", "from": "this machine", "client": "test",
                ])
            let list = try await desk.call("alice", "GET", "/api/sessions").json
            let ids = [await first.id, await second.id]
            #expect(list.array?.compactMap { $0["id"]?.string } == ids)
            #expect(list.array?.map { $0["present"] } == [false, true])
            #expect(list.array?.last?["from"] == "this machine")
            #expect(list.array?.last?["client"] == "test")
            #expect(list.array?.last?["version"] == "1.0")
            let since = try #require(list.array?.last?["since"]?.string.flatMap { Timestamp(rfc3339: $0) })
            #expect(abs(since.milliseconds - WallClock.now().milliseconds) < 60_000)
            #expect(list.array?.last?["channels"] == ["presence-lobby", "private-user-alice"])
            #expect(try await desk.call("bob", "GET", "/api/sessions").json == [])
            let foreign = try await desk.call("bob", "DELETE", "/api/sessions/\(ids[1])")
            #expect(foreign.status == 404)
            #expect(foreign.code == "unknown_session")
            #expect(try await desk.call("alice", "DELETE", "/api/sessions/\(ids[1])").status == 204)
            #expect(try await second.ending() == .close(code: 4009, reason: "its user ended this session"))
            #expect(try await desk.call("alice", "DELETE", "/api/sessions/\(ids[1])").status == 404)
            #expect(try await desk.call("alice", "GET", "/api/sessions").json.array?.count == 1)
        }
    }

    @Test("what a client calls itself is shown where it is short and visible, and left out otherwise")
    func clientNames() async throws {
        try await withDesk { desk async throws in
            let long = String(repeating: "x", count: 41)
            for (query, name) in [
                ("client=phone", "phone"), ("client=%1B%5D0%3B", nil), ("client=a%20b", nil), ("client=\(long)", nil),
                ("client=%FF", nil), ("", nil), ("client=", nil),
            ] {
                let path = "/app/\(desk.server.app.key)?protocol=7&\(query)"
                let socket = try await TestSocket(desk.connect(), path: path, headers: ["X-Forwarded-For: 192.0.2.7"])
                try await socket.greet()
                let auth = try await desk.authorize("alice", "private-user-alice", socket.id)
                try await socket.subscribe("private-user-alice", auth.json)
                let session = try await desk.call("alice", "GET", "/api/sessions").json.array?.last
                #expect(session?["client"]?.string == name, "\(query)")
                // What a proxy on this machine says.
                #expect(session?["from"] == "192.0.2.7")
            }
        }
    }

    @Test(
        "whose account or token is gone is cut off, also a connection that only holds a signature yet, and nobody else")
    func revoked() async throws {
        try await withDesk { desk async throws in
            let alice = try await desk.socket("alice", in: "private-user-alice", "private-chat-alice-bob")
            let waiting = try await desk.socket()
            let signature = try await desk.authorize("alice", "private-chat-alice-bob", waiting.id)
            #expect(signature.status == 200)
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob")
            let accounts = try Accounts(folder: desk.folder.path, store: desk.store)
            _ = try accounts.newToken(.init(validating: "alice"))
            accounts.close()
            #expect(try await desk.call("bob", "POST", "/api/revocations").status == 404)
            let answer = try await desk.owner().call("POST", "/api/revocations")
            #expect(answer.status == 204)
            for socket in [alice, waiting] {
                let end = try await socket.ending()
                #expect(end == .close(code: 4009, reason: "the account or its token is no longer good"))
            }
            try await bob.send(["event": "pusher:ping", "data": [:]])
            #expect(try await bob.event().name == "pusher:pong")
        }
    }

    @Test("an id that is none is 400, no token is 401", arguments: ["1", "a.b", "1.2%0A", "1.2.3"])
    func malformed(id: String) async throws {
        try await withDesk { desk async throws in
            #expect(try await desk.call("alice", "DELETE", "/api/sessions/\(id)").status == 400)
            #expect(try await desk.call(nil, "DELETE", "/api/sessions/\(id)").status == 401)
        }
    }

    @Test("metrics count connections, channels and deliveries, and are for the desk's owner alone")
    func metrics() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "presence-lobby")
            let answer = try await desk.owner().call("GET", "/metrics")
            #expect(answer.status == 200)
            let lines = answer.body.split(separator: "\n")
            #expect(lines.contains("parley_connections{app=\"\(desk.server.app.id)\"} 1"))
            #expect(lines.contains("parley_channels{app=\"\(desk.server.app.id)\"} 1"))
            #expect(lines.contains("parley_deliveries_total 2"))
            #expect(lines.contains("parley_waiting_bytes 0"))
            _ = try await desk.call(nil, "GET", "/api/me")
            let after = try await desk.owner().call("GET", "/metrics").body
            #expect(after.contains("\nparley_refused_total{status=\"401\"} 1\n"))
            // A proxy on this machine looks the same and need not say that it is one.
            let refused = try await desk.call(nil, "GET", "/metrics")
            #expect(refused.status == 403 && refused.code == "admin_only")
            _ = bob
        }
    }

    @Test("metrics tell how long answers, the disk and the engine took, and what there is on it")
    func histograms() async throws {
        try await withDesk { desk async throws in
            for number in 1...3 { try await desk.say("alice", to: "bob", "\(number)") }
            _ = try await desk.authorize("alice", "presence-lobby", "1.2")
            let lines = try await desk.owner().call("GET", "/metrics").body.split(separator: "\n")
            for line in [
                "parley_messages_total 3", "parley_publish_errors_total 0", "parley_users 3",
                "parley_request_seconds_count{call=\"send\"} 3",
                "parley_request_seconds_count{call=\"authorization\"} 1",
                "parley_request_seconds_bucket{call=\"send\",le=\"+Inf\"} 3", "parley_store_seconds_count 3",
                "parley_publish_seconds_bucket{le=\"10.0\"} 3", "# TYPE parley_store_seconds histogram",
            ] {
                #expect(lines.contains(Substring(line)), "\(line)")
            }
            #expect(lines.contains { $0.hasPrefix("parley_store_bytes ") && !$0.hasSuffix(" 0") })
        }
    }

    @Test("metrics are open from elsewhere to the admin token, and to no other")
    func adminToken() async throws {
        try await withDesk(configure: { $0.adminToken = "admin" }) { desk async throws in
            func status(_ token: String?) async throws -> Int {
                try await desk.connect().call(
                    "GET", "/metrics", token: token, headers: ["X-Forwarded-For: 192.0.2.1"]
                ).status
            }
            #expect(try await status("admin") == 200)
            #expect(try await status("admi") == 401)
            #expect(try await status(desk.token("alice")) == 401)
            #expect(try await status(nil) == 403)
            // It is for nothing else.
            #expect(try await desk.connect().call("GET", "/api/me", token: "admin").status == 401)
        }
    }

    @Test("a duration counts in every bucket it fits into, and its sum is in seconds")
    func buckets() {
        var histogram = DeskMetrics.Histogram()
        for milliseconds in [1, 2, 20_000] { histogram.add(.milliseconds(milliseconds)) }
        let lines = histogram.lines("x", "a=\"b\"")
        #expect(lines.first == "x_bucket{a=\"b\",le=\"0.001\"} 1")
        #expect(lines[1] == "x_bucket{a=\"b\",le=\"0.0025\"} 2")
        #expect(
            lines.suffix(4) == [
                "x_bucket{a=\"b\",le=\"10.0\"} 2", "x_bucket{a=\"b\",le=\"+Inf\"} 3", "x_sum{a=\"b\"} 20.003",
                "x_count{a=\"b\"} 3",
            ])
    }
}
