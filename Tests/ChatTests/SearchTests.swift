import Testing

@testable import Chat

@Suite("searching and looking far back")
struct SearchTests {
    private let words = SearchQuery("order", in: nil)

    private func loaded(_ range: ClosedRange<Int> = 900...1_000) -> ChatScript {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(range), first: 1, last: range.upperBound)))
        script.asked = []
        return script
    }

    @Test("an answer to another question than the last is ignored")
    func stale() {
        var script = ChatScript.online()
        script.want(.search(SearchQuery("or", in: nil)))
        script.want(.search(words))
        #expect(script.take() == [.search(SearchQuery("or", in: nil)), .search(words)])
        script.hear(.searchAnswered(SearchQuery("or", in: nil), run(1...3)))
        #expect(script.chat.search?.state == .asking)
        script.hear(.searchFailed(SearchQuery("order", in: withBob), reason: "no"))
        #expect(script.chat.search?.state == .asking)
        script.hear(.searchAnswered(words, run(1...2)))
        #expect(script.chat.search?.state == .found(run(1...2)))
        script.want(.search(nil))
        script.hear(.searchAnswered(words, run(1...2)))
        #expect(script.chat.search == nil)
    }

    @Test("without a connection it says so and asks nothing")
    func offline() {
        var script = ChatScript.online()
        script.hear(.linkChanged(.offline(reason: "x", retryAt: nil)))
        script.asked = []
        script.want(.search(words))
        #expect(script.asked == [])
        guard case .failed = script.chat.search?.state else {
            Issue.record("no reason was given")
            return
        }
    }

    @Test("a message of the window needs no page")
    func inWindow() {
        var script = loaded()
        script.want(.visit(withBob, around: 950))
        #expect(script.asked == [] && script.chat.visited == nil)
    }

    @Test("a place far back is loaded apart and leaves the window, its gaps and its counts alone")
    func apart() {
        var script = loaded()
        let before = script.chat.conversation(withBob)
        script.want(.visit(withBob, around: 100))
        #expect(script.take() == [.loadPlace(withBob, .after(59))])
        script.hear(.placeLoaded(withBob, .after(59), Page(messages: run(60...159), first: 1, last: 1_000)))
        #expect(script.asked == [])
        #expect(script.chat.shown(withBob).messages.map(\.seq) == Array(60...159))
        #expect(script.chat.shown(withBob).gap == nil)
        #expect(script.chat.conversation(withBob) == before)
        script.hear(.messageReceived(said("live", seq: 1_001)))
        #expect(script.seqs().last == 1_001)
        #expect(script.chat.shown(withBob).heldThrough == 159)
        script.asked = []
        script.want(.loadOlder(withBob))
        script.want(.loadNewer(withBob))
        script.want(.loadNewer(withBob))
        #expect(script.take() == [.loadPlace(withBob, .before(60)), .loadPlace(withBob, .after(159))])
        script.hear(.placeLoaded(withBob, .before(60), Page(messages: run(1...59), first: 1, last: 1_001)))
        #expect(script.chat.shown(withBob).reachesStart)
        script.want(.visit(withBob, around: nil))
        #expect(script.chat.visited == nil && script.seqs().first == 900)
    }

    @Test("read on down to the window it becomes a part of it")
    func meets() {
        var script = loaded()
        script.want(.visit(withBob, around: 850))
        script.hear(.placeLoaded(withBob, .after(809), Page(messages: run(810...909), first: 1, last: 1_000)))
        #expect(script.chat.visited == nil)
        #expect(script.seqs() == Array(810...1_000))
    }

    @Test("a page that was not asked for, of another place or with holes changes nothing")
    func malformed() {
        var script = loaded()
        script.want(.visit(withBob, around: 100))
        script.hear(
            .placeLoaded(withCarol, .after(59), Page(messages: run(60...70, in: withCarol), first: 1, last: 70)))
        script.hear(.placeLoaded(withBob, .after(3), Page(messages: run(60...70), first: 1, last: 1_000)))
        #expect(script.chat.shown(withBob).messages.isEmpty)
        script.hear(
            .placeLoaded(withBob, .after(59), Page(messages: run(60...61) + run(64...65), first: 1, last: 1_000)))
        #expect(script.chat.shown(withBob).messages.isEmpty)
        #expect(script.chat.shown(withBob).failure != nil)
        script.want(.open(withCarol))
        #expect(script.chat.visited == nil)
    }

    @Test("a page that does not come says why, and may be asked for again")
    func failed() {
        var script = loaded()
        script.want(.visit(withBob, around: 100))
        script.hear(.placeFailed(withBob, .after(59), reason: "busy"))
        #expect(script.chat.shown(withBob).failure == "busy")
        script.asked = []
        script.want(.visit(withBob, around: 100))
        #expect(script.asked == [.loadPlace(withBob, .after(59))])
    }
}
