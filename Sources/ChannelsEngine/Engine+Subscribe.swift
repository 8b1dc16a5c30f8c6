internal import ChannelsProtocol

extension Engine {
    mutating func subscribe(
        _ socket: Socket, _ channel: ChannelName, auth: String?, channelData: String?, now: Duration
    ) -> [EngineOutput] {
        guard let known = sockets[socket] else { return [] }
        if let problem = channel.problem(limit: limits.channelName) {
            return error(socket, "Invalid channel name: \(problem)")
        }
        if known.channels.contains(channel) { return confirm(socket, channel, now: now) }
        if let limit = limits.channelsPerConnection, known.channels.count >= limit {
            return error(socket, "A connection has at most \(limit) channels; not subscribed to \(channel)")
        }
        switch channel.kind {
        case .public, .cache: return join(socket, channel, as: nil, now: now)
        case .serverToUser:
            guard let id = known.user?.id, channel == .serverToUser(id) else {
                return error(socket, "Only a connection signed in as that user may subscribe to \(channel)")
            }
            return join(socket, channel, as: nil, now: now)
        case .private, .privateCache, .privateEncrypted, .privateEncryptedCache, .presence, .presenceCache: break
        }
        guard let auth, app.signer.accepts(auth, channel: channel, socketID: known.id, channelData: channelData)
        else {
            let signed = "\(known.id):\(channel)" + (channelData.map { ":\($0)" } ?? "")
            let given = auth.map { String($0.prefix(200)) } ?? "nothing"
            return error(
                socket,
                "Invalid signature: Expected HMAC SHA256 hex digest of \(signed), but got \(given)")
        }
        sockets[socket]?.isAuthorized = true
        guard channel.kind.isPresence else { return join(socket, channel, as: nil, now: now) }
        if channelData == nil, let user = known.user {
            return admit(socket, channel, Member(id: user.id, info: user.info), now: now)
        }
        guard let channelData, let data = try? JSON(parsing: channelData) else {
            return error(socket, "Presence channel \(channel) needs channel_data, a JSON text")
        }
        guard let member = Member(data) else { return error(socket, "channel_data for \(channel) has no user_id") }
        return admit(socket, channel, member, now: now)
    }

    /// Holds a member against the limits of presence channels.
    private mutating func admit(
        _ socket: Socket, _ channel: ChannelName, _ member: Member, now: Duration
    ) -> [EngineOutput] {
        guard member.id.utf8.count <= limits.userID else {
            return error(socket, "The user_id for \(channel) has more than \(limits.userID) bytes")
        }
        if let info = member.info {
            guard info.object != nil else {
                return error(
                    socket,
                    "user_info supplied to presence subscription is invalid - if supplied it must be a type of hash")
            }
            let size = info.text.utf8.count
            guard size <= limits.userInfo else {
                return error(
                    socket, "The user_info for \(channel) has \(size) bytes; \(limits.userInfo) are allowed")
            }
        }
        if let limit = limits.presenceMembers, let members = channels[channel]?.members, members.count >= limit,
            !members.contains(WireText(member.id))
        {
            return error(
                socket, code: .overCapacity, "Presence channel \(channel) has \(limit) members already, its limit")
        }
        return join(socket, channel, as: member, now: now)
    }

    /// Join, announcement and roster in one step.
    private mutating func join(
        _ socket: Socket, _ channel: ChannelName, as member: Member?, now: Duration
    ) -> [EngineOutput] {
        let wasOccupied = channels[channel]?.subscribers.isEmpty == false
        sockets[socket]?.channels.insert(channel)
        var outputs: [EngineOutput] = []
        if let member {
            // The others are collected before the socket is among them.
            let isNew = channels[channel, default: EngineChannel()].members.contains(WireText(member.id)) == false
            if isNew, wasOccupied, let others = channels[channel]?.subscribers.keys {
                outputs.append(.send(ServerEvent.memberAdded(channel, member).text, to: others))
            }
            _ = channels[channel, default: EngineChannel()].join(socket, as: member)
            if isNew { tell(.memberAdded(channel, userID: member.id), into: &outputs) }
        } else {
            channels[channel, default: EngineChannel()].subscribers.add(socket, "")
        }
        if !wasOccupied { tell(.channelOccupied(channel), into: &outputs) }
        outputs += confirm(socket, channel, now: now)
        countChanged(channel, now: now, into: &outputs)
        return outputs
    }

    /// `subscription_succeeded`, and for cache channels what is in the cache. A second time does no harm.
    private mutating func confirm(_ socket: Socket, _ channel: ChannelName, now: Duration) -> [EngineOutput] {
        var outputs: [EngineOutput] = []
        if channel.kind.isPresence {
            let frame = channels[channel]?.rosterFrame(of: channel) ?? ""
            outputs.append(.send(frame, to: [socket]))
        } else {
            outputs.append(
                .send(ServerEvent.subscriptionSucceeded(channel, presence: nil).text, to: [socket]))
        }
        guard channel.kind.isCache else { return outputs }
        if let cached = channels[channel]?.cached, now < cached.until {
            outputs.append(.send(cached.text, to: [socket]))
        } else {
            outputs.append(.send(ServerEvent.cacheMiss(channel).text, to: [socket]))
            tell(.cacheMiss(channel), into: &outputs)
        }
        return outputs
    }

    mutating func unsubscribe(_ socket: Socket, _ channel: ChannelName, now: Duration) -> [EngineOutput] {
        guard sockets[socket]?.channels.remove(channel) != nil else {
            return error(
                socket, "No current subscription to channel \(channel), or subscription in progress")
        }
        var outputs: [EngineOutput] = []
        leave(channel, socket, now: now, into: &outputs)
        return outputs
    }

    /// Takes a socket out of a channel and tells the others if a member went with it.
    mutating func leave(
        _ channel: ChannelName, _ socket: Socket, now: Duration, into outputs: inout [EngineOutput]
    ) {
        let goneID = channels[channel]?.leave(socket)
        let isVacated = channels[channel]?.subscribers.isEmpty != false
        if let goneID {
            if let rest = channels[channel]?.subscribers.keys, !rest.isEmpty {
                outputs.append(.send(ServerEvent.memberRemoved(channel, id: goneID).text, to: rest))
            }
            if app.features.webhooks { linger.add(.memberRemoved(channel, userID: goneID), now: now) }
        }
        if isVacated {
            if channels[channel]?.cached.map({ now < $0.until }) != true { channels[channel] = nil }
            countsDue[channel] = nil
            if app.features.webhooks { linger.add(.channelVacated(channel), now: now) }
        } else {
            countChanged(channel, now: now, into: &outputs)
        }
    }

    /// A webhook, unless it only takes back one that has not gone out yet.
    private mutating func tell(_ event: WebhookEvent, into outputs: inout [EngineOutput]) {
        guard app.features.webhooks else { return }
        let opposite: WebhookEvent? =
            switch event {
            case .channelOccupied(let channel): .channelVacated(channel)
            case .memberAdded(let channel, let id): .memberRemoved(channel, userID: id)
            case .channelVacated, .memberRemoved, .clientEvent, .cacheMiss, .subscriptionCount: nil
            }
        if let opposite, linger.takeBack(opposite) { return }
        outputs.append(.webhook(event))
    }
}
