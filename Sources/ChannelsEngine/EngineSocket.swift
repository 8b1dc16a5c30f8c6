internal import ChannelsProtocol

/// One connection, as the engine knows it.
struct EngineSocket: Equatable, Sendable {
    let id: SocketID
    let connectedAt: Duration
    var lastHeard: Duration
    var pingedAt: Duration?
    var channels: Set<ChannelName> = []
    var user: SignedInUser?
    /// Whether it has shown a valid signature; see `EngineApp.Features.requiresAuthorization`.
    var isAuthorized = false
    var clientEvents = RateWindow()
    var frames = RateWindow()

    init(id: SocketID, now: Duration) {
        self.id = id
        connectedAt = now
        lastHeard = now
    }
}

/// Who a connection has signed in as.
struct SignedInUser: Equatable, Sendable {
    let id: String
    let info: JSON?
    let watchlist: [String]
}

/// Counts what happens within one second from the first of it.
struct RateWindow: Equatable, Sendable {
    private var start: Duration = .zero
    private var count = 0

    /// False if this is one more than `limit` within the second.
    mutating func allows(_ limit: Int?, now: Duration) -> Bool {
        guard let limit else { return true }
        if count == 0 || now - start >= .seconds(1) {
            start = now
            count = 0
        }
        guard count < limit else { return false }
        count += 1
        return true
    }
}
