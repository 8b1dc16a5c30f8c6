import Testing

@testable import Chat

@Suite("unseen")
struct UnseenTests {
    @Test("counts a message of a conversation that nobody opened, from the inbox, at once")
    func inbox() {
        var script = ChatScript.online()
        script.hear(.inboxRang(InboxNote(kind: .newMessage, conversation: withBob, by: bob, seq: 1)))
        #expect(script.chat.conversation(withBob).unseen == 1)
        #expect(script.asked.contains(.watch(withBob)))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(1...1), first: 1, last: 1)))
        script.hear(.messageReceived(said("again", seq: 1)))
        #expect(script.chat.conversation(withBob).unseen == 1)
        #expect(script.notices.contains(.message(said("message 1", seq: 1))))
    }

    @Test("does not count what this user wrote elsewhere")
    func own() {
        var script = ChatScript.online()
        script.hear(.inboxRang(InboxNote(kind: .newMessage, conversation: withBob, by: alice, seq: 1)))
        #expect(script.chat.conversation(withBob).unseen == 0)
    }

    @Test("goes down to what stands after the mark, and the desk is told once")
    func marking() {
        var script = ChatScript.online()
        for seq in 1...4 { script.hear(.messageReceived(said("m", seq: seq))) }
        #expect(script.chat.unseenTotal == (4, 1))
        _ = script.take()
        script.want(.markSeen(withBob, through: 3))
        script.want(.markSeen(withBob, through: 3))
        script.want(.markSeen(withBob, through: 2))
        #expect(script.chat.conversation(withBob).unseen == 1)
        #expect(script.asked.filter { $0 == .tellSeen(withBob, through: 3) }.count == 1)
    }

    @Test("goes away when another terminal of this user saw it")
    func elsewhere() {
        var script = ChatScript.online([
            ConversationSummary(name: withBob, last: said("m", seq: 7), unseen: 2, seenByPeer: 0)
        ])
        script.hear(.inboxRang(InboxNote(kind: .messageSeen, conversation: withBob, by: alice, seq: 7)))
        #expect(script.chat.conversation(withBob).unseen == 0)
    }

    @Test("a list older than what another terminal saw is asked for once more as soon as the desk has the mark")
    func olderList() {
        let summary = ConversationSummary(
            name: withBob, last: said("m", seq: 3), unseen: 2, seenByMe: 0, seenByPeer: 0)
        var script = ChatScript.online([summary])
        script.hear(.inboxRang(InboxNote(kind: .messageSeen, conversation: withBob, by: alice, seq: 1)))
        script.hear(.conversationsLoaded([summary], isComplete: true))
        _ = script.take()
        script.hear(.seenStored(withBob, through: 1))
        #expect(script.take().contains(.loadConversations))
        script.hear(
            .conversationsLoaded(
                [ConversationSummary(name: withBob, last: said("m", seq: 3), unseen: 1, seenByMe: 1, seenByPeer: 0)],
                isComplete: true))
        script.hear(.seenStored(withBob, through: 1))
        #expect(!script.take().contains(.loadConversations))
        #expect(script.chat.conversation(withBob).unseen == 1)
    }

    @Test("asks for the list where a message in between is not known of")
    func hole() {
        var script = ChatScript.online([
            ConversationSummary(name: withBob, last: said("m", seq: 7), unseen: 2, seenByPeer: 0)
        ])
        script.hear(.inboxRang(InboxNote(kind: .newMessage, conversation: withBob, by: bob, seq: 10)))
        #expect(script.asked.contains(.loadConversations))
    }

    @Test("puts the rule before the first unseen message and keeps it while the conversation is open")
    func rule() {
        var script = ChatScript.online([
            ConversationSummary(name: withBob, last: said("m", seq: 5), unseen: 2, seenByPeer: 0)
        ])
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(1...5), first: 1, last: 5)))
        #expect(script.chat.conversation(withBob).ruleAfter == 3)
        script.want(.markSeen(withBob, through: 5))
        #expect(script.chat.conversation(withBob).ruleAfter == 3)
        script.want(.open(withCarol))
        #expect(script.chat.conversation(withBob).ruleAfter == nil)
    }

    @Test("no rule stands where everything was seen, whichever comes first, the messages or the list")
    func ruleBeforeList() {
        var script = ChatScript()
        script.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s1", lobby: .lobby)))
        script.hear(.linkChanged(.online))
        script.want(.open(withBob))
        let messages = [said("one", seq: 1), said("two", seq: 2)]
        script.hear(.pageLoaded(withBob, .newest, Page(messages: messages, first: 1, last: 2)))
        #expect(script.chat.conversation(withBob).ruleAfter == nil)
        var other = script
        let summary = ConversationSummary(name: withBob, last: messages[1], unseen: 0, seenByMe: 2, seenByPeer: 0)
        script.hear(.conversationsLoaded([summary]))
        #expect(script.chat.conversation(withBob).ruleAfter == nil)
        #expect(script.chat.conversation(withBob).unseen == 0)
        let half = ConversationSummary(name: withBob, last: messages[1], unseen: 1, seenByMe: 1, seenByPeer: 0)
        other.hear(.conversationsLoaded([half]))
        #expect(other.chat.conversation(withBob).ruleAfter == 1)
    }

    @Test("a seen receipt raises the peer's mark and never lowers it")
    func receipts() {
        var script = ChatScript.online()
        for seq in 1...3 { script.hear(.messageReceived(said("m", seq: seq, by: alice))) }
        script.hear(.seenReceived(withBob, by: bob, through: 2))
        script.hear(.seenReceived(withBob, by: bob, through: 1))
        let each = script.chat.conversation(withBob)
        #expect(each.messages.map { each.deliveryState(of: $0) } == [.seen, .seen, .sent])
        script.hear(.seenReceived(withBob, by: bob, through: 99))
        #expect(script.chat.conversation(withBob).seenByPeer == 3)
    }

    @Test("a mark the desk could not take is told again, later and later, until it has it")
    func toldAgain() {
        var script = ChatScript.online()
        script.hear(.messageReceived(said("m", seq: 1)))
        script.want(.markSeen(withBob, through: 1))
        #expect(script.take().contains(.tellSeen(withBob, through: 1)))
        for seconds in [1, 2, 4] {
            script.hear(.seenFailed(withBob))
            script.advance(by: .seconds(seconds) - .milliseconds(1))
            #expect(!script.take().contains(.tellSeen(withBob, through: 1)))
            script.advance(by: .milliseconds(1))
            #expect(script.take().contains(.tellSeen(withBob, through: 1)))
        }
        script.hear(.seenStored(withBob, through: 1))
        script.advance(by: .seconds(600))
        #expect(script.take() == [])
        #expect(script.chat.deadline == nil)
    }
}
