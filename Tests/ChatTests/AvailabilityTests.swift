import Testing

@testable import Chat

@Suite("availability")
struct AvailabilityTests {
    private func away(_ script: ChatScript, _ text: String = "") -> Availability {
        Availability(.away, since: script.now.date, text: text)
    }

    private func told(_ script: inout ChatScript) -> [Availability.State] {
        script.take().compactMap { if case .tellAvailability(let value) = $0 { value.state } else { nil } }
    }

    @Test("is told on a change, and the same again is no change")
    func onChange() {
        var script = ChatScript.online()
        script.want(.setAvailability(away(script)))
        #expect(told(&script) == [.away])
        script.want(.setAvailability(away(script)))
        #expect(told(&script) == [])
    }

    @Test("is told at most once every two seconds, and then the last word")
    func isLimited() {
        var script = ChatScript.online()
        for state in [Availability.State.away, .busy, .available, .busy] {
            script.want(.setAvailability(Availability(state, since: script.now.date)))
        }
        #expect(told(&script) == [.away])
        #expect(script.chat.deadline != nil)
        script.advance(by: .seconds(1))
        #expect(told(&script) == [])
        script.advance(by: .seconds(1))
        #expect(told(&script) == [.busy])
        #expect(script.chat.deadline == nil)
    }

    @Test("is told to whoever joins, once for many, and not by those who are available")
    func towardsNewcomers() {
        var script = ChatScript.online()
        script.hear(.rosterReplaced([NamedUser(alice)]))
        script.hear(.memberAdded(NamedUser(bob)))
        script.advance(by: .seconds(5))
        #expect(told(&script) == [])
        script.want(.setAvailability(away(script)))
        script.advance(by: .seconds(5))
        _ = told(&script)
        script.hear(.memberAdded(NamedUser(carol)))
        script.hear(.memberAdded(NamedUser(UserID("dan")!)))
        script.advance(by: .seconds(5))
        #expect(told(&script) == [.away])
        script.advance(by: .seconds(2))
        script.want(.setAvailability(Availability(.available, since: script.now.date)))
        #expect(told(&script) == [.available])
        script.hear(.memberAdded(NamedUser(UserID("eve")!)))
        script.advance(by: .seconds(5))
        #expect(told(&script) == [])
    }

    @Test(
        "a further terminal asks once it is in the lobby, and a first one does not", arguments: [1, 2], [false, true])
    func furtherTerminal(terminals: Int, isListFirst: Bool) {
        var script = ChatScript.online()
        _ = script.take()
        let sessions = (1...terminals).map { OwnSession(from: "this machine", client: "parley", run: "\($0)") }
        let events: [ChatEvent] = [.sessionsLoaded(sessions), .rosterReplaced([NamedUser(alice), NamedUser(bob)])]
        script.hear(.rosterLost)
        for event in isListFirst ? events : events.reversed() { script.hear(event) }
        script.hear(.rosterReplaced([NamedUser(alice)]))
        #expect(script.take().filter { $0 == .askAvailability }.count == terminals - 1)
    }

    @Test("is told to one who asks, by those who are not available")
    func asked() {
        var script = ChatScript.online()
        script.hear(.availabilityAsked)
        script.advance(by: .seconds(5))
        #expect(told(&script) == [])
        script.want(.setAvailability(away(script)))
        script.advance(by: .seconds(5))
        _ = told(&script)
        script.hear(.availabilityAsked)
        script.hear(.availabilityAsked)
        script.advance(by: .seconds(5))
        #expect(told(&script) == [.away])
    }

