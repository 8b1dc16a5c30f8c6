/// Why a channel is closed to us, for as long as it is.
package struct Refusal: Equatable, Sendable {
    package var reason: String
    /// Whether it is tried again by itself.
    package var isRetried: Bool
    package var since: Timestamp

    package init(reason: String, isRetried: Bool, since: Timestamp) {
        self.reason = reason
        self.isRetried = isRetried
        self.since = since
    }
}

/// Which channel a refusal is about.
package enum RefusedChannel: Hashable, Sendable {
    case conversation(ConversationName)
    /// Our own inbox.
    case inbox
}
