import Chat
import ChannelsClient
import ChannelsProtocol

// A Channels application without a desk: what the chat asks is answered from what was heard, messages are client events, and
// a client event of the presence channel is the doorbell.

extension Session {
    /// A call that nobody but this session can answer; false for one that goes out.
    mutating func keepForPlain(_ call: DeskCall) -> Bool {
        guard plain != nil else { return false }
        if case .authorize = call { return false }
        plain?.calls.append(call)
        return true
    }

    mutating func answerPlain(now: Moment) {
        while let call = plain?.calls.first {
            plain?.calls.removeFirst()
            answer(call, now: now)
        }
    }

    var plainDeadline: Duration? { plain?.waiting.values.map(\.next).min() }

    mutating func tickPlain(now: Moment) {
        let due = (plain?.waiting ?? [:]).filter { $0.value.next <= now.uptime }
        for id in due.keys.sorted() { attempt(id, now: now) }
    }

    private mutating func answer(_ call: DeskCall, now: Moment) {
        guard let plain else { return }
        let me = plain.settings.user
        switch call {
        case .identity: signedIn(plain.settings.identity, now: now)
        case .users: tell(.usersLoaded([]), now: now)
        case .conversations:
            let list = plain.messages.map { name, messages in
                let seen = chat.conversation(name).seenByMe
                return ConversationSummary(
                    name: name, last: messages.last, unseen: messages.count { $0.seq > seen && $0.from != me },
                    seenByMe: seen, seenByPeer: 0)
            }
            tell(.conversationsLoaded(list.sorted { $0.name.channel < $1.name.channel }), now: now)
        case .page(let place, let query, let limit):
            guard let name = conversation(place) else { return }
            tell(.pageLoaded(name, query, plain.page(name, query, limit: limit)), now: now)
        case .visit(let place, let query, let limit):
            guard let name = conversation(place) else { return }
            tell(.placeLoaded(name, query, plain.page(name, query, limit: limit)), now: now)
        case .search(let query, _, _):
            tell(.searchFailed(query, reason: "nothing is kept of this application that could be searched"), now: now)
        case .send(let place, let text, let clientID, _, _):
            guard let name = conversation(place) else { return }
            send(text, clientID, to: name, now: now)
        case .seen(let place, let through):
            if let name = conversation(place) { tell(.seenStored(name, through: through), now: now) }
        case .sessions, .endSession, .authorize: break
        }
    }

    // MARK: Sending

    private mutating func send(_ text: String, _ clientID: String, to name: ConversationName, now: Moment) {
        if let known = plain?.message(clientID: clientID, in: name) {
            return tell(.delivered(clientID: clientID, known), now: now)
        }
        plain?.waiting[clientID] = PlainState.Waiting(name: name, text: text, since: now.uptime, next: now.uptime)
        attempt(clientID, now: now)
    }

    /// Says a message, or says it again, or gives it up.
    private mutating func attempt(_ clientID: String, now: Moment) {
        guard let plain, let message = plain.waiting[clientID] else { return }
        guard now.uptime - message.since < PlainState.patience else {
            return giveUp(
                clientID,
                chat.link.isOnline ? "not confirmed: nobody took it in within 10 s; it may have arrived" : nil,
                now: now)
        }
        let channel = plain.settings.channel(message.name)
        let isReady = connection.subscription(channel) == .subscribed
        let end = message.since + PlainState.patience
        self.plain?.waiting[clientID]?.next = min(
            end,
            isReady && message.tries < PlainState.again.count
                ? now.uptime + PlainState.again[message.tries] : isReady ? end : now.uptime + .milliseconds(250))
        guard isReady else { return watchPlain(message.name, now: now) }
        self.plain?.waiting[clientID]?.tries += 1
        if message.tries > 0 { ring(message.name, isWanted: true, now: now) }
        let data = json([
            ("client_id", .string(clientID)), ("from", .string(plain.settings.user.text)),
            ("text", .string(message.text)), ("at", .string(now.date.rfc3339)),
        ])
        do throws(TriggerError) {
            run(
                try connection.trigger(plain.settings.names.message, on: channel, data: data, now: now.uptime), now: now
            )
        } catch {
            guard case .tooLarge = error else { return giveUp(clientID, nil, now: now) }
            return giveUp(clientID, "too long for a client event: \(error)", now: now)
        }
        // In a room there is nobody in particular who could confirm it.
        if message.name.isRoom { confirmed(clientID, in: message.name, now: now) }
    }

