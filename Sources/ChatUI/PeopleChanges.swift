package import Chat

/// Who came and went within a short time, held back so that one line can stand for many of them, as after a restart of
/// the desk. Whoever comes and goes meanwhile did neither.
package struct PeopleChanges: Equatable, Sendable {
    /// Told when nobody came or went for this long; longer where many do.
    package static let pause: Duration = .milliseconds(300)
    package static let longPause: Duration = .seconds(2)
    /// Told after this long in any case.
    package static let longest: Duration = .seconds(10)
    private static let many = 3

    /// The lobby, or a room, and whether they came.
    package struct Group: Equatable, Sendable {
        /// Nil for the lobby: they are online, or offline.
        package var room: ConversationName?
        package var isHere: Bool
        package var users: [UserID]
    }

    private var groups: [Group] = []
    private var first: Duration?
    private var last: Duration = .zero

    package init() {}

    /// Takes a notice in; false where it is about something else.
    package mutating func take(_ notice: ChatNotice, now: Duration) -> Bool {
        switch notice {
        case .presence(let user, let isOnline): note(user, in: nil, isHere: isOnline, now: now)
        case .membership(let room, let user, let isHere): note(user, in: room, isHere: isHere, now: now)
        default: return false
        }
        return true
    }

    private mutating func note(_ user: UserID, in room: ConversationName?, isHere: Bool, now: Duration) {
        if let opposite = groups.firstIndex(where: { $0.room == room && $0.isHere != isHere && $0.users.contains(user) }
        ) {
            groups[opposite].users.removeAll { $0 == user }
        } else if let group = groups.firstIndex(where: { $0.room == room && $0.isHere == isHere }) {
            groups[group].users.append(user)
        } else {
            groups.append(Group(room: room, isHere: isHere, users: [user]))
        }
        first = first ?? now
        last = now
    }

    /// When to take them; nil while there are none.
    package var deadline: Duration? {
        guard let first else { return nil }
        let isMany = groups.contains { $0.users.count > Self.many }
        return min(first + Self.longest, last + (isMany ? Self.longPause : Self.pause))
    }

    package mutating func takeAll() -> [Group] {
        defer { self = PeopleChanges() }
        return groups.filter { !$0.users.isEmpty }
    }
}
