extension ServerEvent {
    /// Reads any shape that Pusher, soketi, Reverb, sockudo, poxa and pusher-fake send.
    ///
    /// `data` may be a string with JSON in it, an object, `null` or absent; ids may be numbers; a hash may be `[]`.
    public init(decoding text: String) throws(FrameError) {
        let envelope = try Envelope(text, .fromServer)
        guard EventName.isReserved(envelope.event) else {
            guard let channel = envelope.channel else {
                self = .unknown(name: envelope.event)
                return
            }
            self = .event(
                ChannelEvent(
                    channel: ChannelName(wire: channel), name: envelope.event, data: envelope.data ?? .null,
                    userID: envelope.userID))
            return
        }
        self = try Self.reserved(envelope)
    }

    private static func reserved(_ envelope: Envelope) throws(FrameError) -> ServerEvent {
        let data = envelope.data
        switch envelope.event {
        case "pusher:connection_established": return try greeting(envelope)
        case "pusher:error":
            let message = data?["message"]?.string ?? data?["error"]?.string ?? data?.string ?? ""
            return .error(
                code: data?["code"]?.int, message: message, channel: envelope.channel.map(ChannelName.init(wire:)))
        case "pusher:ping": return .ping
        case "pusher:pong": return .pong
        case "pusher_internal:subscription_succeeded", "pusher:subscription_succeeded":
            let channel = try channel(envelope)
            return .subscriptionSucceeded(channel, presence: channel.kind.isPresence ? PresenceSnapshot(data) : nil)
        case "pusher:subscription_error", "pusher_internal:subscription_error":
            return .subscriptionError(
                try channel(envelope), kind: data?["type"]?.string ?? "",
                message: data?["error"]?.string ?? data?["message"]?.string ?? data?.string ?? "",
                status: data?["status"]?.int ?? data?["code"]?.int)
        case "pusher_internal:member_added", "pusher:member_added":
            guard let data, let member = Member(data) else { throw .badField("user_id", event: envelope.event) }
            return .memberAdded(try channel(envelope), member)
        case "pusher_internal:member_removed", "pusher:member_removed":
            guard let id = data?["user_id"]?.identifier else { throw .badField("user_id", event: envelope.event) }
            return .memberRemoved(try channel(envelope), id: id)
        case "pusher_internal:subscription_count", "pusher:subscription_count":
            guard let count = data?["subscription_count"]?.int else {
                throw .badField("subscription_count", event: envelope.event)
            }
            return .subscriptionCount(try channel(envelope), count)
        case "pusher:cache_miss": return .cacheMiss(try channel(envelope))
        case "pusher:signin_success":
            switch data?["user_data"] {
            case .string(let text): return .signInSucceeded(userData: text)
            case .object(let object): return .signInSucceeded(userData: JSON.object(object).text)
            default: throw .badField("user_data", event: envelope.event)
            }
        case "pusher_internal:watchlist_events":
            return .watchlist(
                (data?["events"]?.array ?? []).compactMap { change in
                    guard let name = change["name"]?.string else { return nil }
                    let ids = change["user_ids"]?.array?.compactMap(\.identifier) ?? []
                    return WatchlistChange(name: name, userIDs: ids)
                })
        default: return .unknown(name: envelope.event)
        }
    }

    private static func greeting(_ envelope: Envelope) throws(FrameError) -> ServerEvent {
        guard let id = envelope.data?["socket_id"]?.string.flatMap(SocketID.init) else {
            throw .badField("socket_id", event: envelope.event)
        }
        let seconds = envelope.data?["activity_timeout"].flatMap { $0.int ?? $0.string.flatMap { Int($0) } }
        let usable = seconds.flatMap { $0 > 0 && $0 <= 86_400 ? Duration.seconds($0) : nil }
        return .connectionEstablished(socketID: id, activityTimeout: usable)
    }

    private static func channel(_ envelope: Envelope) throws(FrameError) -> ChannelName {
        guard let channel = envelope.channel else { throw .badField("channel", event: envelope.event) }
        return ChannelName(wire: channel)
    }
}

extension PresenceSnapshot {
    /// From `{"presence":{"ids":[…],"hash":{…},"count":n}}`. The hash decides; `ids` adds whom it lacks.
    ///
    /// An empty hash may be `[]`, and one with the keys 0…n-1 an array, because PHP writes them so.
    init(_ data: JSON?) {
        let presence = data?["presence"] ?? data
        var members: [Member] = []
        switch presence?["hash"] {
        case .object(let hash):
            members.reserveCapacity(hash.count)
            for entry in hash.members {
                members.append(Member(id: entry.name, info: entry.value == .null ? nil : entry.value))
            }
        case .array(let list):
            for (index, info) in list.enumerated() {
                members.append(Member(id: String(index), info: info == .null ? nil : info))
            }
        default: break
        }
        if case .array(let ids) = presence?["ids"], ids.count != members.count || !members.isEmpty {
            members = Self.ordered(members, by: ids)
        }
        self.init(members: members)
    }

    /// The members in the order of `ids`, with those whom only `ids` names.
    private static func ordered(_ members: [Member], by ids: [JSON]) -> [Member] {
        if members.count == ids.count, zip(members, ids).allSatisfy({ $0.id == $1.identifier }) { return members }
        var rest = Dictionary(members.map { (WireText($0.id), $0) }, uniquingKeysWith: { $1 })
        var result: [Member] = []
        var named = Set<WireText>()
        for id in ids.lazy.compactMap(\.identifier) where named.insert(WireText(id)).inserted {
            result.append(rest.removeValue(forKey: WireText(id)) ?? Member(id: id))
        }
        return result + members.filter { rest[WireText($0.id)] != nil }
    }
}
