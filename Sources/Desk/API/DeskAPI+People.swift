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

    /// `GET /api/sessions`: the connections that are the caller's.
    func sessions(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        return .json(
            .ok,
            .array(
                hub.sockets(of: user.id, lobby: lobby).map { socket in
                    ["id": .string(socket.id.text), "channels": .array(socket.channels.map { .string($0.text) })]
                }))
    }

    /// `DELETE /api/sessions/{id}`: ends one of them. A token that is no longer to be good is renewed with
    /// `parley user token`.
    func endSession(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let id = try socketID(context.parameters.get("id"))
        guard hub.end(id, of: user.id, lobby: lobby) else {
            throw APIError(.notFound, "unknown_session", "\(id) is no connection of yours")
        }
        return Response(status: .noContent)
    }
}
