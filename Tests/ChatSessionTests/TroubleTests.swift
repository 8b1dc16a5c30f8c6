import ChannelsEngine
import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

/// A desk and an engine that are two programs, of which one fails.
@Suite("sessions between a desk and an engine that fail")
struct TroubleTests {
    private func world(_ users: [UserID] = [alice, bob], members: Int? = nil) -> World {
        var world = World()
        world.desk.engineHost = "engine.example"
        var limits = Limits()
        limits.presenceMembers = members
        // A connection that died with its process is not noticed here.
        limits.activityTimeout = .seconds(3_600)
        world.engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret", limits: limits), seed: 7)
        for user in users { world.start(user) }
        return world
    }

    private func notices(_ world: World, _ user: UserID) -> [ChatNotice] {
        world[user].notices.filter {
            switch $0 {
            case .refused, .admitted, .desk: true
            default: false
            }
        }
    }

    private func calls(_ world: World, _ path: String) -> Int {
        world.desk.log.count { $0.request.path.hasPrefix(path) }
    }

    // MARK: The desk

    @Test("a desk that does not answer is named, with the time, while the engine is connected")
    func silentDesk() throws {
        var world = world()
        world.isDeskSilent = true
        let began = world.now.date
        world.say(alice, "m1", to: aliceBob)
        let fault = try #require(world.chat(alice).deskFault)
        #expect(fault.reason == "the desk does not answer" && fault.since == began)
        #expect(world.chat(alice).link == .online && world.chat(alice).waitingToBeSent == 1)
        world.advance(by: .seconds(90))
        #expect(world.chat(alice).deskFault == fault)
        #expect(notices(world, alice) == [.desk(fault)])
        world.isDeskSilent = false
        world.advance(by: .seconds(10))
        #expect(world.chat(alice).deskFault == nil)
        #expect(notices(world, alice) == [.desk(fault), .desk(nil)])
        #expect(world.texts(bob, aliceBob) == ["m1"])
        #expect(world.chat(alice).waitingToBeSent == 0)
    }

    @Test("a desk that does not answer is noticed within a minute by a client that asks nothing")
    func silentDeskIdle() {
        var world = world()
        world.advance(by: .seconds(10))
        world.isDeskSilent = true
        world.advance(by: .seconds(60))
        #expect(world.chat(alice).deskFault?.reason == "the desk does not answer")
        world.isDeskSilent = false
        world.advance(by: .seconds(15))
        #expect(world.chat(alice).deskFault == nil)
    }

    @Test("a desk that reads and cannot store is named until it stores again")
    func fullDesk() {
        var world = world()
        world.desk.isFull = true
        world.say(alice, "m1", to: aliceBob)
        world.advance(by: .seconds(60))
        #expect(world.chat(alice).deskFault?.concernsStoring == true)
        #expect(world.chat(alice).deskFault?.reason == "the disk is full")
        #expect(notices(world, alice).count == 1)
        world.desk.isFull = false
        world.advance(by: .seconds(31))
        #expect(world.chat(alice).deskFault == nil)
        #expect(world.texts(bob, aliceBob) == ["m1"])
    }

