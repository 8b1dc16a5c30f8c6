import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

/// A desk and an engine that say anything: whatever comes, the session goes on, stays within its bounds, and shows nothing
/// in a conversation that is not that conversation's.
@Suite("a desk that lies")
struct LyingDeskTests {
    private static let words = [
        "0", "-1", "1", "2", "9007199254740992", "9007199254740993", "9223372036854775807", "-9223372036854775808",
        "1e400", "18446744073709551616", "1.5", "null", "true", "{}", "[]", "\"\"", "\"x\"",
        "\"private-chat-alice-bob\"", "\"private-chat-bob-carol\"", "\"presence-lobby\"", "\"presence-\"",
        "\"private-chat-alice-\"", "\"bob\"", "\"alice\"", "\"carol\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"2026-11-20T10:15:30.123Z\"", "\"9999-99-99T99:99:99Z\"", "\"new_message\"", "\"conversation_opened\"",
        "\"message_seen\"", "[{}]", "[[],[[]]]",
    ]
    private static let names = [
        "id", "seq", "conversation", "from", "text", "at", "client_id", "by", "kind", "peer", "messages", "first",
        "last", "unseen", "seen", "seen_by_peer", "name", "store", "channels", "key", "auth", "channel_data", "error",
        "code", "message", "online", "truncated", "automated", "typing",
    ]
    private static let events = [
        "new_message", "message_seen", "inbox", "client-typing", "pusher_internal:subscription_succeeded",
        "pusher_internal:member_added", "pusher_internal:member_removed", "pusher:error",
        "pusher:connection_established", "pusher:ping", "nonsense",
    ]
    private static let channels = [
        "private-chat-alice-bob", "private-chat-bob-carol", "private-user-alice", "private-user-bob", "presence-lobby",
        "nonsense", "",
    ]

    private struct Liar {
        var dice: Dice

        mutating func value(_ depth: Int = 0) -> String {
            switch dice.number(0...9) {
            case 0...2 where depth < 3: object(depth + 1)
            case 3 where depth < 3:
                "[" + (0..<dice.number(0...4)).map { _ in value(depth + 1) }.joined(separator: ",") + "]"
            default: dice.pick(LyingDeskTests.words)
            }
        }

        mutating func object(_ depth: Int = 0) -> String {
            "{"
                + (0..<dice.number(0...9)).map { _ in "\"\(dice.pick(LyingDeskTests.names))\":\(value(depth))" }
                .joined(separator: ",") + "}"
        }

        /// Something that could almost be true.
        mutating func message(_ conversation: String = "private-chat-alice-bob") -> String {
            let seq = dice.pick(["1", "2", "3", "4", "9", "1000", "9007199254740992", "9223372036854775807", "0"])
            return """
                {"id":"\(dice.number(1...6))","seq":\(seq),"conversation":"\(conversation)","from":"bob",\
                "text":\(dice.pick(["\"hi\"", "null", "7"])),"at":"2026-11-20T10:15:30.123Z"}
                """
        }

        mutating func page() -> String {
            let messages = (0..<dice.number(0...5)).map { _ in message() }.joined(separator: ",")
            return
                "{\"messages\":[\(messages)],\"first\":\(dice.pick(LyingDeskTests.words)),\"last\":\(dice.pick(LyingDeskTests.words))}"
        }

        mutating func body() -> String {
            switch dice.number(0...5) {
            case 0: value()
            case 1: message()
            case 2: page()
            case 3: "[" + (0..<dice.number(0...5)).map { _ in object() }.joined(separator: ",") + "]"
            case 4: "\u{1B}]0;no JSON\u{7}"
            default:
                "[{\"conversation\":\"private-chat-alice-bob\",\"last\":\(message()),\"unseen\":\(dice.pick(LyingDeskTests.words)),\"seen\":\(dice.pick(LyingDeskTests.words)),\"seen_by_peer\":\(dice.pick(LyingDeskTests.words))}]"
            }
        }

        mutating func frame() -> String {
            let data = JSON.string(dice.happens(50) ? message() : body()).text
            return
                "{\"event\":\"\(dice.pick(LyingDeskTests.events))\",\"channel\":\"\(dice.pick(LyingDeskTests.channels))\",\"data\":\(data)}"
        }
    }

    @Test(
        "cannot crash a session, mix conversations up or have it ask without end", arguments: 0..<100 as Range<UInt64>)
    func anything(seed: UInt64) {
        var liar = Liar(dice: Dice(seed: seed))
        var room = World()
        for user in [alice, bob] { room.start(user) }
        room.want(alice, .open(aliceBob))
        room.say(bob, "true", to: aliceBob)
        var session = room[alice].session
        var now = room.now
        var asked: [Int] = []
        var count = 0
        func note(_ effects: [SessionEffect]) {
            for case .request(let id, _) in effects { asked.append(id) }
            count += effects.count
        }
        for step in 0..<400 {
            now.uptime += .milliseconds(7)
            if let id = asked.popLast() {
                let status = liar.dice.pick([200, 200, 200, 201, 204, 302, 400, 404, 409, 413, 429, 500, 503])
                note(
                    session.handle(
                        .answered(request: id, status: status, retryAfter: nil, body: liar.body()), now: now))
            }
            note(session.handle(.socketText(attempt: room[alice].attempt, liar.frame()), now: now))
            if step.isMultiple(of: 20) {
                note(
                    session.handle(
                        .command(liar.dice.pick([.open(aliceBob), .loadOlder(aliceBob), .open(.lobby)])), now: now))
            }
            note(session.tick(now: now))
        }
        for (name, each) in session.chat.conversations {
            #expect(each.messages.allSatisfy { $0.conversation == name && name.includes($0.from) })
            #expect(zip(each.messages, each.messages.dropFirst()).allSatisfy { $0.seq + 1 == $1.seq })
            #expect(each.unseen >= 0 && each.lastSeq <= DeskReply.maxCount)
        }
        // Every lie may lead to a few questions, but not to more with each.
        #expect(count < 400 * 40, "seed \(seed): \(count) effects")
    }

    @Test("a text, a page, a list or a count past its limit is no answer")
    func limits() throws {
        func json(_ seq: String, text: String = "\"x\"") -> String {
            """
            {"id":"1","seq":\(seq),"conversation":"private-chat-alice-bob","from":"bob","text":\(text),"at":"2026-11-20T10:15:30Z"}
            """
        }
        for seq in ["0", "-1", "9007199254740993", "9223372036854775807", "1.5", "null"] {
            #expect(throws: DeskFailure.self, "\(seq)") {
                try DeskReply.message(status: 201, body: json(seq), in: aliceBob)
            }
        }
        let long = "\"" + String(repeating: "x", count: DeskReply.maxText + 1) + "\""
        #expect(throws: DeskFailure.self) {
            try DeskReply.message(status: 201, body: json("1", text: long), in: aliceBob)
        }
        let many = (1...DeskCall.maxPage + 1).map { json("\($0)") }.joined(separator: ",")
        #expect(throws: DeskFailure.self) {
            try DeskReply.page(status: 200, body: "{\"messages\":[\(many)],\"first\":1,\"last\":300}", in: aliceBob)
        }
        #expect(throws: DeskFailure.self) {
            try DeskReply.page(
                status: 200, body: "{\"messages\":[],\"first\":1,\"last\":9223372036854775807}", in: aliceBob)
        }
    }
}
