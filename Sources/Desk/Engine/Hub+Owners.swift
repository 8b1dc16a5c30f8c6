import Chat
import ChannelsEngine
import ChannelsProtocol

extension Hub {
    /// The socket, if it is one of the user's: signed in as them, in their inbox, or in the lobby as them. Nil otherwise:
    /// socket ids are no secret, and whoever named another's would keep events from them.
    func owned(_ id: SocketID, by user: UserID, lobby: ConversationName) -> SocketID? {
        let inbox = ChannelName(wire: ConversationName.inbox(of: user))
        let room = ChannelName(wire: lobby.channel)
        let isOwned = ask { engine in
            guard let socket = engine.socket(id) else { return false }
            return engine.isSubscribed(socket, to: inbox)
                || engine.sockets(signedInAs: user.text).contains(socket)
                || engine.sockets(ofMember: user.text, in: room).contains(socket)
        }
        return isOwned ? id : nil
    }
}
