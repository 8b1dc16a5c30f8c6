internal import ChannelsProtocol

extension Engine {
    /// Up to this many subscribers every change is told at once, beyond it at most every `countInterval`.
    static let countAtOnce = 100
    static let countInterval: Duration = .seconds(5)

    /// Tells the subscribers of a channel without members how many they are, if the app wishes it.
    mutating func countChanged(_ channel: ChannelName, now: Duration, into outputs: inout [EngineOutput]) {
        guard app.features.subscriptionCounts, !channel.kind.isPresence, channel.kind != .serverToUser,
            let known = channels[channel]
        else { return }
        if known.subscribers.count > Self.countAtOnce, let told = known.countToldAt, now < told + Self.countInterval {
            countsDue[channel] = told + Self.countInterval
            return
        }
        tellCount(channel, now: now, into: &outputs)
    }

    mutating func tickCounts(now: Duration, into outputs: inout [EngineOutput]) {
        for channel in countsDue.filter({ $0.value <= now }).keys.sorted() {
            tellCount(channel, now: now, into: &outputs)
        }
    }

    private mutating func tellCount(_ channel: ChannelName, now: Duration, into outputs: inout [EngineOutput]) {
        countsDue[channel] = nil
        guard let subscribers = channels[channel]?.subscribers.keys else { return }
        channels[channel]?.countToldAt = now
        outputs.append(
            .send(ServerEvent.subscriptionCount(channel, subscribers.count).text, to: subscribers))
        if app.features.webhooks { outputs.append(.webhook(.subscriptionCount(channel, subscribers.count))) }
    }
}
