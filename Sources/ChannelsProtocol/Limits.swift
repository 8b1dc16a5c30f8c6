/// What an app allows. The defaults are Pusher's numbers, but for `activityTimeout`; lengths and sizes are bytes of UTF-8.
public struct Limits: Hashable, Sendable {
    public var channelName = 164
    public var eventName = 200
    /// Event data over the HTTP API; more is 413.
    public var eventData = 10_240
    public var clientEventData = 10_240
    public var channelsPerTrigger = 100
    public var batchSize = 10
    /// Nil: as many as come.
    public var presenceMembers: Int? = 100
    public var userInfo = 1_024
    public var userID = 128
    /// Nil: as many as come.
    public var clientEventsPerSecond: Int? = 10
    /// Of any kind, from one connection. Beyond it the connection is closed with 4100. Nil: as many as come.
    public var framesPerSecond: Int? = 1_000
    /// One frame from a client; the listener closes with 1009 beyond it.
    public var frameSize = 65_536
    /// Of one connection. Nil: as many as it wishes.
    public var channelsPerConnection: Int? = 1_000
    /// Nil: as many as come.
    public var connections: Int?
    public var watchlist = 100
    /// Silence of a client after which it is pinged. The default stays below the idle timeouts of common proxies: 60 s in
    /// nginx, 50 s in the samples of haproxy.
    public var activityTimeout: Duration = .seconds(30)
    public var pongTimeout: Duration = .seconds(30)
    /// Where the app insists on signed-in connections: how long one may take. Then 4009.
    public var signInTimeout: Duration = .seconds(30)
    /// How long a new connection may take to its first request, TLS included; the listener's business.
    public var handshakeTimeout: Duration = .seconds(10)
    /// How long the last event of a cache channel is kept.
    public var cacheLife: Duration = .seconds(1_800)
    /// How far the timestamp of an HTTP request may lie from now, in seconds.
    public var requestWindow = 600
    /// What may wait for one slow reader; the listener closes with 4100 beyond it.
    public var pendingBytes = 1_048_576

    public init() {}
}
