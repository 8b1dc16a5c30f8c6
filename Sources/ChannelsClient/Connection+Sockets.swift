internal import ChannelsProtocol

extension Connection {
    /// The WebSocket is open; the greeting is still to come.
    public mutating func socketOpened(attempt: Int, now: Duration) -> [ConnectionOutput] {
        heard(attempt: attempt, now: now)
    }

    /// A WebSocket ping or pong arrived: a sign of life like any frame.
    @discardableResult
    public mutating func socketActive(attempt: Int, now: Duration) -> [ConnectionOutput] {
        heard(attempt: attempt, now: now)
    }

    /// A text frame arrived.
    public mutating func received(_ text: String, attempt: Int, now: Duration) -> [ConnectionOutput] {
        guard link?.attempt == attempt else { return [] }
        var outputs = heard(attempt: attempt, now: now)
        let event: ServerEvent
        do {
            event = try ServerEvent(decoding: text)
        } catch {
            outputs.append(.notice(.ignored(reason: error.description, frame: text)))
            return outputs
        }
        if case .error = event {} else { link?.lastError = nil }
        if link?.socketID == nil {
            outputs += receiveBeforeGreeting(event, text, now: now)
        } else {
            receive(event, text, now: now, into: &outputs)
        }
        return outputs
    }

    /// The socket ended, or could not be opened.
    ///
    /// - Parameter code: of the close frame; nil where none came or no socket was ever open.
    public mutating func socketClosed(
        attempt: Int, code: UInt16?, reason: String, now: Duration
    ) -> [ConnectionOutput] {
        guard let link, link.attempt == attempt else { return [] }
        let given = code.map { CloseCode($0) }
        if link.socketID != nil, given.map({ Self.endsOfSilence.contains($0) }) ?? true {
            learn(fromSilence: now - link.lastHeard)
        }
        if given == nil || given == .noStatus || given == .abnormal, let error = link.lastError {
            let told = error.code.flatMap { UInt16(exactly: $0) }.map { CloseCode($0) }
            return lost(told?.advice ?? .tryAgain, reason: Self.sentence(told, error.message), now: now)
        }
        return lost(given?.advice ?? .tryAgain, reason: Self.sentence(given, reason), now: now)
    }

    /// How a connection ends whose silence took too long for a proxy, or for the server.
    private static let endsOfSilence: [CloseCode] = [.noStatus, .abnormal, .pongMissing]

    /// A cut after silence: something on the way ends connections that are silent for so long, so ping sooner from now
    /// on. A missing pong teaches nothing, because any lost network looks the same.
    private mutating func learn(fromSilence silence: Duration) {
        guard silence >= settings.minActivityTimeout else { return }
        let timeout = max(settings.minActivityTimeout, silence * 0.6)
        learnedTimeout = min(learnedTimeout ?? timeout, timeout)
    }

    /// Any frame proves life: it ends doubt and starts the time of silence anew.
    private mutating func heard(attempt: Int, now: Duration) -> [ConnectionOutput] {
        guard link?.attempt == attempt else { return [] }
        link?.lastHeard = now
        link?.pingSentAt = nil
        guard link?.isDoubtful == true else { return [] }
        link?.isDoubtful = false
        return [.notice(.alive)]
    }

    private mutating func receiveBeforeGreeting(
        _ event: ServerEvent, _ text: String, now: Duration
    ) -> [ConnectionOutput] {
        switch event {
        case .connectionEstablished(let socketID, let timeout): return established(socketID, timeout, now: now)
        case .error(let code, let message, _):
            // Instead of a greeting. Some servers leave the socket open after it, for nothing.
            let told = code.flatMap { UInt16(exactly: $0) }.map { CloseCode($0) }
            var outputs: [ConnectionOutput] = [.notice(.error(code: code, message: message))]
            let attempt = link?.attempt ?? lastAttempt
            outputs.append(.close(attempt: attempt, code: CloseCode.normal.rawValue))
            return outputs + lost(told?.advice ?? .tryAgain, reason: Self.sentence(told, message), now: now)
        case .ping: return [.send(ClientFrame.pong.text)]
        default: return [.notice(.ignored(reason: "a frame came before the greeting", frame: text))]
        }
    }

    private mutating func established(
        _ socketID: SocketID, _ timeout: Duration?, now: Duration
    ) -> [ConnectionOutput] {
        link?.socketID = socketID
        link?.establishedAt = now
        link?.failuresBefore = backoff.failures
        let timeouts = [settings.activityTimeout, timeout, learnedTimeout].compactMap(\.self)
        link?.activityTimeout = timeouts.min() ?? settings.activityTimeout
        tries = 0
        backoff.reset()
        var outputs = enter(.connected(socketID))
        outputs += beginSignIn(now: now)
        for channel in subscriptions.keys.sorted() { outputs += begin(channel, now: now) }
        return outputs
    }

    /// `the server does not know the app key (4001: no such app)`.
    static func sentence(_ code: CloseCode?, _ said: String) -> String {
        guard let code, code != .noStatus, code != .abnormal else { return said.isEmpty ? "connection lost" : said }
        return said.isEmpty ? "\(code.meaning) (\(code))" : "\(code.meaning) (\(code): \(said))"
    }
}
