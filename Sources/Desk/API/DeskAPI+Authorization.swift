import Chat
import ChannelsProtocol
import HTTPTypes
import Hummingbird

extension DeskAPI {
    /// `POST /pusher/auth`: signs a subscription for those who may have it. For a conversation this is also the
    /// doorbell: the peer is told, so that they subscribe too.
    func authorizeChannel(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        try gate.check(.authorize, user, context)
        let form = try await request.form()
        let socketID = try socketID(form["socket_id"])
        guard let name = form["channel_name"] else { throw APIError.badRequest("channel_name is missing") }
        guard let channel = ChannelName(name), try await mayEnter(name, user) else {
            throw APIError(.forbidden, "channel_refused", "\(name.prefix(200)): is not for \(user.id)")
        }
        let link = engine.note(socketID, signedFor: user.id)
        try await checkAgain(request, context)
        guard channel.kind.isPresence else {
            ring(channel.text, user)
            // Whoever gets into the inbox is another session of this user; the others hear of it.
            if ConversationName.inboxOwner(channel: channel.text) == user.id {
                // The socket id is only what the caller says: of somebody else's connection nothing is told.
                let client = link?.caller == context.caller ? link?.client : nil
                engine.hint([
                    DeskEvents.sessionOpened(
                        by: user.id, from: context.caller.description, client: client?.name, run: client?.run,
                        excluding: socketID)
                ])
            }
            var answer: JSONObject = JSONObject([("auth", .string(signer.channel(channel, socketID: socketID)))])
            if channel.kind.isEncrypted {
                answer["shared_secret"] = masterKey?.sharedSecret(of: channel).map { .string($0) }
            }
            return .json(.ok, .object(answer))
        }
        let data = channelData(user)
        return .json(
            .ok,
            [
                "auth": .string(signer.channel(channel, socketID: socketID, channelData: data)),
                "channel_data": .string(data),
            ])
    }

    /// `POST /pusher/user-auth`: signs a connection in as the caller.
    func authorizeUser(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        try gate.check(.authorize, user, context)
        let socketID = try socketID(try await request.form()["socket_id"])
        engine.note(socketID, signedFor: user.id)
        try await checkAgain(request, context)
        let data: JSON = ["id": .string(user.id.text), "user_info": ["name": .string(user.name)]]
        let text = data.text
        return .json(
            .ok, ["auth": .string(signer.user(socketID: socketID, userData: text)), "user_data": .string(text)])
    }

    /// After a connection was noted as the user's and before anything is signed. A token that was revoked before this is
    /// refused here; one that is revoked later ends what was noted.
    private func checkAgain(_ request: Request, _ context: DeskContext) async throws {
        _ = try await user(request, context)
    }

    /// Checked in full before anything is signed: a longer text could say something else to the signer than to us.
    func socketID(_ text: String?) throws(APIError) -> SocketID {
        guard let text else { throw .badRequest("socket_id is missing") }
        guard let id = SocketID(text) else { throw .badRequest("socket_id is not digits, a dot and digits") }
        return id
    }

    private func mayEnter(_ channel: String, _ user: DeskUser) async throws -> Bool {
        if let owner = ConversationName.inboxOwner(channel: channel) { return owner == user.id }
        let encrypted = masterKey == nil ? nil : ConversationName(encryptedChannel: channel)
        guard let conversation = encrypted ?? ConversationName(channel: channel) else { return false }
        guard let peer = conversation.peer(of: user.id) else { return rooms.admits(user.id, to: conversation) }
        return try await isKnown(peer)
    }

    private func ring(_ channel: String, _ user: DeskUser) {
        guard let conversation = ConversationName(channel: channel), !conversation.isRoom,
            doorbell.rings(conversation, now: WallClock.monotonic())
        else { return }
        engine.hint(DeskEvents.opened(conversation, by: user.id))
    }

    private func channelData(_ user: DeskUser) -> String {
        let data: JSON = ["user_id": .string(user.id.text), "user_info": ["name": .string(user.name)]]
        return data.text
    }
}
