extension ChatState {
    /// Hands the next message of a conversation to the desk. One at a time: that keeps their order.
    mutating func deliverNext(in name: ConversationName, now: Moment) -> [ChatRequest] {
        guard link.isOnline, me != nil, var each = conversations[name], each.inFlight == nil, each.retryAt == nil else {
            return []
        }
        let next = each.outbox.firstIndex {
            if case .failed = $0.state { false } else { true }
        }
        guard let index = next, each.outbox[index].state != .accepted else { return [] }
        if each.outbox[index].state != .relayed { each.outbox[index].state = .sending }
        each.inFlight = each.outbox[index].clientID
        conversations[name] = each
        return [.deliver(each.outbox[index])]
    }

    /// Asks again for everything that waits, at once.
    mutating func deliverAll(now: Moment) -> [ChatRequest] {
        var asked: [ChatRequest] = []
        for name in conversations.keys.sorted(by: { $0.channel < $1.channel }) {
            conversations[name]?.retryAt = nil
            asked += deliverNext(in: name, now: now)
        }
        return asked
    }

    mutating func kept(_ clientID: String, now: Moment) -> [ChatRequest] {
        guard let (name, index) = outgoing(clientID), conversations[name]?.outbox[index].state == .accepted else {
            return []
        }
        conversations[name]?.outbox[index].state = .queued
        return deliverNext(in: name, now: now)
    }

    mutating func notKept(_ clientID: String, reason: String, now: Moment) -> [ChatRequest] {
        guard let (name, index) = outgoing(clientID), var message = conversations[name]?.outbox[index] else {
            return []
        }
        message.state = .failed(reason: reason)
        conversations[name]?.outbox[index] = message
        return [.notice(.failed(message, reason: reason))]
    }

    mutating func delivered(_ clientID: String, _ message: Message, now: Moment) -> [ChatRequest] {
        guard let (name, index) = outgoing(clientID) else { return [] }
        conversations[name]?.outbox.remove(at: index)
        conversations[name]?.inFlight = nil
        conversations[name]?.retries = 0
        var asked: [ChatRequest] = [.save(.removeOutbox(clientID: clientID)), .notice(.sent(message))]
        asked += receive(message, now: now)
        asked += deliverNext(in: name, now: now)
        return asked
    }

    mutating func deliveryFailed(_ clientID: String, _ failure: DeliveryFailure, now: Moment) -> [ChatRequest] {
        guard let (name, index) = outgoing(clientID), var each = conversations[name] else { return [] }
        each.inFlight = nil
        switch failure {
        case .tryAgain(let delay, _):
            // Half a second, doubled each time up to half a minute.
            let ownDelay = min(.seconds(30), .milliseconds(500) * (1 << min(each.retries, 6)))
            each.retries += 1
            each.retryAt = now.uptime + (delay ?? ownDelay)
            conversations[name] = each
            return []
        case .rejected(let reason):
            each.retries = 0
            each.outbox[index].state = .failed(reason: reason)
            let message = each.outbox[index]
            conversations[name] = each
            return [.notice(.failed(message, reason: reason)), .save(.putOutbox(message))]
                + deliverNext(in: name, now: now)
        }
    }
}
