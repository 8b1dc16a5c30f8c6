public import ChannelsProtocol

extension Connection {
    /// Everything wished for, sorted.
    public var channels: [ChannelName] {
        subscriptions.filter { !$0.value.isCancelled }.keys.sorted()
    }

    /// Nil where the channel is not wished for.
    public func subscription(_ channel: ChannelName) -> SubscriptionState? {
        guard let subscription = subscriptions[channel], !subscription.isCancelled else { return nil }
        return subscription.state
    }

    /// The roster of a presence channel that is subscribed; nil for others, and while the connection is lost.
    public func members(of channel: ChannelName) -> PresenceMembers? { subscriptions[channel]?.members }

    /// Wishes to be in a channel, from now on and on every connection to come. Wishing twice is one wish;
    /// after a failure it is the way to try again.
    public mutating func subscribe(_ channel: ChannelName, now: Duration) -> [ConnectionOutput] {
        guard let known = subscriptions[channel] else {
            subscriptions[channel] = Subscription()
            guard status.socketID != nil else { return [] }
            return begin(channel, now: now)
        }
        if known.isCancelled {
            subscriptions[channel]?.isCancelled = false
            return []
        }
        switch known.state {
        case .failed, .retrying: return status.socketID == nil ? [] : begin(channel, now: now)
        case .idle, .authorizing, .pending, .subscribed: return []
        }
    }

    /// Ends the wish. What still arrives for the channel is dropped.
    public mutating func unsubscribe(_ channel: ChannelName, now: Duration) -> [ConnectionOutput] {
        guard let known = subscriptions[channel], !known.isCancelled else { return [] }
        switch known.state {
        case .subscribed: return leave(channel, now: now)
        case .pending:
            // The server has no answer for leaving before it has confirmed; see `subscribed`.
            subscriptions[channel]?.isCancelled = true
            subscriptions[channel]?.early.removeAll()
            return []
        case .idle, .authorizing, .retrying, .failed:
            forget(channel)
            return []
        }
    }

    /// Takes in who came and who went by the word of somebody who knows better than the engine: one whose other
    /// processes died does not say who was connected to them.
    public mutating func correctMembers(
        of channel: ChannelName, came: [Member], went: [String]
    ) -> [ConnectionOutput] {
        var outputs: [ConnectionOutput] = []
        for member in came where subscriptions[channel]?.members?.add(member) == .joined {
            outputs.append(.notice(.memberAdded(channel, member)))
        }
        for id in went where subscriptions[channel]?.members?.remove(id) == true {
            outputs.append(.notice(.memberRemoved(channel, id: id)))
        }
        return outputs
    }

    /// The authorization endpoint's answer. Thrown away unless it is for the socket in use and still awaited.
    public mutating func authorized(
        _ channel: ChannelName, socketID: SocketID, _ result: Result<Authorization, AuthorizationFailure>,
        now: Duration
    ) -> [ConnectionOutput] {
        guard status.socketID == socketID, let known = subscriptions[channel] else { return [] }
        if known.state == .subscribed, !known.sealed.isEmpty { return keyAnswered(channel, result, now: now) }
        guard known.state == .authorizing else { return [] }
        switch result {
        case .success(let authorization): return request(channel, authorization, now: now)
        case .failure(let failure):
            let (reason, status, isPassing) = Self.reason(failure)
            return isPassing
                ? retry(channel, reason: reason, status: status, now: now)
                : fail(channel, reason: reason, status: status)
        }
    }
}

extension Connection {
    /// Asks for a subscription on the connection that stands.
    mutating func begin(_ channel: ChannelName, now: Duration) -> [ConnectionOutput] {
        guard let socketID = status.socketID else { return [] }
        if channel.kind == .serverToUser, !signIn.isSignedIn(on: channel) { return [] }
        if let leftAt = left[channel], now < leftAt + settings.rejoinDelay {
            let at = leftAt + settings.rejoinDelay
            subscriptions[channel]?.state = .retrying(at: at, reason: "left a moment ago")
            timers[channel] = at
            return []
        }
        left[channel] = nil
        guard channel.kind.needsAuthorization else { return request(channel, nil, now: now) }
        subscriptions[channel]?.state = .authorizing
        timers[channel] = now + settings.authorizeTimeout
        return [.authorize(channel, socketID)]
    }

