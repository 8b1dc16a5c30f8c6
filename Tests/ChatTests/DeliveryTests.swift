import Testing

@testable import Chat

@Suite("delivery")
struct DeliveryTests {
    private func outgoing(_ script: ChatScript) -> [OutgoingMessage.State] {
        script.chat.conversation(withBob).outbox.map(\.state)
    }

    private func delivered(_ requests: [ChatRequest]) -> [String] {
        requests.compactMap { if case .deliver(let message) = $0 { message.clientID } else { nil } }
    }

    @Test("hands a message to the desk only when this machine's disk has it")
    func keptFirst() {
        var script = ChatScript.online()
        script.want(.send(withBob, text: "hi", clientID: "c1"))
        #expect(delivered(script.take()) == [])
        script.hear(.kept(clientID: "c1"))
        #expect(delivered(script.take()) == ["c1"])
        #expect(outgoing(script) == [.sending])
        script.hear(.delivered(clientID: "c1", said("hi", seq: 1, by: alice)))
        #expect(script.asked.contains(.save(.removeOutbox(clientID: "c1"))))
        #expect(outgoing(script) == [])
        #expect(script.seqs() == [1])
    }

    @Test("keeps the order: the next goes when the one before is stored")
    func order() {
        var script = ChatScript.online()
        for id in ["c1", "c2"] {
            script.want(.send(withBob, text: id, clientID: id))
            script.hear(.kept(clientID: id))
        }
        #expect(delivered(script.take()) == ["c1"])
        script.hear(.delivered(clientID: "c1", said("c1", seq: 1, by: alice)))
        #expect(delivered(script.take()) == ["c2"])
    }

    @Test("queues while offline and asks again with the same id when the link is back")
    func offline() {
        var script = ChatScript.online()
        script.hear(.linkChanged(.offline(reason: "connection lost", retryAt: nil)))
        script.want(.send(withBob, text: "hi", clientID: "c1"))
        script.hear(.kept(clientID: "c1"))
        #expect(delivered(script.take()) == [])
        #expect(script.chat.waitingToBeSent == 1)
        script.hear(.linkChanged(.online))
        #expect(delivered(script.take()) == ["c1"])
        script.hear(.deliveryFailed(clientID: "c1", .tryAgain(after: .seconds(2), reason: "no answer")))
        #expect(outgoing(script) == [.sending])
        script.advance(by: .seconds(2))
        #expect(delivered(script.take()) == ["c1"])
    }

    @Test("a refused message stays with its reason, does not hold the next one up, and can be retried or discarded")
    func refused() {
        var script = ChatScript.online()
        for id in ["c1", "c2"] {
            script.want(.send(withBob, text: id, clientID: id))
            script.hear(.kept(clientID: id))
        }
        _ = script.take()
        script.hear(.deliveryFailed(clientID: "c1", .rejected(reason: "too long")))
        #expect(delivered(script.take()) == ["c2"])
        #expect(outgoing(script) == [.failed(reason: "too long"), .sending])
        script.want(.retry(clientID: "c1"))
        #expect(outgoing(script).first == .accepted)
        script.want(.discard(clientID: "c2"))
        #expect(outgoing(script).count == 2)
    }

    @Test("what the disk cannot keep is said at once and not sent")
    func diskFull() {
        var script = ChatScript.online()
        script.want(.send(withBob, text: "hi", clientID: "c1"))
        script.hear(.notKept(clientID: "c1", reason: "disk full"))
        #expect(outgoing(script) == [.failed(reason: "disk full")])
        #expect(delivered(script.take()) == [])
    }

    @Test("what was kept by an earlier run goes out, once")
    func restored() {
        var script = ChatScript.online()
        let message = OutgoingMessage(
            clientID: "c1", conversation: withBob, text: "hi", at: script.now.date, state: .queued)
        script.hear(.restored(SavedState(outbox: [message], drafts: [withCarol: "dear"], open: withBob)))
        script.hear(.restored(SavedState(outbox: [message])))
        #expect(delivered(script.take()) == ["c1"])
        #expect(script.chat.open == withBob)
        #expect(script.chat.drafts[withCarol] == "dear")
    }
}

@Suite("typing indicator")
struct TypingTests {
    @Test("is shown for six seconds after the last event, and goes at once when the message arrives")
    func life() {
        var script = ChatScript.online()
        script.hear(.typingReceived(withBob, from: bob, true))
        script.advance(by: .seconds(5))
        #expect(script.chat.typing.typists(in: withBob) == [bob])
        script.hear(.typingReceived(withBob, from: bob, true))
        script.advance(by: .milliseconds(5_999))
        #expect(script.chat.typing.typists(in: withBob) == [bob])
        script.advance(by: .milliseconds(1))
        #expect(script.chat.typing.typists(in: withBob) == [])
        script.hear(.typingReceived(withBob, from: bob, true))
        script.hear(.messageReceived(said("hi", seq: 1)))
        #expect(script.chat.typing.typists(in: withBob) == [])
    }

