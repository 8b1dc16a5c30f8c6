import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("the heartbeat")
struct HeartbeatTests {
    @Test("asks after the activity timeout, tells doubt, and gives the socket up when no answer comes")
    func silence() {
        var line = Line.connected()
        line.advance(.milliseconds(29_999))
        #expect(line.take().isEmpty)
        line.advance(.milliseconds(1))
        #expect(line.take() == [.send(ClientFrame.ping.text)])
        line.advance(.seconds(3))
        #expect(line.take() == [.notice(.doubtful(since: .zero))])
        line.advance(.milliseconds(26_999))
        #expect(line.take().isEmpty)
        line.advance(.milliseconds(1))
        let outputs = line.take()
        #expect(outputs.first == .close(attempt: 1, code: 4201))
        guard case .waiting(let until, 1, "the server did not answer for 60 s") = line.connection.status else {
            Issue.record("\(line.connection.status)")
            return
        }
        #expect(until - line.now <= .milliseconds(250))
    }

    @Test("is content with any sign of life", arguments: ["pong", "event", "garbage", "control"])
    func life(kind: String) {
        var line = Line.connected(to: "news")
        for _ in 0..<5 {
            line.advance(.seconds(35))
            _ = line.take()
            switch kind {
            case "pong": line.hear(.pong)
            case "event": line.hear(.event(.init(channel: "news", name: "e", data: [:])))
            case "garbage": line.hear("x")
            default: line.add(line.connection.socketActive(attempt: 1, now: line.now))
            }
            #expect(line.take().first == .notice(.alive))
        }
        #expect(line.connection.status == .connected(line.id))
        #expect(line.connection.deadline == line.now + .seconds(30))
    }

    @Test("does not beat while things come in, and sending is no sign of life")
    func traffic() throws {
        var line = Line.connected(to: "private-a")
        for _ in 0..<10 {
            line.advance(.seconds(25))
            line.hear(.event(.init(channel: "private-a", name: "e", data: [:])))
        }
        #expect(line.takeSent().isEmpty)
        for _ in 0..<5 {
            line.advance(.seconds(10))
            line.add(try line.connection.trigger("client-x", on: "private-a", data: [:], now: line.now))
        }
        #expect(line.takeSent().contains(.ping))
    }

    @Test("says no doubt where the answer comes soon")
    func soon() {
        var line = Line.connected()
        line.advance(.seconds(30))
        line.advance(.seconds(2))
        line.hear(.pong)
        #expect(line.takeNotices().isEmpty)
    }

    @Test("asks at once after a sleep, and waits less for the answer")
    func check() {
        var line = Line.connected()
        line.now = .seconds(20)
        line.add(line.connection.checkNow(now: line.now))
        #expect(line.take() == [.send(ClientFrame.ping.text)])
        line.add(line.connection.checkNow(now: line.now))
        #expect(line.take().isEmpty)
        line.advance(.seconds(10))
        #expect(line.take().contains(.close(attempt: 1, code: 4201)))
        line.add(line.connection.checkNow(now: line.now))
        #expect(line.attempt == 2)
    }

    /// What an engine does to a connection that it takes for dead, by its own clock.
    enum Judge: String, CaseIterable {
        /// Never asks; closes with 4201 where it has sent nothing for 120 seconds.
        case soketi
        /// Every 60 seconds: whoever was asked before and has been silent for 60 seconds goes; then whoever is silent is
        /// asked.
        case reverb

        /// Seconds, as the greeting tells them.
        var activityTimeout: Int { 30 }
    }

    /// The line for so many seconds, at an engine that answers unless it is deaf. Returns when it was sent away.
    private func live(_ seconds: Int, _ judge: Judge, isHeard: Bool = true, _ line: inout Line) -> Int? {
        var (sentAt, heardAt, isAsked) = (0, 0, false)
        for second in 1...seconds {
            line.advance(.seconds(1))
            for frame in line.takeSent() where isHeard {
                (heardAt, isAsked) = (second, false)
                guard frame == .ping else { continue }
                sentAt = second
                line.hear(.pong)
            }
            switch judge {
            case .soketi where second - sentAt >= 120:
                line.close(4201)
                return second
            case .reverb where second % 60 == 0 && second - heardAt >= 60:
                if isAsked {
                    line.hear(.error(code: 4201, message: "Pong reply not received in time", channel: nil))
                    line.close(nil)
                    return second
                }
                isAsked = true
                line.hear(.ping)
            case .soketi, .reverb: break
            }
        }
        return nil
    }

