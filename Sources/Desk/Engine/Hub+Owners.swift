import Chat
import ChannelsEngine
import ChannelsProtocol

extension Hub {
    /// The socket, if it is one of the user's. Nil otherwise: socket ids are no secret, and whoever named another's would
    /// keep events from them.
    func owned(_ id: SocketID, by user: UserID, lobby: ConversationName) -> SocketID? {
        sockets(of: user, lobby: lobby).contains { $0.id == id } ? id : nil
    }

    /// The connections that have shown whose they are: signed in as the user, in their inbox, or in the lobby as them.
    func sockets(of user: UserID, lobby: ConversationName) -> [(id: SocketID, channels: [ChannelName])] {
        ask { engine in
            let inbox = engine.subscribers(of: ChannelName(wire: ConversationName.inbox(of: user)))
            let room = engine.sockets(ofMember: user.text, in: ChannelName(wire: lobby.channel))
            return Set(inbox + room + engine.sockets(signedInAs: user.text)).sorted().compactMap { socket in
                engine.socketID(of: socket).map { ($0, engine.channels(of: socket)) }
            }
        }
    }

    /// Ends a connection with 4009. False where it is not one of the user's.
    func end(_ id: SocketID, of user: UserID, lobby: ConversationName) -> Bool {
        guard owned(id, by: user, lobby: lobby) != nil else { return false }
        change { engine in
            let outputs = engine.socket(id).map { engine.terminate(socket: $0, now: WallClock.monotonic()) }
            return ((), outputs ?? [])
        }
        return true
    }
}
