import ChannelsClient
import ChannelsProtocol
import Glibc

/// The client's half without a socket: frames of a server in, notices out.
enum ClientHalf {
    static func measure() {
        let text = String(repeating: "x", count: 300 - 11)
        let event = ServerEvent.event(
            ChannelEvent(channel: "private-chat", name: "message", data: .string(#"{"text":"\#(text)"}"#)))
        let kinds: [(String, String)] = [
            ("event of 300 bytes, routed", event.text),
            ("event for a channel already left", event.text.replacing("private-chat", with: "private-left")),
            ("ping", ServerEvent.ping.text),
            ("no JSON", String(repeating: "{", count: 300)),
        ]
        print("| client, one frame | frames/s | share of a core at 1,000 frames/s |")
        print("|---|---|---|")
        for (name, frame) in kinds {
            let rates = (0..<5).map { _ in rate(frame) }.sorted()
            print("| \(name) | \(rounded(rates[2], 0)) | \(rounded(100_000 / rates[2], 3)) % |")
        }
        print("")
        joins()
    }

    private static func connected() -> Connection {
        var connection = Connection(seed: 1)
        _ = connection.subscribe("private-chat", now: .zero)
        _ = connection.start(now: .zero)
        _ = connection.socketOpened(attempt: 1, now: .zero)
        _ = connection.received(
            ServerEvent.connectionEstablished(socketID: SocketID(1, 2), activityTimeout: .seconds(120)).text,
            attempt: 1, now: .zero)
        _ = connection.authorized(
            "private-chat", socketID: SocketID(1, 2), .success(Authorization(auth: "k:s")), now: .zero)
        _ = connection.received(
            ServerEvent.subscriptionSucceeded("private-chat", presence: nil).text, attempt: 1, now: .zero)
        return connection
    }

    private static func rate(_ frame: String) -> Double {
        var connection = connected()
        var outputs = 0
        let rounds = 100_000
        let start = now()
        for round in 0..<rounds {
            outputs += connection.received(frame, attempt: 1, now: .microseconds(round)).count
        }
        let seconds = now() - start
        precondition(outputs <= rounds)
        return Double(rounds) / seconds
    }

    /// How a roster grows: each join is one frame.
    private static func joins() {
        print("| members who join a presence channel | seconds | µs per join |")
        print("|---|---|---|")
        for count in [1_000, 10_000, 100_000] {
            let frames = (0..<count).map { number in
                ServerEvent.memberAdded(
                    "presence-hall", Member(id: "user-\(number)", info: ["name": .string("User \(number)")])
                ).text
            }
            var connection = connected()
            _ = connection.subscribe("presence-hall", now: .zero)
            _ = connection.authorized(
                "presence-hall", socketID: SocketID(1, 2),
                .success(Authorization(auth: "k:s", channelData: #"{"user_id":"me"}"#)), now: .zero)
            let roster = ServerEvent.subscriptionSucceeded(
                "presence-hall", presence: PresenceSnapshot(members: [Member(id: "me")]))
            _ = connection.received(roster.text, attempt: 1, now: .zero)
            let start = now()
            for frame in frames { _ = connection.received(frame, attempt: 1, now: .zero) }
            let seconds = now() - start
            precondition(connection.members(of: "presence-hall")?.count == count + 1)
            print("| \(count) | \(rounded(seconds, 3)) | \(rounded(seconds * 1e6 / Double(count), 2)) |")
        }
    }
}
