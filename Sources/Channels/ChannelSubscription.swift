public import ChannelsClient
public import ChannelsProtocol

/// The standing wish to be in one channel. Two of the same name and connection are the same wish.
public struct ChannelSubscription: Sendable {
    public let name: ChannelName
    private let connection: ChannelsConnection
    private var driver: Driver { connection.driver }

    init(_ name: ChannelName, of connection: ChannelsConnection) {
        self.name = name
        self.connection = connection
    }

    /// Wishes to be in the channel, on this connection and every one to come; after a failure, tries again.
    public func subscribe() { driver.act { $0.subscribe(name, now: $1) } }

    /// Ends the wish. What the server still sends for the channel is dropped.
    public func unsubscribe() { driver.act { $0.unsubscribe(name, now: $1) } }

    /// Returns when the server has confirmed, with the roster if the channel has one.
    ///
    /// Waits as long as that takes, across lost connections. Throws ``ChannelsError/denied(reason:status:)`` when the
    /// endpoint or the server refuses for good, ``ChannelsError/closed``, and `CancellationError`.
    @discardableResult
    public func subscribed() async throws -> PresenceMembers? {
        for await update in updates {
            switch update {
            case .subscribed(let members): return members
            case .subscriptionFailed(let reason, let status, isFinal: true):
                throw ChannelsError.denied(reason: reason, status: status)
            default: continue
            }
        }
        try Task.checkCancellation()
        throw ChannelsError.closed
    }

    /// Where the wish stands; nil where there is none.
    public var state: SubscriptionState? { driver.ask { $0.subscription(name) } }

    /// Who is in a presence channel, as of now; nil before the confirmation, while the connection is lost, and for other
    /// channels.
    public var members: PresenceMembers? { driver.ask { $0.members(of: name) } }

    /// Everything that happens to the channel from now on. Where it is subscribed or refused already, that comes first.
    public var updates: Updates<ChannelUpdate> { driver.updates(of: name, eventsNamed: nil).holding(connection) }

    /// Events of one name, from now on; nothing else but ``ChannelUpdate/lost(_:)`` comes with them.
    public func events(named event: String) -> Updates<ChannelUpdate> {
        driver.updates(of: name, eventsNamed: event).holding(connection)
    }

    /// Sends a client event to the others in the channel: private and presence channels only, and at once or not at all.
    ///
    /// Its name begins with `client-`. Servers take ten a second from one connection; what is beyond that is refused
    /// with 4301 and told as ``ConnectionUpdate/error(code:message:)``.
    public func trigger(_ event: String, _ data: JSON) throws(TriggerError) {
        try driver.act { (connection, now) throws(TriggerError) in
            try connection.trigger(event, on: name, data: data, now: now)
        }
    }
}
