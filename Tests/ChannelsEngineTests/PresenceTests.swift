import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("presence")
struct PresenceTests {
    let lobby: ChannelName = "presence-lobby"
    let ana = Member(id: "17", info: ["name": "Ana \"A\" 🚀"])
    let bo = Member(id: "3", info: ["name": "Bo"])

    @Test("who joins gets the roster with themself in it, and the others hear of them once")
    func join() {
        var room = Room()
        let (a, b) = (room.client(), room.client())
        room.enter(a, lobby, as: ana.id, info: ana.info)
        #expect(room.events(a) == [roster(lobby, ana)])
        room.enter(b, lobby, as: bo.id, info: bo.info)
        #expect(room.events(a) == [.memberAdded(lobby, bo)])
        #expect(room.events(b) == [roster(lobby, ana, bo)])
    }

    @Test("the roster is written as Pusher writes it")
    func rosterText() {
        var room = Room()
        let a = room.client()
        room.enter(a, lobby, as: ana.id, info: ana.info)
        let expected = ServerEvent.subscriptionSucceeded(lobby, presence: .init(members: [ana])).text
        #expect(room.take(a) == [expected])
        let b = room.client()
        room.enter(b, lobby, as: "x/\\y")
        let both = ServerEvent.subscriptionSucceeded(lobby, presence: .init(members: [ana, Member(id: "x/\\y")])).text
        #expect(room.take(b) == [both])
    }

    @Test("a user with two sockets is one member: added with the first, removed with the last")
    func twoSockets() {
        var room = Room()
        let (a1, a2, b) = (room.client(), room.client(), room.client())
        room.enter(b, lobby, as: bo.id)
        room.enter(a1, lobby, as: ana.id)
        room.enter(a2, lobby, as: ana.id)
        #expect(room.events(b).count == 2)
        #expect(room.events(a2) == [roster(lobby, Member(id: "3"), Member(id: "17"))])
        #expect(room.engine.userCount(of: lobby) == 2)
        #expect(room.engine.subscriptionCount(of: lobby) == 3)
        #expect(room.engine.sockets(ofMember: "17", in: lobby) == [a1, a2])
        room.leave(a1)
        #expect(room.events(b).isEmpty)
        room.say(.unsubscribe(lobby), a2)
        #expect(room.events(b) == [.memberRemoved(lobby, id: "17")])
        #expect(room.engine.userCount(of: lobby) == 1)
    }

    @Test("users whose ids are equal only to the eye are two members")
    func bytes() {
        var room = Room()
        let (a, b) = (room.client(), room.client())
        room.enter(a, lobby, as: "\u{E9}")
        room.enter(b, lobby, as: "e\u{301}")
        #expect(room.engine.userCount(of: lobby) == 2)
        #expect(room.engine.sockets(ofMember: "e\u{301}", in: lobby) == [b])
        #expect(room.engine.occupied("presence-lobby").count == 1)
    }

    @Test("subscribing twice with one socket sends the roster again and counts once")
    func duplicate() {
        var room = Room()
        let (a, b) = (room.client(), room.client())
        room.enter(b, lobby, as: "3")
        room.enter(a, lobby, as: "17")
        room.enter(a, lobby, as: "17")
        #expect(room.events(a).count == 2)
        #expect(room.events(b).count == 2)
        room.leave(a)
        #expect(room.events(b) == [.memberRemoved(lobby, id: "17")])
    }

    @Test("the info of a user's first socket stays until they have left")
    func firstInfo() {
        var room = Room()
        let (a1, a2) = (room.client(), room.client())
        room.enter(a1, lobby, as: "17", info: ["name": "first"])
        room.enter(a2, lobby, as: "17", info: ["name": "second"])
        #expect(room.events(a2) == [roster(lobby, Member(id: "17", info: ["name": "first"]))])
        room.leave(a1)
        room.leave(a2)
        let a3 = room.client()
        room.enter(a3, lobby, as: "17", info: ["name": "third"])
        #expect(room.events(a3) == [roster(lobby, Member(id: "17", info: ["name": "third"]))])
    }