    /// - Parameter reason: nil where it is tried again by itself.
    private mutating func giveUp(_ clientID: String, _ reason: String?, now: Moment) {
        plain?.waiting[clientID] = nil
        let failure: DeliveryFailure =
            reason.map { .rejected(reason: $0) } ?? .tryAgain(after: .seconds(1), reason: "there is no connection")
        tell(.deliveryFailed(clientID: clientID, failure), now: now)
    }

    private mutating func confirmed(_ clientID: String, in name: ConversationName, now: Moment) {
        guard let plain, let waiting = plain.waiting[clientID], waiting.name == name else { return }
        self.plain?.waiting[clientID] = nil
        let stored = self.plain?.add(
            waiting.text, from: plain.settings.user, clientID: clientID, in: name, at: now.date)
        guard let message = stored ?? plain.message(clientID: clientID, in: name) else { return }
        tell(.delivered(clientID: clientID, message), now: now)
    }

    /// The application takes no client events: said once, and nothing waits for what cannot come.
    mutating func refusedPlain(_ code: Int?, _ message: String, now: Moment) {
        let lower = message.lowercased()
        let isAboutEvents =
            code == Int(CloseCode.clientEventRefused.rawValue) || lower.contains("client event")
            || lower.contains("client messag")
        let passes = [
            "rate", "per second", "a second", "too many", "at most", "only supported", "cannot broadcast", "too large",
            "too long",
        ]
        guard plain != nil, isAboutEvents, !passes.contains(where: lower.contains) else { return }
        let reason = "this application does not allow client events, so nothing can be said in it"
        if plain?.hasSaidRefused == false {
            plain?.hasSaidRefused = true
            let said = code.map { "\($0): \(message)" } ?? message
            effects.append(.notice(.warning("\(reason); its owner can allow them (\(said))")))
        }
        for id in (plain?.waiting ?? [:]).keys.sorted() { giveUp(id, reason, now: now) }
    }

    // MARK: Hearing

    /// An event of the application's; false where it is one like a desk's.
    mutating func heardPlain(
        _ channel: ChannelName, _ event: String, _ data: JSON, userID: String?, now: Moment
    ) throws(WireRefusal) -> Bool {
        guard let plain else { return false }
        let names = plain.settings.names
        let me = plain.settings.user
        if channel.text == names.presence, EventName.isClientEvent(event), userID == nil, !plain.namesNobody {
            self.plain?.namesNobody = true
            callEverybody(now: now)
        }
        guard let name = conversation(of: channel) else { throw WireRefusal("a channel nobody asked for") }
        switch event {
        case names.opened where name.isRoom:
            guard data["to"]?.identifier == me.text else { return true }
            guard let userID else { return true }
            guard let by = UserID(userID), let chat = ConversationName(me, by) else {
                throw WireRefusal("a bell of nobody")
            }
            self.plain?.called.insert(chat)
            tell(.inboxRang(InboxNote(kind: .conversationOpened, conversation: chat, by: by, seq: 0)), now: now)
        case names.message, names.serverMessage:
            try heardMessage(data, in: name, isServer: event == names.serverMessage, userID: userID, now: now)
        case names.received where !name.isRoom:
            if let id = data["client_id"]?.string { confirmed(id, in: name, now: now) }
        case names.typing:
            let sender = data["from"]?.identifier.flatMap { UserID($0) } ?? userID.flatMap { UserID($0) }
            guard let sender, let isTyping = data["typing"]?.bool else { throw WireRefusal("no typing indicator") }
            guard name.isRoom ? userID == sender.text : sender == name.peer(of: me) else {
                throw WireRefusal("typing in somebody else's name")
            }
            tell(.typingReceived(name, from: sender, isTyping), now: now)
        // Known by one name everywhere.
        case WireEvent.availability: return false
        default: break
        }
        return true
    }

