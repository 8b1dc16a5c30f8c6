import Chat
import ChannelsClient
import ChannelsProtocol

extension Session {
    // MARK: chat → wire

    /// Carries out what the chat asks for.
    mutating func run(_ requests: [ChatRequest], now: Moment) {
        var writes: [StoreWrite] = []
        for request in requests {
            switch request {
            // Positions in what is numbered anew by every run mean nothing to the next.
            case .save(.saveScroll) where plain != nil, .save(.saveSettled) where plain != nil: continue
            case .save(let write): writes.append(write)
            case .loadUsers: ask(.users)
            case .loadSessions: ask(.sessions)
            case .loadConversations: askForConversations()
            case .loadPage(let name, let query):
                guard let place = place(name) else { continue }
                ask(.page(place, query, limit: ChatState.pageSize))
            case .deliver(let message):
                guard let place = place(message.conversation) else {
                    let reason = "there is no room \(chat.title(of: message.conversation)) here any more"
                    tell(.deliveryFailed(clientID: message.clientID, .rejected(reason: reason)), now: now)
                    continue
                }
                var marks = SendMarks()
                marks.answer = message.answer
                ask(.send(place, text: message.text, clientID: message.clientID, socketID: socketID, marks: marks))
            case .tellSeen(let name, let through):
                guard let place = place(name) else { continue }
                ask(.seen(place, through: through))
            case .tellSettled(let name, let through):
                guard let place = place(name) else { continue }
                ask(.settled(place, through: through))
            case .loadPlace(let name, let query):
                guard let place = place(name) else { continue }
                ask(.visit(place, query, limit: ChatState.pageSize))
            case .search(let query):
                ask(.search(query, query.place.flatMap(place), limit: SearchQuery.maxFound))
            case .tellAvailability(let availability):
                hint(WireEvent.availability, WireEvent.data(of: availability), in: chat.lobby, now: now)
            case .tellActivity(let span, let asks): tellActivity(for: span, asks: asks, now: now)
            case .askAvailability: hint(WireEvent.availability, WireEvent.availabilityAsked, in: chat.lobby, now: now)
            case .tellTyping(let name, let isTyping): tellTyping(isTyping, in: name, now: now)
            case .watch(let name):
                for channel in channels(of: name) { watch(channel, now: now) }
                lookWhoIsIn(name)
            case .unwatch(let name): for channel in channels(of: name) { unwatch(channel, now: now) }
            case .notice(let notice): effects.append(.notice(notice))
            }
        }
        if !writes.isEmpty { effects.append(.save(writes)) }
    }

    mutating func watch(_ channel: ChannelName, now: Moment) {
        let isNew = ownChannels.insert(channel).inserted
        if isNew, connection.subscription(channel) == .subscribed {
            // It is held for somebody else already.
            subscribed(channel, connection.members(of: channel), now: now)
        } else {
            run(connection.subscribe(channel, now: now.uptime), now: now)
        }
    }

    mutating func unwatch(_ channel: ChannelName, now: Moment) {
        ownChannels.remove(channel)
        release(channel, now: now)
        settlePolling(now: now)
        if plain != nil, !ownChannels.contains(wire(chat.lobby)) { admitted(now: now) }
    }

    private mutating func tellTyping(_ isTyping: Bool, in name: ConversationName, now: Moment) {
        guard settings.sendsTyping, let me = chat.me else { return }
        hint(
            plain?.settings.names.typing ?? WireEvent.typing,
            json([("from", .string(me.text)), ("typing", .bool(isTyping))]), in: name, now: now)
    }

    /// What cannot be said now is not worth saying later.
    mutating func hint(_ event: String, _ data: JSON, in name: ConversationName, now: Moment) {
        hint(event, data, on: wire(name), now: now)
    }

    private mutating func hint(_ event: String, _ data: JSON, on channel: ChannelName, now: Moment) {
        guard let said = try? connection.trigger(event, on: channel, data: data, now: now.uptime) else { return }
        run(said, now: now)
    }

    /// An application without a desk has no inbox.
    mutating func tellActivity(for span: Duration, asks: Bool, now: Moment) {
        guard plain == nil, let me = chat.me else { return }
        let data = WireEvent.activity(String(jitterSeed, radix: 36), for: span, asks: asks)
        hint(WireEvent.activity, data, on: ChannelName(wire: ConversationName.inbox(of: me)), now: now)
    }

