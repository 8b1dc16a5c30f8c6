import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("the heartbeat")
struct HeartbeatTests {
    @Test("asks after the activity timeout, tells doubt, and gives the socket up when no answer comes")
    func silence() {
        var line = Line.connected()
        line.advance(.milliseconds(119_999))
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
        guard case .waiting(let until, 1, "the server did not answer for 150 s") = line.connection.status else {
            Issue.record("\(line.connection.status)")
            return
        }
        #expect(until - line.now <= .milliseconds(250))
    }

    @Test("is content with any sign of life", arguments: ["pong", "event", "garbage", "control"])
    func life(kind: String) {
        var line = Line.connected(to: "news")
        for _ in 0..<5 {
            line.advance(.seconds(125))
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
        #expect(line.connection.deadline == line.now + .seconds(120))
    }

    @Test("does not beat while things come in, and sending is no sign of life")
    func traffic() throws {
        var line = Line.connected(to: "private-a")
        for _ in 0..<10 {
            line.advance(.seconds(60))
            line.hear(.event(.init(channel: "private-a", name: "e", data: [:])))
        }
        #expect(line.takeSent().isEmpty)
        for _ in 0..<12 {
            line.advance(.seconds(10))
            line.add(try line.connection.trigger("client-x", on: "private-a", data: [:], now: line.now))
        }
        #expect(line.takeSent().contains(.ping))
    }

    @Test("says no doubt where the answer comes soon")
    func soon() {
        var line = Line.connected()
        line.advance(.seconds(120))
        line.advance(.seconds(2))
        line.hear(.pong)
        #expect(line.takeNotices().isEmpty)
    }

    @Test("asks at once after a sleep, and waits less for the answer")
    func check() {
        var line = Line.connected()
        line.now = .seconds(50)
        line.add(line.connection.checkNow(now: line.now))
        #expect(line.take() == [.send(ClientFrame.ping.text)])
        line.add(line.connection.checkNow(now: line.now))
        #expect(line.take().isEmpty)
        line.advance(.seconds(10))
        #expect(line.take().contains(.close(attempt: 1, code: 4201)))
        line.add(line.connection.checkNow(now: line.now))
        #expect(line.attempt == 2)
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
