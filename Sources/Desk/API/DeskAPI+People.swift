import Chat
import ChannelsEngine
import ChannelsProtocol
import HTTPTypes
import Hummingbird

extension DeskAPI {
    /// `GET /api/me`: all a client needs to know. The engine is where this call came to, so it has no host and port.
    func me(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        return .json(
            .ok,
            [
                "id": .string(user.id.text), "name": .string(user.name), "store": .string(try await store.storeID()),
                "channels": ["key": .string(app.key), "path": "", "presence": .string(lobby.channel)],
            ])
    }

    /// `GET /api/users`: everybody who can be written to, so not the caller.
    func users(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let others = try await store.users().filter { $0.id != user.id }
        let room = ChannelName(wire: lobby.channel)
        let online = hub.ask { engine in Set(others.map(\.id.text).filter { engine.isMember($0, of: room) }) }
        return .json(
            .ok,
            .array(
                others.map { other in
                    [
                        "id": .string(other.id.text), "name": .string(other.name),
                        "online": .bool(online.contains(other.id.text)),
                    ]
                }))
    }

    /// `GET /api/sessions`: the connections through which the caller is in the lobby.
    func sessions(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let room = ChannelName(wire: lobby.channel)
        let sockets = hub.ask { engine in
            engine.sockets(ofMember: user.id.text, in: room).compactMap { engine.socketID(of: $0) }
        }
        return .json(.ok, .array(sockets.map { ["id": .string($0.text), "channel": .string(lobby.channel)] }))
    }
}
