import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("subscribing")
struct SubscribeTests {
    @Test("a connection is greeted with a new socket id and the activity timeout")
    func greeting() throws {
        var room = Room()
        let ana = room.connect()
        let bo = room.connect()
        #expect(room.id(ana) != room.id(bo))
        #expect(room.events(ana) == [.connectionEstablished(socketID: room.id(ana), activityTimeout: .seconds(120))])
        #expect(room.engine.socket(room.id(bo)) == bo)
    }

    @Test(
        "a public channel needs no signature, the others do",
        arguments: [
            "news", "private-a", "private-encrypted-a", "x-private-y",
        ] as [ChannelName])
    func succeeds(channel: ChannelName) {
        var room = Room()
        let ana = room.client()
        room.subscribe(ana, channel)
        #expect(
            room.take(ana) == [
                #"{"event":"pusher_internal:subscription_succeeded","channel":"\#(channel)","data":"{}"}"#
            ])
    }

    @Test("an empty auth is as good as none on a public channel")
    func emptyAuth() {
        var room = Room()
        let ana = room.client()
        room.say(.subscribe("news", auth: ""), ana)
        #expect(room.events(ana) == [success("news")])
    }

    @Test(
        "a wrong signature is an error that says what was expected, and the socket stays open",
        arguments: [
            nil, "", "x", "278d425bdf160c739803:", "278d425bdf160c739803:00",
        ] as [String?])
    func wrongSignature(auth: String?) {
        var room = Room()
        let ana = room.client()
        room.say(.subscribe("private-a", auth: auth), ana)
        let text = message(room.events(ana)) ?? ""
        #expect(
            text.hasPrefix("Invalid signature: Expected HMAC SHA256 hex digest of \(room.id(ana)):private-a, but got"))
        #expect(room.closed.isEmpty)
        room.subscribe(ana, "private-a")
        #expect(room.events(ana) == [success("private-a")])
    }

    @Test("a signature for another socket, channel or text is worth nothing")
    func foreignSignature() {
        var room = Room()
        let ana = room.client()
        let bo = room.client()
        let data = #"{"user_id":"17"}"#
        let good = room.signer.channel("presence-lobby", socketID: room.id(ana), channelData: data)
        room.say(.subscribe("presence-lobby", auth: good, channelData: data), bo)
        room.say(.subscribe("presence-hall", auth: good, channelData: data), ana)
        room.say(.subscribe("presence-lobby", auth: good, channelData: #"{"user_id": "17"}"#), ana)
        room.say(.subscribe("presence-lobby", auth: good), ana)
        #expect(room.events(ana).count == 3)
        #expect(room.events(bo).count == 1)
        #expect(room.engine.occupied().isEmpty)
    }

    @Test("subscribing again is confirmed again and changes nothing")
    func again() throws {
        var room = Room()
        let ana = room.client()
        room.subscribe(ana, "news")
        room.say(.subscribe("news"), ana)
        #expect(room.events(ana) == [success("news"), success("news")])
        try room.publish("e", "{}", on: ["news"])
        #expect(room.take(ana).count == 1)
        room.say(.unsubscribe("news"), ana)
        #expect(room.engine.occupied().isEmpty)
        #expect(room.take(ana).isEmpty)
    }

    @Test("leaving a channel one is not in is an error")
    func unsubscribeUnknown() {
        var room = Room()
        let ana = room.client()
        room.say(.unsubscribe("news"), ana)
        #expect(
            message(room.events(ana)) == "No current subscription to channel news, or subscription in progress")
    }

    @Test(
        "names that are none are refused",
        arguments: [
            "", "a b", "a:b", "#x", "#server-to-user-", "é", "a\n", String(repeating: "a", count: 165),
        ])
    func badNames(name: String) {
        var room = Room()
        let ana = room.client()
        room.say(.subscribe(ChannelName(wire: name)), ana)
        #expect(message(room.events(ana))?.hasPrefix("Invalid channel name") == true)
    }

    @Test("a connection has no more channels than allowed")
    func channelLimit() {
        var room = Room { limits, _ in limits.channelsPerConnection = 2 }
        let ana = room.client()
        for name in ["a", "b", "c"] { room.subscribe(ana, ChannelName(wire: name)) }
        #expect(room.engine.channels(of: ana) == ["a", "b"])
        #expect(room.events(ana).count == 3)
        room.say(.unsubscribe("a"), ana)
        room.subscribe(ana, "c")
        #expect(room.engine.channels(of: ana) == ["b", "c"])
    }

    @Test(
        "what is no frame is an error on a connection that stays",
        arguments: [
            "", "x", "[]", "{}", "null", #"{"event":7}"#, #"{"event":"pusher:subscribe"}"#,
            #"{"event":"pusher:subscribe","data":{"channel":{}}}"#,
            #"{"event":"pusher_internal:member_added","data":{}}"#,
            #"{"event":"pusher:connection_established","data":{}}"#, #"{"event":"hello"}"#,
            #"{"event":"my-client-x","channel":"private-a"}"#,
        ])
    func malformed(text: String) {
        var room = Room()
        let ana = room.client()
        room.say(text, ana)
        #expect(message(room.events(ana)) != nil)
        room.say(.ping, ana)
        #expect(room.events(ana) == [.pong])
    }

    @Test("noise never stops the engine")
    func noise() {
        var room = Room()
        let sockets = (0..<4).map { _ in room.client() }
        var state: UInt64 = 5
        func dice(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        let channels: [ChannelName] = ["a", "private-a", "presence-a", "cache-a", "#server-to-user-1", "bad name"]
        for _ in 0..<5_000 {
            let socket = sockets[dice(4)]
            let channel = channels[dice(channels.count)]
            switch dice(7) {
            case 0: if room.engine.socketID(of: socket) != nil { room.enter(socket, channel, as: "\(dice(3))") }
            case 1: if room.engine.socketID(of: socket) != nil { room.subscribe(socket, channel) }
            case 2: room.say(.unsubscribe(channel), socket)
            case 3: room.say(.event(name: "client-x", channel: channel, data: ["a": 1]), socket)
            case 4: if room.engine.socketID(of: socket) != nil { room.signIn(socket, #"{"id":"\#(dice(3))"}"#) }
            case 5:
                var bytes = Array(ClientFrame.subscribe(channel, auth: "k:1").text.utf8)
                bytes[dice(bytes.count)] = UInt8(dice(128))
                room.say(String(decoding: bytes, as: UTF8.self), socket)
            default:
                room.advance(.milliseconds(dice(400)))
                if dice(8) == 0 {
                    room.leave(socket)
                    room.perform(room.engine.connect(socket, now: room.now))
                }
            }
            // Whoever is a member is subscribed, and the other way round.
            for id in ["0", "1", "2"] {
                #expect(
                    room.engine.isMember(id, of: "presence-a")
                        == !room.engine.sockets(ofMember: id, in: "presence-a").isEmpty)
            }
        }
        for socket in sockets { room.leave(socket) }
        #expect(room.engine.occupied().isEmpty)
        #expect(room.engine.connectionCount == 0)
    }
}
