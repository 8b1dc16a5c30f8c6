import HTTPTypes
import Synchronization

/// How often somebody may do what costs the desk or others something; nil is without limit.
///
/// A minute's worth may come at once, so that neither a script nor a terminal that opens everything again meets the limit.
/// One address has ten times as much as one user: many may share it.
package struct CallRates: Equatable, Sendable {
    package var sendsPerSecond: Int? = 200
    package var authorizationsPerSecond: Int? = 100
    /// Requests of one address without a good token.
    package var failedSignInsPerMinute: Int? = 60

    package init() {}
}

/// Keeps to the rates, for callers who come over TCP.
final class RateGate: Sendable {
    enum Act: Sendable { case send, authorize }

    private struct State {
        var sends: Pair?
        var authorizations: Pair?
        var failures: TokenBuckets<IPAddress?>?
    }

    private struct Pair {
        let perSecond: Int
        var users: TokenBuckets<Int64>
        var networks: TokenBuckets<IPAddress?>

        init(perSecond: Int) {
            self.perSecond = perSecond
            users = TokenBuckets(burst: perSecond * 60, every: .seconds(1) / perSecond)
            networks = TokenBuckets(burst: perSecond * 600, every: .seconds(1) / (perSecond * 10))
        }

        mutating func take(_ user: DeskUser, _ network: IPAddress?, now: Duration) -> Duration? {
            users.take(user.key, now: now) ?? networks.take(network, now: now)
        }
    }

    private let state: Mutex<State>

    init(_ rates: CallRates) {
        state = Mutex(
            State(
                sends: rates.sendsPerSecond.map { Pair(perSecond: $0) },
                authorizations: rates.authorizationsPerSecond.map { Pair(perSecond: $0) },
                failures: rates.failedSignInsPerMinute.map {
                    TokenBuckets(burst: $0, every: .seconds(60) / $0)
                }))
    }

    /// Throws 429 where that is one too many.
    func check(_ act: Act, _ user: DeskUser, _ context: DeskContext) throws(APIError) {
        guard context.door == .tcp else { return }
        let now = WallClock.monotonic()
        let network = context.caller.network
        let refused = state.withLock { state -> (wait: Duration, perSecond: Int)? in
            switch act {
            case .send: state.sends?.take(user, network, now: now).map { ($0, state.sends?.perSecond ?? 0) }
            case .authorize:
                state.authorizations?.take(user, network, now: now).map { ($0, state.authorizations?.perSecond ?? 0) }
            }
        }
        guard let refused else { return }
        let what = act == .send ? "messages" : "authorizations"
        throw .tooMany(
            "\(user.id): more than \(refused.perSecond) \(what) a second, and the minute's worth that may come at once",
            refused.wait)
    }

    /// The refusal of a request without a good token: 429 where there were too many of them. A good token is always
    /// looked at, since others may share the address.
    func failedSignIn(_ refusal: APIError, _ context: DeskContext) -> APIError {
        guard context.door == .tcp else { return refusal }
        let wait = state.withLock { $0.failures?.take(context.caller.network, now: WallClock.monotonic()) }
        return wait.map { .tooMany("\(context.caller): too many requests without a good token", $0) } ?? refusal
    }
}

extension APIError {
    static func tooMany(_ what: String, _ wait: Duration) -> APIError {
        let seconds = max(1, Int(wait.components.seconds) + (wait.components.attoseconds > 0 ? 1 : 0))
        return APIError(.tooManyRequests, "too_many_requests", "\(what); wait \(seconds) s", retryAfter: seconds)
    }
}
