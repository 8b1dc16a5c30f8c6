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
        try members(route, place, limit) { _ in true } ?? { throw outside(route, limit) }()
    }

    /// Comes back when they are online; 75 where that takes longer than `limit`.
    static func wait(for user: UserID, _ route: DeskRoute, within limit: Duration?) throws -> [DeskUser] {
        try members(route, .lobby, limit) { $0.roster.isOnline(user) }?.users ?? { throw Arrival.late(user) }()
    }

    static func outside(_ route: DeskRoute, _ limit: Duration) -> Failure {
        Failure(
            .unavailable,
            "\(route.target.name): not let in within \(limit.components.seconds) s; parley doctor tells more")
    }

    /// Nil where the time was up before.
    private static func members(
        _ route: DeskRoute, _ place: Place, _ limit: Duration?, _ isEnough: (ChatState) -> Bool
    ) throws -> PlainRoster? {
        let loop = VerbLoop(route: route, joinsLobby: true)
        var found: PlainRoster?
        let end = try loop.run(until: limit.map { Now.uptime + $0 }) { () throws(Failure) in
            let notices = loop.runner.takeNotices()
            guard let identity = loop.runner.session.identity else { return false }
            let room = try identity.conversation(place, at: route.target.name)
            let chat = loop.runner.session.chat
            guard chat.isKnown(room) else {
                if chat.roster.isKnown, !chat.isIn(room) { loop.runner.perform(.follow(room, after: nil)) }
                for case .warning(let text) in notices where text.hasPrefix(chat.title(of: room) + ": ") {
                    throw Failure(.refused, "\(route.target.name): \(text)")
                }
                return false
            }
            guard isEnough(chat) else { return false }
            // With the connection everybody is gone.
            found = PlainRoster(chat, in: room)
            return true
        }
        return end == .done ? found : nil
    }

    private init(_ chat: ChatState, in room: ConversationName) {
        let ids = room == chat.lobby ? chat.roster.all.map(\.id) : chat.people(in: room)
        users = ids.sorted().map {
            DeskUser(id: $0, name: chat.roster.name(of: $0), isOnline: chat.isHere($0, in: room))
        }
        strangers = chat.strangers(in: room)
    }
}
