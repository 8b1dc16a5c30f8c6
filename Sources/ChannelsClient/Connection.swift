// ChannelsClient: the client's half of the protocol as a state machine. Verbs in, outputs out.
// It knows no socket, no clock and no random source: `now` is any monotonic time, the seed is an argument.
// Something new from the server: a case in `ServerEvent` (ChannelsProtocol), a branch in `Connection+Frames`, a case of
// `ChannelNotice`. A new time: `ConnectionSettings`, then `Connection+Time`.

internal import ChannelsProtocol

/// One client's connection to an app, across all the sockets it will need, with every wish to be in a channel.
///
/// ```
/// idle ─start→ connecting ─greeting→ connected ─socket lost→ waiting ─→ connecting …
///                  └─────── refused (4000–4099, from 4300) ──┘     stop → stopped
/// ```
/// Every connection has a new socket id, so every channel is authorized anew; answers for an older socket are thrown
/// away. Call `tick` when `deadline` is reached, and do the outputs in their order.
public struct Connection: Equatable, Sendable {
    public let settings: ConnectionSettings
    public internal(set) var status: ConnectionStatus = .idle
    /// The socket in use or being opened.
    var link: Link?
    var lastAttempt = 0
    /// Attempts since the last greeting.
    var tries = 0
    var backoff: Backoff
    var subscriptions: [ChannelName: Subscription] = [:]
    /// When something is to happen to a subscription that is not settled.
    var timers: [ChannelName: Duration] = [:]
    /// When a channel was left on this connection, for `rejoinDelay`.
    var left: [ChannelName: Duration] = [:]
    var signIn = SignIn()
    /// The activity timeout that earlier cuts taught; nil before the first one.
    var learnedTimeout: Duration?

    /// - Parameter seed: decides every wait; two clients must not share one.
    public init(settings: ConnectionSettings = .init(), seed: UInt64) {
        self.settings = settings
        backoff = Backoff(seed: seed)
    }

    /// Begins, also after `stop` or a refusal. Nothing happens while it is under way already.
    public mutating func start(now: Duration) -> [ConnectionOutput] {
        switch status {
        case .idle, .stopped, .refused: beginAttempt(now: now)
        case .connecting, .connected, .waiting: []
        }
    }

    /// Ends the wait and tries at once. A connection that stands is asked for a sign of life, and its refused channels
    /// are subscribed again; a connection in doubt is replaced.
    public mutating func reconnectNow(now: Duration) -> [ConnectionOutput] {
        switch status {
        case .idle, .stopped, .refused, .waiting: return beginAttempt(now: now)
        case .connected where link?.isDoubtful != true:
            var outputs = checkNow(now: now)
            for channel in channels where subscriptions[channel]?.isRefused == true {
                outputs += begin(channel, now: now)
            }
            return outputs
        case .connecting, .connected:
            var outputs = abandon(code: .goingAway)
            outputs += beginAttempt(now: now)
            return outputs
        }
    }

    /// Asks for a sign of life at once, or ends a wait: for the moment a machine wakes up or its network changes.
    public mutating func checkNow(now: Duration) -> [ConnectionOutput] {
        switch status {
        case .waiting: return beginAttempt(now: now)
        case .connected where link?.pingSentAt == nil: return ping(now: now, timeout: settings.checkTimeout)
        case .idle, .connecting, .connected, .refused, .stopped: return []
        }
    }

    /// Ends for good, until `start`. The wishes stay.
    public mutating func stop(now: Duration) -> [ConnectionOutput] {
        guard status != .stopped else { return [] }
        var outputs = abandon(code: .normal)
        tries = 0
        backoff.reset()
        outputs += enter(.stopped)
        return outputs
    }
}

extension Connection {
    /// One socket.
    struct Link: Equatable, Sendable {
        let attempt: Int
        let openedAt: Duration
        var socketID: SocketID?
        var establishedAt: Duration = .zero
        var lastHeard: Duration
        /// The silence after which a ping is due, once connected.
        var activityTimeout: Duration
        var pingSentAt: Duration?
        var pongTimeout: Duration = .zero
        var isDoubtful = false
        /// The `pusher:error` that came last, if nothing came after it: some servers close with no code.
        var lastError: ServerError?
        /// Failed attempts before the greeting reset them.
        var failuresBefore = 0
    }

    struct ServerError: Equatable, Sendable {
        let code: Int?
        let message: String
    }

    mutating func enter(_ new: ConnectionStatus) -> [ConnectionOutput] {
        status = new
        return [.notice(.status(new))]
    }

    mutating func beginAttempt(now: Duration) -> [ConnectionOutput] {
        lastAttempt += 1
        tries += 1
        link = Link(
            attempt: lastAttempt, openedAt: now, lastHeard: now, activityTimeout: settings.activityTimeout)
        return enter(.connecting(attempt: tries)) + [.open(attempt: lastAttempt)]
    }

    /// Gives the socket up without waiting for its end; everything that hung on its id is void.
    mutating func abandon(code: CloseCode) -> [ConnectionOutput] {
        guard let old = link else { return [] }
        forgetSocket()
        return [.close(attempt: old.attempt, code: code.rawValue)]
    }

    /// The socket is gone: every channel is unsubscribed, rosters are void, cancelled wishes end.
    mutating func forgetSocket() {
        link = nil
        timers.removeAll()
        left.removeAll()
        for (name, subscription) in subscriptions {
            if subscription.isCancelled || name.kind == .serverToUser && signIn.isWanted {
                subscriptions[name] = nil
            } else {
                subscriptions[name]?.reset()
            }
        }
        signIn.reset()
    }

    /// The socket was lost; what follows is decided by the code.
    mutating func lost(_ advice: CloseCode.Advice, reason: String, now: Duration) -> [ConnectionOutput] {
        if let link, link.socketID != nil, now - link.establishedAt < settings.backoffBase {
            backoff.resume(failures: link.failuresBefore)
        }
        forgetSocket()
        let wait: Duration
        switch advice {
        case .stayAway, .useTLS:
            tries = 0
            backoff.reset()
            return enter(.refused(reason: reason))
        case .atOnce where backoff.failures == 0: wait = backoff.next(base: settings.spread, cap: settings.spread)
        case .backOff:
            wait = .seconds(1) + backoff.next(base: settings.backoffBase, cap: settings.backoffCap)
        case .atOnce, .tryAgain: wait = backoff.next(base: settings.backoffBase, cap: settings.backoffCap)
        }
        return enter(.waiting(until: now + wait, attempt: tries + 1, reason: reason))
    }
}