    private mutating func request(
        _ channel: ChannelName, _ authorization: Authorization?, now: Duration
    ) -> [ConnectionOutput] {
        if channel.kind.isEncrypted {
            guard let cipher = authorization?.sharedSecret.flatMap(ChannelCipher.init(sharedSecret:)) else {
                return fail(channel, reason: "the authorization has no usable shared_secret", status: nil)
            }
            subscriptions[channel]?.cipher = cipher
        }
        if channel.kind.isPresence {
            let data = authorization?.channelData.flatMap { try? JSON(parsing: $0) }
            subscriptions[channel]?.myID = data?["user_id"]?.identifier ?? signIn.userID
        }
        subscriptions[channel]?.state = .pending
        timers[channel] = now + settings.subscribeTimeout
        let frame = ClientFrame.subscribe(
            channel, auth: authorization?.auth, channelData: authorization?.channelData)
        return [.send(frame.text)]
    }

    /// Leaves a channel that the server has confirmed.
    mutating func leave(_ channel: ChannelName, now: Duration) -> [ConnectionOutput] {
        forget(channel)
        left = left.filter { now < $0.value + settings.rejoinDelay }
        left[channel] = now
        return [.send(ClientFrame.unsubscribe(channel).text)]
    }

    mutating func forget(_ channel: ChannelName) {
        subscriptions[channel] = nil
        timers[channel] = nil
    }

    /// The server refused a subscription.
    mutating func refused(
        _ channel: ChannelName, reason: String, status: Int?, kind: String = "", now: Duration
    ) -> [ConnectionOutput] {
        let isCancelled = subscriptions[channel]?.isCancelled == true
        let reason = Self.sentence(reason, status: status, kind: kind)
        return !isCancelled && Self.canPass(reason, status: status, kind: kind)
            ? retry(channel, reason: reason, status: status, now: now)
            : fail(channel, reason: reason, status: status)
    }

    /// What a server says of a wrong signature, without all that was signed, and with what to look at.
    private static func sentence(_ said: String, status: Int?, kind: String) -> String {
        let isSignature =
            said.lowercased().contains("signature") || (status == 401 || status == 4009) && kind != "LimitReached"
        guard isSignature else { return said }
        let quoted = said.prefix { $0 != ":" && !$0.isNewline }
        return "the server refuses the signature (\(quoted)); the authorization endpoint may use another key or secret"
    }

    /// Whether a refusal may be over in a while: a limit that is reached, or trouble of the server's own.
    ///
    /// - Parameters:
    ///   - status: an HTTP status (soketi), or a code of the protocol; the code of a bad name or of too much `user_info`
    ///     stays as it is.
    ///   - kind: soketi's `type`.
    private static func canPass(_ reason: String, status: Int?, kind: String) -> Bool {
        guard let status else {
            let words = reason.lowercased()
            return ["limit", "too many", "capacity", "quota", "maximum"].contains { words.contains($0) }
        }
        return switch status {
        case 408, 429, 500...599, 4004, 4100...4199: true
        default: kind == "ServerError"
        }
    }

    /// Refused for good, as far as this connection goes.
    mutating func fail(_ channel: ChannelName, reason: String, status: Int?) -> [ConnectionOutput] {
        guard let known = subscriptions[channel] else { return [] }
        if known.isCancelled {
            forget(channel)
            return []
        }
        subscriptions[channel]?.reset()
        subscriptions[channel]?.state = .failed(reason: reason, status: status)
        timers[channel] = nil
        return [.notice(.subscriptionFailed(channel, reason: reason, status: status))]
    }

    /// Not possible now; tried again by itself.
    mutating func retry(
        _ channel: ChannelName, reason: String, status: Int?, now: Duration
    ) -> [ConnectionOutput] {
        let retries = subscriptions[channel]?.retries ?? 0
        let range = min(settings.backoffBase * (1 << min(retries, 20)), settings.backoffCap)
        let at = now + .milliseconds(500) + backoff.jitter(upTo: range)
        subscriptions[channel]?.reset()
        subscriptions[channel]?.retries = retries + 1
        subscriptions[channel]?.state = .retrying(at: at, reason: reason)
        timers[channel] = at
        return [.notice(.subscriptionFailed(channel, reason: reason, status: status))]
    }

    /// What a person reads, the HTTP status, and whether trying again may help.
    static func reason(_ failure: AuthorizationFailure) -> (reason: String, status: Int?, isPassing: Bool) {
        switch failure {
        case .unauthorized(let message): (message, 401, false)
        case .unreachable(let message): (message, nil, true)
        case .refused(let status, let message): (message, status, status == 408 || status == 429 || status >= 500)
        }
    }
}
