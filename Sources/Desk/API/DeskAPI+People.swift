import Chat
import ChannelsEngine
import ChannelsProtocol
import HTTPTypes
import Hummingbird

extension DeskAPI {
    /// `GET /api/me`: all a client needs to know. An engine in this process is where this call came to, so it has no host
    /// and port.
    func me(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        return .json(
            .ok,
            [
                "id": .string(user.id.text), "name": .string(user.name), "store": .string(try await store.storeID()),
                "channels": .object(JSONObject(channels)), "rooms": .array(rooms.of(user.id).map(Self.room)),
            ])
    }

    private var channels: [(String, JSON)] {
        var channels: [(String, JSON)] = [("key", .string(app.key))]
        if let place = elsewhere?.caller.place {
            channels += [
                ("host", .string(place.client.host)), ("port", .init(place.client.port)),
                ("tls", .bool(place.client.isSecure)),
            ]
        }
        channels += [
            ("path", .string(elsewhere?.caller.place.clientPath ?? "")), ("presence", .string(lobby.channel)),
        ]
        if masterKey != nil { channels.append(("encrypted", true)) }
        return channels
    }

    /// Stands for what `/api/me` tells, but for what is the user's own.
    var identity: String {
        let key = masterKey?.sharedSecret(of: "private-encrypted-identity") ?? ""
        let text = JSON.object(JSONObject(channels)).text + key + rooms.description
        return Digest.hex(Digest.sha256(Array(text.utf8)))
    }

    private static func room(_ room: ChatRoom) -> JSON {
        var members: [(String, JSON)] = [
            ("name", .string(room.name)), ("channel", .string(room.conversation.channel)),
        ]
        if !room.title.isEmpty { members.append(("title", .string(room.title))) }
        return .object(JSONObject(members))
    }

    /// `GET /api/rooms/{room}/members`: who is in a room at this moment, the caller among them.
    func members(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let room = try room(context, user)
        let all = try await store.users()
        let here = try await engine.online(all.map(\.id), in: room)
        return .json(
            .ok, .array(all.filter { here.contains($0.id.text) }.map { Self.person($0, isOnline: true) }))
    }

    /// `GET /api/users`: everybody who can be written to, so not the caller.
    func users(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let others = try await store.users().filter { $0.id != user.id }
        let online = try await engine.online(others.map(\.id), in: lobby)
        return .json(
            .ok, .array(others.map { Self.person($0, isOnline: online.contains($0.id.text)) }))
    }

    private static func person(_ user: DeskUser, isOnline: Bool) -> JSON {
        ["id": .string(user.id.text), "name": .string(user.name), "online": .bool(isOnline)]
    }

    /// `GET /api/sessions`: the connections that are the caller's, the oldest first.
    func sessions(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        try refuseElsewhere()
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
        try refuseElsewhere()
        let id = try socketID(context.parameters.get("id"))
        guard hub.end(id, of: user.id, lobby: lobby) else {
            throw APIError(.notFound, "unknown_session", "\(id) is no connection of yours")
        }
        return Response(status: .noContent)
    }

    /// `POST /api/revocations`: ends at once what stands on a token or account that was revoked. For the folder's owner,
    /// who comes by its socket and has just done that.
    func endRevoked(_ request: Request, _ context: DeskContext) async throws -> Response {
        guard context.door == .local else { throw APIError.notFound }
        try await revocations.check()
        return Response(status: .noContent)
    }

    /// `POST /pusher/webhook`: what the engine elsewhere has to tell, signed with the app's secret.
    func webhook(_ request: Request, _ context: DeskContext) async throws -> Response {
        let body = String(buffer: try await request.bytes(upTo: 1 << 20))
        guard
            let elsewhere,
            elsewhere.webhook(
                key: request.headers[.pusherKey], signature: request.headers[.pusherSignature], body: body)
        else {
            throw gate.failedSignIn(
                APIError(.unauthorized, "bad_signature", "the webhook is not signed with this application's secret"),
                context)
        }
        return .json(.ok, [:])
    }

    private func refuseElsewhere() throws(APIError) {
        guard elsewhere != nil else { return }
        throw APIError(
            .notFound, "engine_elsewhere", "the engine is elsewhere, and does not tell whose its connections are")
    }
}

extension HTTPField.Name {
    fileprivate static var pusherKey: HTTPField.Name { name("x-pusher-key") }
    fileprivate static var pusherSignature: HTTPField.Name { name("x-pusher-signature") }

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no name of a header") }
        return name
    }
}
