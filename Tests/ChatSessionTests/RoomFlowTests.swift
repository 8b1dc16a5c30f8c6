import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

@Suite("rooms beside the lobby")
struct RoomFlowTests {
    private let support = ChatRoom(UserID("support")!, title: "Customers")
    private let dev = ChatRoom(UserID("dev-ops")!)
    private var here: ConversationName { support.conversation }

    private func three() -> World {
        var world = World()
        world.desk.rooms = [support, dev]
        for user in [alice, bob, carol] { world.start(user) }
        return world
    }

    @Test("are known by name and title, and held by nobody before they are opened")
    func told() {
        let world = three()
        #expect(world.chat(alice).rooms.map(\.name) == ["lobby", "support", "dev-ops"])
        #expect(world.chat(alice).title(of: dev.conversation) == "#dev-ops")
        #expect(dev.conversation.channel == "presence-dev=2Dops")
        #expect(world.chat(alice).isIn(here) == false)
        #expect(world[alice].session.channels.map(\.description) == ["presence-lobby", "private-user-alice"])
    }

    @Test("are entered by being opened; who is there hears what is said, who types and who comes, and nobody else does")
    func entered() {
        var world = three()
        for user in [alice, bob] { world.want(user, .open(here)) }
        #expect(world.chat(alice).members[here] == [alice, bob])
        world.want(bob, .typing(here, true))
        #expect(world.chat(alice).typing.typists(in: here) == [bob])
        world.say(bob, "order 1812", to: here)
        #expect(world.texts(alice, here) == ["order 1812"])
        #expect(world.texts(carol, here) == [])
        #expect(world.chat(carol).unseenTotal.messages == 0)
        world.want(bob, .leave(here))
        world.advance(by: .seconds(2))
        #expect(world.chat(alice).members[here] == [alice])
        #expect(world.chat(alice).roster.isOnline(bob))
        #expect(world[alice].notices.contains(.membership(here, bob, isHere: false)))
    }

    @Test("count as unseen while another conversation is open, and are seen at once on all of a user's terminals")
    func unseen() {
        var world = three()
        world.start(Seat(alice, 2))
        for seat in [Seat(alice), Seat(alice, 2)] {
            world.want(seat, .enter(here))
            world.want(seat, .open(aliceBob))
        }
        for text in ["1", "2", "3"] { world.say(carol, text, to: here) }
        #expect(world.chat(alice).conversation(here).unseen == 3)
        world.want(alice, .open(here))
        world.want(alice, .markSeen(here, through: 3))
        #expect(world.chat(alice).conversation(here).unseen == 0)
        #expect(world[Seat(alice, 2)].session.chat.conversation(here).unseen == 0)
    }

