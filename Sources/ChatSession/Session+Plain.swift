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
        if case .send = call, plain?.settings.messages != nil { return false }
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
        case .settled(let place, let through):
            if let name = conversation(place) { tell(.settledOnDesk(name, through: through), now: now) }
        case .members, .sessions, .endSession, .authorize, .changes: break
        }
    }

    /// The channel of a conversation.
    mutating func wire(_ name: ConversationName) -> ChannelName {
        guard let channel = plain?.settings.channel(name) else { return ChannelName(wire: name.channel) }
        if plain?.channels[channel] == nil { plain?.channels[channel] = name }
        return channel
    }

    /// The conversation of a channel; nil where it is of none.
    func conversation(of channel: ChannelName) -> ConversationName? {
        if let plain { return plain.channels[channel] }
        guard isEncrypted, channel.kind.isEncrypted else { return ConversationName(channel: channel.text) }
        return ConversationName(encryptedChannel: channel.text)
    }
}