    @Test(
        "every kind of exit removes the member", arguments: ["leave", "unsubscribe", "silence", "flood", "terminate"])
    func exits(kind: String) {
        var room = Room { limits, _ in limits.framesPerSecond = 5 }
        let (a, b) = (room.client(), room.client())
        room.enter(a, lobby, as: "17")
        room.signIn(a, #"{"id":"17"}"#)
        room.enter(b, lobby, as: "3")
        _ = (room.take(a), room.take(b))
        switch kind {
        case "leave": room.leave(a)
        case "unsubscribe": room.say(.unsubscribe(lobby), a)
        case "silence":
            for _ in 0..<20 {
                room.advance(.seconds(10))
                room.say(.pong, b)
            }
            #expect(room.closed[a] == 4201)
        case "flood":
            for _ in 0..<6 { room.say(.pong, a) }
            #expect(room.closed[a] == 4100)
        default:
            room.perform(room.engine.terminate(userID: "17", now: room.now))
            #expect(room.closed[a] == 4009)
        }
        #expect(room.events(b).filter { $0 != .ping } == [.memberRemoved(lobby, id: "17")])
        #expect(room.engine.userCount(of: lobby) == 1)
        room.leave(a)
        #expect(room.events(b).isEmpty)
    }

    @Test("a number as user id is its digits, however great")
    func numbers() {
        var room = Room()
        let a = room.client()
        room.subscribe(a, lobby, data: #"{"user_id":123456789012345678901234567890,"user_info":null}"#)
        #expect(room.events(a) == [roster(lobby, Member(id: "123456789012345678901234567890"))])
    }

    @Test(
        "channel_data that says nobody, or too much, is refused",
        arguments: [
            "", "x", "[]", "{}", #"{"user_id":""}"#, #"{"user_id":null}"#, #"{"user_id":{}}"#,
            #"{"user_id":"1","user_info":true}"#,
            #"{"user_id":"1","user_info":"x"}"#, #"{"user_id":"\#(String(repeating: "a", count: 129))"}"#,
            #"{"user_id":"1","user_info":{"a":"\#(String(repeating: "a", count: 1_024))"}}"#,
        ])
    func refused(data: String) {
        var room = Room()
        let a = room.client()
        room.subscribe(a, lobby, data: data)
        #expect(message(room.events(a)) != nil)
        #expect(room.engine.occupied().isEmpty)
    }

    @Test("a full channel takes no other user, but another socket of one who is there")
    func full() {
        var room = Room { limits, _ in limits.presenceMembers = 2 }
        let sockets = (0..<4).map { _ in room.client() }
        room.enter(sockets[0], lobby, as: "0")
        room.enter(sockets[1], lobby, as: "1")
        room.enter(sockets[2], lobby, as: "2")
        #expect(message(room.events(sockets[2])) != nil)
        room.enter(sockets[3], lobby, as: "1")
        #expect(room.events(sockets[3]).count == 1)
        room.leave(sockets[0])
        room.enter(sockets[2], lobby, as: "2")
        #expect(room.engine.isMember("2", of: lobby))
    }

    @Test("a roster of thousands is right after any coming and going")
    func churn() {
        var room = Room { limits, _ in limits.presenceMembers = nil }
        var expected = Set<String>()
        var sockets: [Socket] = []
        for index in 0..<600 {
            let socket = room.client()
            room.enter(socket, lobby, as: "u\(index)", info: ["n": JSON(index)])
            expected.insert("u\(index)")
            sockets.append(socket)
            if index % 3 == 2 {
                let gone = sockets.remove(at: index * 7 % sockets.count)
                let before = expected.count
                for id in expected where room.engine.sockets(ofMember: id, in: lobby) == [gone] { expected.remove(id) }
                #expect(expected.count == before - 1)
                room.leave(gone)
            }
        }
        let last = room.client()
        room.enter(last, lobby, as: "last")
        expected.insert("last")
        guard case .subscriptionSucceeded(_, let snapshot?)? = room.events(last).first else {
            Issue.record("no roster")
            return
        }
        #expect(Set(snapshot.members.map(\.id)) == expected)
        #expect(snapshot.count == expected.count)
        for member in snapshot.members where member.id != "last" {
            #expect(member.info?["n"]?.int.map { "u\($0)" } == member.id)
        }
    }
}
