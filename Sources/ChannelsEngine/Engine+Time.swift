internal import ChannelsProtocol

extension Engine {
    /// When `tick` is wanted next; nil while there is nothing to wait for.
    package var deadline: Duration? {
        var next = wheel.earliest
        if let due = linger.earliest { next = next.map { min($0, due) } ?? due }
        if let due = closing.last?.due { next = next.map { min($0, due) } ?? due }
        for due in countsDue.values { next = next.map { min($0, due) } ?? due }
        return next
    }

    /// Pings who is silent, closes who does not answer, tells what had to wait. Harmless at any time.
    package mutating func tick(now: Duration) -> [EngineOutput] {
        var outputs = closing.isEmpty ? [] : closeDrained(now: now)
        var silent: [Socket] = []
        for socket in wheel.due(now) { look(at: socket, now: now, silent: &silent, into: &outputs) }
        if !silent.isEmpty { outputs.append(.send(ServerEvent.ping.text, to: silent)) }
        outputs += linger.due(now).map { .webhook($0) }
        if !countsDue.isEmpty { tickCounts(now: now, into: &outputs) }
        return outputs
    }

    private mutating func look(
        at socket: Socket, now: Duration, silent: inout [Socket], into outputs: inout [EngineOutput]
    ) {
        guard let known = sockets[socket] else { return }
        var next: Duration
        if let pinged = known.pingedAt {
            guard now < pinged + limits.pongTimeout else {
                outputs += close(socket, .pongMissing, "Pong reply not received in time", now: now)
                return
            }
            next = pinged + limits.pongTimeout
        } else if now >= known.lastHeard + limits.activityTimeout {
            sockets[socket]?.pingedAt = now
            silent.append(socket)
            next = now + limits.pongTimeout
        } else {
            next = known.lastHeard + limits.activityTimeout
        }
        if app.features.requiresAuthorization, !known.isAuthorized {
            let end = known.connectedAt + limits.signInTimeout
            guard now < end else {
                let reason = "Connection not authorized within timeout"
                silent.removeAll { $0 == socket }
                outputs += error(socket, code: .unauthorized, reason)
                outputs += close(socket, .unauthorized, reason, now: now)
                return
            }
            next = min(next, end)
        }
        // Each socket has one place on the wheel, always.
        wheel.insert(socket, at: next)
    }
}
