import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

@Suite("pages of conversations")
struct ConversationPagesTests {
    private func summary(_ number: Int) throws -> ConversationSummary {
        let name = try #require(ConversationName(UserID(validating: "me"), UserID(validating: "peer\(number)")))
        return ConversationSummary(name: name, last: nil, unseen: 0, seenByMe: 0, seenByPeer: 0)
    }

    /// Answers like a desk with these conversations.
    private func page(_ all: [ConversationSummary], _ call: DeskCall) throws -> [ConversationSummary] {
        guard case .conversations(let limit, let before) = call else { throw Wrong() }
        let start = try before.map { before in try #require(all.firstIndex { $0.name == before }) + 1 } ?? 0
        return Array(all[start...].prefix(limit))
    }

    private struct Wrong: Error {}

    @Test("all conversations are read, however many there are", arguments: [0, 1, 199, 200, 201, 205, 400, 1_000])
    func all(count: Int) throws {
        let all = try (0..<count).map(summary)
        var pages = ConversationPages()
        var calls = 0
        while let call = pages.next {
            pages.append(try page(all, call))
            calls += 1
        }
        #expect(pages.all == all)
        #expect(calls <= count / DeskCall.maxPage + 2)
    }

    @Test("a session knows all of its user's conversations, and all news in them", arguments: [false, true])
    func session(polls: Bool) throws {
        var world = World()
        if polls { world.refuse(Seat(alice), with: 403) }
        try say(1, &world)
        world.start(alice)
        world.advance(by: .seconds(2))
        #expect(world.chat(alice).conversations.count { $0.value.unseen == 1 } == 205)
        guard polls else { return }
        try say(2, &world)
        world.advance(by: .seconds(30))
        #expect(world.chat(alice).conversations.count { $0.value.unseen == 2 } == 205)
    }

    /// Stores the message with that number in each of 205 conversations of alice.
    private func say(_ seq: Int, _ world: inout World) throws {
        for number in 1...205 {
            let name = try #require(ConversationName(alice, UserID(validating: "peer\(number)")))
            let peer = try #require(name.peer(of: alice))
            let message = Message(
                id: "m\(number)-\(seq)", seq: seq, conversation: name, from: peer, text: "hi",
                at: Timestamp(milliseconds: 1_000)
            )
            let json: JSON = [
                "id": .string(message.id), "seq": JSON(seq), "conversation": .string(name.channel),
                "from": .string(peer.text),
                "text": "hi", "at": .string(message.at.rfc3339), "client_id": .string("c\(seq)"),
            ]
            world.desk.messages[name.channel, default: []].append(.init(message: message, json: json))
        }
    }

    @Test("a conversation that moves to the top between two pages is read once")
    func moving() throws {
        var all = try (0..<450).map(summary)
        var pages = ConversationPages()
        var step = 0
        while let call = pages.next {
            pages.append(try page(all, call))
            // The last ones get messages while the first pages are read.
            if step < 2 { all.insert(all.removeLast(), at: 0) }
            if step == 1 { all.insert(all.remove(at: 399), at: 0) }
            step += 1
        }
        #expect(pages.all.count == 450)
        #expect(Set(pages.all.map(\.name)).count == 450)
    }
}
