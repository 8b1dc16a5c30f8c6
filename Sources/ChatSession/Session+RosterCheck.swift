import Chat
import ChannelsClient
import ChannelsProtocol

/// Comparing the roster with the desk's list of who is online, where the engine is elsewhere: an engine of several processes
/// does not say who was connected to one that died.
struct RosterCheck: Equatable, Sendable {
    /// Between two comparisons.
    static let interval: Duration = .seconds(45)
    /// Between the first time that the desk says otherwise and the second, which is believed.
    static let pause: Duration = .seconds(5)

    var nextAt: Duration?
    /// Of whom the desk said otherwise the last time, and nothing was heard since.
    fileprivate(set) var doubted: Set<UserID> = []

    init(nextAt: Duration? = nil) { self.nextAt = nextAt }

    mutating func heard(of user: UserID) { doubted.remove(user) }
}

extension Session {
    mutating func checkRoster(now: Moment) {
        guard let at = rosterCheck.nextAt, at <= now.uptime else { return }
        rosterCheck.nextAt = now.uptime + RosterCheck.interval
        ask(.users)
    }

    /// Takes the desk's word for whoever it has said otherwise of twice.
    mutating func compareRoster(with users: [DeskUser], now: Moment) {
        let lobby = wire(chat.lobby)
        guard isEngineElsewhere, connection.subscription(lobby) == .subscribed else { return }
        let others = users.filter { $0.id != chat.me && chat.roster.isOnline($0.id) != $0.isOnline }
        let believed = others.filter { rosterCheck.doubted.contains($0.id) }
        rosterCheck.doubted = Set(others.map(\.id)).subtracting(believed.map(\.id))
        if !rosterCheck.doubted.isEmpty { rosterCheck.nextAt = now.uptime + RosterCheck.pause }
        guard !believed.isEmpty else { return }
        let came = believed.filter(\.isOnline).map { Member(id: $0.id.text, info: ["name": .string($0.name)]) }
        let went = believed.filter { !$0.isOnline }.map(\.id.text)
        run(connection.correctMembers(of: lobby, came: came, went: went), now: now)
    }
}
