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

    @Test("says at least where what stands before is not held, and becomes exact when it is")
    mutating func atLeast() {
        var script = ChatScript.online([summary(withBob, last: said("a", seq: 9))])
        clock.follow(script.chat)
        #expect(clock[withBob] == .init(name: withBob, since: said("a", seq: 9).at, isExact: false, through: 9))
        script.want(.open(withBob))
        script.hear(.pageLoaded(withBob, .newest, Page(messages: run(5...9), first: 1, last: 9)))
        clock.follow(script.chat)
        #expect(clock[withBob] == .init(name: withBob, since: said("", seq: 5).at, isExact: false, through: 9))
        let older = [said("q", seq: 1, by: alice)] + run(2...4)
        script.hear(.pageLoaded(withBob, .before(5), Page(messages: older, first: 1, last: 9)))
        clock.follow(script.chat)
        #expect(clock[withBob] == .init(name: withBob, since: said("", seq: 2).at, isExact: true, through: 9))
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
            } else if isMine {
                #expect(after == before)
            } else {
                #expect(after.map(\.name).filter { $0 != name } == before.map(\.name).filter { $0 != name })
                #expect(after.first { $0.name == name }?.since == (was?.since ?? time))
            }
            #expect(
                zip(after, after.dropFirst()).allSatisfy { ($0.since, $0.name.channel) < ($1.since, $1.name.channel) })
            // Worked out anew from what is held it is the same.
            var fresh = WaitingClock()
            fresh.follow(script.chat)
            #expect(fresh.all == after)
        }
    }
}