    var socketID: SocketID? {
        guard case .connected(let id) = connection.status else { return nil }
        return id
    }

    private func place(_ name: ConversationName) -> Place? {
        chat.me.flatMap { Place(name, me: $0, rooms: chat.rooms) }
    }

    // MARK: wire → chat

    /// Carries out what the connection asks for and tells the chat what it learnt.
    mutating func run(_ outputs: [ConnectionOutput], now: Moment) {
        for output in outputs {
            switch output {
            case .open(let attempt):
                guard let identity else { continue }
                effects.append(.openSocket(attempt: attempt, identity))
            case .send(let text): effects.append(.sendText(text))
            case .close(let attempt, let code): effects.append(.closeSocket(attempt: attempt, code: code))
            case .authorize(let channel, let socketID): ask(.authorize(channel, socketID))
            // Server-to-user events are not used: an inbox channel works on every engine.
            case .authenticateUser: continue
            case .notice(let notice): heard(notice, now: now)
            }
        }
    }

    private mutating func heard(_ notice: ChannelNotice, now: Moment) {
        pass(notice, now: now)
        if let channel = notice.channel, !ownChannels.contains(channel) { return }
        switch notice {
        case .status(let status): statusChanged(to: status, now: now)
        case .subscribed(let channel, let members): subscribed(channel, members, now: now)
        case .subscriptionFailed(let channel, let reason, _):
            refused(channel, reason: reason, now: now)
        case .memberAdded(let channel, let member):
            guard let room = conversation(of: channel) else { return }
            guard let user = named(member) else {
                if let stranger = stranger(member) { tell(.strangerCame(room, stranger), now: now) }
                return
            }
            guard room == chat.lobby else { return tell(.roomMemberAdded(room, user), now: now) }
            rosterCheck.heard(of: user.id)
            tell(.memberAdded(user), now: now)
            arrivedPlain(user.id, now: now)
            callEverybody(now: now)
        case .memberChanged(let channel, let member):
            guard conversation(of: channel) != nil, let user = named(member) else { return }
            tell(.usersLoaded([user]), now: now)
        case .memberRemoved(let channel, let id):
            guard let room = conversation(of: channel) else { return }
            guard let user = UserID(id) else { return tell(.strangerWent(room, id: id), now: now) }
            guard room == chat.lobby else { return tell(.roomMemberRemoved(room, user), now: now) }
            rosterCheck.heard(of: user)
            tell(.memberRemoved(user), now: now)
        case .event(let channel, let name, let data, let userID):
            guard let me = chat.me else { return }
            if WireEvent.isAccountChange(name, data: data, channel: channel, me: me) { return askIdentity() }
            if plain == nil, WireEvent.isDeskChange(name, channel: channel, lobby: chat.lobby) {
                return askIdentitySoon(now: now)
            }
            do throws(WireRefusal) {
                guard try !heardPlain(channel, name, data, userID: userID, now: now) else { return }
                let event = try WireEvent.chatEvent(
                    name, data: data, channel: channel, userID: userID, me: me, isEncrypted: isEncrypted)
                unreadable.remove(channel)
                if let event { tell(event, now: now) }
            } catch {
                drop("\(channel): \(name): \(error.reason)")
            }
        case .error(let code, let message):
            effects.append(.log("the engine says \(code.map(String.init) ?? "-"): \(message)"))
            refusedPlain(code, message, now: now)
        case .doubtful:
            if chat.link == .online { tell(.linkChanged(.doubtful), now: now) }
        case .alive:
            if chat.link == .doubtful { tell(.linkChanged(.online), now: now) }
        case .undecryptable(let channel, let event): couldNotRead(channel, event, now: now)
        case .subscriptionCount, .cacheMiss, .signedIn, .signInFailed, .watchlist: break
        case .ignored(let reason, let frame): drop("\(reason): \(frame.prefix(200))")
        }
    }

    private mutating func drop(_ why: String) {
        dropped += 1
        // A desk that floods us with nonsense does not get to fill the disk as well.
        if dropped <= 100 || dropped.isMultiple(of: 1_000) {
            effects.append(.log("dropped (\(dropped) so far): \(why)"))
        }
    }

