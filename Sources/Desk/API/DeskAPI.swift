import Chat
import ChannelsProtocol
import HTTPTypes
import Hummingbird
import Logging

/// The desk's HTTP API. Routes are listed here; what they do stands in the files beside.
struct DeskAPI: Sendable {
    let store: DeskStore
    let hub: Hub
    /// Nil: the hub is the engine.
    let elsewhere: RemoteEngine?
    let app: AppCredentials
    let signer: Signer
    let rooms: DeskRooms
    /// On a local desk nobody is entered beforehand: any id can be written to, and has an account from then on.
    let admitsUnknownPeers: Bool
    let adminToken: String?
    /// Nil: the engine may read what people write.
    let masterKey: MasterKey?
    let gate: RateGate
    let doorbell = Doorbell()
    let waiters: MessageWaiters
    let reads = ReadTurns()
    let unread: UnreadAnswers
    let revocations: RevocationWatch
    let searches = SearchTurns()

    func makeRouter() -> RouterResponder<DeskContext> {
        let router = Router(context: DeskContext.self, options: .autoGenerateHeadEndpoints)
        router.middlewares.add(ErrorAnswers())
        router.get("/metrics", use: metrics)
        router.get("/healthz") { _, _ in Response.json(.ok, ["ok": true]) }
        router.get("/app/**") { _, _ in APIError.handshakeWanted.response }
        router.post("/pusher/auth", use: authorizeChannel)
        router.post("/pusher/user-auth", use: authorizeUser)
        router.get("/api/me", use: me)
        router.get("/api/users", use: users)
        router.get("/api/sessions", use: sessions)
        router.delete("/api/sessions/:id", use: endSession)
        router.post("/api/revocations", use: endRevoked)
        router.get("/api/conversations", use: conversations)
        router.get("/api/changes", use: changes)
        router.get("/api/search", use: search)
        router.get("/api/rooms/:room/members", use: members)
        for place in ["/api/conversations/:peer", "/api/rooms/:room"] {
            router.get("\(place)/messages", use: messages)
            router.post("\(place)/messages", use: send)
            router.post("\(place)/seen", use: seen)
        }
        router.post("/api/conversations/:peer/settled", use: settled)
        if elsewhere != nil { router.post("/pusher/webhook", use: webhook) }
        EngineAPI(hub: hub).addRoutes(to: router)
        return router.buildResponder()
    }

    /// The user a request comes from; 401 for anybody else, and 429 where that was too often.
    func user(_ request: Request, _ context: DeskContext) async throws -> DeskUser {
        do {
            let user = try await signedIn(request, context)
            context.user.key = user.key
            if request.method == .get || request.method == .head { try unread.check(user) }
            return user
        } catch let error as APIError where error.status == .unauthorized {
            throw gate.failedSignIn(error, context)
        }
    }

    private func signedIn(_ request: Request, _ context: DeskContext) async throws -> DeskUser {
        guard let token = request.bearerToken else {
            throw APIError(.unauthorized, "no_token", "the request has no Authorization: Bearer token")
        }
        if token.hasPrefix("local:"), context.door == .local {
            do {
                let id = try UserID(validating: String(token.dropFirst(6)))
                if admitsUnknownPeers { return try await store.userOnFirstUse(id) }
                guard let user = try await store.userUnlessRemoved(id) else {
                    throw APIError(
                        .unauthorized, "account_removed",
                        "the account of \(id) was removed; parley user add \(id) --keep-history brings it back")
                }
                return user
            } catch let error as UserIDError {
                throw APIError(.unauthorized, "bad_user_id", error.description)
            }
        }
        guard let user = try await store.user(token: token) else {
            throw APIError(.unauthorized, "bad_token", "the token belongs to nobody here; ask for a new one")
        }
        return user
    }

    /// Reads for a user in their turn, unless they leave too much unread.
    func read<Answer>(_ user: DeskUser, _ work: () async throws -> Answer) async throws -> Answer {
        try await reads.run(user) {
            // Again: much may have been answered since the call began to wait.
            try unread.check(user)
            return try await work()
        }
    }

    /// The conversation in the path as the caller means it: with a peer, or in a room.
    ///
    /// - Parameter reading: also with somebody whose account is gone; what was said is still there.
    func conversation(
        _ context: DeskContext, _ user: DeskUser, reading: Bool = false
    ) async throws -> ConversationName {
        guard let raw = context.parameters.get("peer") else { return try room(context, user) }
        guard let text = percentDecoded(raw) else { throw APIError.unknownPeer(raw) }
        return try await conversation(withPeer: text, user, reading: reading)
    }

    func conversation(withPeer text: String, _ user: DeskUser, reading: Bool) async throws -> ConversationName {
        guard let peer = UserID(text) else { throw APIError.unknownPeer(text) }
        guard let conversation = ConversationName(user.id, peer) else {
            throw APIError(.badRequest, "own_conversation", "there is no conversation with oneself")
        }
        // Of an account that is gone only those know who talked with it.
        if try await isKnown(peer) { return conversation }
        guard reading, try await store.has(conversation) else { throw APIError.unknownPeer(text) }
        return conversation
    }

    /// The room in the path.
    func room(_ context: DeskContext, _ user: DeskUser) throws(APIError) -> ConversationName {
        let raw = context.parameters.get("room") ?? ""
        return try rooms.conversation(named: percentDecoded(raw) ?? raw, for: user.id)
    }

    var lobby: ConversationName { rooms.lobby }

    func isKnown(_ peer: UserID) async throws -> Bool {
        if admitsUnknownPeers { return true }
        return try await store.hasAccount(peer)
    }

    var engine: any EngineDoor { elsewhere ?? hub }
}
