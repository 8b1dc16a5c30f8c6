import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("a connection")
struct ConnectionTests {
    @Test("opens a socket and is connected with the greeting, not before")
    func greeting() {
        var line = Line()
        #expect(line.connection.status == .idle)
        #expect(line.connection.deadline == nil)
        line.start()
        #expect(line.take() == [.notice(.status(.connecting(attempt: 1))), .open(attempt: 1)])
        line.start()
        line.add(line.connection.socketOpened(attempt: 1, now: line.now))
        #expect(line.take().isEmpty)
        line.hear(.connectionEstablished(socketID: line.id, activityTimeout: .seconds(30)))
        #expect(line.take() == [.notice(.status(.connected(line.id)))])
        #expect(line.connection.deadline == .seconds(30))
    }

    @Test("needs nothing of the greeting but the socket id")
    func bareGreeting() {
        var line = Line()
        line.start()
        line.hear(#"{"event":"pusher:connection_established","data":{"socket_id":"1.2"}}"#)
        #expect(line.connection.status == .connected(line.id))
        #expect(line.connection.deadline == .seconds(30))
    }

    @Test(
        "takes the smaller of its own activity timeout and the server's",
        arguments: [
            (30, 30), (120, 60), (86_400, 60),
        ])
    func activity(server: Int, effective: Int) {
        var line = Line { $0.activityTimeout = .seconds(60) }
        line.connect(timeout: .seconds(server))
        #expect(line.connection.deadline == .seconds(effective))
    }

    @Test("gives up on a server that opens a socket and never greets")
    func noGreeting() {
        var line = Line()
        line.start()
        line.add(line.connection.socketOpened(attempt: 1, now: .zero))
        _ = line.take()
        line.advance(.milliseconds(14_999))
        #expect(line.take().isEmpty)
        line.advance(.milliseconds(1))
        #expect(line.take().first == .close(attempt: 1, code: 1000))
        guard case .waiting(_, 2, "the server sent no greeting within 15 s") = line.connection.status else {
            Issue.record("\(line.connection.status)")
            return
        }
    }

    @Test(
        "reacts to each class of close codes",
        arguments: [
            (nil, "again"), (1000, "again"), (1001, "again"), (1002, "later"), (1006, "again"), (1011, "again"),
            (4000, "never"), (4001, "never"), (4003, "never"), (4004, "later"), (4005, "never"), (4006, "never"),
            (4007, "never"), (4008, "never"), (4009, "never"), (4100, "later"), (4150, "later"), (4200, "at once"),
            (4201, "at once"), (4202, "at once"), (4300, "never"), (4301, "never"), (4999, "never"),
        ] as [(UInt16?, String)])
    func closeCodes(code: UInt16?, reaction: String) {
        var line = Line.connected()
        line.now = .seconds(10)
        line.close(code, "so it is")
        switch (line.connection.status, reaction) {
        case (.refused(let reason), "never"): #expect(reason.contains("so it is") && reason.contains("\(code ?? 0)"))
        case (.waiting(let until, 1, _), "again"): #expect(until <= .seconds(11))
        case (.waiting(let until, 1, _), "later"): #expect(until >= .seconds(11) && until <= .seconds(12))
        case (.waiting(let until, 1, _), "at once"): #expect(until <= .milliseconds(10_250))
        default: Issue.record("\(line.connection.status)")
        }
        line.advance(.seconds(3))
        #expect((line.attempt == 2) == (reaction != "never"))
    }

    @Test(
        "reacts likewise to an error that comes instead of the greeting, and closes the socket itself",
        arguments: [
            (4001, true), (4004, false), (4009, true), (4100, false), (4200, false), (nil, false), (7, false),
        ] as [(Int?, Bool)])
    func errorInsteadOfGreeting(code: Int?, isFinal: Bool) {
        var line = Line()
        line.start()
        _ = line.take()
        line.hear(.error(code: code, message: "Application does not exist", channel: nil))
        let outputs = line.take()
        #expect(
            outputs.prefix(2) == [
                .notice(.error(code: code, message: "Application does not exist")), .close(attempt: 1, code: 1000),
            ])
        if case .refused = line.connection.status {
            #expect(isFinal)
        } else {
            #expect(!isFinal)
        }
        line.close(1006)
        #expect(line.take().isEmpty)
    }

