internal import ChannelsProtocol

extension Connection {
    /// A frame on a connection that stands.
    mutating func receive(
        _ event: ServerEvent, _ text: String, now: Duration, into outputs: inout [ConnectionOutput]
    ) {
        switch event {
        case .event(let event):
            // Pusher and soketi send these to every socket of the user, whether or not it subscribed.
            if signIn.isSignedIn(on: event.channel) {
                return hear(.event(event), on: event.channel, .subscribed, into: &outputs)
            }
            guard let state = subscription(event.channel) else { return }
            hear(.event(event), on: event.channel, state, into: &outputs)
        case .memberAdded(let channel, _), .memberRemoved(let channel, _), .subscriptionCount(let channel, _),
            .cacheMiss(let channel):
            // Only the state is taken out: a second reference to the roster would mean a copy with each change.
            guard let state = subscription(channel) else { return }
            hear(event, on: channel, state, into: &outputs)
        case .ping: outputs.append(.send(ClientFrame.pong.text))
        case .pong: break
        case .subscriptionSucceeded(let channel, let presence):
            subscribed(channel, presence, now: now, into: &outputs)
        case .subscriptionError(let channel, let kind, let message, let status):
            guard subscriptions[channel]?.state == .pending else { return }
            let reason = message.isEmpty ? "the server refused" : message
            outputs += refused(channel, reason: reason, status: status, kind: kind, now: now)
        case .error(let code, let message, let channel):
            link?.lastError = ServerError(code: code, message: message)
            outputs.append(.notice(.error(code: code, message: message)))
            outputs += refusedPerhaps(code, message, channel, now: now)
        case .signInSucceeded(let userData): outputs += signedIn(userData, now: now)
        case .watchlist(let changes):
            outputs += changes.map { .notice(.watchlist(name: $0.name, userIDs: $0.userIDs)) }
        case .connectionEstablished:
            outputs.append(.notice(.ignored(reason: "a second greeting", frame: text)))
        case .unknown(let name):
            outputs.append(.notice(.ignored(reason: "nobody here knows \(name)", frame: text)))
        }
    }

    private mutating func subscribed(
        _ channel: ChannelName, _ presence: PresenceSnapshot?, now: Duration, into outputs: inout [ConnectionOutput]
    ) {
        guard let known = subscriptions[channel] else { return }
        switch known.state {
        case .pending where known.isCancelled:
            outputs += leave(channel, now: now)
            return
        case .subscribed where presence == nil: return
        case .pending, .subscribed: break
        case .idle, .authorizing, .retrying, .failed: return
        }
        timers[channel] = nil
        subscriptions[channel]?.state = .subscribed
        subscriptions[channel]?.retries = 0
        subscriptions[channel]?.early = []
        if channel.kind.isPresence {
            subscriptions[channel]?.members = PresenceMembers(myID: known.myID, members: presence?.members ?? [])
        }
        outputs.append(.notice(.subscribed(channel, subscriptions[channel]?.members)))
        for event in known.early { hear(event, on: channel, .subscribed, into: &outputs) }
    }

    /// Something that happened in a channel. Before the confirmation it is kept: servers announce while they still
    /// collect the roster.
    private mutating func hear(
        _ event: ServerEvent, on channel: ChannelName, _ state: SubscriptionState,
        into outputs: inout [ConnectionOutput]
    ) {
        guard state == .subscribed else {
            guard state == .pending, (subscriptions[channel]?.early.count ?? 0) < Subscription.earlyLimit else {
                return
            }
            subscriptions[channel]?.early.append(event)
            return
        }
        switch event {
        case .event(let event):
            if channel.kind.isEncrypted {
                outputs += decrypt(event)
            } else {
                outputs.append(
                    .notice(.event(channel, name: event.name, data: event.data, userID: event.userID)))
            }
        case .memberAdded(_, let member):
            switch subscriptions[channel]?.members?.add(member) {
            case .joined: outputs.append(.notice(.memberAdded(channel, member)))
            case .changed: outputs.append(.notice(.memberChanged(channel, member)))
            case .known, nil: return
            }
        case .memberRemoved(_, let id):
            guard subscriptions[channel]?.members?.remove(id) == true else { return }
            outputs.append(.notice(.memberRemoved(channel, id: id)))
        case .subscriptionCount(_, let count): outputs.append(.notice(.subscriptionCount(channel, count)))
        case .cacheMiss: outputs.append(.notice(.cacheMiss(channel)))
        default: break
        }
    }

    /// An error on a living connection may be the answer to a subscription or a sign-in; most servers do not say which.
    private mutating func refusedPerhaps(
        _ code: Int?, _ message: String, _ channel: ChannelName?, now: Duration
    ) -> [ConnectionOutput] {
        if code == Int(CloseCode.clientEventRefused.rawValue) || message.contains("client event") { return [] }
        if message.hasPrefix("No current subscription") { return [] }
        let pending = timers.keys.filter { subscriptions[$0]?.state == .pending }
        let named =
            channel.flatMap { pending.contains($0) ? $0 : nil }
            ?? pending.filter { message.contains($0.text) }.max { $0.text.utf8.count < $1.text.utf8.count }
        if message.hasPrefix("Existing subscription") {
            guard let named else { return [] }
            return again(named, message, now: now)
        }
        if let named { return refused(named, reason: message, status: code, now: now) }
        let waiting = pending.count + (signIn.state == .pending ? 1 : 0)
        guard waiting == 1 else { return [] }
        guard let only = pending.first else { return signInFailed(reason: message, status: code) }
        return refused(only, reason: message, status: code, now: now)
    }

    /// The server still counts an older subscription of ours: leave it and ask anew, for its roster is not known.
    private mutating func again(_ channel: ChannelName, _ message: String, now: Duration) -> [ConnectionOutput] {
        if subscriptions[channel]?.isCancelled == true { return leave(channel, now: now) }
        subscriptions[channel]?.reset()
        let at = now + settings.rejoinDelay
        subscriptions[channel]?.state = .retrying(at: at, reason: message)
        timers[channel] = at
        return [.send(ClientFrame.unsubscribe(channel).text)]
    }
}