    @Test(
        "keeps a line where nothing is said alive for hours at engines that judge in their own way",
        arguments: Judge.allCases)
    func judged(judge: Judge) {
        var line = Line()
        line.connect(timeout: .seconds(judge.activityTimeout))
        line.enter("news")
        _ = line.take()
        #expect(live(4 * 3_600, judge, &line) == nil)
        #expect(line.connection.status == .connected(line.id))
    }

    @Test("whom an engine has heard nothing of comes back by itself, at once", arguments: Judge.allCases)
    func sentAway(judge: Judge) {
        // A line that would itself wait for longer than the engine does.
        var line = Line { $0.activityTimeout = .seconds(600) }
        line.connect(timeout: .seconds(600))
        line.enter("news")
        _ = line.take()
        #expect(live(600, judge, isHeard: false, &line) == 120)
        guard case .waiting(let until, _, _) = line.connection.status else {
            Issue.record("\(line.connection.status)")
            return
        }
        #expect(until - line.now <= .seconds(1))
        line.waitForAttempt()
        line.greet()
        #expect(line.takeSent().contains { if case .subscribe("news", _, _) = $0 { true } else { false } })
    }

    @Test("pings after 30 seconds at an engine that announces 120, and sooner at one that announces less")
    func announced() {
        for (announced, expected) in [(120, 30), (30, 30), (12, 12)] {
            var line = Line()
            line.connect(timeout: .seconds(announced))
            #expect(line.connection.deadline == .seconds(expected))
        }
    }

    /// How a connection ends at a proxy that waited long enough for a frame.
    @Test(
        "pings sooner after a cut that came after silence", arguments: [nil, 1005, 1006, 4201] as [UInt16?])
    func learns(code: UInt16?) {
        var line = Line.connected()
        line.now = .seconds(20)
        line.close(code)
        line.waitForAttempt()
        line.greet()
        let connected = line.now
        #expect(line.connection.deadline == connected + .seconds(12))
        // A longer silence teaches nothing new, and no cut makes it shorter than ten seconds.
        line.now += .seconds(29)
        line.close(code)
        line.waitForAttempt()
        line.greet()
        #expect(line.connection.deadline == line.now + .seconds(12))
        line.now += .seconds(11)
        line.close(code)
        line.waitForAttempt()
        line.greet()
        #expect(line.connection.deadline == line.now + .seconds(10))
    }

    @Test("a cut while frames came, a server's own word and a missing pong change nothing")
    func learnsNothing() {
        var line = Line.connected()
        func reconnected(_ end: (inout Line) -> Void) {
            end(&line)
            line.waitForAttempt()
            line.greet()
            #expect(line.connection.deadline == line.now + .seconds(30))
        }
        reconnected { line in
            line.now += .seconds(25)
            line.hear(.pong)
            line.now += .seconds(5)
            line.close(nil)
        }
        reconnected { line in
            line.now += .seconds(25)
            line.close(4200)
        }
        reconnected { line in line.advance(.seconds(60)) }
    }

    @Test("stays behind a proxy that cuts what is silent for 15 seconds after two cuts at most")
    func proxy() {
        var line = Line.connected()
        var cuts = 0
        var (passedAt, until) = (Duration.zero, Duration.seconds(600))
        while line.now < until {
            line.advance(.seconds(1))
            if line.takeSent().contains(.ping) {
                line.hear(.pong)
                passedAt = line.now
            }
            guard line.now - passedAt >= .seconds(15) else { continue }
            cuts += 1
            line.close(nil)
            line.waitForAttempt()
            line.greet()
            passedAt = line.now
            until = max(until, line.now)
        }
        #expect(cuts <= 2)
    }

    @Test("answers the server's pings, also before the greeting")
    func serverPings() {
        var line = Line()
        line.start()
        line.hear(#"{"event":"pusher:ping"}"#)
        line.greet()
        line.hear(.ping)
        #expect(line.takeSent() == [.pong, .pong])
    }
}
