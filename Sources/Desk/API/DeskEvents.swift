import Chat
import ChannelsProtocol

/// An event on its way to the engine.
struct DeskEvent: Equatable, Sendable {
    let name: String
    let channel: String
    let data: String
    /// The socket that hears nothing of it.
    var excluding: SocketID?
}

/// What the desk publishes when something happened, in the words of the wire.
enum DeskEvents {
    /// What the whole signed request to an engine may have; some take no more.
    static let requestLimit = 10_000
    /// Room for what stands around the body of such a request: line, signature, headers.
    private static let requestFrame = 600

    static func message(_ message: StoredMessage) -> JSON { json(message) }

    /// - Parameter isTruncated: without what was written; readers fetch it.
    private static func json(_ message: StoredMessage, isTruncated: Bool = false) -> JSON {
        var members: [(String, JSON)] = [
            ("id", .string(message.id)), ("seq", .init(message.seq)), ("conversation", .string(message.conversation)),
            ("from", .string(message.from)), ("text", isTruncated ? .null : .string(message.text)),
            ("at", .string(message.at.rfc3339)), ("client_id", .string(message.clientID)),
        ]
        guard !isTruncated else { return .object(JSONObject(members + [("truncated", true)])) }
        if message.isAutomated { members.append(("automated", true)) }
        if let question = message.question {
            let choices = JSON.array(question.choices.map { .string($0) })
            members.append(("ask", ["choices": choices, "until": .string(question.until.rfc3339)]))
        }
        if let answer = message.answer {
            members.append(("answers", .string(answer.questionID)))
            if let choice = answer.choice { members.append(("choice", .string(choice))) }
            if answer.isLate { members.append(("late", true)) }
        }
        return .object(JSONObject(members))
    }

    /// `new_message` to those who look at the conversation, and a line in the inboxes of its two users.
    ///
    /// - Parameter key: with it the engine reads nothing of what was written: a conversation of two is encrypted, and of a
    ///   room, which cannot be, readers fetch the text.
    static func newMessage(_ message: StoredMessage, excluding: SocketID?, key: MasterKey?) -> [DeskEvent] {
        func event(_ data: JSON) -> DeskEvent {
            sealed("new_message", message.conversation, data.text, excluding, key)
        }
        let isRoom = ConversationName(channel: message.conversation)?.isRoom == true
        var whole = event(json(message, isTruncated: key != nil && isRoom))
        // The data stands inside the body as a text of its own, so its quotes are escaped once more.
        if JSON.string(whole.data).text.utf8.count + whole.channel.utf8.count + requestFrame > requestLimit {
            whole = event(json(message, isTruncated: true))
        }
        return [whole] + inboxes("new_message", message.conversation, by: message.from, seq: message.seq, excluding)
    }

    /// `message_seen` to those who look at the conversation, and a line in the inboxes. In a room only the reader's own
    /// terminals hear of it.
    static func seen(
        _ conversation: ConversationName, by user: UserID, seq: Int, at: Timestamp, key: MasterKey?
    ) -> [DeskEvent] {
        guard !conversation.isRoom else {
            return [inbox(of: user, "message_seen", conversation.channel, peer: nil, by: user.text, seq: seq, nil)]
        }
        let data: JSON = ["by": .string(user.text), "seq": .init(seq), "at": .string(at.rfc3339)]
        let event = sealed("message_seen", conversation.channel, data.text, nil, key)
        return [event] + inboxes("message_seen", conversation.channel, by: user.text, seq: seq, nil)
    }

    /// `settled` to the reader's own terminals.
    static func settled(_ conversation: ConversationName, by user: UserID, seq: Int) -> [DeskEvent] {
        [
            inbox(
                of: user, "settled", conversation.channel, peer: conversation.peer(of: user), by: user.text, seq: seq,
                nil)
        ]
    }

    /// On the encrypted channel of a conversation of two, where there is a key.
    private static func sealed(
        _ name: String, _ channel: String, _ data: String, _ excluding: SocketID?, _ key: MasterKey?
    ) -> DeskEvent {
        if let key, let encrypted = ConversationName(channel: channel)?.encryptedChannel,
            let data = key.seal(data, on: encrypted)
        {
            return DeskEvent(name: name, channel: encrypted, data: data, excluding: excluding)
        }
        return DeskEvent(name: name, channel: channel, data: data, excluding: excluding)
    }

    /// Tells the other side that somebody opened their conversation.
    static func opened(_ conversation: ConversationName, by user: UserID) -> [DeskEvent] {
        guard let peer = conversation.peer(of: user) else { return [] }
        return [inbox(of: peer, "conversation_opened", conversation.channel, peer: user, by: user.text, seq: nil, nil)]
    }

    /// Tells a user's other sessions that there is one more.
    ///
    /// - Parameters:
    ///   - from: an IP address, or `this machine`.
    ///   - client: what the program calls itself.
    static func sessionOpened(
        by user: UserID, from: String, client: String?, run: String?, excluding: SocketID
    ) -> DeskEvent {
        var members: [(String, JSON)] = [
            ("kind", "session_opened"), ("by", .string(user.text)), ("from", .string(from)),
        ]
        if let client { members.append(("client", .string(client))) }
        if let run { members.append(("run", .string(run))) }
        return DeskEvent(
            name: "inbox", channel: ConversationName.inbox(of: user), data: JSON.object(JSONObject(members)).text,
            excluding: excluding)
    }

    /// Tells a user's programs that their token may no longer be good.
    static func accountChanged(of user: UserID) -> DeskEvent {
        let data: JSON = ["kind": "account_changed", "by": .string(user.text)]
        return DeskEvent(name: "inbox", channel: ConversationName.inbox(of: user), data: data.text)
    }

    /// Tells everybody who is here that the desk was started with other settings: what `/api/me` says is to be asked again.
    static func deskChanged(_ lobby: ConversationName) -> DeskEvent {
        DeskEvent(name: "desk_changed", channel: lobby.channel, data: "{}")
    }

    private static func inboxes(
        _ kind: String, _ channel: String, by: String, seq: Int, _ excluding: SocketID?
    ) -> [DeskEvent] {
        guard case .chat(let low, let high) = ConversationName(channel: channel) else { return [] }
        return [
            inbox(of: low, kind, channel, peer: high, by: by, seq: seq, excluding),
            inbox(of: high, kind, channel, peer: low, by: by, seq: seq, excluding),
        ]
    }

    private static func inbox(
        of owner: UserID, _ kind: String, _ channel: String, peer: UserID?, by: String, seq: Int?,
        _ excluding: SocketID?
    ) -> DeskEvent {
        var members: [(String, JSON)] = [("kind", .string(kind)), ("conversation", .string(channel))]
        if let peer { members.append(("peer", .string(peer.text))) }
        members.append(("by", .string(by)))
        if let seq { members.append(("seq", .init(seq))) }
        return DeskEvent(
            name: "inbox", channel: ConversationName.inbox(of: owner), data: JSON.object(JSONObject(members)).text,
            excluding: excluding)
    }
}
