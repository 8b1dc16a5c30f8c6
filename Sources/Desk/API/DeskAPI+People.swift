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

    /// `GET /api/sessions`: the connections that are the caller's, the oldest first.
    func sessions(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        return .json(
            .ok,
            .array(
                hub.sessions(of: user.id, lobby: lobby).map { session in
                    let link = session.link
                    var members: [(String, JSON)] = [
                        ("id", .string(session.id.text)), ("since", .string(link.since.rfc3339)),
                        ("from", .string(link.caller.description)),
                    ]
                    if let name = link.client.name { members.append(("client", .string(name))) }
                    if let version = link.client.version { members.append(("version", .string(version))) }
                    if let run = link.client.run { members.append(("run", .string(run))) }
                    let isPresent = session.channels.contains { $0.text == lobby.channel }
                    members.append(("present", .bool(isPresent)))
                    members.append(("channels", .array(session.channels.map { .string($0.text) })))
                    return .object(JSONObject(members))
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

    /// `DELETE /api/users/{id}/sessions`: ends every connection of somebody whose account or token was taken away. For
    /// the folder's owner, who comes by its socket and has just done that.
    func endSessions(_ request: Request, _ context: DeskContext) async throws -> Response {
        guard context.door == .local else { throw APIError.notFound }
        guard let user = context.parameters.get("id").flatMap(percentDecoded).flatMap({ UserID($0) }) else {
            throw APIError.badRequest("that is no user id")
        }
        return .json(.ok, ["ended": .init(hub.endAll(of: user, lobby: lobby))])
    }
}