    private mutating func subscribed(_ channel: ChannelName, _ members: PresenceMembers?, now: Moment) {
        settlePolling(now: now)
        if ConversationName.inboxOwner(channel: channel.description) == chat.me {
            tell(.inboxSubscribed, now: now)
            tell(.inboxReady, now: now)
        } else if let name = conversation(of: channel) {
            if let members {
                if name == chat.lobby {
                    admitted(now: now)
                    rosterCheck = RosterCheck(nextAt: isEngineElsewhere ? now.uptime + RosterCheck.pause : nil)
                }
                replaceMembers(of: name, members, now: now)
                if name == chat.lobby { enteredPlain(members, now: now) }
            }
            guard channel == messageChannel(name) else { return }
            tell(.watching(name), now: now)
            openedPlain(name, now: now)
        }
    }

    private mutating func replaceMembers(of room: ConversationName, _ members: PresenceMembers, now: Moment) {
        var people: [NamedUser] = []
        var strangers: [Stranger] = []
        for member in members.all {
            if let user = named(member) {
                people.append(user)
            } else if let stranger = stranger(member) {
                strangers.append(stranger)
            }
        }
        tell(room == chat.lobby ? .rosterReplaced(people) : .roomEntered(room, people), now: now)
        tell(.strangersHere(room, strangers), now: now)
    }

    private func named(_ member: Member) -> NamedUser? {
        UserID(member.id).map { NamedUser($0, name: DeskReply.name(member.info?["name"])) }
    }

    private func stranger(_ member: Member) -> Stranger? {
        Stranger(id: member.id, name: DeskReply.name(member.info?["name"]))
    }

    mutating func statusChanged(to status: ConnectionStatus, now: Moment) {
        guard stoppedHost == nil, !isSignedOut else { return }
        if status.socketID == nil { rosterCheck = RosterCheck() }
        switch status {
        case .connected, .refused, .stopped: endPolling()
        case .idle, .connecting, .waiting:
            if polling.isBeside { endPolling() }
            pollWithoutEngine(status, now: now)
            // The desk is asked meanwhile, and that is how things stand.
            if polling.isOn { return }
        }
        if case .connected = status, plain != nil {
            // There is no inbox to wait for, but the presence channel has to let us in.
            if !ownChannels.contains(wire(chat.lobby)) { admitted(now: now) }
        } else if let link = link(of: status) {
            tell(.linkChanged(link), now: now)
        }
        // Another host may have taken the desk over, with a store of another day.
        if case .connected = status, signIn.count == 0, identity != nil, chat.hasBaseline { askIdentity() }
    }

    private func link(of status: ConnectionStatus) -> Link? {
        switch status {
        case .idle: nil
        case .connecting(let attempt): .connecting(attempt: attempt)
        case .connected: .online
        case .waiting(let until, _, let reason): .offline(reason: reason, retryAt: until)
        case .refused(let reason): .refused(reason: reason)
        case .stopped: .offline(reason: "stopped", retryAt: nil)
        }
    }

    /// The host of the local desk was found stopped, or running again: the socket itself says neither.
    mutating func hostStopped(_ pid: Int32?, now: Moment) {
        guard pid != stoppedHost else { return }
        stoppedHost = pid
        if let pid {
            tell(.linkChanged(.hostStopped(pid: pid)), now: now)
            return
        }
        guard let link = link(of: connection.status) else { return }
        tell(.linkChanged(link), now: now)
        for room in chat.watchedRooms {
            if let members = connection.members(of: wire(room)) { replaceMembers(of: room, members, now: now) }
        }
        tell(.inboxReady, now: now)
    }
}

extension ChannelNotice {
    /// The channel it is about; nil where it is about the connection.
    fileprivate var channel: ChannelName? {
        switch self {
        case .subscribed(let channel, _), .subscriptionFailed(let channel, _, _), .memberAdded(let channel, _),
            .memberChanged(let channel, _), .memberRemoved(let channel, _), .event(let channel, _, _, _),
            .undecryptable(let channel, _):
            channel
        case .status, .subscriptionCount, .cacheMiss, .signedIn, .signInFailed, .watchlist, .error,
            .doubtful, .alive, .ignored:
            nil
        }
    }
}
