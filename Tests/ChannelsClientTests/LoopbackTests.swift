import ChannelsClient
import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("client and engine, back to back")
struct LoopbackTests {
    let lobby: ChannelName = "presence-lobby"

    @Test("everybody sees who comes and goes")
    func presence() {
        var room = Loopback()
        let ana = room.join("ana", lobby)
        let bo = room.join("bo", lobby)
        let member = Member(id: "bo", info: ["name": "user bo"])
        #expect(room.take(ana).suffix(1) == [.memberAdded(lobby, member)])
        #expect(room.roster(ana) == ["ana", "bo"])
        #expect(room.roster(bo) == ["ana", "bo"])
        room.cut(bo)
        #expect(room.take(ana) == [.memberRemoved(lobby, id: "bo")])
        room.advance(.seconds(2))
        #expect(room.roster(ana) == ["ana", "bo"])
        #expect(room.roster(bo) == ["ana", "bo"])
    }

    @Test("a user with two connections is one member, and hears on both")
    func twoConnections() throws {
        var room = Loopback()
        let (bo, ana1, ana2) = (room.join("bo", lobby), room.join("ana", lobby), room.join("ana", lobby))
        #expect(room.roster(bo) == ["ana", "bo"])
        for user in [bo, ana1, ana2] { _ = room.take(user) }
        try room.trigger(ana1, "client-typing", on: lobby, ["on": true])
        let event = ChannelNotice.event(lobby, name: "client-typing", data: ["on": true], userID: "ana")
        #expect(room.take(bo) == [event])
        #expect(room.take(ana2) == [event])
        #expect(room.take(ana1).isEmpty)
        room.cut(ana1)
        #expect(room.take(bo).isEmpty)
    }

    @Test("a vanished client is a ghost for no longer than both timeouts")
    func ghost() {
        var room = Loopback()
        let (ana, bo) = (room.join("ana", lobby), room.join("bo", lobby))
        room.isReachable = false
        room.cutSilently(bo)
        room.advance(.seconds(59))
        #expect(room.roster(ana) == ["ana", "bo"])
        room.advance(.seconds(2))
        #expect(room.roster(ana) == ["ana"])
        guard case .waiting = room.users[bo].connection.status else {
            Issue.record("\(room.users[bo].connection.status)")
            return
        }
        room.isReachable = true
        room.advance(.seconds(31))
        #expect(room.roster(ana) == ["ana", "bo"])
    }

    @Test("a reconnect that overlaps the dead socket is seen by nobody")
    func overlap() {
        var room = Loopback()
        let (ana, bo) = (room.join("ana", lobby), room.join("bo", lobby))
        _ = room.take(ana)
        room.cutSilently(bo)
        room.perform(
            bo,
            room.users[bo].connection.socketClosed(
                attempt: room.users[bo].attempt, code: 1006, reason: "", now: room.now))
        room.advance(.seconds(3))
        #expect(room.roster(bo) == ["ana", "bo"])
        room.advance(.seconds(200))
        #expect(!room.take(ana).contains(.memberRemoved(lobby, id: "bo")))
        #expect(room.roster(ana) == ["ana", "bo"])
    }

