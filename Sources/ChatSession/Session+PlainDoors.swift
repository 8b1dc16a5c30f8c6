import Chat
import ChannelsClient
import ChannelsProtocol

// Where there is no desk: who calls whom into a conversation.

extension Session {
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
                .notice(.warning("\(unnamed) in the room cannot be written to: their ids are none here")))
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
    mutating func ring(_ name: ConversationName, isWanted: Bool, now: Moment) {
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

    mutating func watchPlain(_ name: ConversationName, now: Moment) {
        for channel in channels(of: name) where connection.subscription(channel) == nil { watch(channel, now: now) }
    }
}
