public import ChannelsProtocol

/// What the shell around a `Connection` is to do, in this order.
public enum ConnectionOutput: Equatable, Sendable {
    /// Open a socket. Everything that happens on it is reported with this number, which is never used again.
    case open(attempt: Int)
    /// Send this text on the socket in use.
    case send(String)
    /// Close that socket; nothing that still comes from it counts.
    case close(attempt: Int, code: UInt16)
    /// Ask the authorization endpoint, with the credential as it is now, and report with `authorized`.
    case authorize(ChannelName, SocketID)
    /// Ask the endpoint for user authentication, likewise, and report with `userAuthenticated`.
    case authenticateUser(SocketID)
    case notice(ChannelNotice)
}

/// What the application may want to know.
public enum ChannelNotice: Equatable, Sendable {
    case status(ConnectionStatus)
    /// Each time, also after a reconnect: what happened in between is not known and must be fetched elsewhere.
    /// `members` is nil for channels without a roster; where it is not, it replaces what was known.
    case subscribed(ChannelName, PresenceMembers?)
    /// The subscription stands still until it is asked for again or the connection is new,
    /// unless `subscription(_:)` says that it waits for a retry.
    case subscriptionFailed(ChannelName, reason: String, status: Int?)
    case memberAdded(ChannelName, Member)
    /// A member who is here already has other `user_info` now.
    case memberChanged(ChannelName, Member)
    case memberRemoved(ChannelName, id: String)
    case event(ChannelName, name: String, data: JSON, userID: String?)
    case subscriptionCount(ChannelName, Int)
    case cacheMiss(ChannelName)
    /// An event on an encrypted channel that neither the old key nor a new one opens. It is lost.
    case undecryptable(ChannelName, event: String)
    case signedIn(userID: String)
    case signInFailed(reason: String, status: Int?)
    case watchlist(name: String, userIDs: [String])
    /// The server refused something on a living connection.
    case error(code: Int?, message: String)
    /// A ping is unanswered; nothing was heard since then. `.alive` follows, or a status.
    case doubtful(since: Duration)
    /// Heard again after doubt.
    case alive
    /// A frame that means nothing here; to be counted and logged.
    case ignored(reason: String, frame: String)
}