    @Test("idle connections live for hours on pings alone, without doubt or notices")
    func idle() {
        var room = Loopback()
        let users = (0..<5).map { room.join("u\($0)", lobby) }
        for user in users { _ = room.take(user) }
        room.advance(.seconds(4 * 3_600))
        for user in users { #expect(room.take(user).isEmpty) }
        #expect(room.engine.connectionCount == 5)
    }

    @Test("after a drain everybody is back, spread, with their channels")
    func drain() {
        var room = Loopback()
        let users = (0..<20).map { room.join("u\($0)", lobby, ChannelName(wire: "private-user-\($0)")) }
        let old = room.engine
        room.perform(room.engine.drain(now: room.now))
        room.engine = Engine(app: old.app, seed: 77)
        let waits = room.users.compactMap { user -> Duration? in
            guard case .waiting(let until, _, _) = user.connection.status else { return nil }
            return until
        }
        #expect(waits.count == 20)
        #expect(Set(waits).count > 10)
        room.advance(.seconds(1))
        for user in users { #expect(room.roster(user).count == 20) }
        #expect(room.engine.occupied().count == 21)
    }

    @Test("leaving and coming back in one breath ends in the channel")
    func rejoin() throws {
        var room = Loopback()
        let (ana, bo) = (room.join("ana", lobby), room.join("bo", lobby))
        for _ in 0..<3 {
            room.unsubscribe(ana, lobby)
            room.subscribe(ana, lobby)
        }
        room.advance(.seconds(2))
        #expect(room.roster(bo) == ["ana", "bo"])
        #expect(room.roster(ana) == ["ana", "bo"])
    }

    @Test("what is published reaches the subscribers but not the excluded one; encrypted, it is opened")
    func publishing() throws {
        var room = Loopback()
        let channel: ChannelName = "private-encrypted-a"
        let (ana, bo) = (room.join("ana", channel, "news"), room.join("bo", channel, "news"))
        _ = (room.take(ana), room.take(bo))
        try room.publish("m", #"{"n":1}"#, on: "news", excluding: room.users[ana].connection.status.socketID)
        #expect(room.take(ana).isEmpty)
        #expect(room.take(bo) == [.event("news", name: "m", data: ["n": 1], userID: nil)])
        try room.publish("m", room.sealed(#"{"n":2}"#, for: channel), on: channel)
        #expect(room.take(ana) == [.event(channel, name: "m", data: ["n": 2], userID: nil)])
    }

    @Test("a refused authorization is told once, and a recovered endpoint is found again")
    func authorization() {
        var room = Loopback()
        room.refusal = .refused(status: 403, message: "no")
        let ana = room.join("ana", lobby)
        room.advance(.seconds(100))
        #expect(room.take(ana).count { $0 == .subscriptionFailed(lobby, reason: "no", status: 403) } == 1)
        room.refusal = .unreachable(message: "down")
        let bo = room.join("bo", lobby)
        room.advance(.seconds(20))
        room.refusal = nil
        room.advance(.seconds(31))
        #expect(room.roster(bo) == ["bo"])
    }

    @Test("a full lobby refuses one, keeps the others, and takes the one in when there is room")
    func full() {
        var room = Loopback { limits, _ in limits.presenceMembers = 2 }
        let users = ["a", "b", "c"].map { room.join($0, lobby) }
        #expect(room.roster(users[0]) == ["a", "b"])
        guard case .retrying? = room.users[users[2]].connection.subscription(lobby) else {
            Issue.record("not refused")
            return
        }
        room.perform(users[0], room.users[users[0]].connection.unsubscribe(lobby, now: room.now))
        room.advance(.seconds(31))
        #expect(room.users[users[2]].connection.subscription(lobby) == .subscribed)
    }

    @Test("signed-in users have their channel and see their watchlist's ends")
    func signIn() throws {
        var room = Loopback()
        let ana = room.join("ana")
        room.perform(ana, room.users[ana].connection.signIn(now: room.now))
        try room.publish("hello", "{}", on: "#server-to-user-ana")
        #expect(room.take(ana).last == .event("#server-to-user-ana", name: "hello", data: [:], userID: nil))
        room.perform(room.engine.terminate(userID: "ana", now: room.now))
        guard case .refused(let reason) = room.users[ana].connection.status else {
            Issue.record("\(room.users[ana].connection.status)")
            return
        }
        #expect(reason.contains("4009"))
    }

    @Test(
        "any storm of joins, leaves, cuts and outages ends with all rosters equal",
        arguments: [1, 2, 3, 4, 5] as [UInt64])
    func storm(seed: UInt64) {
        var room = Loopback()
        var state = seed
        func dice(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        let users = (0..<6).map { room.join("u\($0 % 4)", lobby) }
        for _ in 0..<400 {
            let user = users[dice(users.count)]
            switch dice(8) {
            case 0: room.cut(user)
            case 1: room.cutSilently(user)
            case 2: room.unsubscribe(user, lobby)
            case 3, 4: room.subscribe(user, lobby)
            case 5: room.isReachable = dice(3) > 0
            case 6: room.refusal = dice(3) == 0 ? .unreachable(message: "down") : nil
            default: room.advance(.milliseconds(dice(40_000)))
            }
        }
        room.isReachable = true
        room.refusal = nil
        for user in users { room.subscribe(user, lobby) }
        room.advance(.seconds(400))
        for user in users {
            #expect(room.users[user].connection.subscription(lobby) == .subscribed)
            #expect(room.roster(user) == ["u0", "u1", "u2", "u3"])
        }
        #expect(room.engine.connectionCount == 6)
        #expect(room.engine.userCount(of: lobby) == 4)
    }
}
