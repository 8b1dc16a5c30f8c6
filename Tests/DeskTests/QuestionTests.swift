import Chat
import ChannelsProtocol
@testable import Desk
import Foundation
import Testing

@Suite("questions on a desk", .eachStore)
struct QuestionTests {
    private static let path = "/api/conversations/bob/messages"

    private func ask(
        _ desk: TestDesk, _ end: String = #""seconds":60"#, choices: String = #"["yes","no"]"#, id: String = "q"
    ) async throws -> TestAnswer {
        let body = #"{"client_id":"\#(id)","text":"deploy?","automated":true,"ask":{"choices":\#(choices),\#(end)}}"#
        return try await desk.call("alice", "POST", Self.path, body)
    }

    private func answer(
        _ desk: TestDesk, _ id: String, _ choice: String?, as user: String = "bob", to peer: String = "alice",
        more: String = ""
    ) async throws -> TestAnswer {
        let choice = choice.map { #","choice":"\#($0)""# } ?? ""
        let body = #"{"client_id":"\#(UUID().uuidString)","text":"x","answers":"\#(id)"\#(choice)\#(more)}"#
        return try await desk.call(user, "POST", "/api/conversations/\(peer)/messages", body)
    }

    @Test("a question is stored with its choices and an end by the desk's clock, published, and in the history")
    func asked() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob")
            let asked = try await ask(desk)
            #expect(asked.status == 201)
            #expect(asked.json["automated"]?.bool == true)
            #expect(asked.json["ask"]?["choices"] == ["yes", "no"])
            let at = try #require(asked.json["at"]?.string.flatMap { Timestamp(rfc3339: $0) })
            let until = try #require(asked.json["ask"]?["until"]?.string.flatMap { Timestamp(rfc3339: $0) })
            #expect(until.milliseconds - at.milliseconds == 60_000)
            #expect(try await bob.event(named: "new_message").data == asked.json)
            let page = try await desk.call("bob", "GET", "/api/conversations/alice/messages")
            #expect(page.json["messages"]?.array?.first == asked.json)
        }
    }

    @Test("an answer names its question; one is taken, of the other side, and only a choice that there is")
    func answered() async throws {
        try await withDesk { desk async throws in
            let id = try #require(try await ask(desk).json["id"]?.string)
            let other = try #require(try await ask(desk, id: "q2").json["id"]?.string)
            #expect(try await answer(desk, id, "maybe").code == "unknown_choice")
            #expect(try await answer(desk, id, "yes", as: "alice", to: "bob").code == "own_question")
            #expect(try await answer(desk, id, "yes", as: "carol").code == "unknown_question")
            #expect(try await answer(desk, "nothing", "yes").code == "unknown_question")
            #expect(try await answer(desk, id, "yes", more: #","automated":true"#).code == "automated_answer")
            let taken = try await answer(desk, id, "yes")
            #expect(taken.status == 201)
            #expect(taken.json["answers"]?.string == id)
            #expect(taken.json["choice"]?.string == "yes")
            #expect(taken.json["late"] == nil)
            #expect(try await answer(desk, id, "no").code == "already_answered")
            // Several at once do not mix.
            let declined = try await answer(desk, other, nil)
            #expect(declined.json["answers"]?.string == other)
            #expect(declined.json["choice"] == nil)
        }
    }

    @Test("an answer after the end is stored and marked as late")
    func late() async throws {
        try await withDesk { desk async throws in
            let id = try #require(
                try await ask(desk, #""until":"2020-01-01T00:00:00.000Z""#).json["id"]?.string)
            #expect(try await answer(desk, id, "yes").json["late"]?.bool == true)
        }
    }

    @Test("the same question or answer again is the stored one; with another choice it is refused")
    func again() async throws {
        try await withDesk { desk async throws in
            let first = try await ask(desk)
            let again = try await ask(desk)
            #expect(again.status == 200 && again.json == first.json)
            #expect(try await ask(desk, choices: #"["yes"]"#).status == 409)
        }
    }

    @Test(
        "a question that is none is refused in a sentence",
        arguments: [
            #"[]"#, #"["a","A"]"#, #"[" a"]"#, #"[""]"#, #"["a\nb"]"#, #"[1]"#, #""yes""#,
            #"["1","2","3","4","5","6","7","8","9","10"]"#, #"["\#(String(repeating: "x", count: 41))"]"#,
        ])
    func malformed(choices: String) async throws {
        try await withDesk { desk async throws in
            let refused = try await ask(desk, choices: choices)
            #expect(refused.status == 400, "\(refused.body)")
            #expect(refused.json["error"]?["message"]?.string?.contains("choice") == true)
        }
    }

    @Test(
        "an end that is none is refused",
        arguments: [
            #""seconds":0"#, #""seconds":99999999"#, #""until":"soon""#, #""until":"2999-01-01T00:00:00Z""#, #""x":1"#,
        ])
    func malformedEnd(end: String) async throws {
        try await withDesk { desk async throws in #expect(try await ask(desk, end).status == 400) }
    }

    @Test("a question is put to one user, and a choice belongs to an answer")
    func places() async throws {
        try await withDesk { desk async throws in
            let lobby = #"{"client_id":"l","text":"x","ask":{"choices":["a"],"seconds":9}}"#
            #expect(try await desk.call("alice", "POST", "/api/rooms/lobby/messages", lobby).status == 400)
            let choice = #"{"client_id":"c","text":"x","choice":"a"}"#
            #expect(try await desk.call("alice", "POST", Self.path, choice).status == 400)
        }
    }

    @Test("an import fills an empty conversation whole or not at all, and leaves what was imported before as it is")
    func imported() async throws {
        try await withDesk { desk async throws in
            let name = try #require(ConversationName(channel: "private-chat-alice-bob"))
            let users = [try #require(UserID("alice")), try #require(UserID("bob"))]
            let messages = (1...5).map { seq in
                ArchivedMessage(
                    Message(
                        id: "old-\(seq)", seq: seq, conversation: name, from: users[seq % 2], text: "t\(seq)",
                        at: Timestamp(milliseconds: 1_700_000_000_000 + Int64(seq)), clientID: "c\(seq)"),
                    text: "t\(seq)")
            }
            let archive = try Archive(folder: desk.folder.path, store: desk.store)
            defer { archive.close() }
            #expect(throws: DeskError.self) { try archive.check([(name, Array(messages.dropFirst()))]) }
            try archive.check([(name, messages)])
            #expect(try archive.insert((name, messages)) { $0 < 3 } == .stopped)
            #expect(try await desk.call("alice", "GET", Self.path).json["last"]?.int == 0)
            #expect(try archive.insert((name, messages)) == .filled)
            try archive.check([(name, messages)])
            #expect(try archive.insert((name, messages)) == .present)
            var others = messages
            others[2].message.id = "another"
            #expect(throws: DeskError.self) { try archive.check([(name, others)]) }
            #expect(throws: DeskError.self) { try archive.insert((name, others)) }
            let page = try await desk.call("alice", "GET", Self.path)
            #expect(page.json["messages"]?.array?.compactMap { $0["id"]?.string } == messages.map(\.message.id))
            #expect(try await desk.say("alice", to: "bob", "next").json["seq"]?.int == 6)
            let list = try await desk.call("bob", "GET", "/api/conversations")
            #expect(list.json.array?.first?["unseen"]?.int == 1)
        }
    }
}
