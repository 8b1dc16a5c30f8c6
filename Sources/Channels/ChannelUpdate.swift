public import ChannelsClient
public import ChannelsProtocol

/// What happened to one channel, in the order in which the server said it.
public enum ChannelUpdate: Equatable, Sendable {
    /// The server confirmed the subscription, for the first time or again on a new connection. What was published in
    /// between is not known and must be fetched elsewhere.
    ///
    /// `members` is nil for channels without a roster; where it is not, it replaces what was known.
    case subscribed(PresenceMembers?)
    /// There is no subscription now. `isFinal`: nobody tries again before ``ChannelSubscription/subscribe()`` or the next
    /// connection; otherwise it is tried again by itself. `status` is the endpoint's, or the server's code.
    case subscriptionFailed(reason: String, status: Int?, isFinal: Bool)
    case event(ChannelEvent)
    case memberAdded(Member)
    /// A member who is here already has other `user_info` now.
    case memberChanged(Member)
    case memberRemoved(id: String)
    /// How many connections are subscribed, where the app has this switched on.
    case subscriptionCount(Int)
    /// A cache channel has no last event to begin with.
    case cacheMiss
    /// An event of an encrypted channel that neither the old key nor a new one opens.
    case undecryptable(event: String)
    /// This consumer was too slow: so many updates that should have stood here were dropped. The roster in
    /// ``ChannelSubscription/members`` is right nevertheless.
    case lost(Int)
}

/// What happened to the connection itself, beside its status.
public enum ConnectionUpdate: Equatable, Sendable {
    case signedIn(userID: String)
    /// `isFinal` as with ``ChannelUpdate/subscriptionFailed(reason:status:isFinal:)``.
    case signInFailed(reason: String, status: Int?, isFinal: Bool)
    /// Users of one's watchlist came (`online`) or went (`offline`).
    case watchlist(name: String, userIDs: [String])
    /// The server refused something and the connection goes on: 4301 for instance is a client event too many.
    case error(code: Int?, message: String)
    /// A ping is unanswered; nothing was heard since then, on the clock of ``ChannelsConnection/now``.
    case doubtful(since: Duration)
    /// Heard again after doubt.
    case alive
    /// A frame that means nothing to this client; worth a line in a log.
    case ignored(reason: String, frame: String)
    /// As ``ChannelUpdate/lost(_:)``.
    case lost(Int)
}

/// Why waiting for something came to nothing. Attempts that may still succeed are not errors: they go on.
public enum ChannelsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The server will not have this client; nothing is tried before ``ChannelsConnection/reconnectNow()``.
    case refused(String)
    /// The endpoint or the server refused the channel or the user. Status 401, after one try with a fresh credential:
    /// the person has to sign in again.
    case denied(reason: String, status: Int?)
    /// ``ChannelsConnection/close()`` was called.
    case closed

    public var description: String {
        switch self {
        case .refused(let reason): reason
        case .denied(let reason, let status): status.map { "\(reason) (\($0))" } ?? reason
        case .closed: "the connection has been closed"
        }
    }
}
