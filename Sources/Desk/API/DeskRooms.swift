package import Chat
import HTTPTypes

/// A room that the desk's owner declared.
package struct DeskRoom: Equatable, Sendable {
    package let room: ChatRoom
    /// Who may be there; nil is everybody.
    package let users: Set<UserID>?

    package init(_ name: UserID, title: String = "", users: Set<UserID>? = nil) {
        room = ChatRoom(name, title: title)
        self.users = users
    }

    func admits(_ user: UserID) -> Bool { users?.contains(user) ?? true }
}

/// The rooms of a desk: the lobby, which is there without being declared, and the others.
struct DeskRooms: Sendable {
    let lobby: ConversationName
    private let declared: [DeskRoom]

    init(lobby: ConversationName, _ declared: [DeskRoom]) {
        self.lobby = lobby
        self.declared = declared
    }

    /// All there is to them.
    var description: String {
        declared.map { each in
            let users = each.users.map { $0.map(\.text).sorted().joined(separator: " ") } ?? "*"
            return "\(each.room.name) \(users) \(each.room.title)"
        }.joined(separator: "\n")
    }

    /// Those a user may be in, the lobby first.
    func of(_ user: UserID) -> [ChatRoom] { [.lobby(lobby)] + declared.filter { $0.admits(user) }.map(\.room) }

    func channels(of user: UserID) -> [String] { of(user).map(\.conversation.channel) }

    /// Whether a user may be in a presence channel. One that is no room carries nothing of the desk's, and is for everybody.
    func admits(_ user: UserID, to channel: ConversationName) -> Bool {
        channel.isRoom && declared.first { $0.room.conversation == channel }?.admits(user) ?? true
    }

    /// Throws where there is no room of that name, or it is not for that user.
    func conversation(named name: String, for user: UserID) throws(APIError) -> ConversationName {
        if let room = of(user).first(where: { $0.name == name }) { return room.conversation }
        guard declared.contains(where: { $0.room.name == name }) else {
            throw APIError(.notFound, "unknown_room", "there is no room \(name.prefix(200)) here")
        }
        throw APIError(.forbidden, "room_refused", "#\(name) is not for \(user)")
    }

    /// As its address has it.
    func name(of conversation: ConversationName) -> String? {
        ([.lobby(lobby)] + declared.map(\.room)).first { $0.conversation == conversation }?.name
    }
}
