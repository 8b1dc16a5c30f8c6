import ChannelsClient
import ChannelsProtocol
import Chat
import Testing

@testable import ChatSession

@Suite("a connection lent to programs beside")
struct RelayTests {
    private static let inbox: ChannelName = "private-user-alice"
    private static let lobby: ChannelName = "presence-lobby"
    private static let chat: ChannelName = "private-chat-alice-bob"
    private static let other: ChannelName = "private-chat-alice-carol"

    private func two() -> World {
        var room = World()
        for user in [alice, bob] { room.start(user) }
        return room
    }

    /// Somebody who is known and not there, so that nobody answers the doorbell.
    private func withoutCarol() -> World {
        var room = two()
        room.start(carol)
        room.kill(Seat(carol))
        return room
    }

    private func subscribe(_ channel: ChannelName) -> SessionEvent {
        .lineText(1, ClientFrame.subscribe(channel).text)
    }

    /// What was said to lines since the last call.
    private func lent(_ room: inout World) -> [SessionEffect] {
        defer { room.clients[Seat(alice)]?.lent = [] }
        return room[alice].lent
    }

    private func events(_ effects: [SessionEffect]) -> [ServerEvent] {
        effects.compactMap { if case .sendLine(1, let text) = $0 { try? ServerEvent(decoding: text) } else { nil } }
    }

    @Test("greets with the socket id of the one connection there is, and answers pings")
    func greeting() {
        var room = two()
        room.post(Seat(alice), .lineOpened(1))
        guard case .connected(let id) = room[alice].session.connection.status else {
            Issue.record("not connected")
            return
        }
        #expect(events(lent(&room)) == [.connectionEstablished(socketID: id, activityTimeout: nil)])
        room.post(Seat(alice), .lineText(1, ClientFrame.ping.text))
        #expect(events(lent(&room)) == [.pong])
    }

