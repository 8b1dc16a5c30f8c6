import Chat
import ChannelsProtocol
import Desk
import Testing

@Suite("who is waiting for a reply", .eachStore)
struct WaitingTests {
    private func line(_ desk: TestDesk, _ user: String, _ peer: String) async throws -> JSON {
        let list = try await desk.call(user, "GET", "/api/conversations").json
        return list.array?.first { $0["peer"]?.string == peer } ?? .null
    }

    private func waits(_ desk: TestDesk, _ user: String, for peer: String) async throws -> Int? {
        let line = try await line(desk, user, peer)
        #expect((line["waiting_since"]?.string == nil) == (line["waiting_seq"]?.int == nil))
        return line["waiting_seq"]?.int
    }

    @discardableResult
    private func post(
        _ desk: TestDesk, _ user: String, to peer: String, automated: Bool = false, asks: Bool = false
    ) async throws -> JSON {
        let id = JSON.string("\(user)-\(UInt64.random(in: 0 ... .max))")
        var body = JSONObject([("client_id", id), ("text", "x")])
        if automated { body["automated"] = true }
        if asks { body["ask"] = ["choices": ["yes", "no"], "seconds": 60] }
        let answer = try await desk.call(
            user, "POST", "/api/conversations/\(peer)/messages", JSON.object(body).text)
        #expect(answer.status == 201)
        return answer.json
    }

    @Test("a message that a person wrote starts the clock, and only what a person wrote stops it")
    func people() async throws {
        try await withDesk { desk async throws in
            let first = try await post(desk, "bob", to: "alice")
            try await post(desk, "bob", to: "alice")
            try await post(desk, "alice", to: "bob", automated: true)
            #expect(try await waits(desk, "alice", for: "bob") == 1)
            let since = try await line(desk, "alice", "bob")["waiting_since"]
            #expect(since == first["at"])
            #expect(try await waits(desk, "bob", for: "alice") == nil)
            try await post(desk, "alice", to: "bob")
            #expect(try await waits(desk, "alice", for: "bob") == nil)
            #expect(try await waits(desk, "bob", for: "alice") == 4)
        }
    }

    @Test("a message of a script starts no clock, and a question does")
    func scripts() async throws {
        try await withDesk { desk async throws in
            try await post(desk, "bob", to: "alice", automated: true)
            #expect(try await waits(desk, "alice", for: "bob") == nil)
            try await post(desk, "bob", to: "alice", automated: true, asks: true)
            try await post(desk, "bob", to: "alice", automated: true)
            #expect(try await waits(desk, "alice", for: "bob") == 2)
        }
    }

    @Test("a mark that no reply is needed stops the clock for its user alone, until the peer writes again")
    func settled() async throws {
        try await withDesk { desk async throws in
            let terminal = try await desk.socket("alice", in: "private-user-alice")
            try await post(desk, "bob", to: "alice")
            try await post(desk, "bob", to: "alice")
            for seq in [1, 0, 99] {
                let answer = try await desk.call(
                    "alice", "POST", "/api/conversations/bob/settled", #"{"seq":\#(seq)}"#)
                #expect(answer.status == 204)
                #expect(try await waits(desk, "alice", for: "bob") == (seq == 99 ? nil : 2))
            }
            #expect(try await line(desk, "alice", "bob")["settled"]?.int == 2)
            #expect(try await line(desk, "bob", "alice")["settled"]?.int == 0)
            var heard: [Int] = []
            while heard.last != 2 {
                let event = try await terminal.event()
                guard event.data["kind"] == "settled" else { continue }
                #expect(event.data["peer"] == "bob" && event.data["by"] == "alice")
                #expect(event.data["conversation"] == "private-chat-alice-bob")
                if let seq = event.data["seq"]?.int { heard.append(seq) }
            }
            #expect(heard == [1, 2])
            try await post(desk, "bob", to: "alice")
            #expect(try await waits(desk, "alice", for: "bob") == 3)
        }
    }

    @Test("a held question for changes is answered when another terminal marks that no reply is needed")
    func polling() async throws {
        try await withDesk { desk async throws in
            try await post(desk, "bob", to: "alice")
            let state = try #require(try await desk.call("alice", "GET", "/api/changes").json["state"]?.string)
            async let held = desk.call("alice", "GET", "/api/changes?wait=20&since=\(state)")
            await desk.waits(1)
            _ = try await desk.call("alice", "POST", "/api/conversations/bob/settled", #"{"seq":1}"#)
            let line = try await held.json["conversations"]?.array?.first { $0["peer"] == "bob" }
            #expect(line?["settled"]?.int == 1)
        }
    }

    @Test("rooms have no clock, and a malformed mark, or one for nobody, is refused")
    func refused() async throws {
        try await withDesk { desk async throws in
            try await desk.say("bob", to: "#lobby", "hi")
            let list = try await desk.call("alice", "GET", "/api/conversations").json
            #expect(list.array?.first?["waiting_since"] == nil)
            for body in ["{}", #"{"seq":-1}"#, #"{"seq":"1"}"#, "[]"] {
                #expect(try await desk.call("alice", "POST", "/api/conversations/bob/settled", body).status == 400)
            }
            let mark = #"{"seq":1}"#
            #expect(try await desk.call("alice", "POST", "/api/conversations/zzz/settled", mark).status == 404)
            #expect(try await desk.call("alice", "POST", "/api/rooms/lobby/settled", mark).status == 404)
            #expect(try await desk.call(nil, "POST", "/api/conversations/bob/settled", mark).status == 401)
        }
    }
}
