import Chat
import ChannelsEngine
import ChannelsProtocol
import Synchronization

/// A connection of the desk's own app that has shown whose it is.
struct HubSession: Sendable {
    let id: SocketID
    let channels: [ChannelName]
    let link: SocketLink
}

extension Hub {
    /// The socket, if it is one of the user's. Nil otherwise: socket ids are no secret, and whoever named another's would
    /// keep events from them.
    func owned(_ id: SocketID, by user: UserID, lobby: ConversationName) -> SocketID? {
        ask { engine in engine.socket(id).map { Self.sockets(of: user, lobby, engine).contains($0) } == true }
            ? id : nil
    }

    /// The connections that have shown whose they are: signed in as the user, in their inbox, or in the lobby as them.
    func sessions(of user: UserID, lobby: ConversationName) -> [HubSession] {
        state.withLock { state in
            let engine = state.engines[0]
            return Self.sockets(of: user, lobby, engine).sorted().compactMap { socket in
                guard let id = engine.socketID(of: socket), let link = state.traffic.links[socket] else { return nil }
                return HubSession(id: id, channels: engine.channels(of: socket), link: link)
            }
        }
    }

    private static func sockets(
        of user: UserID, _ lobby: ConversationName, _ engine: borrowing Engine
    ) -> Set<Socket> {
        let inbox = engine.subscribers(of: ChannelName(wire: ConversationName.inbox(of: user)))
        let room = engine.sockets(ofMember: user.text, in: ChannelName(wire: lobby.channel))
        return Set(inbox + room + engine.sockets(signedInAs: user.text))
    }

    /// Ends a connection with 4009. False where it is not one of the user's.
    func end(_ id: SocketID, of user: UserID, lobby: ConversationName) -> Bool {
        guard owned(id, by: user, lobby: lobby) != nil else { return false }
        change { engine in
            let outputs = engine.socket(id).map {
                engine.terminate(socket: $0, "its user ended this session", now: WallClock.monotonic())
            }
            return ((), outputs ?? [])
        }
        return true
    }

    /// Remembers that the desk signed something for a connection: what is signed can be shown at any time.
    ///
    /// - Returns: the connection, if it is one of this desk.
    @discardableResult
    func note(_ id: SocketID, signedFor user: UserID) -> SocketLink? {
        let link = state.withLock { state in state.engines[0].socket(id).flatMap { state.traffic.links[$0] } }
        link?.signedFor.withLock { _ = $0.insert(user.text) }
        return link
    }

    /// Ends every connection that is the user's, or may still become theirs by a signature they were given, with 4009.
    func endAll(of user: UserID, lobby: ConversationName) {
        act(0) { engine, traffic in
            var ending = Self.sockets(of: user, lobby, engine)
            for (socket, link) in traffic.links where link.app == 0 {
                if link.signedFor.withLock({ $0.contains(user.text) }) { ending.insert(socket) }
            }
            let now = WallClock.monotonic()
            let outputs = ending.sorted().flatMap {
                engine.terminate(socket: $0, "the account or its token is no longer good", now: now)
            }
            return ((), outputs)
        }
    }
}
