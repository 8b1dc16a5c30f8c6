import ChannelsClient
import ChannelsProtocol

/// One connection, a virtual clock, and the server's words written by hand.
struct Line {
    var connection: Connection
    var now: Duration = .zero
    private(set) var outputs: [ConnectionOutput] = []
    private(set) var attempt = 0
    let id = SocketID("1.2")!

    init(_ change: (inout ConnectionSettings) -> Void = { _ in }) {
        var settings = ConnectionSettings()
        change(&settings)
        connection = Connection(settings: settings, seed: 42)
    }

    /// A line that stands, with these channels confirmed.
    static func connected(
        to channels: ChannelName..., change: (inout ConnectionSettings) -> Void = { _ in }
    ) -> Line {
        var line = Line(change)
        line.connect()
        for channel in channels { line.enter(channel) }
        _ = line.take()
        return line
    }

    mutating func take() -> [ConnectionOutput] {
        defer { outputs = [] }
        return outputs
    }

    mutating func takeNotices() -> [ChannelNotice] {
        take().compactMap { output in
            guard case .notice(let notice) = output else { return nil }
            return notice
        }
    }

    mutating func takeSent() -> [ClientFrame] {
        take().compactMap { output in
            guard case .send(let text) = output else { return nil }
            return try? ClientFrame(decoding: text)
        }
    }

    mutating func add(_ new: [ConnectionOutput]) {
        for case .open(let number) in new { attempt = number }
        outputs += new
    }

    mutating func start() { add(connection.start(now: now)) }

    mutating func connect(as id: SocketID? = nil, timeout: Duration? = .seconds(30)) {
        start()
        greet(as: id, timeout: timeout)
    }

    mutating func greet(as id: SocketID? = nil, timeout: Duration? = .seconds(30)) {
        add(connection.socketOpened(attempt: attempt, now: now))
        hear(.connectionEstablished(socketID: id ?? self.id, activityTimeout: timeout))
    }

    mutating func hear(_ event: ServerEvent) { hear(event.text) }

    mutating func hear(_ text: String) { add(connection.received(text, attempt: attempt, now: now)) }

    mutating func close(_ code: UInt16?, _ reason: String = "") {
        add(connection.socketClosed(attempt: attempt, code: code, reason: reason, now: now))
    }

    mutating func subscribe(_ channel: ChannelName) { add(connection.subscribe(channel, now: now)) }

    mutating func unsubscribe(_ channel: ChannelName) { add(connection.unsubscribe(channel, now: now)) }

    mutating func authorize(_ channel: ChannelName, as id: SocketID? = nil, secret: String? = nil) {
        let data = channel.kind.isPresence ? #"{"user_id":"me"}"# : nil
        let answer = Authorization(auth: "k:5f", channelData: data, sharedSecret: secret)
        add(connection.authorized(channel, socketID: id ?? self.id, .success(answer), now: now))
    }

    mutating func refuse(_ channel: ChannelName, _ failure: AuthorizationFailure) {
        add(connection.authorized(channel, socketID: id, .failure(failure), now: now))
    }

    mutating func enter(_ channel: ChannelName) {
        subscribe(channel)
        if channel.kind.needsAuthorization { authorize(channel) }
        confirm(channel)
    }

    mutating func confirm(_ channel: ChannelName, _ members: [Member] = [Member(id: "me")]) {
        hear(.subscriptionSucceeded(channel, presence: channel.kind.isPresence ? .init(members: members) : nil))
    }

    mutating func advance(_ time: Duration) {
        let end = now + time
        while let due = connection.deadline, due <= end {
            now = max(now, due)
            add(connection.tick(now: now))
        }
        now = end
        add(connection.tick(now: now))
    }

    /// Lets the wait pass, if there is one, and the next attempt begin.
    mutating func waitForAttempt() {
        if case .waiting(let until, _, _) = connection.status { advance(until - now) }
    }
}
