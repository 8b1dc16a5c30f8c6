import ChannelsProtocol
import Chat

/// The translator wire → chat: the only place that reads the names and payloads of the desk's events.
enum WireEvent {
    static let newMessage = "new_message"
    static let messageSeen = "message_seen"
    static let inbox = "inbox"
    static let typing = "client-typing"
    private static let sessionOpened = "session_opened"
    static let inTheClear = "in the clear, where conversations are encrypted"
    static let availability = "client-availability"
    /// In the inbox, between the terminals of one user.
    static let activity = "client-activity"

    /// The availability of nobody: those who are not available say it again.
    static let availabilityAsked: JSON = ["asks": true]

    static func data(of availability: Availability) -> JSON {
        var members: [(String, JSON)] = [
            ("state", .string(availability.state.rawValue)), ("since", .string(availability.since.rfc3339)),
        ]
        if !availability.text.isEmpty { members.append(("text", .string(availability.text))) }
        if availability.isAutomatic { members.append(("automatic", true)) }
        return json(members)
    }

    /// What an event on a channel means to the chat; throws why it is not to be believed.
    ///
    /// - Parameters:
    ///   - userID: who the engine says sent a client event; only presence channels have it.
    ///   - isEncrypted: the engine is not trusted with what people write, so what it could have written is not believed.
    static func chatEvent(
        _ name: String, data: JSON, channel: ChannelName, userID: String?, me: UserID, isEncrypted: Bool
    ) throws(WireRefusal) -> ChatEvent? {
        let isSealed = isEncrypted && channel.kind.isEncrypted
        let channel = channel.description
        if let owner = ConversationName.inboxOwner(channel: channel) {
            guard owner == me else { throw WireRefusal("an inbox of somebody else") }
            if name == activity { return try activityEvent(data) }
            guard name == inbox else { return nil }
            return try inboxEvent(data, me: me)
        }
        let named = isSealed ? ConversationName(encryptedChannel: channel) : ConversationName(channel: channel)
        guard let conversation = named, conversation.includes(me) else {
            throw WireRefusal("a channel that is no conversation of ours")
        }
        switch name {
        case newMessage:
            guard var message = DeskReply.message(data, in: conversation) else {
                throw WireRefusal("no message of this conversation")
            }
            guard isSealed == isEncrypted || conversation.isRoom else { throw WireRefusal(inTheClear) }
            // There are no encrypted rooms: the desk itself says what was written there.
            if isEncrypted, !isSealed { message.text = nil }
            return .messageReceived(message)
        case messageSeen:
            guard let user = data["by"]?.string.flatMap({ UserID($0) }), conversation.includes(user),
                let seq = DeskReply.seq(data["seq"])
            else { throw WireRefusal("no seen receipt of this conversation") }
            guard isSealed == isEncrypted || conversation.isRoom else { throw WireRefusal(inTheClear) }
            return .seenReceived(conversation, by: user, through: seq)
        case typing:
            guard let from = data["from"]?.string.flatMap({ UserID($0) }), let isTyping = data["typing"]?.bool else {
                throw WireRefusal("no typing indicator")
            }
            // On a chat channel the engine does not say who sent it: only the peer can be believed. In a room it does.
            let isBelieved = conversation.isRoom ? userID == from.text : from == conversation.peer(of: me) || from == me
            guard isBelieved else { throw WireRefusal("typing in somebody else's name") }
            return .typingReceived(conversation, from: from, isTyping)
        case availability:
            // Only a room's engine says who sent it, and there is nobody else to ask.
            guard conversation.isRoom, let from = userID.flatMap({ UserID($0) }) else {
                throw WireRefusal("an availability of nobody")
            }
            if data["asks"] == true { return .availabilityAsked }
            guard let state = data["state"]?.string.flatMap({ Availability.State(rawValue: $0) }),
                let since = data["since"]?.string.flatMap({ Timestamp(rfc3339: $0) })
            else { throw WireRefusal("no availability") }
            return .availabilityReceived(
                from: from,
                Availability(
                    state, since: since, text: data["text"]?.string ?? "",
                    isAutomatic: data["automatic"]?.bool ?? false))
        default: return nil
        }
    }

    /// The longest that a terminal may be in use without a key, in seconds.
    private static let longestActivity = 86_400

    static func activity(_ session: String, for span: Duration, asks: Bool) -> JSON {
        json([
            ("session", .string(session)), ("seconds", JSON(min(Int(span.components.seconds), longestActivity))),
            ("asks", .bool(asks)),
        ])
    }

    private static func activityEvent(_ data: JSON) throws(WireRefusal) -> ChatEvent {
        guard let session = data["session"]?.string, session.utf8.count <= 64,
            let seconds = data["seconds"]?.int, (0...longestActivity).contains(seconds)
        else { throw WireRefusal("no activity of a terminal") }
        return .activityReceived(session: session, for: .seconds(seconds), asks: data["asks"]?.bool ?? false)
    }

    /// The desk says that the token may no longer be good; whether it is, only asking tells.
    static func isAccountChange(_ name: String, data: JSON, channel: ChannelName, me: UserID) -> Bool {
        name == inbox && data["kind"] == "account_changed"
            && ConversationName.inboxOwner(channel: channel.description) == me
    }

    /// The desk was started with other settings, of which a client connected to an engine elsewhere hears only by this.
    static func isDeskChange(_ name: String, channel: ChannelName, lobby: ConversationName) -> Bool {
        name == "desk_changed" && channel.description == lobby.channel
    }

    private static func inboxEvent(_ data: JSON, me: UserID) throws(WireRefusal) -> ChatEvent? {
        guard let kindText = data["kind"]?.string else { throw WireRefusal("an inbox note without a kind") }
        if kindText == sessionOpened {
            guard let from = data["from"]?.string else { throw WireRefusal("a session from nowhere") }
            return .sessionOpened(
                OwnSession(from: from, client: data["client"]?.string ?? "", run: data["run"]?.string ?? ""))
        }
        // Of another day's desk: nothing that concerns this client.
        guard let kind = InboxNote.Kind(rawValue: kindText) else { return nil }
        guard let conversation = data["conversation"]?.string.flatMap({ ConversationName(channel: $0) }),
            conversation.includes(me), let by = data["by"]?.string.flatMap({ UserID($0) }), conversation.includes(by)
        else { throw WireRefusal("an inbox note of no conversation of ours") }
        let seq = DeskReply.seq(data["seq"]) ?? 0
        guard kind == .conversationOpened || seq > 0 else { throw WireRefusal("an inbox note without a seq") }
        return .inboxRang(InboxNote(kind: kind, conversation: conversation, by: by, seq: seq))
    }
}

/// Why something from the wire was dropped.
struct WireRefusal: Error, Equatable {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
