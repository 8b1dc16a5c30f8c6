import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

@Suite("where no WebSocket gets through")
struct PollingTests {
    /// Bob's network refuses what alice's lets through.
    private func two(_ status: Int = 403) -> World {
        var room = World()
        room.start(alice)
        room.refuse(Seat(bob), with: status)
        room.start(bob)
        return room
    }

    private func links(_ room: World) -> [Link] {
        room[bob].notices.compactMap { if case .link(let link) = $0 { link } else { nil } }
    }

    @Test("the desk is asked at once, what is said arrives within a second or two, and is sent and seen as ever")
    func talk() {
        var room = two()
        #expect(room.chat(bob).link == .polling)
        #expect(room.chat(bob).roster.isOnline(alice) && !room.chat(bob).roster.isOnline(bob))
        for index in 1...3 {
            room.say(alice, "m\(index)", to: aliceBob)
            room.advance(by: .milliseconds(1_500))
            #expect(room.texts(bob, aliceBob).count == index)
        }
        #expect(room.chat(bob).conversation(aliceBob).unseen == 3)
        room.want(bob, .open(aliceBob))
        room.want(bob, .markSeen(aliceBob, through: 3))
        room.say(bob, "yes", to: aliceBob)
        #expect(room.texts(alice, aliceBob) == ["m1", "m2", "m3", "yes"])
        #expect(room.chat(alice).conversation(aliceBob).seenByPeer == 3)
        room.want(alice, .open(aliceBob))
        room.want(alice, .markSeen(aliceBob, through: 4))
        room.say(alice, "hello all", to: .lobby)
        room.advance(by: .milliseconds(1_500))
        #expect(room.chat(bob).conversation(aliceBob).seenByPeer == 4)
        #expect(room.texts(bob, .lobby).last == "hello all" || room.chat(bob).conversation(.lobby).unseen == 1)
        #expect(room[bob].heard.count == 5)
    }

    @Test(
        "only a refusal for good is believed at once; a connection that fails is no reason", arguments: [503, 0, 429])
    func refusals(status: Int) {
        var room = two(status)
        #expect(room.chat(bob).link != .polling)
        room.advance(by: .seconds(40))
        #expect(room.chat(bob).link == .polling)
        room = World()
        room.start(bob)
        room.cut(bob)
        room.advance(by: .seconds(300))
        #expect(!room.desk.log.contains { $0.request.path.hasPrefix("/api/changes") })
    }

    @Test("the WebSocket is tried again and again, and taken as soon as it gets through; nothing comes twice")
    func comesBack() {
        var room = two()
        room.say(alice, "m1", to: aliceBob)
        room.advance(by: .seconds(100))
        #expect(links(room).filter { $0 == .polling }.count == 1)
        #expect(room[bob].attempt > 3)
        room.mend(bob)
        room.advance(by: .seconds(31))
        #expect(room.chat(bob).link == .online)
        #expect(room.chat(bob).roster.onlineCount == 2)
        let asked = room.desk.log.count { $0.request.path.hasPrefix("/api/changes") }
        room.say(alice, "m2", to: aliceBob)
        #expect(room[bob].heard.count == 2)
        room.advance(by: .seconds(100))
        #expect(room.desk.log.count { $0.request.path.hasPrefix("/api/changes") } <= asked + 1)
        #expect(room[bob].heard.count == 2)
    }

    @Test("an attempt given up earlier that ends refused after another got through is no reason to ask")
    func lateRefusal() throws {
        var room = World()
        room.start(bob)
        let run = try #require(room.clients[Seat(bob)]).run
        for attempt in [0, 1] {
            room.agenda.add(
                .event(run, .socketRefused(attempt: attempt, status: 403, reason: "late")), at: room.now.uptime)
        }
        room.advance(by: .seconds(30))
        #expect(room.chat(bob).link == .online)
        #expect(!room.desk.log.contains { $0.request.path.hasPrefix("/api/changes") })
    }

