/// A conversation as the wire names it, and as the store and the screen know it.
///
/// `private-chat-<low>-<high>` for two users, `presence-<name>` for a room.
package enum ConversationName: Hashable, Sendable, CustomStringConvertible {
    case chat(low: UserID, high: UserID)
    case room(String)

    package static let chatPrefix = "private-chat-"
    /// Of the channel on which messages travel where the engine must not read them.
    package static let encryptedPrefix = "private-encrypted-chat-"
    package static let inboxPrefix = "private-user-"
    package static let roomPrefix = "presence-"
    package static let lobby = ConversationName.room("presence-lobby")

    /// The conversation of two users; nil for a user with themself, which does not exist.
    package init?(_ a: UserID, _ b: UserID) {
        guard a != b else { return nil }
        self = a < b ? .chat(low: a, high: b) : .chat(low: b, high: a)
    }

    /// Reads a channel name; nil for anything that is not exactly what the two ids in it make, or no room.
    package init?(channel: String) {
        if channel.utf8.starts(with: Self.chatPrefix.utf8) {
            self.init(pair: channel.utf8.dropFirst(Self.chatPrefix.utf8.count))
        } else if channel.utf8.starts(with: Self.roomPrefix.utf8) {
            self = .room(channel)
        } else {
            return nil
        }
    }

    /// Reads the name of an encrypted channel, by the same rules.
    package init?(encryptedChannel channel: String) {
        guard channel.utf8.starts(with: Self.encryptedPrefix.utf8) else { return nil }
        self.init(pair: channel.utf8.dropFirst(Self.encryptedPrefix.utf8.count))
    }

    private init?(pair: Substring.UTF8View) {
        let parts = pair.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map { Substring($0) }
        guard parts.count == 2, let low = UserID(escaped: parts[0]), let high = UserID(escaped: parts[1]),
            low != high, low < high
        else { return nil }
        self = .chat(low: low, high: high)
    }

    package var channel: String {
        switch self {
        case .chat(let low, let high): Self.chatPrefix + low.escaped + "-" + high.escaped
        case .room(let name): name
        }
    }

    /// The encrypted twin of the channel; nil for a room, for which there is none.
    package var encryptedChannel: String? {
        guard case .chat(let low, let high) = self else { return nil }
        return Self.encryptedPrefix + low.escaped + "-" + high.escaped
    }

    /// The channel that tells one user what happened in conversations they have not opened.
    package static func inbox(of user: UserID) -> String { inboxPrefix + user.escaped }

    /// Whose inbox a channel is; nil when it is none.
    package static func inboxOwner(channel: String) -> UserID? {
        guard channel.utf8.starts(with: inboxPrefix.utf8) else { return nil }
        return UserID(escaped: Substring(channel.utf8.dropFirst(inboxPrefix.utf8.count)))
    }

    package var isRoom: Bool {
        if case .room = self { true } else { false }
    }

    /// What a room is called by its channel alone.
    var roomName: String {
        let escaped = Substring(channel.utf8.dropFirst(Self.roomPrefix.utf8.count))
        return UserID(escaped: escaped)?.text ?? String(escaped)
    }

    /// The other side as `me` sees it; nil in a room, and in a conversation of two others.
    package func peer(of me: UserID) -> UserID? {
        guard case .chat(let low, let high) = self else { return nil }
        if low == me { return high }
        return high == me ? low : nil
    }

    package func includes(_ user: UserID) -> Bool {
        switch self {
        case .chat(let low, let high): low == user || high == user
        case .room: true
        }
    }

    package var description: String { channel }

    /// By bytes: two channels whose names look alike are two rooms.
    package static func == (a: ConversationName, b: ConversationName) -> Bool {
        switch (a, b) {
        case (.chat(let low, let high), .chat(let otherLow, let otherHigh)): low == otherLow && high == otherHigh
        case (.room(let name), .room(let other)): name.utf8.elementsEqual(other.utf8)
        default: false
        }
    }
}
