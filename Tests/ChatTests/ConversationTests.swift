import Testing

@testable import Chat

@Suite("a conversation")
struct ConversationTests {
    @Test("opened for the first time watches its channel and loads the newest page")
    func opening() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        #expect(script.asked.contains(.watch(withBob)))
        #expect(script.asked.contains(.loadPage(withBob, .newest)))
        #expect(script.asked.contains(.save(.saveOpen(withBob))))
    }

    @Test("nobody opened holds no channel")
    func lazy() {
        let script = ChatScript.online([
            ConversationSummary(name: withBob, last: said("hi", seq: 3), unseen: 1, seenByPeer: 0)
        ])
        #expect(script.chat.watchedConversations == [])
        #expect(script.chat.conversation(withBob).unseen == 1)
    }

    @Test("takes live messages in order and once")
    func duplicates() {
        var script = ChatScript.online()
        script.hear(.messageReceived(said("one", seq: 1)))
        script.hear(.messageReceived(said("two", seq: 2)))
        script.hear(.messageReceived(said("two", seq: 2)))
        #expect(script.seqs() == [1, 2])
        #expect(script.notices.filter { if case .message = $0 { true } else { false } }.count == 2)
    }

    @Test("shows a gap until what is missing has come, and joins the rest in order")
    func gap() {
        var script = ChatScript.online()
        script.hear(.messageReceived(said("one", seq: 1)))
        _ = script.take()
        script.hear(.messageReceived(said("five", seq: 5)))
        #expect(script.chat.conversation(withBob).gap == 2...4)
        #expect(script.asked.contains(.loadPage(withBob, .after(1))))
        #expect(script.notices.contains(.gap(withBob, from: 2, through: 4)))
        script.hear(.pageLoaded(withBob, .after(1), Page(messages: run(2...4), first: 1, last: 5)))
        #expect(script.seqs() == [1, 2, 3, 4, 5])
        #expect(script.chat.conversation(withBob).gap == nil)
    }

    @Test("pages older messages in before the window")
    func paging() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(101...200), first: 1, last: 200)))
        #expect(!script.chat.conversation(withBob).reachesStart)
        script.want(.loadOlder(withBob))
        #expect(script.asked.contains(.loadPage(withBob, .before(101))))
        script.hear(.pageLoaded(withBob, .before(101), Page(messages: run(1...100), first: 1, last: 200)))
        #expect(script.seqs() == Array(1...200))
        #expect(script.chat.conversation(withBob).reachesStart)
    }

    @Test("survives a desk that lies: pages with holes, of other places, of nothing")
    func lyingDesk() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(
            .pageLoaded(withBob, .newest, Page(messages: [said("a", seq: 4), said("b", seq: 9)], first: 1, last: 9)))
        #expect(script.seqs() == [])
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(8...9), first: 1, last: 9)))
        script.hear(.pageLoaded(withBob, .before(8), Page(messages: run(2...3), first: 1, last: 9)))
        #expect(script.seqs() == [8, 9])
        #expect(script.chat.conversation(withBob).failure != nil)
    }

    @Test("is not taken for another one because a list on its way is older than what came since")
    func staleList() {
        var script = ChatScript.online()
        script.hear(.inboxReady)
        script.hear(.messageReceived(said("one", seq: 1)))
        script.hear(.messageReceived(said("two", seq: 2)))
        script.hear(
            .conversationsLoaded([
                ConversationSummary(name: withBob, last: said("one", seq: 1), unseen: 1, seenByMe: 0, seenByPeer: 0)
            ]))
        #expect(!script.notices.contains(.storeChanged))
        #expect(script.seqs() == [1, 2])
        #expect(script.chat.conversation(withBob).unseen == 2)
        script.hear(.inboxReady)
        script.hear(
            .conversationsLoaded([
                ConversationSummary(name: withBob, last: said("one", seq: 1), unseen: 1, seenByMe: 0, seenByPeer: 0)
            ]))
        #expect(script.notices.contains(.storeChanged))
    }

    @Test("a desk that contradicts itself again and again is said so once, and not followed round and round")
    func liar() {
        var script = ChatScript.online()
        for turn in 0..<50 {
            script.hear(.messageReceived(said("one", seq: 1, id: "a\(turn)")))
            script.hear(.messageReceived(said("one", seq: 1, id: "b\(turn)")))
        }
        #expect(script.notices.filter { $0 == .storeChanged }.count == Contradictions.limit)
        let warnings = script.notices.filter { if case .warning = $0 { true } else { false } }
        #expect(warnings.count == 1)
    }

    @Test("what was missed is told in order and whole; what is too much to fetch is named as a gap")
    func missed() {
        for missing in [50, 150, 1_000, 1_200] {
            var script = ChatScript.online([
                ConversationSummary(name: withBob, last: said("old", seq: 3), unseen: 0, seenByPeer: 0)
            ])
            let last = 3 + missing
            script.hear(.inboxRang(InboxNote(kind: .newMessage, conversation: withBob, by: bob, seq: last)))
            var turns = 0
            while let query = script.nextPage(), turns < 20 {
                turns += 1
                script.hear(.pageLoaded(withBob, query, Page.of(last, query)))
            }
            var next = 4
            for notice in script.notices {
                switch notice {
                case .gap(withBob, let from, let through) where from == next && through < last - 99: next = through + 1
                case .message(let message):
                    #expect(message.seq == next, "\(missing) missing")
                    next = message.seq + 1
                default: break
                }
            }
            #expect(next == last + 1, "\(missing) missing")
            #expect(script.chat.conversation(withBob).gap == nil)
        }
    }

    @Test("keeps a window of a bounded size, the newest of it, and says where paging back ends")
    func bounded() {
        var script = ChatScript.online()
        let long = String(repeating: "x", count: 30_000)
        for seq in 1...200 { script.hear(.messageReceived(said(long, seq: seq))) }
        #expect(script.chat.conversation(withBob).heldBytes <= Conversation.Room.aside.bytes)
        #expect(script.seqs().last == 200)
        #expect(!script.chat.conversation(withBob).reachesStart)
    }

    @Test("numbers and names without end are not believed")
    func crowds() {
        var script = ChatScript.online()
        for number in 0...ChatState.maxConversations {
            guard let name = ConversationName(alice, UserID("u\(number)")!) else { continue }
            script.hear(.inboxRang(InboxNote(kind: .conversationOpened, conversation: name, by: bob, seq: 0)))
            script.hear(.messageReceived(said("hi", seq: 1, in: name)))
        }
        #expect(script.chat.conversations.count <= ChatState.maxConversations)
        #expect(script.chat.watchedConversations.count <= ChatState.maxWatched)
    }

    @Test("is read again when a known seq carries another id")
    func contradiction() {
        var script = ChatScript.online()
        script.hear(.messageReceived(said("one", seq: 1)))
        script.hear(.messageReceived(said("another", seq: 1, id: "other")))
        #expect(script.notices.contains(.storeChanged))
        #expect(script.asked.contains(.loadConversations))
        #expect(script.seqs() == [])
    }

    @Test("forgets its positions but not what is unsent when the desk was restored from a copy")
    func restoredDesk() {
        var script = ChatScript.online()
        script.hear(.messageReceived(said("one", seq: 1)))
        script.want(.send(withBob, text: "mine", clientID: "c1"))
        script.hear(.signedIn(SignedIn(me: alice, name: "alice", store: "s2", lobby: .lobby)))
        #expect(script.notices.contains(.storeChanged))
        #expect(script.chat.conversation(withBob).outbox.map(\.clientID) == ["c1"])
        #expect(script.seqs() == [])
    }

    @Test("closed leaves its channel; one whose peer is gone is left after a while, unless it is open")
    func leaving() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.want(.open(withCarol))
        script.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob), NamedUser(carol)]))
        script.hear(.memberRemoved(bob))
        script.hear(.memberRemoved(carol))
        script.advance(by: ChatState.idleLeave)
        #expect(script.asked.contains(.unwatch(withBob)))
        #expect(!script.asked.contains(.unwatch(withCarol)))
        script.want(.close(withCarol))
        #expect(script.asked.contains(.unwatch(withCarol)))
        #expect(script.chat.open == nil)
    }

    @Test("beyond a hundred gives the least recently used channel up, never the open one")
    func limit() {
        var script = ChatScript.online()
        for index in 0...ChatState.maxWatched { script.want(.open(ConversationName(alice, UserID("u\(index)")!))) }
        #expect(script.chat.watchedConversations.count == ChatState.maxWatched)
        #expect(script.asked.contains(.unwatch(ConversationName(alice, UserID("u0")!)!)))
        #expect(script.chat.watchedConversations.last == script.chat.open)
    }
}
