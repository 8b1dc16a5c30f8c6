/// A frame from the server to a client.
public enum ServerEvent: Hashable, Sendable {
    /// The greeting: from here on the connection may be used. `activityTimeout` is nil where the server named none.
    case connectionEstablished(socketID: SocketID, activityTimeout: Duration?)
    /// Something was refused. On a living connection this is not the end of it. Most servers name no channel.
    case error(code: Int?, message: String, channel: ChannelName?)
    case ping
    case pong
    /// `presence` is nil for channels that have no members.
    case subscriptionSucceeded(ChannelName, presence: PresenceSnapshot?)
    /// Some engines' way to refuse a subscription; Pusher sends `error`.
    case subscriptionError(ChannelName, kind: String, message: String, status: Int?)
    case memberAdded(ChannelName, Member)
    case memberRemoved(ChannelName, id: String)
    case subscriptionCount(ChannelName, Int)
    case cacheMiss(ChannelName)
    /// `userData` is the JSON text that was signed.
    case signInSucceeded(userData: String)
    case watchlist([WatchlistChange])
    case event(ChannelEvent)
    /// A protocol event this side has no use for.
    case unknown(name: String)
}

/// An event published on a channel, by a server or (where the name begins with `client-`) by another client.
public struct ChannelEvent: Hashable, Sendable {
    public let channel: ChannelName
    public let name: String
    /// Decoded where the string was JSON; a plain text that happens to be JSON, such as `42`, is decoded too.
    public let data: JSON
    /// The sender of a client event on a presence channel, as the engine knows them.
    public let userID: String?

    public init(channel: ChannelName, name: String, data: JSON, userID: String? = nil) {
        self.channel = channel
        self.name = name
        self.data = data
        self.userID = userID
    }
}

/// Users of one's watchlist who came or went.
public struct WatchlistChange: Hashable, Sendable {
    /// `online` or `offline`.
    public let name: String
    public let userIDs: [String]

    public init(name: String, userIDs: [String]) {
        self.name = name
        self.userIDs = userIDs
    }
}

/// Why a frame means nothing here. It is logged and counted; the connection goes on.
public enum FrameError: Error, Equatable, Sendable, CustomStringConvertible {
    case notJSON(JSONError)
    case notAnObject
    case noEvent
    /// `event` lacks `field`, or it has the wrong form.
    case badField(String, event: String)

    public var description: String {
        switch self {
        case .notJSON(let error): error.description
        case .notAnObject: "a frame is a JSON object; this is another value"
        case .noEvent: "a frame has a text under \"event\"; this one has not"
        case .badField(let field, let event): "\(event): \"\(field)\" is missing or has the wrong form"
        }
    }
}