    private mutating func heardMessage(
        _ data: JSON, in name: ConversationName, isServer: Bool, userID: String?, now: Moment
    ) throws(WireRefusal) {
        guard let plain else { return }
        let me = plain.settings.user
        let peer = name.peer(of: me)
        guard let text = data["text"]?.string, !text.isEmpty, text.utf8.count <= 32_000 else {
            throw WireRefusal("no message")
        }
        let said = data["from"]?.identifier.flatMap { UserID($0) }
        // A client event on a chat channel can only be the peer's; in a room the engine says whose it is.
        let from: UserID? =
            if isServer {
                said
            } else if name.isRoom {
                userID.flatMap { UserID($0) }
            } else {
                said ?? peer
            }
        guard let from, isServer ? name.isRoom || name.includes(from) : name.isRoom ? from != me : from == peer else {
            throw WireRefusal("a message in somebody else's name")
        }
        let clientID = data["client_id"]?.string ?? data["id"]?.identifier ?? ids.next()
        guard clientID.utf8.count <= 128 else { throw WireRefusal("a client id of \(clientID.utf8.count) bytes") }
        if from == me, plain.waiting[clientID] != nil { return confirmed(clientID, in: name, now: now) }
        let date = isServer ? data["at"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? now.date : now.date
        if let message = self.plain?.add(text, from: from, clientID: clientID, in: name, at: date) {
            if !name.isRoom, from == peer { self.plain?.called.insert(name) }
            tell(.messageReceived(message), now: now)
        }
        // Said again it is confirmed again: the sender may not have heard it.
        guard !isServer, !name.isRoom else { return }
        hint(plain.settings.names.received, json([("client_id", .string(clientID))]), in: name, now: now)
    }

    // MARK: Doors

    /// Who is in the presence channel, when it was entered.
    mutating func enteredPlain(_ members: PresenceMembers, now: Moment) {
        guard let plain else { return }
        if let id = members.myID, id != plain.settings.user.text {
            return refuse(
                DeskFailure(.unauthorized, "the application says you are \(id); set user to that, or give --as"),
                now: now)
        }
        self.plain?.entries += 1
        if plain.entries > 0 {
            effects.append(
                .notice(
                    .warning("live only from here: what was said while you were away from the application is not here"))
            )
        }
        let unnamed = members.all.count { UserID($0.id) == nil }
        if unnamed > 0 {
            effects.append(
                .notice(.warning("\(unnamed) in the room cannot be shown or written to: their ids are none here")))
        }
        callEverybody(now: now)
    }

    /// A chat channel is there: the peer is called, unless it was they who called.
    mutating func openedPlain(_ name: ConversationName, now: Moment) {
        guard let plain, !name.isRoom else { return }
        if !plain.called.contains(name) { ring(name, isWanted: false, now: now) }
        let waiting = plain.waiting.filter { $0.value.name == name && $0.value.tries == 0 }
        for id in waiting.keys.sorted() { attempt(id, now: now) }
    }

    /// - Parameter isWanted: something waits for the peer, so a bell of a moment ago does not count.
    private mutating func ring(_ name: ConversationName, isWanted: Bool, now: Moment) {
        guard let plain, let peer = name.peer(of: plain.settings.user) else { return }
        let quiet = isWanted ? .milliseconds(400) : PlainState.quiet
        if let last = plain.rung[name], now.uptime - last < quiet { return }
        self.plain?.rung[name] = now.uptime
        hint(plain.settings.names.opened, json([("to", .string(peer.text))]), in: plain.settings.lobby, now: now)
    }

    /// Where nobody is named who rings, every door stands open.
    mutating func callEverybody(now: Moment) {
        guard let plain, plain.namesNobody else { return }
        let me = plain.settings.user
        let members = connection.members(of: plain.settings.channel(plain.settings.lobby))
        let others = (members?.all ?? []).compactMap { UserID($0.id) }.filter { $0 != me }.sorted()
        for peer in others.prefix(PlainState.most) {
            guard let name = ConversationName(me, peer) else { continue }
            self.plain?.called.insert(name)
            tell(.inboxRang(InboxNote(kind: .conversationOpened, conversation: name, by: peer, seq: 0)), now: now)
        }
    }

    /// Somebody is there who was not: of bells rung before they know nothing.
    mutating func arrivedPlain(_ user: UserID, now: Moment) {
        guard let plain, let name = ConversationName(plain.settings.user, user) else { return }
        self.plain?.rung[name] = nil
        self.plain?.called.remove(name)
        guard connection.subscription(plain.settings.channel(name)) == .subscribed else { return }
        ring(name, isWanted: false, now: now)
    }

    private mutating func watchPlain(_ name: ConversationName, now: Moment) {
        let channel = wire(name)
        guard connection.subscription(channel) == nil else { return }
        watch(channel, now: now)
    }

    // MARK: Names

    /// The channel of a conversation.
    mutating func wire(_ name: ConversationName) -> ChannelName {
        guard let plain else { return ChannelName(wire: name.channel) }
        let channel = plain.settings.channel(name)
        self.plain?.channels[channel] = name
        return channel
    }

    /// The conversation of a channel; nil where it is of none.
    func conversation(of channel: ChannelName) -> ConversationName? {
        guard let plain else { return ConversationName(channel: channel.text) }
        return plain.channels[channel]
    }
}
