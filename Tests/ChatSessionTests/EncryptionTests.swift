import ChannelsClient
import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

@Suite("conversations that the engine cannot read")
struct EncryptionTests {
    private static let sealed: ChannelName = "private-encrypted-chat-alice-bob"
    private static let open: ChannelName = "private-chat-alice-bob"

    private func two(encrypts: Bool = true) -> World {
        var room = World()
        if encrypts { room.desk.masterKey = Array(0..<32) }
        for user in [alice, bob] { room.start(user) }
        return room
    }

    private func warnings(_ room: World, _ user: UserID) -> [String] {
        room[user].notices.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    private func pages(_ room: World, _ user: UserID) -> Int {
        room.desk.log.count { $0.user == user && $0.request.path.contains("/messages?") }
    }

    private func hear(_ event: String, _ channel: String, _ data: String, in room: inout World) {
        let text = #"{"event":"\#(event)","channel":"\#(channel)","data":\#(data)}"#
        room.post(Seat(bob), .socketText(attempt: 1, text))
    }

    @Test("have a channel for messages beside the one for typing, and both are left together")
    func channels() {
        var room = two()
        room.want(alice, .open(aliceBob))
        #expect(room.chat(alice).isEncrypted)
        #expect(room[alice].session.channels.contains(Self.sealed))
        #expect(room[alice].session.channels.contains(Self.open))
        room.want(alice, .close(aliceBob))
        #expect(room[alice].session.channels.map(\.text) == ["presence-lobby", "private-user-alice"])
    }

    @Test("are seen by who is connected when the desk was started again with a key, without another connection")
    func keyAdded() {
        var room = two(encrypts: false)
        for user in [alice, bob] { room.want(user, .open(aliceBob)) }
        room.say(alice, "m1", to: aliceBob)
        room.desk.masterKey = Array(0..<32)
        for user in [alice, bob] {
            room.post(
                Seat(user), .socketText(attempt: 1, #"{"event":"desk_changed","channel":"presence-lobby","data":"{}"}"#)
            )
        }
        #expect(!room.chat(alice).isEncrypted)
        let asked = room.desk.log.count { $0.request.path == "/api/me" }
        room.advance(by: .seconds(6))
        #expect(room.desk.log.count { $0.request.path == "/api/me" } == asked + 2)
        #expect(room.chat(alice).isEncrypted && room.chat(bob).isEncrypted)
        #expect(room[bob].session.channels.contains(Self.sealed))
        room.say(alice, "m2", to: aliceBob)
        #expect(room.texts(bob, aliceBob) == ["m1", "m2"])
        #expect(room[bob].session.dropped == 0)
    }

    @Test("only the lobby tells that the desk was started again, and not a client")
    func changeElsewhere() {
        var room = two(encrypts: false)
        let asked = room.desk.log.count { $0.request.path == "/api/me" }
        hear("desk_changed", "private-user-bob", "{}", in: &room)
        hear("client-desk_changed", "presence-lobby", "{}", in: &room)
        room.advance(by: .seconds(6))
        #expect(room.desk.log.count { $0.request.path == "/api/me" } == asked)
    }

    @Test("carry messages, seen receipts and typing; nothing has to be fetched that was heard")
    func talk() {
        var room = two()
        for user in [alice, bob] { room.want(user, .open(aliceBob)) }
        let before = pages(room, bob)
        for index in 1...3 { room.say(alice, "m\(index)", to: aliceBob) }
        #expect(room.texts(bob, aliceBob) == ["m1", "m2", "m3"])
        #expect(pages(room, bob) == before)
        room.want(bob, .markSeen(aliceBob, through: 3))
        #expect(room.chat(alice).conversation(aliceBob).seenByPeer == 3)
        room.want(bob, .typing(aliceBob, true))
        #expect(room.chat(alice).typing.typists(in: aliceBob) == [bob])
        #expect(room[bob].session.dropped == 0)
        #expect(warnings(room, bob) == [])
    }

    @Test("a wrong key is asked for once more, and nothing is missing or out of order")
    func wrongThenRight() {
        var room = two()
        room.desk.wrongKeys = 1
        room.want(bob, .open(aliceBob))
        for index in 1...3 { room.say(alice, "m\(index)", to: aliceBob) }
        #expect(room.texts(bob, aliceBob) == ["m1", "m2", "m3"])
        #expect(warnings(room, bob) == [])
        let asked = room.desk.log.count { $0.user == bob && $0.request.body.contains("private-encrypted") }
        #expect(asked == 2)
    }

    @Test("a key that stays wrong is said once, and what it does not open is fetched from the desk")
    func wrong() {
        var room = two()
        room.desk.wrongKeys = 1_000
        room.want(bob, .open(aliceBob))
        for index in 1...3 { room.say(alice, "m\(index)", to: aliceBob) }
        #expect(room.texts(bob, aliceBob) == ["m1", "m2", "m3"])
        #expect(warnings(room, bob) == ["alice: the key does not open what comes; it is fetched from the desk instead"])
    }

    @Test(
        "what is no ciphertext is never shown",
        arguments: [
            "{}", #"{"nonce":"x","ciphertext":"y"}"#, #"{"nonce":"AAAA","ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAA"}"#, "7",
            #"{"nonce":"ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7","ciphertext":"AAAA"}"#, #""text""#, "null", "[]",
            #"{"nonce":"ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7","ciphertext":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
            #"{"id":"x","seq":1,"conversation":"private-chat-alice-bob","from":"alice","text":"hi","at":"2026-11-20T10:00:00.000Z"}"#,
        ])
    func malformed(data: String) {
        var room = two()
        room.want(bob, .open(aliceBob))
        hear("new_message", Self.sealed.text, data, in: &room)
        #expect(room.chat(bob).conversation(aliceBob).messages == [])
        room.say(alice, "m1", to: aliceBob)
        #expect(room.texts(bob, aliceBob) == ["m1"])
    }

    @Test("what the engine could have written itself is not believed")
    func forged() {
        var room = two()
        room.want(bob, .open(aliceBob))
        let message =
            #"{"id":"x","seq":1,"conversation":"private-chat-alice-bob","from":"alice","text":"forged","at":"2026-11-20T10:00:00.000Z"}"#
        hear("new_message", Self.open.text, message, in: &room)
        hear("message_seen", Self.open.text, #"{"by":"alice","seq":1}"#, in: &room)
        #expect(room.chat(bob).conversation(aliceBob).messages == [])
        #expect(room[bob].session.dropped == 2)
    }

    @Test("of a room, which cannot be encrypted, the desk itself says what was written")
    func lobby() {
        var room = two()
        hear(
            "new_message", "presence-lobby",
            #"{"id":"x","seq":1,"conversation":"presence-lobby","from":"alice","text":"forged","at":"2026-11-20T10:00:00.000Z"}"#,
            in: &room)
        #expect(room.chat(bob).conversation(.lobby).messages == [])
        room.say(alice, "hello all", to: .lobby)
        #expect(room.texts(bob, .lobby) == ["hello all"])
        #expect(
            room[bob].notices.contains {
                if case .message(let message) = $0 { message.text == "hello all" } else { false }
            })
    }

    @Test(
        "a desk that begins to encrypt, or ceases to, is followed with the next connection", arguments: [true, false])
    func changes(encrypts: Bool) {
        var room = two(encrypts: !encrypts)
        for user in [alice, bob] { room.want(user, .open(aliceBob)) }
        room.desk.masterKey = encrypts ? Array(0..<32) : nil
        for user in [alice, bob] {
            room.cut(user)
            room.mend(user)
        }
        room.advance(by: .seconds(60))
        #expect(room.chat(bob).isEncrypted == encrypts)
        #expect(room[bob].session.channels.contains(Self.sealed) == encrypts)
        let before = pages(room, bob)
        room.say(alice, "m1", to: aliceBob)
        #expect(room.texts(bob, aliceBob) == ["m1"])
        #expect(pages(room, bob) == before)
    }

    @Test("a program that shares the connection reads with a key of its own")
    func shared() throws {
        var room = two()
        room.want(alice, .open(aliceBob))
        room.post(Seat(alice), .lineOpened(1))
        room.post(Seat(alice), .lineText(1, ClientFrame.subscribe(Self.sealed).text))
        room.clients[Seat(alice)]?.lent = []
        room.say(bob, "m1", to: aliceBob)
        let said = try room[alice].lent.compactMap { effect -> ChannelEvent? in
            guard case .sendLine(1, let text) = effect, case .event(let event) = try ServerEvent(decoding: text) else {
                return nil
            }
            return event
        }
        let event = try #require(said.first { $0.name == "new_message" })
        let cipher = try #require(ChannelCipher(masterKey: Array(0..<32), channel: Self.sealed))
        #expect(event.data["text"] == nil)
        #expect(try cipher.open(event.data)["text"] == "m1")
    }
}
