public import ChannelsProtocol

/// Why a client event was not sent. Client events are never queued: a late one says something untrue.
public enum TriggerError: Error, Hashable, Sendable, CustomStringConvertible {
    case notConnected
    case notSubscribed(ChannelName)
    /// Public and encrypted channels take no client events.
    case takesNone(ChannelName)
    case name(String)
    case tooLarge(Int, limit: Int)

    public var description: String {
        switch self {
        case .notConnected: "there is no connection to send it on"
        case .notSubscribed(let channel): "\(channel) is not subscribed yet"
        case .takesNone(let channel): "\(channel) takes no client events; only private and presence channels do"
        case .name(let name): "\"\(name)\" is no client event; its name begins with client- and has at most 200 bytes"
        case .tooLarge(let size, let limit): "the event has \(size) bytes; \(limit) are allowed"
        }
    }
}

extension Connection {
    /// Sends a client event to the others in a channel. Throws, and sends nothing, unless the subscription is confirmed.
    public mutating func trigger(
        _ event: String, on channel: ChannelName, data: JSON, now: Duration
    ) throws(TriggerError) -> [ConnectionOutput] {
        guard EventName.isClientEvent(event), event.utf8.count <= EventName.maxLength else { throw .name(event) }
        guard channel.kind.takesClientEvents else { throw .takesNone(channel) }
        guard status.socketID != nil else { throw .notConnected }
        guard subscription(channel) == .subscribed else { throw .notSubscribed(channel) }
        let text = ClientFrame.event(name: event, channel: channel, data: data).text
        let limit = Limits().clientEventData
        guard text.utf8.count <= limit else { throw .tooLarge(text.utf8.count, limit: limit) }
        return [.send(text)]
    }
}
