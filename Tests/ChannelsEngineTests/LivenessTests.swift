import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("liveness and limits of connections")
struct LivenessTests {
    @Test("a silent client is pinged after the activity timeout and closed 30 s later")
    func silence() {
        var room = Room()
        let ana = room.client()
        room.advance(.seconds(119))
        #expect(room.take(ana).isEmpty)
        room.advance(.seconds(1))
        #expect(room.events(ana) == [.ping])
        room.advance(.seconds(29))
        #expect(room.closed.isEmpty)
        room.advance(.seconds(1))
        #expect(room.closed == [ana: 4201])
        #expect(room.engine.connectionCount == 0)
        #expect(room.engine.deadline == nil)
    }

    @Test("the default activity timeout is shorter than the idle timeouts of nginx and haproxy")
    func proxies() {
        #expect(Limits().activityTimeout == .seconds(30))
    }

    @Test("anything it sends is life", arguments: ["pong", "garbage", "control"])
    func life(kind: String) {
        var room = Room()
        let ana = room.client()
        for _ in 0..<5 {
            room.advance(.seconds(121))
            switch kind {
            case "pong": room.say(.pong, ana)
            case "garbage": room.say("x", ana)
            default: _ = room.engine.activity(ana, now: room.now)
            }
        }
        #expect(room.closed.isEmpty)
        #expect(room.events(ana).count { $0 == .ping } == 5)
    }

    @Test("being sent things is not life: who only listens is pinged too")
    func listening() throws {
        var room = Room()
        let ana = room.client()
        room.subscribe(ana, "news")
        for _ in 0..<15 {
            room.advance(.seconds(10))
            try room.publish("e", "{}", on: ["news"])
        }
        #expect(room.closed == [ana: 4201])
    }

    @Test("pings of a client are answered")
    func ping() {
        var room = Room()
        let ana = room.client()
        room.say(#"{"event":"pusher:ping","data":""}"#, ana)
        #expect(room.events(ana) == [.pong])
    }

    @Test("frames that are no end are ended with 4100")
    func flood() {
        var room = Room { limits, _ in limits.framesPerSecond = 100 }
        let ana = room.client()
        for _ in 0..<100 { room.say(.ping, ana) }
        #expect(room.closed.isEmpty)
        room.say(.ping, ana)
        #expect(room.closed == [ana: 4100])
        #expect(room.engine.receive(ClientFrame.ping.text, from: ana, now: room.now) == [])
    }

    @Test("connections beyond the quota are refused with 4004, and a place that is free is taken")
    func quota() {
        var room = Room { limits, _ in limits.connections = 1 }
        let ana = room.connect()
        let bo = room.connect()
        #expect(room.closed == [bo: 4004])
        guard case .error(4004, _, nil)? = room.events(bo).first else {
            Issue.record("no error frame")
            return
        }
        room.leave(ana)
        let cy = room.connect()
        #expect(room.closed[cy] == nil)
    }

    @Test("a drain closes everybody with 4200, silently, and turns others away")
    func drain() {
        var room = Room()
        let sockets = (0..<3).map { _ in room.client() }
        for socket in sockets { room.enter(socket, "presence-lobby", as: "\(socket)") }
        for socket in sockets { _ = room.take(socket) }
        room.perform(room.engine.drain(now: room.now))
        #expect(room.closed == [sockets[0]: 4200, sockets[1]: 4200, sockets[2]: 4200])
        for socket in sockets {
            room.leave(socket)
            #expect(room.take(socket).isEmpty)
        }
        let late = room.connect()
        #expect(room.closed[late] == 4200)
        #expect(room.engine.deadline == nil)
    }

    @Test("a drain may be spread, so that not all come back at once")
    func spreadDrain() {
        var room = Room()
        let sockets = (0..<4).map { _ in room.client() }
        room.perform(room.engine.drain(now: room.now, over: .seconds(2)))
        #expect(room.closed == [sockets[0]: 4200])
        room.advance(.seconds(1))
        #expect(room.closed.count == 3)
        room.advance(.milliseconds(500))
        #expect(room.closed.count == 4)
        #expect(room.engine.deadline == nil)
    }

    @Test(
        "a version of the protocol that is not spoken here is refused",
        arguments: [
            ("7", nil), ("6", nil), ("5", nil), ("4", 4007), ("8", 4007), ("x", 4007), ("", 4007), (nil, 4008),
        ] as [(String?, UInt16?)])
    func versions(version: String?, code: UInt16?) {
        #expect(Room().engine.app.refusal(protocol: version)?.rawValue == code)
    }

    @Test("an app that is switched off refuses with 4003")
    func disabled() {
        var room = Room { _, features in features.isEnabled = false }
        let ana = room.connect()
        #expect(room.closed == [ana: 4003])
    }

    @Test("subscribers are told how many they are: at once up to a hundred, then every five seconds")
    func counts() {
        var room = Room { _, features in features.subscriptionCounts = true }
        let ana = room.client()
        room.subscribe(ana, "news")
        #expect(room.events(ana) == [success("news"), .subscriptionCount("news", 1)])
        var others: [Socket] = []
        for _ in 0..<99 {
            others.append(room.client())
            room.subscribe(others[others.count - 1], "news")
        }
        #expect(room.events(ana).count == 99)
        for _ in 0..<10 {
            others.append(room.client())
            room.subscribe(others[others.count - 1], "news")
        }
        #expect(room.events(ana).isEmpty)
        room.advance(.seconds(5))
        #expect(room.events(ana) == [.subscriptionCount("news", 110)])
        room.enter(ana, "presence-lobby", as: "1")
        #expect(room.events(ana).count == 1)
    }

    @Test("ten thousand silent sockets are pinged in one step and found without looking at the busy ones")
    func many() {
        var room = Room { limits, _ in limits.presenceMembers = nil }
        let sockets = (0..<10_000).map { _ in room.client() }
        #expect(room.engine.deadline == .seconds(120))
        let outputs = room.engine.tick(now: .seconds(120))
        #expect(outputs == [.send(ServerEvent.ping.text, to: sockets)])
    }
}
