import Chat
import ChannelsProtocol
@testable import Desk
import Foundation
import Testing

@Suite("messages of a desk", .eachStore)
struct MessagesTests {
    @Test("a message is stored, published to the conversation, and told in both inboxes")
    func sent() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob", "private-user-bob")
            let alice = try await desk.socket("alice", in: "private-user-alice")
            let answer = try await desk.say("alice", to: "bob", "  hello  ", clientID: "c-1")
            #expect(answer.status == 201)
            #expect(answer.json["seq"]?.int == 1)
            #expect(answer.json["text"]?.string == "hello")
            #expect(answer.json["from"]?.string == "alice")
            #expect(answer.json["conversation"]?.string == "private-chat-alice-bob")
            #expect(answer.json["client_id"]?.string == "c-1")
            let event = try await bob.event(named: "new_message")
            #expect(event.channel == "private-chat-alice-bob")
            #expect(event.data == answer.json)
            let line = try await bob.event(named: "inbox")
            #expect(line.data == inbox("new_message", peer: "alice", by: "alice", seq: 1))
            let own = try await alice.event(named: "inbox")
            #expect(own.data == inbox("new_message", peer: "bob", by: "alice", seq: 1))
        }
    }

    private func inbox(_ kind: String, peer: String, by: String, seq: Int) -> JSON {
        [
            "kind": .string(kind), "conversation": "private-chat-alice-bob", "peer": .string(peer), "by": .string(by),
            "seq": .init(seq),
        ]
    }

    @Test("the socket a message came from hears nothing of it")
    func excluded() async throws {
        try await withDesk { desk async throws in
            let alice = try await desk.socket("alice", in: "private-chat-alice-bob", "private-user-alice")
            let id = await alice.id
            let body = #"{"client_id":"a","text":"one","socket_id":"\#(id)"}"#
            #expect(try await desk.call("alice", "POST", "/api/conversations/bob/messages", body).status == 201)
            try await desk.say("bob", to: "alice", "two")
            #expect(try await alice.event().data["text"]?.string == "two")
        }
    }

    @Test("the same client id again stores and publishes nothing twice")
    func idempotent() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob")
            let first = try await desk.say("alice", to: "bob", "hi", clientID: "x")
            let again = try await desk.say("alice", to: "bob", " hi ", clientID: "x")
            #expect(again.status == 200)
            #expect(again.json == first.json)
            for (peer, text) in [("bob", "other"), ("carol", "hi")] {
                let reused = try await desk.say("alice", to: peer, text, clientID: "x")
                #expect(reused.status == 409)
                #expect(reused.code == "client_id_reused")
            }
            // Another sender's id is never looked at.
            #expect(try await desk.say("bob", to: "alice", "hi", clientID: "x").status == 201)
            #expect(try await bob.event().data["seq"]?.int == 1)
            #expect(try await bob.event().data["seq"]?.int == 2)
        }
    }

    @Test("seq counts from 1 without holes, and events come in its order, whoever writes at the same time")
    func sequence() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob")
            let seqs = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    let sender = number.isMultiple(of: 2) ? "alice" : "bob"
                    let peer = number.isMultiple(of: 2) ? "bob" : "alice"
                    group.addTask { try await desk.say(sender, to: peer, "n\(number)").json["seq"]?.int ?? 0 }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(seqs.sorted() == Array(1...40))
            var heard: [Int] = []
            for _ in 0..<40 { heard.append(try await bob.event().data["seq"]?.int ?? 0) }
            #expect(heard == Array(1...40))
        }
    }

    @Test(
        "a page ends where before and after say, and at 200",
        arguments: [
            ("", 201...250), ("limit=3", 248...250), ("before=4", 1...3), ("before=4&limit=2", 2...3),
            ("after=248", 249...250), ("after=0&limit=5", 1...5), ("after=10&before=13", 11...12),
            ("limit=200", 51...250), ("before=\(Int.max)&limit=1", 250...250), ("before=\(Int.max)&after=0", 201...250),
            ("after=249&limit=200", 250...250),
        ])
    func paging(query: String, expected: ClosedRange<Int>) async throws {
        try await withFilledDesk { desk async throws in
            let page = try await desk.call("alice", "GET", "/api/conversations/bob/messages?" + query).json
            #expect(page["messages"]?.array?.compactMap { $0["seq"]?.int } == Array(expected))
            #expect(page["first"]?.int == 1)
            #expect(page["last"]?.int == 250)
        }
    }

    @Test("a page with nothing in it says what there is")
    func emptyPages() async throws {
        try await withFilledDesk { desk async throws in
            for query in [
                "before=1", "after=250", "after=9999", "before=5&after=4", "before=0", "after=\(Int.max)",
                "after=\(Int.max)&before=\(Int.max)", "before=0&after=\(Int.max)", "after=\(Int.max - 1)&limit=200",
            ] {
                let page = try await desk.call("alice", "GET", "/api/conversations/bob/messages?" + query).json
                #expect(page == ["messages": [], "first": 1, "last": 250])
            }
            let none = try await desk.call("alice", "GET", "/api/conversations/carol/messages").json
            #expect(none == ["messages": [], "first": 0, "last": 0])
        }
    }

    /// A desk on which alice wrote 250 messages to bob; made anew for each use.
    private func withFilledDesk(_ test: (TestDesk) async throws -> Void) async throws {
        try await withDesk { desk async throws in
            let store = desk.server.store
            let alice = try #require(try await store.user(token: desk.token("alice")))
            let chat = try #require(ConversationName(channel: "private-chat-alice-bob"))
            for number in 1...250 {
                let message = IncomingMessage(from: alice, conversation: chat, text: "t", clientID: "\(number)")
                _ = try await store.send(message, createsPeer: false) { _ in }
            }
            try await test(desk)
        }
    }

    @Test("a message too big for an engine's request is announced without its text")
    func truncated() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob")
            let long = String(repeating: "\"ä\n", count: 2_000)
            let answer = try await desk.say("alice", to: "bob", long)
            #expect(answer.status == 201)
            let event = try await bob.event(named: "new_message")
            #expect(event.data["text"] == .null)
            #expect(event.data["truncated"] == true)
            let page = try await desk.call("bob", "GET", "/api/conversations/alice/messages").json
            #expect(page["messages"]?.array?.first?["text"]?.string == answer.json["text"]?.string)
        }
    }

    @Test(
        "a text is 1 to 8,000 characters and at most 32,000 bytes",
        arguments: [
            (String(repeating: "a", count: 8_000), 201), (String(repeating: "a", count: 8_001), 413),
            (String(repeating: "🙂", count: 8_000), 201), ("", 400), (" \n\t ", 400),
        ])
    func lengths(text: String, status: Int) async throws {
        try await withDesk { desk async throws in
            let answer = try await desk.say("alice", to: "bob", text)
            #expect(answer.status == status)
            if status == 413 { #expect(answer.json["error"]?["message"]?.string?.contains("8000") == true) }
        }
    }

    @Test(
        "a malformed message is refused in a sentence",
        arguments: [
            ("", 400), ("[]", 400), ("{", 400), (#"{"text":"hi"}"#, 400), (#"{"client_id":"a"}"#, 400),
            (#"{"client_id":7,"text":"hi"}"#, 400), (#"{"client_id":"","text":"hi"}"#, 400),
            (#"{"client_id":"a","text":7}"#, 400),
            (#"{"client_id":"a","text":"a\u0000b"}"#, 400), (#"{"client_id":"a b","text":"hi"}"#, 400),
            (#"{"client_id":"a","text":"hi","socket_id":"1.2:private-x"}"#, 400),
            (#"{"client_id":"a","text":"hi","socket_id":7}"#, 400),
        ])
    func malformed(body: String, status: Int) async throws {
        try await withDesk { desk async throws in
            for path in ["/api/conversations/bob/messages", "/api/rooms/lobby/messages"] {
                let answer = try await desk.call("alice", "POST", path, body)
                #expect(answer.status == status)
                #expect(answer.code == "bad_request")
            }
        }
    }

    @Test("what was said in the lobby reaches all who are there")
    func lobby() async throws {
        try await withDesk { desk async throws in
            let carol = try await desk.socket("carol", in: "presence-lobby")
            #expect(try await desk.say("alice", to: "#lobby", "hello all").status == 201)
            let event = try await carol.event(named: "new_message")
            #expect(event.channel == "presence-lobby")
            #expect(event.data["from"]?.string == "alice")
        }
    }

    @Test(
        "unknown peers, oneself and paths that are no id are refused",
        arguments: [
            ("nobody", 404, "unknown_peer"), ("..", 404, "unknown_peer"), ("%2e%2e", 404, "unknown_peer"),
            ("-x", 404, "unknown_peer"), ("a%2Fb", 404, "unknown_peer"), ("%zz", 404, "unknown_peer"),
            ("%ff", 404, "unknown_peer"), (String(repeating: "a", count: 65), 404, "unknown_peer"),
            ("alice", 400, "own_conversation"),
        ])
    func peers(peer: String, status: Int, code: String) async throws {
        try await withDesk { desk async throws in
            for (method, rest, body) in [
                ("GET", "messages", nil), ("POST", "messages", #"{"client_id":"a","text":"b"}"#),
                ("POST", "seen", #"{"seq":1}"#),
            ] {
                let answer = try await desk.call("alice", method, "/api/conversations/\(peer)/\(rest)", body)
                #expect(answer.status == status)
                #expect(answer.code == code)
            }
        }
    }

    @Test(
        "ids with every allowed character are reached through a percent-encoded path",
        arguments: [
            "a-b", "a.b@c", "x;y,z", "_=_", "9",
        ])
    func encodedPeers(peer: String) async throws {
        try await withDesk(["alice", peer]) { desk async throws in
            #expect(try await desk.say("alice", to: peer, "hi").status == 201)
            let page = try await desk.call(peer, "GET", "/api/conversations/alice/messages").json
            #expect(page["last"]?.int == 1)
        }
    }

    @Test("a question for what comes next is held until there is something, and is answered at once where there is")
    func longPolling() async throws {
        try await withDesk { desk async throws in
            let path = "/api/conversations/alice/messages"
            try await desk.say("alice", to: "bob", "one")
            let there = try await desk.call("bob", "GET", path + "?after=0&wait=25")
            #expect(there.json["messages"]?.array?.count == 1)
            async let held = desk.call("bob", "GET", path + "?after=1&wait=25")
            async let lobby = desk.call("bob", "GET", "/api/rooms/lobby/messages?after=0&wait=25")
            // Of another conversation: nobody is woken by it in vain.
            try await desk.say("carol", to: "bob", "aside")
            try await desk.say("alice", to: "bob", "two")
            #expect(try await held.json["messages"]?.array?.compactMap { $0["text"]?.string } == ["two"])
            try await desk.say("alice", to: "#lobby", "all")
            #expect(try await lobby.json["messages"]?.array?.compactMap { $0["text"]?.string } == ["all"])
            let empty = try await desk.call("bob", "GET", path + "?after=2&wait=1")
            #expect(empty.status == 200 && empty.json["messages"]?.array?.isEmpty == true)
        }
    }

    @Test(
        "a wait that is too long, none, or for nothing in particular is refused",
        arguments: ["after=0&wait=26", "after=0&wait=-1", "after=0&wait=x", "wait=5", "before=9&wait=5"])
    func badWait(query: String) async throws {
        try await withDesk { desk async throws in
            let answer = try await desk.call("bob", "GET", "/api/conversations/alice/messages?" + query)
            #expect(answer.status == 400)
        }
    }

    @Test("a desk that closes lets those go who wait, and nobody waits there any more")
    func waitersGo() async throws {
        let waiters = MessageWaiters()
        let alice = try UserID(validating: "alice")
        let ticket = try #require(try waiters.join(["a"], as: alice))
        waiters.close()
        await waiters.wait(ticket, atMost: .seconds(60))
        #expect(try waiters.join(["a"], as: alice) == nil)
    }
}
