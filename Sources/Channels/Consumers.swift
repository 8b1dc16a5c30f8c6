internal import ChannelsClient
internal import ChannelsProtocol

/// Who listens to what.
struct Consumers {
    private struct ChannelConsumer {
        let buffer: UpdateBuffer<ChannelUpdate>
        /// Only events of that name.
        let name: String?
    }

    private var channels: [ChannelName: [Int: ChannelConsumer]] = [:]
    private var updates: [Int: UpdateBuffer<ConnectionUpdate>] = [:]
    private var statuses: [Int: UpdateBuffer<ConnectionStatus>] = [:]

    var count: Int { channels.values.reduce(0) { $0 + $1.count } + updates.count + statuses.count }

    mutating func add(
        _ buffer: UpdateBuffer<ChannelUpdate>, _ number: Int, channel: ChannelName, eventsNamed name: String?
    ) {
        channels[channel, default: [:]][number] = ChannelConsumer(buffer: buffer, name: name)
    }

    mutating func add(_ buffer: UpdateBuffer<ConnectionUpdate>, _ number: Int) { updates[number] = buffer }

    mutating func add(_ buffer: UpdateBuffer<ConnectionStatus>, _ number: Int) { statuses[number] = buffer }

    mutating func remove(_ number: Int, channel: ChannelName) {
        channels[channel]?[number] = nil
        if channels[channel]?.isEmpty == true { channels[channel] = nil }
    }

    mutating func remove(_ number: Int) {
        updates[number] = nil
        statuses[number] = nil
    }

    mutating func finish() {
        for consumers in channels.values { for consumer in consumers.values { consumer.buffer.finish() } }
        for buffer in updates.values { buffer.finish() }
        for buffer in statuses.values { buffer.finish() }
        self = Consumers()
    }

    func tell(_ notice: ChannelNotice, of connection: Connection) {
        switch notice {
        case .status(let status): for buffer in statuses.values { buffer.push(status) }
        case .event(let channel, let name, let data, let userID):
            guard let consumers = channels[channel] else { return }
            let event = ChannelEvent(channel: channel, name: name, data: data, userID: userID)
            for consumer in consumers.values where consumer.name == nil || consumer.name == name {
                consumer.buffer.push(.event(event))
            }
        case .subscribed(let channel, let members): tell(.subscribed(members), channel)
        case .subscriptionFailed(let channel, let reason, let status):
            let state = connection.subscription(channel)
            let isFinal = if case .retrying = state { false } else { true }
            tell(.subscriptionFailed(reason: reason, status: status, isFinal: isFinal), channel)
        case .memberAdded(let channel, let member): tell(.memberAdded(member), channel)
        case .memberChanged(let channel, let member): tell(.memberChanged(member), channel)
        case .memberRemoved(let channel, let id): tell(.memberRemoved(id: id), channel)
        case .subscriptionCount(let channel, let count): tell(.subscriptionCount(count), channel)
        case .cacheMiss(let channel): tell(.cacheMiss, channel)
        case .undecryptable(let channel, let event): tell(.undecryptable(event: event), channel)
        case .signedIn(let id): tell(.signedIn(userID: id))
        case .signInFailed(let reason, let status):
            tell(.signInFailed(reason: reason, status: status, isFinal: !connection.isSigningIn))
        case .watchlist(let name, let ids): tell(.watchlist(name: name, userIDs: ids))
        case .error(let code, let message): tell(.error(code: code, message: message))
        case .doubtful(let since): tell(.doubtful(since: since))
        case .alive: tell(.alive)
        case .ignored(let reason, let frame): tell(.ignored(reason: reason, frame: frame))
        }
    }

    private func tell(_ update: ChannelUpdate, _ channel: ChannelName) {
        guard let consumers = channels[channel] else { return }
        for consumer in consumers.values where consumer.name == nil { consumer.buffer.push(update) }
    }

    private func tell(_ update: ConnectionUpdate) {
        for buffer in updates.values { buffer.push(update) }
    }
}