    @Test("a desk that is away is offline, and what was written waits; it is asked again when it is back")
    func deskAway() {
        var room = two()
        room.lines[Seat(bob)]?.isCut = true
        room.advance(by: .seconds(60))
        guard case .offline = room.chat(bob).link else {
            Issue.record("\(room.chat(bob).link)")
            return
        }
        room.say(bob, "m1", to: aliceBob)
        room.say(alice, "m2", to: aliceBob)
        room.lines[Seat(bob)]?.isCut = false
        room.advance(by: .seconds(60))
        #expect(room.chat(bob).link == .polling)
        #expect(Set(room.texts(alice, aliceBob)) == ["m1", "m2"])
        #expect(Set(room.texts(bob, aliceBob)) == ["m1", "m2"])
    }

    @Test("a desk that restarts behind a proxy is not asked for long: the WebSocket is tried as soon as it answers")
    func restart() {
        var room = two(502)
        room.lines[Seat(bob)]?.isCut = true
        room.advance(by: .seconds(120))
        room.lines[Seat(bob)]?.refusal = 502
        room.desk.faults = [("/api/changes", 502, 3)]
        room.lines[Seat(bob)]?.isCut = false
        while room.desk.faults.first?.count ?? 0 > 0 { room.advance(by: .seconds(1)) }
        room.lines[Seat(bob)]?.refusal = nil
        let attempt = room[bob].attempt
        while room.chat(bob).link != .online, room[bob].attempt <= attempt + 1 { room.advance(by: .milliseconds(100)) }
        #expect(room.chat(bob).link == .online)
        #expect(links(room).filter { $0 == .polling }.count <= 2)
    }

    @Test("who comes and goes is told within twenty seconds, and nobody who was here before")
    func presence() {
        var room = two()
        func told() -> [ChatNotice] {
            room[bob].notices.filter { if case .presence = $0 { true } else { false } }
        }
        #expect(told() == [])
        room.start(carol)
        room.advance(by: .seconds(20))
        #expect(told() == [.presence(carol, isOnline: true)])
        room.kill(Seat(carol))
        room.advance(by: .seconds(20))
        #expect(told() == [.presence(carol, isOnline: true), .presence(carol, isOnline: false)])
        room.want(bob, .leave(.lobby))
        room.advance(by: .seconds(20))
        #expect(!room.chat(bob).roster.isKnown)
    }

    @Test("an engine that asks for a credential lets WebSockets through")
    func unauthorized() {
        var room = two(401)
        room.advance(by: .seconds(300))
        #expect(!room.chat(bob).link.isOnline)
        #expect(!room.desk.log.contains { $0.request.path.hasPrefix("/api/changes") })
    }

    @Test("a desk of another day, which cannot be asked, is offline and is not asked on and on")
    func oldDesk() {
        var room = two()
        room.kill(Seat(bob))
        room.desk.faults = [("/api/changes", 404, 1_000)]
        room.start(bob)
        room.advance(by: .seconds(60))
        #expect(!room.chat(bob).link.isOnline)
        let asked = room.desk.log.count { $0.request.path.hasPrefix("/api/changes") }
        #expect(asked < 20)
    }

    @Test(
        "an answer that cannot be read is asked for again, with pauses", arguments: ["{}", "[]", #"{"state":7}"#, ""])
    func malformed(body: String) {
        var room = two()
        let before = room[bob].session.lastRequest
        for _ in 1...3 {
            let last = room[bob].session.lastRequest
            room.post(Seat(bob), .answered(request: last, status: 200, retryAfter: nil, body: body))
            room.advance(by: .seconds(5))
        }
        #expect(room[bob].session.lastRequest - before < 20)
        room.say(alice, "m1", to: aliceBob)
        room.advance(by: .seconds(60))
        #expect(room.texts(bob, aliceBob) == ["m1"] || room.chat(bob).conversation(aliceBob).unseen == 1)
    }

    @Test("another program of the account is not lent what is not there")
    func lines() {
        var room = two(502)
        room.post(Seat(bob), .lineOpened(7))
        room.advance(by: .seconds(10))
        #expect(room[bob].lent == [.endLine(7, .standAlone)])
        room = two()
        room.post(Seat(bob), .lineOpened(1))
        #expect(room[bob].lent == [.endLine(1, .standAlone)])
    }
}