    @Test("is told at most every three seconds, and its end once")
    func throttle() {
        var script = ChatScript.online()
        for _ in 0..<5 {
            script.want(.typing(withBob, true))
            script.advance(by: .seconds(1))
        }
        #expect(script.asked.filter { $0 == .tellTyping(withBob, true) }.count == 2)
        script.want(.typing(withBob, false))
        script.want(.typing(withBob, false))
        #expect(script.asked.filter { $0 == .tellTyping(withBob, false) }.count == 1)
    }

    @Test("is told once a second at most however fast one line is sent after the other")
    func lines() {
        var script = ChatScript.online()
        for _ in 0..<40 {
            script.want(.typing(withBob, true))
            script.want(.typing(withBob, false))
            script.advance(by: .milliseconds(50))
        }
        #expect(script.asked.filter { $0 == .tellTyping(withBob, true) }.count == 2)
        #expect(script.asked.filter { $0 == .tellTyping(withBob, false) }.count == 2)
    }

    @Test("ends where it was when another conversation is opened, and is never shown of oneself")
    func moving() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.want(.typing(withBob, true))
        script.want(.open(withCarol))
        #expect(script.asked.contains(.tellTyping(withBob, false)))
        script.hear(.typingReceived(withBob, from: alice, true))
        #expect(script.chat.typing.typists(in: withBob) == [])
    }
}

@Suite("roster")
struct RosterTests {
    @Test("is replaced by a snapshot, never added to, and changes are told once")
    func snapshot() {
        var script = ChatScript.online()
        script.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob, name: "Bob")]))
        script.hear(.rosterReplaced([NamedUser(alice), NamedUser(carol)]))
        #expect(!script.chat.roster.isOnline(bob))
        #expect(script.chat.roster.onlineCount == 2)
        #expect(script.chat.roster.name(of: bob) == "Bob")
        script.hear(.memberAdded(NamedUser(carol)))
        #expect(script.notices.filter { $0 == .presence(carol, isOnline: true) }.count == 1)
    }

    @Test("after a lost connection tells who came, and who is not back in half a minute, and nothing of the others")
    func found() {
        var script = ChatScript.online()
        let dave = UserID("dave")!
        script.hear(.rosterReplaced([alice, bob, carol].map { NamedUser($0) }))
        script.advance(by: .seconds(60))
        script.hear(.memberAdded(NamedUser(dave)))
        let since = script.chat.roster[dave]?.since
        #expect(since != nil)
        let before = script.notices.count
        func told() -> [ChatNotice] {
            script.notices.dropFirst(before).filter { if case .presence = $0 { true } else { false } }
        }
        for _ in 1...2 {
            script.hear(.linkChanged(.offline(reason: "lost", retryAt: nil)))
            script.advance(by: .seconds(90))
        }
        script.hear(.linkChanged(.online))
        script.hear(.rosterReplaced([alice, dave, UserID("eve")!].map { NamedUser($0) }))
        #expect(told() == [.presence(UserID("eve")!, isOnline: true)])
        #expect(script.chat.roster[dave]?.since == since && !script.chat.roster.isOnline(bob))
        script.advance(by: .seconds(5))
        script.hear(.memberAdded(NamedUser(bob)))
        #expect(told().count == 1)
        script.advance(by: .seconds(30))
        #expect(Array(told().dropFirst()) == [.presence(carol, isOnline: false)])
        script.hear(.memberAdded(NamedUser(carol)))
        script.hear(.memberRemoved(bob))
        #expect(
            Array(told().dropFirst(2)) == [.presence(carol, isOnline: true), .presence(bob, isOnline: false)])
        script.advance(by: .seconds(300))
        #expect(told().count == 4)
    }

    @Test("is unknown once the link is lost, and when the user left the room")
    func lost() {
        var script = ChatScript.online()
        script.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob)]))
        script.hear(.linkChanged(.offline(reason: "lost", retryAt: nil)))
        #expect(!script.chat.roster.isKnown)
        script.hear(.linkChanged(.online))
        script.want(.leave(.lobby))
        #expect(script.asked.contains(.unwatch(.lobby)))
        script.want(.enter(.lobby))
        #expect(script.asked.last == .watch(.lobby))
    }
}
