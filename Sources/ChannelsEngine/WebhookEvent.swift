package import ChannelsProtocol

/// Something an application server may wish to hear of.
package enum WebhookEvent: Hashable, Sendable {
    case channelOccupied(ChannelName)
    case channelVacated(ChannelName)
    case memberAdded(ChannelName, userID: String)
    case memberRemoved(ChannelName, userID: String)
    case clientEvent(ChannelName, event: String, data: String, socketID: SocketID, userID: String?)
    case cacheMiss(ChannelName)
    case subscriptionCount(ChannelName, Int)

    /// The names of all kinds, as they stand in `name`.
    package static let names = [
        "channel_occupied", "channel_vacated", "member_added", "member_removed", "client_event", "cache_miss",
        "subscription_count",
    ]

    package var name: String {
        switch self {
        case .channelOccupied: "channel_occupied"
        case .channelVacated: "channel_vacated"
        case .memberAdded: "member_added"
        case .memberRemoved: "member_removed"
        case .clientEvent: "client_event"
        case .cacheMiss: "cache_miss"
        case .subscriptionCount: "subscription_count"
        }
    }

    package var json: JSON {
        switch self {
        case .channelOccupied(let channel): ["name": "channel_occupied", "channel": .string(channel.text)]
        case .channelVacated(let channel): ["name": "channel_vacated", "channel": .string(channel.text)]
        case .memberAdded(let channel, let id):
            ["name": "member_added", "channel": .string(channel.text), "user_id": .string(id)]
        case .memberRemoved(let channel, let id):
            ["name": "member_removed", "channel": .string(channel.text), "user_id": .string(id)]
        case .clientEvent(let channel, let event, let data, let socketID, let userID):
            .object(
                JSONObject(
                    [
                        ("name", "client_event"), ("channel", .string(channel.text)), ("event", .string(event)),
                        ("data", .string(data)), ("socket_id", .string(socketID.text)),
                    ] + (userID.map { [("user_id", .string($0))] } ?? [])))
        case .cacheMiss(let channel): ["name": "cache_miss", "channel": .string(channel.text)]
        case .subscriptionCount(let channel, let count):
            [
                "name": "subscription_count", "channel": .string(channel.text), "subscription_count": JSON(count),
            ]
        }
    }

    /// The body of one call: to be signed with `Signer.webhook(body:)` and sent as these bytes.
    ///
    /// - Parameter milliseconds: Unix time.
    package static func body(of events: [WebhookEvent], milliseconds: Int) -> String {
        (["time_ms": JSON(milliseconds), "events": .array(events.map(\.json))] as JSON).text
    }
}
