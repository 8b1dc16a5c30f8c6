import Chat
import ChatSession

/// Who is in an application without a desk. Its members alone hear of each other, so whoever looks is one of them meanwhile.
enum PlainRoster {
    /// How long it may take to get in.
    static let patience: Duration = .seconds(10)

    /// Everybody who is here, this user among them.
    static func look(_ route: DeskRoute, within limit: Duration = patience) throws -> [DeskUser] {
        try members(route, limit) { $0.isKnown } ?? { throw outside(route, limit) }()
    }

    /// Comes back when they are online; 75 where that takes longer than `limit`.
    static func wait(for user: UserID, _ route: DeskRoute, within limit: Duration?) throws -> [DeskUser] {
        try members(route, limit) { $0.isOnline(user) } ?? { throw Arrival.late(user) }()
    }

    static func outside(_ route: DeskRoute, _ limit: Duration) -> Failure {
        Failure(
            .unavailable,
            "\(route.target.name): not let in within \(limit.components.seconds) s; parley doctor tells more")
    }

    /// Nil where the time was up before.
    private static func members(
        _ route: DeskRoute, _ limit: Duration?, _ isEnough: (Roster) -> Bool
    ) throws -> [DeskUser]? {
        let loop = VerbLoop(route: route, joinsLobby: true)
        // With the connection everybody is gone.
        var here: [DeskUser] = []
        let end = try loop.run(until: limit.map { Now.uptime + $0 }) { () throws(Failure) in
            _ = loop.runner.takeNotices()
            let roster = loop.runner.session.chat.roster
            guard isEnough(roster) else { return false }
            here = roster.all.map { DeskUser(id: $0.id, name: $0.name, isOnline: $0.isOnline) }
            return true
        }
        return end == .done ? here.sorted { $0.id < $1.id } : nil
    }
}
