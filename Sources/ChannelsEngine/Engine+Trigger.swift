internal import ChannelsProtocol

extension Engine {
    /// Publishes to all subscribers of each channel, but for the excluded socket. Throws, and does nothing, if anything
    /// about it is not allowed.
    package mutating func trigger(_ event: PublishedEvent, now: Duration) throws(TriggerRefusal) -> [EngineOutput] {
        try check(event)
        let excluded = event.excluding.flatMap { socketsByID[$0] }
        var outputs: [EngineOutput] = []
        for channel in event.channels {
            guard channel.kind.isCache || channel.kind == .serverToUser || channels[channel] != nil else { continue }
            let text = ServerEvent.event(event.name, on: channel, data: event.data)
            if channel.kind.isCache {
                channels[channel, default: EngineChannel()].cached = CachedEvent(
                    text: text, data: event.data, until: now + limits.cacheLife)
                cacheSweep(now: now)
            }
            let receivers = receivers(of: channel, without: excluded)
            if !receivers.isEmpty { outputs.append(.send(text, to: receivers)) }
        }
        return outputs
    }

    /// The subscribers of a channel. An event for a user goes to every socket that is signed in as that user, as with
    /// Pusher and soketi: only such a socket can have subscribed.
    private func receivers(of channel: ChannelName, without excluded: Socket?) -> [Socket] {
        guard channel.kind == .serverToUser else { return channels[channel]?.subscribers.keys(without: excluded) ?? [] }
        return channel.userID.flatMap { users[WireText($0)] }?.filter { $0 != excluded }.sorted() ?? []
    }

    /// What is wrong with an event, before anything of it is done.
    package func check(_ event: PublishedEvent) throws(TriggerRefusal) {
        guard !event.name.isEmpty, event.name.utf8.count <= limits.eventName, !EventName.isReserved(event.name) else {
            throw .eventName(event.name)
        }
        let size = event.data.utf8.count
        guard size <= limits.eventData else { throw .dataTooLarge(size, limit: limits.eventData) }
        guard !event.channels.isEmpty else { throw .noChannel }
        guard event.channels.count <= limits.channelsPerTrigger else {
            throw .tooManyChannels(event.channels.count, limit: limits.channelsPerTrigger)
        }
        for channel in event.channels {
            if let problem = channel.problem(limit: limits.channelName) { throw .channelName(problem) }
        }
        if event.channels.count > 1, event.channels.contains(where: \.kind.isEncrypted) {
            throw .severalWithEncrypted
        }
    }

    /// Forgets unoccupied cache channels whose event has aged, now and then.
    private mutating func cacheSweep(now: Duration) {
        guard channels.count > cacheSweepAt else { return }
        for (name, channel) in channels
        where channel.subscribers.isEmpty && channel.cached.map({ now >= $0.until }) != false {
            channels[name] = nil
        }
        cacheSweepAt = max(1_000, channels.count * 2)
    }
}