    @Test("what was said while the connection was lost is found unseen on return, in every room one is in")
    func missed() {
        var world = three()
        for room in [here, dev.conversation] { world.want(alice, .enter(room)) }
        world.cut(alice)
        world.say(bob, "in support", to: here)
        world.say(bob, "in dev-ops", to: dev.conversation)
        world.mend(alice)
        world.advance(by: .seconds(60))
        for room in [here, dev.conversation] { #expect(world.chat(alice).conversation(room).unseen == 1) }
        #expect(world.chat(alice).members[here] == [alice])
    }

    @Test("where no WebSocket gets through, what is unseen in a room and who is there are known from entering it on")
    func polled() {
        var world = World()
        world.desk.rooms = [support]
        world.start(alice)
        world.refuse(Seat(bob), with: 403)
        world.start(bob)
        world.say(alice, "one", to: here)
        world.advance(by: .seconds(2))
        #expect(world.chat(bob).link == .polling && world.chat(bob).unseenTotal.messages == 0)
        world.want(bob, .enter(here))
        #expect(world.chat(bob).conversation(here).unseen == 1)
        #expect(world.chat(bob).isKnown(here) && world.chat(bob).members[here] == [])
        world.want(alice, .enter(here))
        world.advance(by: .seconds(20))
        #expect(world.chat(bob).members[here] == [alice])
        #expect(world[bob].notices.contains(.membership(here, alice, isHere: true)))
        world.say(alice, "two", to: here)
        world.advance(by: .seconds(2))
        #expect(world.chat(bob).conversation(here).unseen == 2)
    }

    @Test("who left hears nothing more, and finds what was missed after entering again")
    func left() {
        var world = three()
        world.want(alice, .enter(here))
        world.say(bob, "before", to: here)
        world.want(alice, .leave(here))
        world.say(bob, "meanwhile", to: here)
        #expect(world.chat(alice).conversation(here).unseen == 0)
        #expect(world.chat(alice).unseenTotal.messages == 0)
        // A look at it is no entering.
        world.want(alice, .open(here))
        #expect(world.chat(alice).isIn(here) == false)
        world.want(alice, .enter(here))
        #expect(world.texts(alice, here) == ["before", "meanwhile"])
    }

    @Test("entered ones are entered again by the next run, those that are gone are not, and an open one is closed")
    func restored() {
        var chat = ChatState()
        let now = Moment(uptime: .zero, date: Timestamp(milliseconds: 0))
        let gone = ConversationName.room("presence-gone")
        let saved = SavedState(open: gone, rooms: [here: true, gone: true, dev.conversation: false])
        _ = chat.apply(.signedIn(SignedIn(me: alice, name: "", store: "", lobby: .lobby)), now: now)
        #expect(chat.apply(.restored(saved), now: now).contains(.watch(here)) == false)
        let told = chat.apply(
            .signedIn(SignedIn(me: alice, name: "", store: "s", lobby: .lobby, rooms: [support, dev])), now: now)
        #expect(told.contains(.notice(.warning("there is no room #gone here"))))
        #expect(chat.open == nil)
        let asked = chat.apply(.linkChanged(.online), now: now)
        #expect(asked.filter { if case .watch = $0 { true } else { false } } == [.watch(.lobby), .watch(here)])
    }

    @Test("a verb that is no person's program enters none of them by itself")
    func verbs() {
        var chat = ChatState(wantsLobby: false)
        let now = Moment(uptime: .zero, date: Timestamp(milliseconds: 0))
        _ = chat.apply(
            .signedIn(SignedIn(me: alice, name: "", store: "s", lobby: .lobby, rooms: [support])), now: now)
        var asked = chat.apply(.linkChanged(.online), now: now)
        asked += chat.apply(.restored(SavedState(open: here, rooms: [here: true])), now: now)
        #expect(!asked.contains(.watch(here)))
        #expect(chat.perform(.follow(here, after: nil), now: now) == [.watch(here)])
    }

    @Test(
        "what a desk says of rooms is believed only where it can be true",
        arguments: [
            (#"[{"name":"a","channel":"presence-a"},{"name":"a","channel":"presence-b"}]"#, ["a"]),
            (#"[{"name":"lobby","channel":"presence-lobby"}]"#, []), (#"{"name":"a"}"#, []), ("null", []),
            (#"[{"name":"a","channel":"private-a"},{"name":"-","channel":"presence-b"},7]"#, []),
            (#"[{"name":"a","channel":"presence-lobby"},{"name":"b","channel":"presence-\u0007"}]"#, []),
        ])
    func lies(rooms: String, names: [String]) throws {
        let body = #"{"id":"alice","channels":{"key":"k"},"rooms":\#(rooms)}"#
        let identity = try DeskReply.identity(status: 200, body: body)
        #expect(identity.otherRooms.map(\.name) == names)
    }

    @Test("a message for a room that is gone fails with its reason and is kept")
    func gone() {
        var world = three()
        world.want(alice, .open(here))
        world.cut(alice)
        world.say(alice, "too late", to: here)
        world.desk.rooms = []
        world.mend(alice)
        world.advance(by: .seconds(60))
        let failed = world[alice].notices.contains {
            if case .failed(let message, _) = $0 { message.text == "too late" } else { false }
        }
        #expect(failed)
    }
}
