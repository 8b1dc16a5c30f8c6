import Chat
import ChannelsEngine
import ChannelsProtocol

/// The engine as the desk needs it: in this process, or elsewhere.
protocol EngineDoor: Sendable {
    /// Whether what is to be published is written down with what it tells of, before it is handed over.
    var keepsOutbox: Bool { get }
    /// What people must come to know; where there is an outbox, it is taken from there, and `events` not asked for.
    func publish(_ events: () -> [DeskEvent])
    /// What is of use at this moment or never.
    func hint(_ events: [DeskEvent])
    /// Which of the users are in the room, as the engine says.
    func online(_ users: [UserID], in room: ConversationName) async throws -> Set<String>
    /// Remembers that the desk signed something for a connection.
    ///
    /// - Returns: the connection, if it is one of this process.
    @discardableResult
    func note(_ id: SocketID, signedFor user: UserID) -> SocketLink?
    /// The socket, if it is one of the user's; nil otherwise.
    func owned(_ id: SocketID, by user: UserID, lobby: ConversationName) -> SocketID?
    /// Ends the connections of somebody whose account or token is no longer good, as far as the engine knows them.
    func endAll(of user: UserID, lobby: ConversationName) async
}

extension Hub: EngineDoor {
    var keepsOutbox: Bool { false }
    func publish(_ events: () -> [DeskEvent]) { publish(events()) }
    func hint(_ events: [DeskEvent]) { publish(events) }

    func online(_ users: [UserID], in room: ConversationName) async throws -> Set<String> {
        let channel = ChannelName(wire: room.channel)
        return ask { engine in Set(users.map(\.text).filter { engine.isMember($0, of: channel) }) }
    }
}
