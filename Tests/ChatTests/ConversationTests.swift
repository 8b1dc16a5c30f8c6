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
