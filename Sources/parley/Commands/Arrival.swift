import Chat
import ChatSession
import Glibc
import Terminal

/// Waits until somebody is online; at a desk without being in the roster.
enum Arrival {
    /// How often the desk is asked.
    static let interval: Duration = .milliseconds(400)

    /// Throws 75 at `limit` (nil: never), 67 where the desk knows nobody of that id, 69 when it cannot be reached at the
    /// start. A desk that is lost meanwhile is waited for.
    @discardableResult
    static func wait(for user: UserID, _ settings: Settings, _ limit: Duration?) throws -> [DeskUser] {
        let route = try DeskRoute(settings)
        guard route.target.plain == nil else { return try PlainRoster.wait(for: user, route, within: limit) }
        return try wait(for: user, route.target, limit)
    }

    static func late(_ user: UserID) -> Failure { Failure(.tryAgain, "\(user): did not come online in time") }

    private static func wait(for user: UserID, _ target: Target, _ limit: Duration?) throws(Failure) -> [DeskUser] {
        Waker.catchSignals()
        let end = limit.map { Now.uptime + $0 }
        var hasAnswered = false
        while true {
            do throws(Failure) {
                let users = try look(target)
                hasAnswered = true
                let found = users.first { $0.id == user }
                if let found, found.isOnline { return users }
                // At a local desk everybody exists who is written to.
                if found == nil, target.localFolder == nil {
                    throw Failure(.noSuchUser, "\(user): has no account there; parley who --all lists everybody")
                }
            } catch {
                guard hasAnswered, [.unavailable, .tryAgain].contains(error.code) else { throw error }
            }
            if let end, Now.uptime + interval >= end {
                throw late(user)
            }
            _ = Waker.wait(input: -1, until: Now.uptime + interval)
            if let signal = Waker.quitSignal { throw Failure.stopped(by: signal) }
        }
    }

    private static func look(_ target: Target) throws(Failure) -> [DeskUser] {
        let client = DeskClient(target: target, timeout: .seconds(5))
        defer { client.close() }
        return try client.people()
    }
}
