import Testing

@testable import Chat

@Suite("the waiting clock")
struct WaitingClockTests {
    private var clock = WaitingClock()

    private func summary(_ name: ConversationName, last: Message?) -> ConversationSummary {
        ConversationSummary(name: name, last: last, unseen: 0, seenByPeer: 0)
    }

    @Test("starts at the first message that was not answered, and later ones do not move it")
    mutating func firstUnanswered() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: [said("hi", seq: 1, by: alice)], first: 1, last: 1)))
        clock.follow(script.chat)
        #expect(clock.all.isEmpty)
        script.hear(.messageReceived(said("a", seq: 2)))
        clock.follow(script.chat)
        let started = clock[withBob]
        #expect(started?.since == said("a", seq: 2).at)
        #expect(started?.isExact == true)
        script.hear(.messageReceived(said("b", seq: 3)))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == started?.since)
        #expect(clock[withBob]?.through == 3)
    }

    @Test("stops with one's own answer, at once when Enter is pressed, and goes on when it could not be sent")
    mutating func answered() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: [said("a", seq: 1)], first: 1, last: 1)))
        clock.follow(script.chat)
        #expect(clock[withBob] != nil)
        script.want(.send(withBob, text: "yes", clientID: "c1"))
        clock.follow(script.chat)
        #expect(clock[withBob] == nil)
        script.hear(.kept(clientID: "c1"))
        script.hear(.deliveryFailed(clientID: "c1", .rejected(reason: "no")))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == said("a", seq: 1).at)
    }

    @Test("is not stopped by a script")
    mutating func automated() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        var robot = said("we are on it", seq: 2, by: alice)
        robot.isAutomated = true
        script.hear(.pageLoaded(withBob, .newest, Page(messages: [said("a", seq: 1), robot], first: 1, last: 2)))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == said("a", seq: 1).at)
        script.hear(.messageReceived(said("really?", seq: 3)))
        robot.seq = 4
        robot.id = "4"
        script.hear(.messageReceived(robot))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == said("a", seq: 1).at)
    }

    @Test("says at least where a desk tells the last message alone")
    mutating func atLeast() {
        let script = ChatScript.online([summary(withBob, last: said("a", seq: 9))])
        clock.follow(script.chat)
        #expect(clock[withBob] == .init(name: withBob, since: said("a", seq: 9).at, isExact: false, through: 9))
    }

    private func told(_ last: Message, since: Message?, settled: Int = 0) -> ConversationSummary {
        ConversationSummary(
            name: last.conversation, last: last, unseen: 0, seenByPeer: 0,
            clock: ToldClock(start: since.map { .init(seq: $0.seq, since: $0.at) }, settled: settled))
    }

    private func automated(seq: Int, by user: UserID = bob, asks: Bool = false) -> Message {
        var message = said("from a script", seq: seq, by: user)
        message.isAutomated = true
        if asks { message.question = Question(choices: ["yes", "no"], until: message.at) }
        return message
    }

    @Test("stands where the desk says before any message is loaded, and stays there when messages are")
    mutating func toldByDesk() {
        let start = said("help", seq: 5)
        var script = ChatScript.online([told(automated(seq: 400, by: alice), since: start)])
        clock.follow(script.chat)
        let wait = WaitingClock.Wait(name: withBob, since: start.at, isExact: true, through: 400)
        #expect(clock[withBob] == wait)
        script.want(.open(withBob))
        let page = (350...399).map { automated(seq: $0, by: alice) } + [automated(seq: 400, by: alice)]
        script.hear(.pageLoaded(withBob, .newest, Page(messages: page, first: 1, last: 400)))
        clock.follow(script.chat)
        #expect(clock[withBob] == wait)
        script.hear(.messageReceived(said("on it", seq: 401, by: alice)))
        clock.follow(script.chat)
        #expect(clock[withBob] == nil)
    }

    @Test("starts with what a person wrote or with a question, never with another message of a script")
    mutating func onlyPeople() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(.messageReceived(automated(seq: 1)))
        clock.follow(script.chat)
        #expect(clock[withBob] == nil)
        script.hear(.messageReceived(automated(seq: 2, asks: true)))
        script.hear(.messageReceived(automated(seq: 3)))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == said("", seq: 2).at)
    }

    @Test("goes on with the messages that are newer than the list")
    mutating func listIsOlder() {
        var script = ChatScript.online([told(said("old", seq: 1, by: alice), since: nil)])
        script.hear(.messageReceived(said("help", seq: 2)))
        script.hear(
            .pageLoaded(
                withBob, .newest,
                Page(messages: [said("old", seq: 1, by: alice), said("help", seq: 2)], first: 1, last: 2)))
        script.hear(.conversationsLoaded([told(said("old", seq: 1, by: alice), since: nil)]))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == said("", seq: 2).at)
    }

    private func marks(_ script: inout ChatScript) -> [ChatRequest] {
        script.take().filter { request in
            switch request {
            case .tellSettled, .save(.saveSettled): true
            default: false
            }
        }
    }

    @Test("a mark that no reply is needed is told to the desk, and kept here until the desk has it")
    func settledIsTold() {
        var script = ChatScript.online([told(said("help", seq: 3), since: said("help", seq: 3))])
        script.want(.settle(withBob, through: 3))
        #expect(
            marks(&script) == [.save(.saveSettled(withBob, through: 3)), .tellSettled(withBob, through: 3)])
        script.hear(.settledOnDesk(withBob, through: 3))
        #expect(marks(&script) == [.save(.saveSettled(withBob, through: nil))])
    }

    @Test("a mark set while offline, or in an earlier run, is told with the next list")
    mutating func settledOffline() {
        var script = ChatScript.online([told(said("help", seq: 3), since: said("help", seq: 3))])
        script.hear(.linkChanged(.offline(reason: "x", retryAt: nil)))
        script.want(.settle(withBob, through: 3))
        #expect(marks(&script) == [.save(.saveSettled(withBob, through: 3))])
        var next = ChatScript.online()
        next.hear(.restored(SavedState(settled: [withBob: 3])))
        for var run in [script, next] {
            run.hear(.linkChanged(.online))
            run.hear(.conversationsLoaded([told(said("help", seq: 3), since: said("help", seq: 3))]))
            #expect(marks(&run) == [.tellSettled(withBob, through: 3)])
            clock.follow(run.chat)
            #expect(clock[withBob] == nil)
        }
    }

    @Test("a mark set in another terminal counts here, and one for messages that the desk does not have is dropped")
    mutating func settledElsewhere() {
        var script = ChatScript.online([told(said("help", seq: 3), since: said("help", seq: 3))])
        script.hear(.inboxRang(InboxNote(kind: .settled, conversation: withBob, by: alice, seq: 3)))
        clock.follow(script.chat)
        #expect(clock[withBob] == nil)
        var restored = ChatScript.online()
        restored.hear(.restored(SavedState(settled: [withBob: 9])))
        restored.hear(.conversationsLoaded([told(said("help", seq: 3), since: said("help", seq: 3))]))
        #expect(marks(&restored) == [.save(.saveSettled(withBob, through: nil))])
        clock.follow(restored.chat)
        #expect(clock[withBob] != nil)
    }

    @Test("does not run in a room, nor where the last word is one's own")
    mutating func nobodyWaits() {
        var script = ChatScript.online([
            summary(.lobby, last: said("all", seq: 3, in: .lobby)),
            summary(withBob, last: said("x", seq: 2, by: alice)),
        ])
        clock.follow(script.chat)
        #expect(clock.all.isEmpty)
        script.hear(.messageReceived(said("more", seq: 4, in: .lobby)))
        clock.follow(script.chat)
        #expect(clock.all.isEmpty)
    }

    @Test("is stopped by hand until the other side writes again")
    mutating func settled() {
        var script = ChatScript.online()
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(1...2), first: 1, last: 2)))
        clock.follow(script.chat)
        script.want(.settle(withBob, through: 2))
        #expect(script.take().contains(.save(.saveSettled(withBob, through: 2))))
        clock.follow(script.chat)
        #expect(clock[withBob] == nil)
        script.hear(.messageReceived(said("one more", seq: 3)))
        clock.follow(script.chat)
        #expect(clock[withBob]?.since == said("", seq: 3).at)
    }

    @Test("orders equal times always in the same way, and answering one takes exactly that one out", arguments: 1...20)
    mutating func property(_ seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func roll(_ sides: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state >> 33) % sides
        }
        let people = (0..<8).map { UserID("p\($0)")! }
        var script = ChatScript.online()
        var seqs: [ConversationName: Int] = [:]
        for step in 0..<300 {
            let peer = people[roll(people.count)]
            let name = ConversationName(alice, peer)!
            let before = clock.all
            seqs[name, default: 0] += 1
            let isMine = roll(3) == 0
            let isAutomated = roll(4) == 0
            let time = Timestamp(milliseconds: 1_800_000_000_000 + Int64(step / 4) * 1_000)
            script.hear(
                .messageReceived(
                    Message(
                        id: "\(name)/\(seqs[name]!)", seq: seqs[name]!, conversation: name,
                        from: isMine ? alice : peer, text: "x", at: time, isAutomated: isAutomated)))
            clock.follow(script.chat)
            let after = clock.all
            let was = before.first { $0.name == name }
            if isMine, !isAutomated {
                #expect(after == before.filter { $0.name != name })
            } else if isAutomated {
                #expect(after.map(\.name) == before.map(\.name))
                #expect(after.map(\.since) == before.map(\.since))
            } else {
                #expect(after.map(\.name).filter { $0 != name } == before.map(\.name).filter { $0 != name })
                #expect(after.first { $0.name == name }?.since == (was?.since ?? time))
            }
            #expect(
                zip(after, after.dropFirst()).allSatisfy { ($0.since, $0.name.channel) < ($1.since, $1.name.channel) })
            // Read anew it is the same.
            var fresh = WaitingClock()
            fresh.follow(script.chat)
            #expect(fresh.all == after)
        }
    }
}
