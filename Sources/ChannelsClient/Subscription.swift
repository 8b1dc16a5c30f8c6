internal import ChannelsProtocol

/// Where the standing wish to be in a channel stands.
public enum SubscriptionState: Hashable, Sendable {
    /// There is no connection; asked for as soon as there is one.
    case idle
    /// Waiting for the authorization endpoint.
    /// Next: `pending`, `retrying` when it cannot be reached, `failed` when it says no.
    case authorizing
    /// Waiting for the server's answer to `pusher:subscribe`.
    /// Next: `subscribed`; `failed` when it is refused for good; `retrying` when a limit refuses it, or no answer comes;
    /// `idle` when the socket is lost.
    case pending
    case subscribed
    /// Tried again by itself at that time.
    case retrying(at: Duration, reason: String)
    /// Stands until `subscribe` is called again or the connection is new.
    case failed(reason: String, status: Int?)
}

/// One channel's subscription with all that belongs to it.
struct Subscription: Equatable, Sendable {
    var state: SubscriptionState = .idle
    /// Unsubscribed while pending: the confirmation is answered with `pusher:unsubscribe` and not reported.
    var isCancelled = false
    var members: PresenceMembers?
    /// My own id, from the authorization of the subscription that is pending.
    var myID: String?
    var cipher: ChannelCipher?
    /// What arrived before the confirmation, in order.
    var early: [ServerEvent] = []
    /// Encrypted events that wait for a new key, in order; the first one asked for it.
    var sealed: [ChannelEvent] = []
    var retries = 0

    /// More than this is not kept before the confirmation.
    static let earlyLimit = 10_000
    static let sealedLimit = 1_000

    /// Whether the last attempt failed, for good or until the next one.
    var isRefused: Bool {
        switch state {
        case .retrying, .failed: true
        case .idle, .authorizing, .pending, .subscribed: false
        }
    }

    mutating func reset() { self = Subscription() }
}
