import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("signing in")
struct SignInTests {
    @Test("is confirmed with the text that was signed, and opens one's own channel alone")
    func signIn() throws {
        var room = Room()
        let (ana, bo) = (room.client(), room.client())
        room.say(.subscribe("#server-to-user-17"), ana)
        #expect(message(room.events(ana)) != nil)
        let data = #"{"id":"17","user_info":{"name":"Ana"}}"#
        room.signIn(ana, data)
        #expect(room.events(ana) == [.signInSucceeded(userData: data)])
        room.say(.subscribe("#server-to-user-17", auth: ""), ana)
        room.say(.subscribe("#server-to-user-17"), bo)
        #expect(room.events(ana) == [success("#server-to-user-17")])
        #expect(message(room.events(bo)) != nil)
        try room.publish("hello", "{}", on: ["#server-to-user-17"])
        #expect(room.events(ana) == [.event(.init(channel: "#server-to-user-17", name: "hello", data: [:]))])
        #expect(room.take(bo).isEmpty)
    }

    @Test("brings the user's events to every socket of theirs, subscribed or not, but for an excluded one")
    func userEvents() throws {
        var room = Room()
        let (first, second, other) = (room.client(), room.client(), room.client())
        for socket in [first, second] { room.signIn(socket, #"{"id":"17"}"#) }
        room.signIn(other, #"{"id":"18"}"#)
        room.say(.subscribe("#server-to-user-17"), first)
        for socket in [first, second, other] { _ = room.take(socket) }
        let event = ServerEvent.event(.init(channel: "#server-to-user-17", name: "hello", data: [:]))
        try room.publish("hello", "{}", on: ["#server-to-user-17"])
        #expect(room.events(first) == [event] && room.events(second) == [event])
        try room.publish("hello", "{}", on: ["#server-to-user-17"], excluding: room.id(first))
        #expect(room.events(first).isEmpty && room.events(second) == [event])
        room.leave(second)
        try room.publish("hello", "{}", on: ["#server-to-user-17"])
        #expect(room.events(first) == [event] && room.take(other).isEmpty)
    }

    @Test(
        "is refused with a wrong signature, without a usable id, or as another user",
        arguments: [
            "{}", "x", #"{"id":7}"#, #"{"id":""}"#, #"{"id":"e:2"}"#,
            #"{"id":"\#(String(repeating: "a", count: 129))"}"#,
            #"{"id":"other"}"#,
        ])
    func refused(data: String) {
        var room = Room()
        let ana = room.client()
        if data.contains("other") { room.signIn(ana, #"{"id":"17"}"#) }
        room.say(.signIn(auth: "278d425bdf160c739803:00", userData: #"{"id":"17"}"#), ana)
        _ = room.take(ana)
        room.signIn(ana, data)
        guard case .error(4009, _, nil)? = room.events(ana).first else {
            Issue.record("not refused")
            return
        }
        #expect(room.closed.isEmpty)
    }

    @Test("lets a presence channel take the identity from it, but spares no signature")
    func presence() {
        var room = Room()
        let ana = room.client()
        room.signIn(ana, #"{"id":"17","user_info":{"name":"Ana"}}"#)
        _ = room.take(ana)
        room.say(.subscribe("presence-lobby"), ana)
        #expect(message(room.events(ana))?.hasPrefix("Invalid signature") == true)
        room.subscribe(ana, "presence-lobby")
        #expect(room.events(ana) == [roster("presence-lobby", Member(id: "17", info: ["name": "Ana"]))])
    }

    @Test("tells watchers who is there, who comes with the first and goes with the last connection")
    func watchlist() {
        var room = Room()
        let (ana, bo1, bo2) = (room.client(), room.client(), room.client())
        room.signIn(bo1, #"{"id":"3"}"#)
        room.signIn(ana, #"{"id":"17","watchlist":["3","4"]}"#)
        #expect(
            room.events(ana).last
                == .watchlist([.init(name: "online", userIDs: ["3"]), .init(name: "offline", userIDs: ["4"])]))
        room.signIn(bo2, #"{"id":"3"}"#)
        room.leave(bo1)
        #expect(room.events(ana).isEmpty)
        room.leave(bo2)
        #expect(room.events(ana) == [.watchlist([.init(name: "offline", userIDs: ["3"])])])
    }

    @Test("keeps the first hundred of a longer watchlist and says so")
    func longWatchlist() {
        var room = Room()
        let ana = room.client()
        let ids = (0..<101).map { #""u\#($0)""# }.joined(separator: ",")
        room.signIn(ana, #"{"id":"17","watchlist":[\#(ids)]}"#)
        let events = room.events(ana)
        #expect(events.count == 3)
        guard case .error(4302, _, nil)? = events.last else {
            Issue.record("nothing said")
            return
        }
    }

    @Test("is required in time where the app insists, and a signed subscription counts")
    func required() {
        var room = Room { _, features in features.requiresAuthorization = true }
        let (ana, bo, cy) = (room.client(), room.client(), room.client())
        room.signIn(ana, #"{"id":"17"}"#)
        room.subscribe(bo, "private-a")
        room.subscribe(cy, "news")
        room.advance(.seconds(29))
        #expect(room.closed.isEmpty)
        room.advance(.seconds(2))
        #expect(room.closed == [cy: 4009])
    }
}