    @Test("a desk whose engine does not say who is online is in order itself")
    func unknownPresence() {
        var world = world()
        world.desk.answers = [("/api/users", 503, #"{"error":{"code":"engine_unavailable","message":"x"}}"#)]
        world.advance(by: .seconds(120))
        #expect(world.chat(alice).deskFault == nil)
    }

    @Test("a reconnect that a person wants asks a silent desk at once")
    func reconnectNow() {
        var world = world()
        world.isDeskSilent = true
        world.say(alice, "m1", to: aliceBob)
        world.isDeskSilent = false
        world.post(Seat(alice), .reconnectNow)
        #expect(world.chat(alice).deskFault == nil && world.texts(bob, aliceBob) == ["m1"])
    }

    // MARK: The engine

    @Test("messages go by the desk while the engine elsewhere is away, both ways")
    func engineAway() {
        var world = world()
        world.stopEngine()
        world.advance(by: .seconds(10))
        for user in [alice, bob] { #expect(world.chat(user).link == .polling) }
        world.say(alice, "m1", to: aliceBob)
        world.advance(by: .seconds(2))
        #expect(world.texts(bob, aliceBob) == ["m1"] || world.chat(bob).conversation(aliceBob).unseen == 1)
        #expect(world.chat(alice).waitingToBeSent == 0)
        world.isEngineAway = false
        world.advance(by: .seconds(40))
        for user in [alice, bob] { #expect(world.chat(user).link == .online) }
        let asked = calls(world, "/api/changes")
        world.advance(by: .seconds(60))
        #expect(calls(world, "/api/changes") <= asked + 2)
        #expect(world[bob].heard.count == 1)
    }

    @Test("a user whose engine process was killed leaves the roster within a minute, and is welcome again")
    func ghost() {
        var world = world([alice, bob, carol])
        world.advance(by: .seconds(10))
        #expect(world.chat(alice).roster.isOnline(carol))
        // Her process of the engine and her client are gone, and nobody says so.
        world.halfOpen(Seat(carol))
        world.kill(Seat(carol))
        world.ghosts = [carol]
        world.advance(by: .seconds(60))
        #expect(!world.chat(alice).roster.isOnline(carol) && world.chat(alice).roster.isOnline(bob))
        #expect(world[alice].notices.contains(.presence(carol, isOnline: false)))
        world.ghosts = []
        let frame = ServerEvent.memberAdded("presence-lobby", Member(id: "carol", info: ["name": "carol"]))
        world.post(Seat(alice), .socketText(attempt: 1, frame.text))
        #expect(world.chat(alice).roster.isOnline(carol))
    }

    @Test("one answer of the desk that differs removes nobody")
    func oneDoubt() {
        var world = world([alice, bob])
        world.ghosts = [bob]
        world.advance(by: .seconds(7))
        #expect(calls(world, "/api/users") >= 2)
        world.ghosts = []
        world.advance(by: .seconds(120))
        #expect(!world[alice].notices.contains(.presence(bob, isOnline: false)))
        #expect(world.chat(alice).roster.isOnline(bob))
    }

    // MARK: A limit of the engine

    @Test("the member limit is told for as long as it lasts, and the desk is asked meanwhile")
    func memberLimit() throws {
        var world = world([alice, bob], members: 2)
        world.start(carol)
        let lobby = RefusedChannel.conversation(.lobby)
        let refusal = try #require(world.chat(carol).refusals[lobby])
        #expect(refusal.isRetried && refusal.reason.contains("has 2 members already"))
        #expect(notices(world, carol) == [.refused(lobby, refusal)])
        #expect(world.chat(carol).link == .online)
        world.say(alice, "hello all", to: .lobby)
        world.advance(by: .seconds(3))
        #expect(world.chat(carol).roster.isOnline(alice) && world.chat(carol).roster.isOnline(bob))
        #expect(world.chat(carol).conversation(.lobby).unseen == 1)
        #expect(world[carol].notices.allSatisfy { if case .presence = $0 { false } else { true } })
        world.advance(by: .seconds(120))
        #expect(world.chat(carol).refusals[lobby] == refusal)
        #expect(notices(world, carol).count == 1)
        world.kill(Seat(bob))
        world.advance(by: .seconds(31))
        #expect(world.chat(carol).refusals.isEmpty)
        #expect(notices(world, carol).last == .admitted(lobby))
        #expect(world.chat(carol).people(in: .lobby).sorted() == [alice, carol])
        world.say(alice, "again", to: .lobby)
        #expect(world[carol].heard.count == 2)
        let asked = calls(world, "/api/changes")
        world.advance(by: .seconds(60))
        #expect(calls(world, "/api/changes") <= asked + 1)
    }

    @Test("a person who wants to enter, or to reconnect, does not wait for the next attempt")
    func enterAgain() {
        for event in [SessionEvent.command(.enter(.lobby)), .reconnectNow] {
            var world = world([alice, bob], members: 2)
            world.start(carol)
            world.advance(by: .seconds(60))
            world.kill(Seat(bob))
            world.post(Seat(carol), event)
            #expect(world.chat(carol).refusals.isEmpty && world.chat(carol).count(in: .lobby) == 2)
        }
    }

    @Test("leaving the lobby ends the refusal and the attempts")
    func leave() {
        var world = world([alice, bob], members: 2)
        world.start(carol)
        world.want(carol, .leave(.lobby))
        #expect(world.chat(carol).refusals.isEmpty)
        let (asked, signed) = (calls(world, "/api/changes"), calls(world, "/pusher/auth"))
        world.advance(by: .seconds(120))
        #expect(calls(world, "/api/changes") <= asked + 1 && calls(world, "/pusher/auth") == signed)
    }

    @Test("an inbox that the desk does not sign is told of, and messages come by the desk")
    func noInbox() {
        var world = world([alice])
        world.desk.faults = [("/pusher/auth", 403, 2)]
        world.start(bob)
        #expect(world.chat(bob).refusals[.inbox]?.isRetried == false)
        world.say(alice, "m1", to: aliceBob)
        world.advance(by: .seconds(2))
        #expect(world.chat(bob).conversation(aliceBob).unseen == 1)
    }
}
