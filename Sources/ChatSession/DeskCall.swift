package import Chat
package import ChannelsProtocol

/// Whose conversation a call to the desk is about, as its URLs name it.
package enum Place: Hashable, Sendable {
    case peer(UserID)
    /// By its name, as the desk tells it.
    case room(String)

    package static let lobby = Place.room(ChatRoom.lobbyName)

    /// Nil for a conversation that `me` is not in, and a room that is none of `rooms`.
    package init?(_ conversation: ConversationName, me: UserID, rooms: [ChatRoom]) {
        switch conversation {
        case .room:
            guard let room = rooms.first(where: { $0.conversation == conversation }) else { return nil }
            self = .room(room.name)
        case .chat:
            guard let peer = conversation.peer(of: me) else { return nil }
            self = .peer(peer)
        }
    }

    /// The conversation this is for `me`; nil for a conversation with oneself, and a room that is none of `rooms`.
    package func conversation(me: UserID, rooms: [ChatRoom]) -> ConversationName? {
        switch self {
        case .room(let name): rooms.first { $0.name == name }?.conversation
        case .peer(let peer): ConversationName(me, peer)
        }
    }

    /// As a person names it, and a search.
    package var argument: String {
        switch self {
        case .room(let name): "#" + name
        case .peer(let peer): peer.text
        }
    }

    /// Asks who is there; nil for a user.
    package var members: DeskCall? {
        guard case .room(let name) = self else { return nil }
        return .members(room: name)
    }

    var path: String {
        switch self {
        case .room(let name): "/api/rooms/" + HTTPQuery.encode(name)
        case .peer(let peer): "/api/conversations/" + HTTPQuery.encode(peer.text)
        }
    }
}

/// An HTTP request to the desk, without host and credential. `path` carries the query.
package struct DeskRequest: Equatable, Sendable {
    package var method: String
    package var path: String
    /// Nil where there is no body.
    package var contentType: String?
    package var body: String
    package var headers: [HTTPQuery.Item]
    /// How long the desk may keep the answer until there is something to tell.
    package var held: Duration

    package init(
        method: String, path: String, contentType: String? = nil, body: String = "", headers: [HTTPQuery.Item] = [],
        held: Duration = .zero
    ) {
        self.held = held
        self.headers = headers
        self.method = method
        self.path = path
        self.contentType = contentType
        self.body = body
    }
}

/// What a message is beside its text.
package struct SendMarks: Equatable, Sendable {
    /// Sent by a script.
    package var isAutomated = false
    /// Asks its reader to choose.
    package var choices: [String] = []
    /// How long answers to the choices count.
    package var patience: Duration = .zero
    package var answer: GivenAnswer?

    package init() {}

    package static func automated(_ isAutomated: Bool) -> SendMarks {
        var marks = SendMarks()
        marks.isAutomated = isAutomated
        return marks
    }

    fileprivate var members: [(String, JSON)] {
        var members: [(String, JSON)] = []
        if isAutomated { members.append(("automated", true)) }
        if !choices.isEmpty {
            let seconds = max(1, Int(patience.components.seconds))
            members.append(
                ("ask", json([("choices", .array(choices.map { .string($0) })), ("seconds", JSON(seconds))])))
        }
        if let answer {
            members.append(("answers", .string(answer.questionID)))
            if let choice = answer.choice { members.append(("choice", .string(choice))) }
        }
        return members
    }
}

/// Everything a client asks of the desk's HTTP API.
package enum DeskCall: Equatable, Sendable {
    case identity
    case users
    /// The newest conversations first; the page after the one that ended with `before`. `ConversationPages` reads all.
    case conversations(limit: Int, before: ConversationName? = nil)
    /// The same when it is no longer what `since` stands for, at the latest after so many seconds.
    case changes(since: String?, wait: Int, limit: Int)
    case page(Place, PageQuery, limit: Int)
    /// A page for a place that is visited, apart from the newest part of its conversation.
    case visit(Place, PageQuery, limit: Int)
    /// Nil searches everywhere.
    case search(SearchQuery, Place?, limit: Int)
    /// The same `clientID` again stores and publishes nothing twice. `socketID` is left out of the event.
    case send(Place, text: String, clientID: String, socketID: SocketID?, marks: SendMarks = SendMarks())
    case seen(Place, through: Int)
    /// No reply is needed up to there.
    case settled(Place, through: Int)
    /// Who is in a room, without being there.
    case members(room: String)
    case authorize(ChannelName, SocketID)
    case sessions
    case endSession(SocketID)

    /// It may take longer than others without anything being wrong.
    var isSearch: Bool { if case .search = self { true } else { false } }

    /// Whether the desk is to store something.
    var isStoring: Bool {
        switch self {
        case .send, .seen: true
        default: false
        }
    }

    /// The most messages the desk gives in one answer.
    package static let maxPage = 200

    package var request: DeskRequest {
        switch self {
        case .identity: return DeskRequest(method: "GET", path: "/api/me")
        case .users: return DeskRequest(method: "GET", path: "/api/users")
        case .conversations(let limit, let before):
            let page = before.map { "&before=" + HTTPQuery.encode($0.channel) } ?? ""
            return DeskRequest(method: "GET", path: "/api/conversations?limit=\(limit)\(page)")
        case .changes(let since, let wait, let limit):
            let known = since.map { "&wait=\(wait)&since=" + HTTPQuery.encode($0) } ?? ""
            return DeskRequest(
                method: "GET", path: "/api/changes?limit=\(limit)\(known)", held: .seconds(since == nil ? 0 : wait))
        case .page(let place, let query, let limit), .visit(let place, let query, let limit):
            var path = place.path + "/messages?limit=\(limit)"
            switch query {
            case .newest: break
            case .before(let seq): path += "&before=\(seq)"
            case .after(let seq): path += "&after=\(seq)"
            }
            return DeskRequest(method: "GET", path: path)
        case .search(let query, let place, let limit):
            let only = place.map { "&peer=" + HTTPQuery.encode($0.argument) } ?? ""
            return DeskRequest(
                method: "GET", path: "/api/search?limit=\(limit)&q=\(HTTPQuery.encode(query.text))\(only)")
        case .send(let place, let text, let clientID, let socketID, let marks):
            var members: [(String, JSON)] = [("client_id", .string(clientID)), ("text", .string(text))]
            if let socketID { members.append(("socket_id", .string(socketID.description))) }
            members += marks.members
            return post(place.path + "/messages", members)
        case .members(let room): return DeskRequest(method: "GET", path: Place.room(room).path + "/members")
        case .sessions: return DeskRequest(method: "GET", path: "/api/sessions")
        case .endSession(let id): return DeskRequest(method: "DELETE", path: "/api/sessions/\(id)")
        case .seen(let place, let through): return post(place.path + "/seen", [("seq", .number(String(through)))])
        case .settled(let place, let through):
            return post(place.path + "/settled", [("seq", .number(String(through)))])
        case .authorize(let channel, let socketID):
            let form =
                "socket_id=\(HTTPQuery.encode(socketID.description))&channel_name=\(HTTPQuery.encode(channel.description))"
            return DeskRequest(
                method: "POST", path: "/pusher/auth", contentType: "application/x-www-form-urlencoded", body: form)
        }
    }

    private func post(_ path: String, _ members: [(String, JSON)]) -> DeskRequest {
        DeskRequest(method: "POST", path: path, contentType: "application/json", body: json(members).text)
    }
}