    @Test("a channel that is held already is there at once, with its members, and asks nobody anything")
    func heldAlready() {
        var room = two()
        room.post(Seat(alice), .lineOpened(1))
        let asked = room.desk.log.count
        _ = lent(&room)
        room.post(Seat(alice), subscribe(Self.lobby))
        guard case .subscriptionSucceeded(Self.lobby, let presence) = events(lent(&room)).first else {
            Issue.record("no answer")
            return
        }
        #expect(presence?.members.map(\.id).sorted() == ["alice", "bob"])
        #expect(room.desk.log.count == asked)
        room.start(carol)
        #expect(
            events(lent(&room)).contains {
                if case .memberAdded(Self.lobby, let new) = $0 { new.id == "carol" } else { false }
            })
    }

    @Test("a channel that only a line wants is held for it, is none of the screen's, and is left with it")
    func heldForTheLine() {
        var room = withoutCarol()
        for line in [1, 2] {
            room.post(Seat(alice), .lineOpened(line))
            room.post(Seat(alice), .lineText(line, ClientFrame.subscribe(Self.other).text))
        }
        #expect(room[alice].session.channels.contains(Self.other))
        #expect(room.chat(alice).watchedConversations == [])
        room.post(Seat(alice), .lineClosed(1))
        #expect(room[alice].session.channels.contains(Self.other))
        room.post(Seat(alice), .lineText(2, ClientFrame.unsubscribe(Self.other).text))
        #expect(!room[alice].session.channels.contains(Self.other))
        room.post(Seat(alice), .lineText(2, ClientFrame.subscribe(Self.lobby).text))
        room.post(Seat(alice), .lineClosed(2))
        #expect(room[alice].session.channels == [Self.lobby, Self.inbox])
    }

    @Test("what comes on a channel is told to the lines that are in it, once each, and to no other")
    func events() {
        var room = two()
        room.post(Seat(alice), .lineOpened(1))
        room.post(Seat(alice), .lineOpened(2))
        room.post(Seat(alice), subscribe(Self.chat))
        _ = lent(&room)
        room.say(bob, "hi", to: aliceBob)
        let effects = lent(&room)
        let heard = events(effects).filter {
            if case .event(let event) = $0 { event.channel == Self.chat } else { false }
        }
        #expect(heard.count == 1)
        #expect(!effects.contains { if case .sendLine(2, _) = $0 { true } else { false } })
    }

    @Test("what the screen opens is its own also where a line holds it already, and stays the line's when it is closed")
    func both() {
        var room = two()
        room.post(Seat(alice), .lineOpened(1))
        room.post(Seat(alice), subscribe(Self.chat))
        room.want(alice, .open(aliceBob))
        room.say(bob, "hi", to: aliceBob)
        #expect(room.texts(alice, aliceBob) == ["hi"])
        room.want(bob, .open(aliceBob))
        room.want(bob, .typing(aliceBob, true))
        #expect(room.chat(alice).typing.typists(in: aliceBob) == [bob])
        room.post(Seat(alice), .lineClosed(1))
        #expect(room[alice].session.channels.contains(Self.chat))
    }

    @Test("channels of others, too many channels and frames that are none are refused, and the screen goes on")
    func refusals() {
        var room = two()
        room.post(Seat(alice), .lineOpened(1))
        _ = lent(&room)
        for channel: ChannelName in ["private-chat-bob-carol", "private-user-bob", "presence-other", "news", ""] {
            room.post(Seat(alice), subscribe(channel))
            let answers = events(lent(&room))
            #expect(answers.count == 1, "\(channel)")
            guard case .subscriptionError(channel, _, _, 403) = answers.first else {
                Issue.record("\(channel): \(answers)")
                continue
            }
        }
        for number in 0..<25 { room.post(Seat(alice), subscribe(ChannelName(wire: "private-chat-alice-u\(number)"))) }
        #expect(
            events(lent(&room)).filter { if case .subscriptionError(_, _, _, 429) = $0 { true } else { false } }.count
                == 5)
        for text in [
            "", "{", "[]", #"{"event":7}"#, #"{"event":"pusher:subscribe"}"#, String(repeating: "[", count: 60_000),
        ] {
            room.post(Seat(alice), .lineOpened(9))
            _ = lent(&room)
            room.post(Seat(alice), .lineText(9, text))
            #expect(lent(&room) == [.endLine(9, .standAlone)])
        }
        // Of a line that was never opened, or is gone.
        room.post(Seat(alice), .lineText(77, ClientFrame.ping.text))
        room.post(Seat(alice), .lineClosed(77))
        #expect(lent(&room) == [])
        #expect(room.chat(alice).link == .online)
    }

    @Test("nothing is said to others in the screen's name")
    func silent() {
        var room = two()
        room.want(bob, .open(aliceBob))
        room.post(Seat(alice), .lineOpened(1))
        room.post(Seat(alice), subscribe(Self.chat))
        let typing: JSON = ["from": "alice", "typing": true]
        room.post(
            Seat(alice), .lineText(1, ClientFrame.event(name: "client-typing", channel: Self.chat, data: typing).text))
        #expect(room.chat(bob).typing.typists(in: aliceBob) == [])
    }

    @Test("a connection that is lost ends the lines, who come back and wait for the next one")
    func lost() {
        var room = withoutCarol()
        room.post(Seat(alice), .lineOpened(1))
        room.post(Seat(alice), subscribe(Self.other))
        _ = lent(&room)
        room.stopDesk(for: .seconds(60))
        room.settle()
        #expect(lent(&room).contains(.endLine(1, .comeBack)))
        #expect(!room[alice].session.channels.contains(Self.other))
        room.post(Seat(alice), .lineOpened(2))
        #expect(lent(&room) == [])
        room.advance(by: .seconds(120))
        #expect(lent(&room).contains { if case .sendLine(2, _) = $0 { true } else { false } })
    }

    @Test("a session that is signed out or ends sends the lines away")
    func ends() {
        var room = two()
        room.post(Seat(alice), .lineOpened(1))
        _ = lent(&room)
        room.post(Seat(alice), .stopping)
        #expect(lent(&room) == [.endLine(1, .comeBack)])
        room.post(Seat(alice), .lineOpened(2))
        #expect(lent(&room) == [.endLine(2, .standAlone)])
    }
}
