import Chat
import ChatSession

/// Who is in an application without a desk. Its members alone hear of each other, so whoever looks is one of them meanwhile.
struct PlainRoster {
    /// How long it may take to get in.
    static let patience: Duration = .seconds(10)

    let users: [DeskUser]
    /// Here too, with ids that are none here.
    let strangers: [Stranger]

    /// Everybody who is in the presence channel or a room, this user among them.
    static func look(
        _ route: DeskRoute, in place: Place = .lobby, within limit: Duration = patience
    ) throws -> PlainRoster {
        try members(route, place, limit) { _ in true }
    }

    /// Comes back when they are online; 75 where that takes longer than `limit`.
    static func wait(for user: UserID, _ route: DeskRoute, within limit: Duration?) throws -> [DeskUser] {
        try members(route, .lobby, limit, late: Arrival.late(user)) { $0.roster.isOnline(user) }.users
    }

    /// The time is up, and the application has not let us in; the reason where one is known.
    static func outside(_ loop: VerbLoop, _ limit: Duration?) -> Failure {
        let name = loop.route.target.name
        let time = limit.map { " within \($0.components.seconds) s" } ?? ""
        let reason: String? =
            switch loop.linkAtEnd {
            case .notAdmitted(let reason, _), .offline(let reason, _): reason
            case .connecting, .online, .doubtful, .polling, .refused, .hostStopped: loop.awaitedAtEnd
            }
        let why = reason.map { ": " + $0 } ?? ""
        return Failure(.unavailable, "\(name): not let in\(time)\(why); parley doctor says more")
    }

    /// - Parameter late: what is thrown where the time was up and we were let in.
    private static func members(
        _ route: DeskRoute, _ place: Place, _ limit: Duration?, late: Failure? = nil,
        _ isEnough: (ChatState) -> Bool
    ) throws -> PlainRoster {
        let loop = VerbLoop(route: route, joinsLobby: true)
        var found: PlainRoster?
        let end = try loop.run(until: limit.map { Now.uptime + $0 }) { () throws(Failure) in
            _ = loop.runner.takeNotices()
            if limit == nil { loop.noteTrouble() }
            guard let identity = loop.runner.session.identity else { return false }
            let room = try identity.conversation(place, at: route.target.name)
            let chat = loop.runner.session.chat
            guard chat.isKnown(room) else {
                if chat.roster.isKnown, !chat.isIn(room) { loop.runner.perform(.follow(room, after: nil)) }
                try loop.insist(on: room)
                return false
            }
            guard isEnough(chat) else { return false }
            // With the connection everybody is gone.
            found = PlainRoster(chat, in: room)
            return true
        }
        if end == .done, let found { return found }
        if loop.linkAtEnd.isOnline, let late { throw late }
        throw outside(loop, limit)
    }

    private init(_ chat: ChatState, in room: ConversationName) {
        let ids = room == chat.lobby ? chat.roster.all.map(\.id) : chat.people(in: room)
        users = ids.sorted().map {
            DeskUser(id: $0, name: chat.roster.name(of: $0), isOnline: chat.isHere($0, in: room))
        }
        strangers = chat.strangers(in: room)
    }
}
