import Chat
import ChannelsClient
import ChannelsProtocol

// Where there is no desk: what the others say.

extension Session {
    /// An event of the application's; false where it is one like a desk's.
    mutating func heardPlain(
        _ channel: ChannelName, _ event: String, _ data: JSON, userID: String?, now: Moment
    ) throws(WireRefusal) -> Bool {
        // Only the settings: with a copy of the whole at hand, every message would copy all messages.
        guard let settings = plain?.settings else { return false }
        let names = settings.names
        let me = settings.user
        if channel.text == names.presence, EventName.isClientEvent(event), userID == nil, plain?.namesNobody == false {
            plain?.namesNobody = true
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
            plain?.called.insert(chat)
            tell(.inboxRang(InboxNote(kind: .conversationOpened, conversation: chat, by: by, seq: 0)), now: now)
        case names.message, names.serverMessage:
            // Whoever runs the engine could have written it.
            if isEncrypted, !name.isRoom, !channel.kind.isEncrypted { throw WireRefusal(WireEvent.inTheClear) }
            try heardMessage(data, in: name, isServer: event == names.serverMessage, userID: userID, now: now)
            unreadable.remove(channel)
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
        guard let settings = plain?.settings else { return }
        let (me, names) = (settings.user, settings.names)
        let peer = name.peer(of: me)
        guard let text = data["text"]?.string, !text.isEmpty, text.utf8.count <= 32_000 else {
            throw WireRefusal("no message")
        }
        if !isServer, name.isRoom, let userID, let stranger = Stranger(id: userID, name: nil) {
            guard plain?.missesFirst(of: stranger) == true else { return }
            let who = chat.strangers(in: name).first { $0.id == userID }?.name ?? stranger.name
            effects.append(
                .notice(.warning("\(chat.title(of: name)): what \(who) says is not shown: \(stranger.reason)")))
            return
        }
        let said = data["from"]?.identifier.flatMap { UserID($0) }
        // A client event on a chat channel can only be the peer's; in a room the engine says whose it is, which may be
        // another connection of ours.
        let from: UserID? =
            if isServer {
                said
            } else if name.isRoom {
                userID.flatMap { UserID($0) }
            } else {
                said ?? peer
            }
        guard let from, name.isRoom || (isServer ? name.includes(from) : from == peer) else {
            throw WireRefusal("a message in somebody else's name")
        }
        let clientID = data["client_id"]?.string ?? data["id"]?.identifier ?? ids.next()
        guard clientID.utf8.count <= 128 else { throw WireRefusal("a client id of \(clientID.utf8.count) bytes") }
        if from == me, plain?.waiting[clientID] != nil { return confirmed(clientID, in: name, now: now) }
        let date = isServer ? data["at"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? now.date : now.date
        if let message = plain?.add(text, from: from, clientID: clientID, in: name, at: date) {
            if !name.isRoom, from == peer { plain?.called.insert(name) }
            tell(.messageReceived(message), now: now)
        }
        // Said again it is confirmed again: the sender may not have heard it.
        guard !isServer, !name.isRoom else { return }
        hint(names.received, json([("client_id", .string(clientID))]), in: name, now: now)
    }
}
