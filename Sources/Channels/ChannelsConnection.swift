public import ChannelsClient
public import ChannelsProtocol

/// One client of an app, across all the sockets it will need.
///
/// ```swift
/// let connection = ChannelsConnection(.init(host: "desk.example.org", key: key), authorizer: endpoint.authorizer)
/// try await connection.connect()
/// let lobby = connection.subscribe("presence-lobby")
/// for await update in lobby.updates { … }
/// await connection.close()
/// ```
/// Attempts never run out: after a loss the connection comes back by itself, with waits that double and are spread over
/// their whole range, and every subscription is authorized and made anew. It lives until ``close()`` or until nobody has
/// it any more; the sequences and subscriptions it gave out count as having it. Every method may be called from anywhere
/// and only those marked `async` wait.
public final class ChannelsConnection: Sendable {
    let driver: Driver

    /// Does nothing yet.
    public init(_ configuration: ChannelsConfiguration, authorizer: Authorizer = .none) {
        driver = Driver(configuration, authorizer)
    }

    deinit { driver.stop() }

    // MARK: Beginning and end

    /// Begins if it has not begun, and returns when the server has greeted.
    ///
    /// Waits as long as that takes: only a server that refuses (``ChannelsError/refused(_:)``), ``close()`` and the
    /// cancellation of the task end it. Cancelled, it stops waiting; the attempts go on.
    public func connect() async throws {
        guard driver.open({ $0.start(now: $1) }) else { throw ChannelsError.closed }
        for await status in statuses {
            switch status {
            case .connected: return
            case .refused(let reason): throw ChannelsError.refused(reason)
            case .stopped: throw ChannelsError.closed
            case .idle, .connecting, .waiting: continue
            }
        }
        try Task.checkCancellation()
        throw ChannelsError.closed
    }

    /// Ends the wait and tries at once, also after a refusal. A connection that stands is asked for a sign of life,
    /// one in doubt is replaced.
    public func reconnectNow() {
        _ = driver.open { $0.reconnectNow(now: $1) }
    }

    /// Asks for a sign of life, or ends a wait: for the moment a machine wakes up or its network changes.
    public func checkNow() {
        driver.act { $0.checkNow(now: $1) }
    }

    /// Ends it for good: says goodbye to the server, ends all sequences and everything that waits. When it returns no
    /// task of the connection runs and no socket is open, at the latest after two seconds.
    public func close() async { await driver.close() }

    // MARK: Status

    public var status: ConnectionStatus { driver.ask { $0.status } }

    /// The status as it is, then every new one. Who reads too slowly sees only the newest.
    public var statuses: Updates<ConnectionStatus> { driver.statuses().holding(self) }

    /// What the server has to say beside channels and status, from now on.
    public var updates: Updates<ConnectionUpdate> { driver.updates().holding(self) }

    /// The clock of the status `waiting(until:attempt:reason:)`; it goes on while the machine sleeps.
    public var now: Duration { driver.now }

    // MARK: Channels

    /// The subscription of a channel, without asking for it yet: to have a sequence before anything can come.
    public func channel(_ name: ChannelName) -> ChannelSubscription { ChannelSubscription(name, of: self) }

    /// Wishes to be in a channel, from now on and on every connection to come. Twice is one wish.
    @discardableResult
    public func subscribe(_ name: ChannelName) -> ChannelSubscription {
        let channel = channel(name)
        channel.subscribe()
        return channel
    }

    /// Every channel wished for, sorted.
    public var channels: [ChannelName] { driver.ask { $0.channels } }

    // MARK: Who we are

    /// Wishes to be known to the server as the user the authorizer names, on every connection to come, and returns when
    /// the server knows. What is returned is the channel on which the server speaks to this user.
    ///
    /// Throws ``ChannelsError/denied(reason:status:)`` when it is refused; call again to try again.
    @discardableResult
    public func signIn() async throws -> ChannelSubscription {
        let updates = updates
        driver.act { $0.signIn(now: $1) }
        if let id = userID { return channel(.serverToUser(id)) }
        for await update in updates {
            switch update {
            case .signedIn(let id): return channel(.serverToUser(id))
            case .signInFailed(let reason, let status, isFinal: true):
                throw ChannelsError.denied(reason: reason, status: status)
            default: continue
            }
        }
        try Task.checkCancellation()
        throw ChannelsError.closed
    }

    /// Who the server knows us as.
    public var userID: String? { driver.ask { $0.userID } }
}
