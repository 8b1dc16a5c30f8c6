internal import ChannelsProtocol

extension Connection {
    /// When `tick` is wanted next; nil while there is nothing to wait for.
    public var deadline: Duration? {
        switch status {
        case .idle, .refused, .stopped: return nil
        case .waiting(let until, _, _): return until
        case .connecting: return link.map { $0.openedAt + settings.handshakeTimeout }
        case .connected:
            guard let link else { return nil }
            var next = link.lastHeard + link.activityTimeout
            if let sent = link.pingSentAt {
                next = sent + link.pongTimeout
                if !link.isDoubtful { next = min(next, sent + settings.doubtAfter) }
            }
            if let timer = signIn.timer { next = min(next, timer) }
            for timer in timers.values { next = min(next, timer) }
            return next
        }
    }

    /// Does what is due. Harmless at any time.
    public mutating func tick(now: Duration) -> [ConnectionOutput] {
        switch status {
        case .idle, .refused, .stopped: return []
        case .waiting(let until, _, _): return now < until ? [] : beginAttempt(now: now)
        case .connecting:
            guard let link, now >= link.openedAt + settings.handshakeTimeout else { return [] }
            let attempt = link.attempt
            let seconds = settings.handshakeTimeout.components.seconds
            return [.close(attempt: attempt, code: CloseCode.normal.rawValue)]
                + lost(.tryAgain, reason: "the server sent no greeting within \(seconds) s", now: now)
        case .connected: return tickConnected(now: now)
        }
    }

    mutating func ping(now: Duration, timeout: Duration) -> [ConnectionOutput] {
        link?.pingSentAt = now
        link?.pongTimeout = timeout
        return [.send(ClientFrame.ping.text)]
    }

    private mutating func tickConnected(now: Duration) -> [ConnectionOutput] {
        guard let link else { return [] }
        var outputs: [ConnectionOutput] = []
        if let sent = link.pingSentAt {
            if now >= sent + link.pongTimeout {
                return [.close(attempt: link.attempt, code: CloseCode.pongMissing.rawValue)]
                    + lost(.atOnce, reason: "the server did not answer for \(silence(link, now))", now: now)
            }
            if !link.isDoubtful, now >= sent + settings.doubtAfter {
                self.link?.isDoubtful = true
                outputs.append(.notice(.doubtful(since: link.lastHeard)))
            }
        } else if now >= link.lastHeard + link.activityTimeout {
            outputs += ping(now: now, timeout: settings.pongTimeout)
        }
        outputs += tickSignIn(now: now)
        for channel in timers.filter({ $0.value <= now }).keys.sorted() { outputs += due(channel, now: now) }
        return outputs
    }

    private func silence(_ link: Link, _ now: Duration) -> String { "\((now - link.lastHeard).components.seconds) s" }

    /// The time of a subscription that is not settled has come.
    private mutating func due(_ channel: ChannelName, now: Duration) -> [ConnectionOutput] {
        guard let known = subscriptions[channel] else {
            timers[channel] = nil
            return []
        }
        switch known.state {
        case .authorizing:
            return retry(channel, reason: "the authorization endpoint did not answer", status: nil, now: now)
        case .pending where known.isCancelled: return leave(channel, now: now)
        case .pending:
            return [.send(ClientFrame.unsubscribe(channel).text)]
                + retry(channel, reason: "the server did not answer", status: nil, now: now)
        case .retrying: return begin(channel, now: now)
        case .subscribed: return keyAnswered(channel, .failure(.unreachable(message: "no answer")), now: now)
        case .idle, .failed:
            timers[channel] = nil
            return []
        }
    }
}
