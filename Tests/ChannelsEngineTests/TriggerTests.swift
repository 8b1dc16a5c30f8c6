import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("published events")
struct PublishTests {
    @Test("reach all subscribers as one text, byte for byte as published, but not the excluded socket")
    func fanOut() throws {
        var room = Room()
        let sockets = (0..<3).map { _ in room.client() }
        for socket in sockets {
            room.subscribe(socket, "news")
            _ = room.take(socket)
        }
        let data = #"{ "a":"\u00e9" }"#
        let outputs = try room.engine.trigger(
            PublishedEvent(name: "e", data: data, channels: ["news"], excluding: room.id(sockets[1])), now: room.now)
        let text = #"{"event":"e","channel":"news","data":"{ \"a\":\"\\u00e9\" }"}"#
        #expect(outputs == [.send(text, to: [sockets[0], sockets[2]])])
        #expect(try room.engine.trigger(PublishedEvent(name: "e", data: "", channels: ["empty"]), now: .zero) == [])
    }

    @Test(
        "are refused whole if anything about them is not allowed",
        arguments: [
            (PublishedEvent(name: "", data: "", channels: ["a"]), 400),
            (PublishedEvent(name: String(repeating: "e", count: 201), data: "", channels: ["a"]), 400),
            (PublishedEvent(name: "pusher:ping", data: "", channels: ["a"]), 400),
            (PublishedEvent(name: "pusher_internal:member_added", data: "", channels: ["a"]), 400),
            (PublishedEvent(name: "e", data: String(repeating: "x", count: 10_241), channels: ["a"]), 413),
            (PublishedEvent(name: "e", data: "", channels: []), 400),
            (PublishedEvent(name: "e", data: "", channels: (0...100).map { ChannelName(wire: "a\($0)") }), 400),
            (PublishedEvent(name: "e", data: "", channels: ["a", "b c"]), 400),
            (PublishedEvent(name: "e", data: "", channels: ["a", "private-encrypted-b"]), 400),
        ])
    func refusals(event: PublishedEvent, status: Int) {
        var room = Room()
        let ana = room.client()
        room.subscribe(ana, "a")
        do throws(TriggerRefusal) {
            _ = try room.engine.trigger(event, now: .zero)
            Issue.record("published")
        } catch {
            #expect(error.status == status)
            #expect(!error.description.isEmpty)
        }
    }

    @Test(
        "stay in the cache of a cache channel, which says when it has none",
        arguments: [
            "cache-a", "private-cache-a", "private-encrypted-cache-a",
        ] as [ChannelName])
    func cache(channel: ChannelName) throws {
        var room = Room()
        let (ana, bo, cy, di) = (room.client(), room.client(), room.client(), room.client())
        room.subscribe(ana, channel)
        #expect(room.events(ana) == [success(channel), .cacheMiss(channel)])
        try room.publish("e", #"{"n":1}"#, on: [channel])
        try room.publish("e", #"{"n":2}"#, on: [channel])
        if channel.kind.takesClientEvents { room.say(.event(name: "client-x", channel: channel, data: [:]), ana) }
        room.subscribe(bo, channel)
        #expect(room.events(bo) == [success(channel), .event(.init(channel: channel, name: "e", data: ["n": 2]))])
        room.leave(ana)
        room.leave(bo)
        room.advance(.seconds(10))
        room.subscribe(cy, channel)
        #expect(room.events(cy).count == 2)
        room.leave(cy)
        for _ in 0..<40 {
            room.advance(.seconds(50))
            room.say(.ping, di)
        }
        _ = room.take(di)
        room.subscribe(di, channel)
        #expect(room.events(di) == [success(channel), .cacheMiss(channel)])
    }
}

@Suite("client events")
struct ClientEventTests {
    @Test("reach the others, also one's own other sockets, with the sender's id on presence channels")
    func relayed() {
        var room = Room()
        let (a1, a2, b) = (room.client(), room.client(), room.client())
        for (socket, id) in [(a1, "17"), (a2, "17"), (b, "3")] { room.enter(socket, "presence-lobby", as: id) }
        for socket in [a1, b] { room.subscribe(socket, "private-x") }
        for socket in [a1, a2, b] { _ = room.take(socket) }
        room.say(#"{"event":"client-x","channel":"presence-lobby","data":{"on":true},"user_id":"3","extra":1}"#, a1)
        let text = #"{"event":"client-x","channel":"presence-lobby","data":"{\"on\":true}","user_id":"17"}"#
        #expect(room.take(a1).isEmpty)
        #expect(room.take(a2) == [text])
        #expect(room.take(b) == [text])
        room.say(#"{"event":"client-x","channel":"private-x","data":"as it is","user_id":"3"}"#, a1)
        #expect(room.take(b) == [#"{"event":"client-x","channel":"private-x","data":"as it is"}"#])
        room.say(#"{"event":"client-x","channel":"private-x"}"#, a1)
        #expect(room.take(b) == [#"{"event":"client-x","channel":"private-x"}"#])
    }

    @Test(
        "are refused where they may not be, and nobody hears them",
        arguments: [
            ("public", ClientFrame.event(name: "client-x", channel: "news", data: [:])),
            ("encrypted", .event(name: "client-x", channel: "private-encrypted-a", data: [:])),
            ("not subscribed", .event(name: "client-x", channel: "private-other", data: [:])),
            ("not of a client", .event(name: "new_message", channel: "private-a", data: [:])),
            ("reserved", .event(name: "pusher_internal:member_added", channel: "private-a", data: ["user_id": "9"])),
            (
                "name too long",
                .event(name: "client-" + String(repeating: "x", count: 200), channel: "private-a", data: [:])
            ),
            (
                "too large",
                .event(name: "client-x", channel: "private-a", data: .string(String(repeating: "x", count: 10_241)))
            ),
        ])
    func refused(why: String, frame: ClientFrame) {
        var room = Room()
        let (ana, bo) = (room.client(), room.client())
        for channel: ChannelName in ["news", "private-a", "private-encrypted-a"] {
            room.subscribe(ana, channel)
            room.subscribe(bo, channel)
        }
        room.subscribe(bo, "private-other")
        _ = (room.take(ana), room.take(bo))
        room.say(frame, ana)
        #expect(message(room.events(ana)) != nil)
        #expect(room.take(bo).isEmpty)
        #expect(room.closed.isEmpty)
    }

    @Test("more than ten in a second are refused with 4301, and the next second is a new one")
    func rate() {
        var room = Room()
        let (ana, bo) = (room.client(), room.client())
        room.subscribe(ana, "private-a")
        room.subscribe(bo, "private-a")
        _ = (room.take(ana), room.take(bo))
        for _ in 0..<12 { room.say(.event(name: "client-x", channel: "private-a", data: [:]), ana) }
        #expect(room.take(bo).count == 10)
        let errors = room.events(ana)
        #expect(errors.count == 2)
        for case .error(let code, _, _) in errors { #expect(code == 4301) }
        room.advance(.seconds(1))
        room.say(.event(name: "client-x", channel: "private-a", data: [:]), ana)
        #expect(room.take(bo).count == 1)
    }

    @Test("are refused with 4301 where the app has them off")
    func off() {
        var room = Room { _, features in features.clientEvents = false }
        let ana = room.client()
        room.subscribe(ana, "private-a")
        _ = room.take(ana)
        room.say(.event(name: "client-x", channel: "private-a", data: [:]), ana)
        guard case .error(4301, _, nil)? = room.events(ana).first else {
            Issue.record("not refused")
            return
        }
    }
}
