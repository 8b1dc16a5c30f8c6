/// The times of a connection.
public struct ConnectionSettings: Hashable, Sendable {
    /// Silence after which the client sends `pusher:ping`; the smaller of this and the server's own value counts.
    /// The default stays below the idle timeouts of common proxies: 60 s in nginx, 50 s in the samples of haproxy.
    public var activityTimeout: Duration = .seconds(30)
    /// A connection that is cut after silence shortens the activity timeout, but never below this.
    public var minActivityTimeout: Duration = .seconds(10)
    /// How long the answer may take before the socket is given up.
    public var pongTimeout: Duration = .seconds(30)
    /// The same for a ping that was asked for with `checkNow`.
    public var checkTimeout: Duration = .seconds(10)
    /// How long a ping may be unanswered before `.doubtful` is told.
    public var doubtAfter: Duration = .seconds(3)
    /// From `.open` to the server's greeting.
    public var handshakeTimeout: Duration = .seconds(15)
    /// From `.authorize` to `authorized(…)`.
    public var authorizeTimeout: Duration = .seconds(30)
    /// From `pusher:subscribe` to its answer.
    public var subscribeTimeout: Duration = .seconds(10)
    /// Pusher loses a subscription that follows the leaving of the same channel too closely.
    public var rejoinDelay: Duration = .seconds(1)
    /// The first wait is anywhere between nothing and this; the range doubles with every attempt.
    public var backoffBase: Duration = .seconds(1)
    /// The range grows no further than this.
    public var backoffCap: Duration = .seconds(30)
    /// How far clients are spread that a server asked to come back at once.
    public var spread: Duration = .milliseconds(250)

    public init() {}
}
