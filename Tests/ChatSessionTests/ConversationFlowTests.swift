import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

@Suite("sessions against an engine and a desk")
struct ConversationFlowTests {
    private func three() -> World {
        var room = World()
        for user in [alice, bob, carol] { room.start(user) }
        return room
    }

    @Test("are in each other's roster, and hold no chat channel before somebody opens a conversation")
    func roster() {
        let room = three()
        for user in [alice, bob, carol] {
            #expect(room.chat(user).link == .online)
            #expect(room.chat(user).roster.onlineCount == 3)
            #expect(
                room[user].session.channels.map(\.description) == ["presence-lobby", "private-user-\(user)"])
        }
    }

    @Test("opening a conversation rings at the peer's, who then holds its channel too, and nobody else does")
    func doorbell() {
        var room = three()
        room.want(alice, .open(aliceBob))
        #expect(room.chat(alice).watchedConversations == [aliceBob])
        #expect(room.chat(bob).watchedConversations == [aliceBob])
        #expect(room.chat(carol).watchedConversations == [])
    }

    @Test("a message reaches the peer with a badge, is seen, and its sender is told; a third hears nothing")
    func message() {
        var room = three()
        room.want(alice, .open(aliceBob))
        room.say(alice, "hi bob", to: aliceBob)
        #expect(room.texts(alice, aliceBob) == ["hi bob"])
        #expect(room.texts(bob, aliceBob) == ["hi bob"])
        #expect(room.chat(bob).conversation(aliceBob).unseen == 1)
        #expect(room.chat(carol).conversations[aliceBob] == nil)
        room.want(bob, .open(aliceBob))
        room.want(bob, .markSeen(aliceBob, through: 1))
        #expect(room.chat(bob).conversation(aliceBob).unseen == 0)
        #expect(room.chat(alice).conversation(aliceBob).seenByPeer == 1)
        #expect(room.disks[alice]?.rows.isEmpty == true)
    }

    @Test("typing reaches the peer before the first message, and ends")
    func typing() {
        var room = three()
        room.want(alice, .open(aliceBob))
        room.want(alice, .typing(aliceBob, true))
        #expect(room.chat(bob).typing.typists(in: aliceBob) == [alice])
        #expect(room.chat(carol).typing.typists(in: aliceBob) == [])
        room.advance(by: .seconds(6))
        #expect(room.chat(bob).typing.typists(in: aliceBob) == [])
    }

    @Test("a mark that no reply is needed counts in all terminals of its user, and in those started later")
    func settled() {
        var room = three()
        let second = Seat(alice, 2)
        room.start(second)
        room.say(bob, "help", to: aliceBob)
        func waits(_ seat: Seat) -> Bool {
            var clock = WaitingClock()
            clock.follow(room[seat].session.chat)
            return clock[aliceBob] != nil
        }
        #expect(waits(Seat(alice)) && waits(second))
        room.want(second, .settle(aliceBob, through: 1))
        #expect(!waits(Seat(alice)) && !waits(second))
        room.start(Seat(alice, 3))
        #expect(!waits(Seat(alice, 3)))
        room.say(bob, "really", to: aliceBob)
        #expect(waits(Seat(alice)) && waits(second) && waits(Seat(alice, 3)))
    }

    @Test("the terminals of one user tell each other how long they are in use, and nobody else hears of it")
    func activity() {
        var room = three()
        let second = Seat(alice, 2)
        room.want(alice, .active(until: room.now.uptime + .seconds(600)))
        room.start(second)
        room.want(second, .active(until: room.now.uptime + .seconds(300)))
        let slack = ChatState.activitySlack
        #expect(room.chat(alice).othersActiveUntil == room.now.uptime + .seconds(300) + slack)
        #expect(room[second].session.chat.othersActiveUntil == room.now.uptime + .seconds(600) + slack)
        #expect(room.chat(bob).othersActiveUntil == nil)
        room.post(second, .stopping)
        #expect(room.chat(alice).othersActiveUntil == nil)
    }

    @Test("the lobby reaches everybody, and typing there is believed by the engine's word alone")
    func lobby() {
        var room = three()
        room.say(carol, "hello all", to: .lobby)
        for user in [alice, bob, carol] { #expect(room.texts(user, .lobby) == ["hello all"]) }
        room.want(carol, .typing(.lobby, true))
        #expect(room.chat(alice).typing.typists(in: .lobby) == [carol])
    }

    @Test(
        "leaving the lobby takes a user out of the others' rosters while private chats go on; entering brings them back"
    )
    func leaveAndEnter() {
        var room = three()
        room.want(carol, .leave(.lobby))
        #expect(room.chat(alice).roster.isOnline(carol) == false)
        let name = ConversationName(alice, carol)!
        room.say(alice, "still there?", to: name)
        #expect(room.texts(carol, name) == ["still there?"])
        room.want(carol, .enter(.lobby))
        room.advance(by: .seconds(2))
        #expect(room.chat(alice).roster.isOnline(carol))
        #expect(room.chat(carol).roster.onlineCount == 3)
    }

    @Test("what was written while a user was away is found unseen on return, in order and once")
    func away() {
        var room = three()
        room.cut(bob)
        for index in 1...150 { room.say(alice, "m\(index)", to: aliceBob) }
        #expect(room.chat(alice).conversation(aliceBob).messages.count == 150)
        room.mend(bob)
        room.advance(by: .seconds(60))
        #expect(room.chat(bob).link == .online)
        #expect(room.chat(bob).conversation(aliceBob).unseen == 150)
        let heard = room[bob].notices.compactMap {
            if case .message(let message) = $0 { message.seq } else { nil }
        }
        #expect(heard == heard.sorted())
        #expect(Set(heard).count == heard.count)
        #expect(heard.last == 150)
    }

    @Test("what is typed while the line is down goes out once when it is back, in order")
    func outbox() {
        var room = three()
        room.want(alice, .open(aliceBob))
        room.cut(alice)
        for index in 1...5 { room.say(alice, "m\(index)", to: aliceBob) }
        #expect(room.chat(alice).waitingToBeSent == 5)
        room.mend(alice)
        room.advance(by: .seconds(60))
        #expect(room.chat(alice).waitingToBeSent == 0)
        #expect(room.texts(bob, aliceBob) == (1...5).map { "m\($0)" })
        #expect(room.texts(alice, aliceBob) == (1...5).map { "m\($0)" })
    }

    @Test("a dead connection takes its user out of the others' rosters")
    func dead() {
        var room = three()
        room.cut(bob)
        #expect(!room.chat(alice).roster.isOnline(bob))
        #expect(room[alice].notices.contains(.presence(bob, isOnline: false)))
        #expect(!room.chat(bob).roster.isKnown)
    }

    @Test("a message to nobody fails with the reason and stays")
    func unknownPeer() {
        var room = three()
        let name = ConversationName(alice, UserID("nobody")!)!
        room.say(alice, "hello?", to: name)
        #expect(room.chat(alice).conversation(name).outbox.map(\.state) == [.failed(reason: "there is no such user")])
    }

    @Test("a busy desk is asked again with the same id")
    func busy() {
        var room = three()
        room.desk.faults = [("/messages", 503, 2)]
        room.say(alice, "hi", to: aliceBob)
        #expect(room.chat(alice).waitingToBeSent == 1)
        room.advance(by: .seconds(5))
        #expect(room.chat(alice).waitingToBeSent == 0)
        #expect(room.texts(bob, aliceBob) == ["hi"])
    }

    @Test("a token that is refused is tried once more, then said, and not in a loop")
    func refusedToken() {
        var room = World()
        room.desk.faults = [("/api/me", 401, 100)]
        room.start(alice)
        room.advance(by: .seconds(600))
        #expect(room.chat(alice).link == .refused(reason: "a fault on purpose"))
        #expect(room.desk.log.count <= 2)
    }

    @Test("a token that runs out is said once, asks for nothing meanwhile, and goes on where it was after signing in")
    func expiredToken() {
        var room = three()
        room.want(bob, .open(aliceBob))
        let new = room.desk.newToken(bob)
        room.say(bob, "kept", to: aliceBob)
        room.advance(by: .seconds(3_600))
        #expect(room.chat(bob).link == .refused(reason: "the token belongs to nobody here"))
        #expect(room.desk.refused <= 2)
        #expect(room.chat(bob).waitingToBeSent == 1)
        room.credentials[bob] = new
        room.post(Seat(bob), .reconnectNow)
        room.advance(by: .seconds(2))
        #expect(room.chat(bob).link == .online)
        #expect(room.texts(alice, aliceBob) == ["kept"])
    }

    @Test("a token that was renewed by another program is taken without a word")
    func renewedToken() {
        var room = three()
        room.credentials[bob] = room.desk.newToken(bob)
        room.say(bob, "hi", to: aliceBob)
        #expect(room.texts(alice, aliceBob) == ["hi"])
        #expect(room.chat(bob).link == .online)
    }

    @Test("a token that is somebody else's now sends nothing in their name")
    func othersToken() {
        var room = three()
        room.credentials[bob] = room.credentials[carol]
        room.cut(bob)
        room.say(bob, "mine", to: aliceBob)
        room.mend(bob)
        room.advance(by: .seconds(60))
        guard case .refused(let reason) = room.chat(bob).link else {
            return #expect(Bool(false), "\(room.chat(bob).link)")
        }
        #expect(reason.contains("carol's"))
        #expect(room.chat(bob).waitingToBeSent == 1)
    }

    @Test("what another user left on this machine is neither shown nor sent")
    func anotherUser() {
        var room = World()
        for user in [alice, carol] { room.start(user) }
        let kept = OutgoingMessage(
            clientID: "c1", conversation: aliceBob, text: "bob's", at: room.now.date, state: .queued)
        _ = room.disks[bob, default: AccountDisk()].write(
            [.putOutbox(kept)], by: Run(seat: Seat(bob), number: 0))
        room.credentials[bob] = room.credentials[carol]
        room.start(Seat(bob), isKnown: true)
        room.advance(by: .seconds(60))
        #expect(room.chat(bob).me == carol)
        #expect(room.chat(bob).conversations[aliceBob] == nil)
        #expect(room.disks[bob]?.rows.count == 1)
    }

    @Test("a half-open connection is doubted within the activity rule, then given up, and nothing is lost by it")
    func halfOpen() {
        var room = three()
        room.halfOpen(Seat(bob))
        room.say(alice, "hello?", to: aliceBob)
        room.advance(by: .seconds(34))
        #expect(room.chat(bob).link == .doubtful)
        room.advance(by: .seconds(40))
        #expect(!room.chat(bob).link.isOnline)
        room.mend(bob)
        room.advance(by: .seconds(60))
        #expect(room.chat(bob).conversation(aliceBob).unseen == 1)
    }

    @Test("a machine that slept asks for a sign of life at once")
    func woke() {
        var room = three()
        room.halfOpen(Seat(bob))
        room.sleep(Seat(bob), for: .seconds(30))
        room.advance(by: .seconds(4))
        #expect(room.chat(bob).link == .doubtful)
        room.advance(by: .seconds(7))
        #expect(!room.chat(bob).link.isOnline)
    }

    @Test("a desk restored from a copy is noticed after the next reconnect, and read again")
    func restoredDesk() {
        var room = three()
        room.want(bob, .open(aliceBob))
        for index in 1...3 { room.say(alice, "m\(index)", to: aliceBob) }
        room.desk.store = "store-2"
        room.desk.messages[aliceBob.channel]?.removeLast(2)
        room.cut(bob)
        room.mend(bob)
        room.advance(by: .seconds(30))
        #expect(room[bob].notices.contains(.storeChanged))
        #expect(room.texts(bob, aliceBob) == ["m1"])
    }
}

