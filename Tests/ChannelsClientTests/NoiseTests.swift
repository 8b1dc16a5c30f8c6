import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("whatever the server says")
struct NoiseTests {
    @Test(
        "the client stays sound: sends only when connected, opens one socket at a time, and time always moves on",
        arguments: 1...12 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var state = seed
        func dice(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        let channels: [ChannelName] = [
            "news", "private-a", "presence-a", "private-encrypted-a", "cache-a", "#server-to-user-1",
        ]
        var connection = Connection(seed: seed)
        var now: Duration = .zero
        var attempt = 0
        for _ in 0..<4_000 {
            let channel = channels[dice(channels.count)]
            let id = connection.status.socketID ?? SocketID("1.1")!
            let before = connection.status
            let outputs: [ConnectionOutput]
            switch dice(16) {
            case 0: outputs = connection.start(now: now)
            case 1: outputs = connection.subscribe(channel, now: now)
            case 2: outputs = connection.unsubscribe(channel, now: now)
            case 3: outputs = connection.signIn(now: now)
            case 4:
                let answer = Authorization(auth: "k:1", channelData: #"{"user_id":1}"#, sharedSecret: "x")
                outputs = connection.authorized(channel, socketID: id, .success(answer), now: now)
            case 5:
                outputs = connection.authorized(channel, socketID: id, .failure(.unreachable(message: "")), now: now)
            case 6:
                let code = [nil, 1000, 1006, 4001, 4100, 4200, 4301][dice(7)] as UInt16?
                outputs = connection.socketClosed(attempt: attempt, code: code, reason: "", now: now)
            case 7: outputs = connection.reconnectNow(now: now)
            case 8: outputs = connection.checkNow(now: now)
            case 9: outputs = dice(10) == 0 ? connection.stop(now: now) : []
            case 10:
                now += .milliseconds(dice(20_000))
                outputs = connection.tick(now: now)
                #expect(connection.deadline.map { $0 > now } ?? true)
            case 11:
                let answer = UserAuthentication(auth: "k:1", userData: #"{"id":"1"}"#)
                outputs = connection.userAuthenticated(socketID: id, .success(answer), now: now)
            default:
                let events: [ServerEvent] = [
                    .connectionEstablished(socketID: SocketID("\(dice(9)).1")!, activityTimeout: .seconds(dice(60))),
                    .error(code: [nil, 4001, 4009, 4200][dice(4)], message: "x \(channel)", channel: nil),
                    .subscriptionSucceeded(channel, presence: .init(members: [Member(id: "1"), Member(id: "2")])),
                    .subscriptionError(channel, kind: "", message: "", status: nil),
                    .memberAdded(channel, Member(id: "\(dice(5))")), .memberRemoved(channel, id: "\(dice(5))"),
                    .event(.init(channel: channel, name: "e", data: ["nonce": "x"])), .ping, .pong, .cacheMiss(channel),
                    .signInSucceeded(userData: #"{"id":"\#(dice(2))"}"#), .unknown(name: "pusher:x"),
                ]
                var bytes = Array(events[dice(events.count)].text.utf8)
                if dice(4) == 0 { bytes[dice(bytes.count)] = UInt8(dice(128)) }
                let number = dice(8) == 0 ? attempt - 1 : attempt
                outputs = connection.received(String(decoding: bytes, as: UTF8.self), attempt: number, now: now)
                if number != attempt { #expect(outputs.isEmpty) }
            }
            for output in outputs {
                switch output {
                case .open(let number):
                    #expect(number == attempt + 1)
                    attempt = number
                case .close(let number, _): #expect(number == attempt)
                case .send, .authorize, .authenticateUser:
                    if case .idle = before { Issue.record("\(output) while idle") }
                    if case .waiting = before { Issue.record("\(output) while waiting") }
                case .notice: break
                }
            }
            for channel in connection.channels where connection.status.socketID == nil {
                #expect(connection.subscription(channel) == .idle)
                #expect(connection.members(of: channel) == nil)
            }
        }
    }
}