    @Test("what another terminal of ours says is ours too, and can be taken back here")
    func ofOurOtherTerminal() {
        var script = ChatScript.online()
        script.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob)]))
        let busy = Availability(.busy, since: script.now.date)
        script.hear(.availabilityReceived(from: alice, busy))
        #expect(script.chat.ownAvailability == busy)
        #expect(told(&script) == [])
        script.hear(
            .availabilityReceived(from: alice, Availability(.away, since: Timestamp(milliseconds: 0))))
        #expect(script.chat.ownAvailability == busy)
        script.want(.setAvailability(Availability(.available, since: script.now.date)))
        #expect(told(&script) == [.available])
    }

    @Test("is told again after a reconnect, and not to a lobby one has left")
    func survivesReconnect() {
        var script = ChatScript.online()
        script.want(.setAvailability(away(script)))
        _ = told(&script)
        script.hear(.linkChanged(.offline(reason: "lost", retryAt: nil)))
        script.want(.setAvailability(Availability(.busy, since: script.now.date)))
        script.advance(by: .seconds(60))
        #expect(told(&script) == [])
        script.hear(.linkChanged(.online))
        script.hear(.watching(.lobby))
        script.advance(by: .seconds(3))
        #expect(told(&script) == [.busy])
        script.want(.leave(.lobby))
        script.want(.setAvailability(away(script)))
        script.advance(by: .seconds(60))
        #expect(told(&script) == [])
    }

    @Test("of others is believed while they are here, told once, and forgotten when they go")
    func ofOthers() {
        var script = ChatScript.online()
        script.hear(.rosterReplaced([NamedUser(alice), NamedUser(bob)]))
        script.asked = []
        script.hear(.availabilityReceived(from: bob, away(script, "lunch")))
        #expect(script.notices == [.availability(bob, away(script, "lunch"))])
        script.asked = []
        script.hear(.availabilityReceived(from: bob, away(script, "lunch")))
        script.hear(.availabilityReceived(from: carol, away(script)))
        #expect(script.notices == [])
        #expect(script.chat.roster.away == [bob])
        #expect(script.chat.roster[carol] == nil)
        script.hear(.memberRemoved(bob))
        script.hear(.memberAdded(NamedUser(bob)))
        #expect(script.chat.roster.away == [])
        #expect(script.chat.roster[bob]?.availability == nil)
    }

    @Test("carries a short text only")
    func shortText() {
        let long = Availability(.away, since: Timestamp(milliseconds: 0), text: String(repeating: "x", count: 5_000))
        #expect(long.text.unicodeScalars.count == Availability.maxText)
    }

    private func activity(_ script: inout ChatScript) -> [ChatRequest] {
        script.take().filter { if case .tellActivity = $0 { true } else { false } }
    }

    @Test("a terminal asks the others of its user once for how long they are in use, and answers when asked")
    func activityIsAsked() {
        var script = ChatScript.online()
        script.hear(.inboxReady)
        #expect(activity(&script) == [])
        script.want(.active(until: script.now.uptime + .seconds(600)))
        #expect(activity(&script) == [.tellActivity(for: .seconds(600), asks: true)])
        script.want(.active(until: script.now.uptime + .seconds(660)))
        #expect(activity(&script) == [])
        script.hear(.activityReceived(session: "t2", for: .seconds(300), asks: true))
        #expect(activity(&script) == [.tellActivity(for: .seconds(660), asks: false)])
        #expect(script.chat.othersActiveUntil == script.now.uptime + .seconds(300) + ChatState.activitySlack)
        script.want(.active(until: script.now.uptime + .seconds(720)))
        #expect(activity(&script) == [.tellActivity(for: .seconds(720), asks: false)])
        script.hear(.activityReceived(session: "t2", for: .zero, asks: false))
        #expect(script.chat.othersActiveUntil == nil)
    }

    @Test("a terminal in use takes back what an idle one of its user said by itself, and not what the user said")
    func contradicted() {
        var script = ChatScript.online()
        script.hear(.rosterReplaced([NamedUser(alice)]))
        script.want(.active(until: script.now.uptime + .seconds(600)))
        _ = script.take()
        script.hear(.availabilityReceived(from: alice, away(script, "lunch")))
        #expect(told(&script) == [])
        script.advance(by: .seconds(5))
        let idle = Availability(.away, since: script.now.date, isAutomatic: true)
        script.hear(.availabilityReceived(from: alice, idle))
        #expect(told(&script) == [.available])
    }
}