@Suite("what the wire says is believed only where it can be true")
struct WireEventTests {
    @Test(
        "frames of others, in others' names or of no shape are dropped and counted",
        arguments: [
            (#"{"from":"carol","typing":true}"#, "client-typing", "private-chat-alice-bob"),
            (#"{"from":"bob"}"#, "client-typing", "private-chat-alice-bob"),
            (#"{"by":"carol","seq":3}"#, "message_seen", "private-chat-alice-bob"),
            (#"{"by":"bob","seq":-3}"#, "message_seen", "private-chat-alice-bob"),
            (
                #"{"id":"1","seq":1,"conversation":"private-chat-bob-carol","from":"bob","text":"x","at":"2026-11-20T10:15:30.123Z"}"#,
                "new_message", "private-chat-alice-bob"
            ),
            (
                #"{"id":"1","seq":0,"conversation":"private-chat-alice-bob","from":"bob","text":"x","at":"2026-11-20T10:15:30.123Z"}"#,
                "new_message", "private-chat-alice-bob"
            ),
            (
                #"{"kind":"new_message","conversation":"private-chat-bob-carol","by":"bob","seq":1}"#, "inbox",
                "private-user-alice"
            ),
            (
                #"{"kind":"new_message","conversation":"private-chat-alice-bob","by":"carol","seq":1}"#, "inbox",
                "private-user-alice"
            ),
            (
                #"{"kind":"new_message","conversation":"private-chat-alice-bob","by":"bob","seq":1}"#, "inbox",
                "private-user-bob"
            ),
            (#"[]"#, "new_message", "private-chat-alice-bob"), (#""text""#, "inbox", "private-user-alice"),
            (#"{"from":"bob","typing":true}"#, "client-typing", "presence-lobby"),
        ])
    func dropped(data: String, name: String, channel: String) throws {
        let json = try JSON(parsing: data)
        #expect(throws: WireRefusal.self) {
            try WireEvent.chatEvent(
                name, data: json, channel: ChannelName(wire: channel), userID: "mallory", me: alice, isEncrypted: false)
        }
    }

    @Test("unknown events are ignored")
    func unknown() throws {
        let event = try WireEvent.chatEvent(
            "something", data: .null, channel: "private-chat-alice-bob", userID: nil, me: alice, isEncrypted: false)
        #expect(event == nil)
    }
}

@Suite("random ids")
struct RandomIDTests {
    @Test("are version 4 UUIDs and differ")
    func shape() {
        var ids = RandomIDs(seed: (1, 2))
        let many = (0..<1000).map { _ in ids.next() }
        #expect(Set(many).count == 1000)
        for id in many {
            #expect(id.count == 36 && id.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
            #expect(Array(id)[14] == "4" && "89ab".contains(Array(id)[19]))
        }
    }
}