    @Test(
        "takes the code of an error that came right before a close without one",
        arguments: [nil, 1005, 1006] as [UInt16?])
    func errorThenCut(code: UInt16?) {
        var line = Line.connected()
        line.hear(#"{"event":"pusher:error","data":"{\"code\":4001,\"message\":\"gone\"}"}"#)
        line.close(code)
        #expect(line.connection.status == .refused(reason: "the server does not know the app key (4001: gone)"))
    }

    @Test("does not end because of an error alone, nor believes an old one", arguments: [4009, 4200, 4001])
    func errorAlone(code: Int) {
        var line = Line.connected()
        line.hear(.error(code: code, message: "m", channel: nil))
        #expect(line.takeNotices() == [.error(code: code, message: "m")])
        #expect(line.connection.status == .connected(line.id))
        line.hear(.pong)
        line.close(1006)
        guard case .waiting = line.connection.status else {
            Issue.record("\(line.connection.status)")
            return
        }
    }

    @Test("waits longer with every failure, never longer than the cap, and never gives up")
    func backoff() {
        var line = Line()
        line.start()
        var ranges: [Duration] = []
        for count in 0..<200 {
            let before = line.now
            line.close(nil, "connection refused")
            guard case .waiting(let until, let attempt, "connection refused") = line.connection.status else {
                Issue.record("\(line.connection.status)")
                return
            }
            #expect(attempt == count + 2)
            ranges.append(until - before)
            line.waitForAttempt()
        }
        for (count, wait) in ranges.enumerated() {
            #expect(wait >= .zero && wait <= min(.seconds(1) * (1 << min(count, 10)), .seconds(30)))
        }
        #expect(Set(ranges.suffix(100)).count > 50)
        line.greet()
        line.now += .seconds(5)
        let before = line.now
        line.close(nil)
        guard case .waiting(let until, 1, _) = line.connection.status else { return }
        #expect(until - before <= .seconds(1))
    }

    @Test("does not hurry to a server that greets and cuts again and again")
    func flapping() {
        var line = Line()
        line.start()
        for _ in 0..<12 {
            line.greet()
            line.close(4200)
            line.waitForAttempt()
        }
        #expect(line.now > .seconds(20))
    }

    @Test("waits differ with the seed and repeat with it")
    func seeds() {
        func wait(_ seed: UInt64) -> ConnectionStatus {
            var connection = Connection(seed: seed)
            _ = connection.start(now: .zero)
            for _ in 0..<5 {
                _ = connection.socketClosed(attempt: connection.lastOpened, code: nil, reason: "", now: .zero)
                _ = connection.reconnectNow(now: .zero)
            }
            _ = connection.socketClosed(attempt: connection.lastOpened, code: nil, reason: "", now: .zero)
            return connection.status
        }
        #expect(wait(1) == wait(1))
        #expect(Set((0..<20).map { wait($0) }).count > 15)
    }

    @Test("tries at once when told to, from wherever it stands")
    func reconnectNow() {
        var line = Line()
        line.start()
        line.close(nil)
        line.add(line.connection.reconnectNow(now: line.now))
        #expect(line.attempt == 2)
        line.close(4001)
        _ = line.take()
        line.add(line.connection.reconnectNow(now: line.now))
        #expect(line.take() == [.notice(.status(.connecting(attempt: 1))), .open(attempt: 3)])
        line.add(line.connection.reconnectNow(now: line.now))
        #expect(line.take().first == .close(attempt: 3, code: 1001))
        #expect(line.attempt == 4)
        line.greet()
        _ = line.take()
        line.add(line.connection.reconnectNow(now: line.now))
        #expect(line.takeSent() == [.ping])
    }

    @Test("ignores everything from sockets it has given up")
    func oldSockets() {
        var line = Line.connected(to: "news")
        line.close(1006)
        line.waitForAttempt()
        _ = line.take()
        let before = line.connection
        line.add(line.connection.received(ServerEvent.ping.text, attempt: 1, now: line.now))
        line.add(line.connection.socketClosed(attempt: 1, code: 4001, reason: "", now: line.now))
        line.add(line.connection.socketOpened(attempt: 1, now: line.now))
        line.add(line.connection.socketActive(attempt: 1, now: line.now))
        #expect(line.take().isEmpty)
        #expect(line.connection == before)
    }

    @Test("stops for good, and starts anew with all its wishes")
    func stop() {
        var line = Line.connected(to: "news")
        line.add(line.connection.stop(now: line.now))
        #expect(line.take() == [.close(attempt: 1, code: 1000), .notice(.status(.stopped))])
        #expect(line.connection.deadline == nil)
        line.close(1000)
        line.advance(.seconds(1_000))
        line.add(line.connection.stop(now: line.now))
        #expect(line.take().isEmpty)
        line.connect()
        #expect(line.takeSent() == [.subscribe("news")])
    }

    @Test(
        "tells of a frame that means nothing and goes on",
        arguments: [
            "", "x", "{}", "[]", #"{"event":7}"#, #"{"event":"pusher:connection_established","data":"{}"}"#,
            #"{"event":"pusher:unheard_of"}"#, #"{"event":"online","data":{}}"#,
        ])
    func ignored(frame: String) {
        var line = Line.connected(to: "news")
        line.hear(frame)
        let notices = line.takeNotices()
        #expect(notices.count == 1)
        guard case .ignored(let reason, frame)? = notices.first else {
            Issue.record("\(notices)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(line.connection.status == .connected(line.id))
    }
}

extension Connection {
    /// The number of the last socket asked for.
    var lastOpened: Int {
        var probe = self
        var number = 0
        for case .open(let attempt) in probe.stop(now: .zero) + probe.start(now: .zero) { number = attempt }
        return number - 1
    }
}
