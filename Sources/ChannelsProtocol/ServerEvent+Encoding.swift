extension ServerEvent {
    /// The frame as Pusher sends it: `data` is a string with JSON in it, but for `pusher:error`, whose `data` is an
    /// object and names no channel, and for the cache miss, which has none.
    public var text: String {
        switch self {
        case .connectionEstablished(let socketID, let timeout):
            var data = JSONObject([("socket_id", .string(socketID.text))])
            if let timeout { data["activity_timeout"] = JSON(Int(timeout.components.seconds)) }
            return Self.frame("pusher:connection_established", data: .object(data))
        case .error(let code, let message, _):
            return Self.frame("pusher:error") { writer in
                writer.raw(",\"data\":{\"message\":")
                writer.write(message)
                writer.raw(",\"code\":")
                writer.write(code.map { JSON($0) } ?? .null)
                writer.raw("}")
            }
        case .ping: return #"{"event":"pusher:ping","data":{}}"#
        case .pong: return #"{"event":"pusher:pong","data":{}}"#
        case .subscriptionSucceeded(let channel, let presence):
            return Self.frame(
                "pusher_internal:subscription_succeeded", channel, data: presence?.json ?? .object(JSONObject()))
        case .subscriptionError(let channel, let kind, let message, let status):
            return Self.frame("pusher:subscription_error", channel) { writer in
                writer.raw(",\"data\":{\"type\":")
                writer.write(kind)
                writer.raw(",\"error\":")
                writer.write(message)
                if let status {
                    writer.raw(",\"status\":")
                    writer.write(JSON(status))
                }
                writer.raw("}")
            }
        case .memberAdded(let channel, let member):
            return Self.frame("pusher_internal:member_added", channel, data: member.json)
        case .memberRemoved(let channel, let id):
            return Self.frame("pusher_internal:member_removed", channel, data: ["user_id": .string(id)])
        case .subscriptionCount(let channel, let count):
            return Self.frame(
                "pusher_internal:subscription_count", channel, data: ["subscription_count": JSON(count)])
        case .cacheMiss(let channel): return Self.frame("pusher:cache_miss", channel) { _ in }
        case .signInSucceeded(let userData):
            return Self.frame("pusher:signin_success", data: ["user_data": .string(userData)])
        case .watchlist(let changes):
            let events = changes.map { change -> JSON in
                ["name": .string(change.name), "user_ids": .array(change.userIDs.map { .string($0) })]
            }
            return Self.frame("pusher_internal:watchlist_events", data: ["events": .array(events)])
        case .event(let event):
            var data = event.data.string
            if data == nil, event.data != .null { data = event.data.text }
            return Self.event(event.name, on: event.channel, data: data, userID: event.userID)
        case .unknown(let name): return Self.frame(name) { _ in }
        }
    }

    /// A channel event whose `data` is relayed as the publisher wrote it.
    public static func event(
        _ name: String, on channel: ChannelName, data: String?, userID: String? = nil
    ) -> String {
        frame(name, channel, capacity: (data?.utf8.count ?? 0) * 9 / 8 + 160) { writer in
            if let data {
                writer.raw(",\"data\":")
                writer.write(data)
            }
            if let userID {
                writer.raw(",\"user_id\":")
                writer.write(userID)
            }
        }
    }

    private static func frame(_ event: String, _ channel: ChannelName? = nil, data: JSON) -> String {
        frame(event, channel) { writer in
            writer.raw(",\"data\":")
            writer.writeAsString(data)
        }
    }

    private static func frame(
        _ event: String, _ channel: ChannelName? = nil, capacity: Int = 256, _ rest: (inout JSONWriter) -> Void
    ) -> String {
        var writer = JSONWriter(capacity: capacity)
        writer.raw("{\"event\":")
        writer.write(event)
        if let channel {
            writer.raw(",\"channel\":")
            writer.write(channel.text)
        }
        rest(&writer)
        writer.raw("}")
        return writer.text
    }
}

extension PresenceSnapshot {
    /// `{"presence":{"ids":[…],"hash":{…},"count":n}}`, ids as strings.
    var json: JSON {
        [
            "presence": [
                "ids": .array(members.map { .string($0.id) }),
                "hash": .object(JSONObject(members.map { ($0.id, $0.info ?? .null) })),
                "count": JSON(count),
            ]
        ]
    }
}
