import Chat
import ChannelsProtocol
import HTTPTypes
import Hummingbird

extension DeskAPI {
    /// What one answer may hold.
    static let pageLimit = 200
    /// Unicode scalars of a text, after trimming.
    static let textScalars = 8_000
    /// Bytes of UTF-8 of a text, after trimming.
    static let textBytes = 32_000
    static let clientIDBytes = 128

    /// `GET /api/conversations`: newest first. `before` is the `conversation` of the last line of the page before.
    func conversations(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let limit = try request.number("limit", in: 1...Self.pageLimit) ?? 50
        let before = request.decodedQuery["before"]
        return try await read(user) { .json(.ok, try await list(user, limit: limit, before: before)) }
    }

    private func list(_ user: DeskUser, limit: Int, before: String? = nil) async throws -> JSON {
        .array(
            try await store.conversations(
                of: user, in: rooms.channels(of: user.id), limit: limit, before: before
            ).map { line in
                let name = ConversationName(channel: line.conversation)
                let peer = name?.peer(of: user.id)
                let title = peer?.text ?? name.flatMap(rooms.name) ?? line.conversation
                var members: [(String, JSON)] = [
                    ("conversation", .string(line.conversation)), (peer == nil ? "room" : "peer", .string(title)),
                    ("last", line.last.map(DeskEvents.message) ?? .null), ("unseen", .init(line.unseen)),
                    ("seen", .init(line.seen)), ("seen_by_peer", .init(line.seenByPeer)),
                ]
                if peer != nil {
                    members += [
                        ("waiting_since", line.waiting.map { .string($0.at.rfc3339) } ?? .null),
                        ("waiting_seq", line.waiting.map { .init($0.seq) } ?? .null),
                        ("settled", .init(line.settled)),
                    ]
                }
                return .object(JSONObject(members))
            })
    }

    /// `GET /api/changes`: the newest conversations as `/api/conversations` has them, and `state`, which stands for them.
    /// With `since`, a state of before, they are there where they are others now; with `wait`, a number of seconds, the
    /// answer is held until they are, or the time is up.
    func changes(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let limit = try request.number("limit", in: 1...Self.pageLimit) ?? 50
        let wait = try request.number("wait", in: 0...MessageWaiters.longest) ?? 0
        let since = request.decodedQuery["since"]
        let bells = [ConversationName.inbox(of: user.id)] + rooms.channels(of: user.id)
        let ticket = wait > 0 && since != nil ? try waiters.join(bells, as: user.id) : nil
        defer { if let ticket { waiters.leave(ticket) } }
        func now() async throws -> (list: JSON, state: String) {
            let list = try await read(user) { try await self.list(user, limit: limit) }
            return (list, Digest.hex(Array(Digest.sha256(Array(list.text.utf8)).prefix(16))))
        }
        var (list, state) = try await now()
        if state == since, let ticket {
            try await self.wait(ticket, seconds: wait, request, context)
            (list, state) = try await now()
        }
        guard state != since else { return .json(.ok, ["state": .string(state)]) }
        return .json(.ok, ["state": .string(state), "conversations": list])
    }

    /// `GET …/messages`: a page of a conversation, ascending. With `wait`, a number of seconds, a page after `after` that
    /// would be empty is held until there is something, or the time is up.
    func messages(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        let conversation = try await conversation(context, user, reading: true)
        let limit = try request.number("limit", in: 1...Self.pageLimit) ?? 50
        let before = try request.number("before", in: 0...Int.max)
        let after = try request.number("after", in: 0...Int.max)
        let wait = try request.number("wait", in: 0...MessageWaiters.longest) ?? 0
        if wait > 0, before != nil || after == nil {
            throw APIError.badRequest("wait needs after, and no before: it waits for what comes next")
        }
        // In line before the look, so that nothing falls between the two.
        let ticket = wait > 0 ? try waiters.join([conversation.channel], as: user.id) : nil
        defer { if let ticket { waiters.leave(ticket) } }
        func answer(orWait: Bool) async throws -> Response? {
            try await read(user) {
                let page = try await store.page(conversation, before: before, after: after, limit: limit)
                if orWait, page.messages.isEmpty { return nil }
                return .json(
                    .ok,
                    [
                        "messages": .array(page.messages.map(DeskEvents.message)), "first": .init(page.first),
                        "last": .init(page.last),
                    ])
            }
        }
        if let ticket {
            if let answer = try await answer(orWait: true) { return answer }
            try await self.wait(ticket, seconds: wait, request, context)
        }
        guard let answer = try await answer(orWait: false) else { throw APIError.unavailable }
        return answer
    }

    /// Holds a call, and checks its token again afterwards: it may have been revoked meanwhile.
    private func wait(
        _ ticket: MessageWaiters.Ticket, seconds: Int, _ request: Request, _ context: DeskContext
    ) async throws {
        await waiters.wait(ticket, atMost: .seconds(seconds))
        _ = try await user(request, context)
    }

    /// `POST …/messages`: on disk when it answers 201, and published by then.
    func send(_ request: Request, _ context: DeskContext) async throws -> Response {
        let user = try await user(request, context)
        try gate.check(.send, user, context)
        let conversation = try await conversation(context, user)
        let body = try await request.jsonObject()
        let text = try text(body["text"])
        guard let clientID = body["client_id"]?.string, (1...Self.clientIDBytes).contains(clientID.utf8.count),
            clientID.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw APIError.badRequest(
                "client_id is missing, or not 1 to \(Self.clientIDBytes) visible ASCII characters")
        }
        var excluding: SocketID?
        if let given = body["socket_id"], !given.isNull {
            guard let text = given.string else { throw APIError.badRequest("socket_id is not a text") }
            excluding = engine.owned(try socketID(text), by: user.id, lobby: lobby)
        }
        var incoming = IncomingMessage(from: user, conversation: conversation, text: text, clientID: clientID)
        try readMarks(body, into: &incoming)
        let began = WallClock.monotonic()
        let events: @Sendable (StoredMessage) -> [DeskEvent] = { [excluding, masterKey] stored in
            DeskEvents.newMessage(stored, excluding: excluding, key: masterKey)
        }
        let engine = engine
        let outcome = try await store.send(
            incoming, createsPeer: admitsUnknownPeers, outbox: engine.keepsOutbox ? events : nil
        ) { [hub, waiters] stored in
            let written = WallClock.monotonic()
            hub.metrics.stored(in: written - began)
            engine.publish { events(stored) }
            waiters.ring(MessageWaiters.bells(of: conversation))
            // An outbox counts when it is rid of it.
            if !engine.keepsOutbox { hub.metrics.published(in: WallClock.monotonic() - written) }
        }
        switch outcome {
        case .stored(let message): return .json(.created, DeskEvents.message(message))
        case .repeated(let message): return .json(.ok, DeskEvents.message(message))
        case .reused:
            throw APIError(
                .conflict, "client_id_reused",
                "you sent something else with this client_id; a new message needs a new one")
        case .refused(let problem): throw APIError(problem)
        }
    }

    /// `POST …/seen`: everything up to `seq` was seen. Never goes back.
    func seen(_ request: Request, _ context: DeskContext) async throws -> Response {
        try await raise(.seen, request, context) { [masterKey] conversation, user, mark in
            DeskEvents.seen(conversation, by: user.id, seq: mark, at: WallClock.now(), key: masterKey)
        }
    }

    /// `POST …/settled`: no reply is needed to anything up to `seq`. Never goes back.
    func settled(_ request: Request, _ context: DeskContext) async throws -> Response {
        try await raise(.settled, request, context) { conversation, user, mark in
            DeskEvents.settled(conversation, by: user.id, seq: mark)
        }
    }

    private func raise(
        _ mark: DeskStore.Mark, _ request: Request, _ context: DeskContext,
        events: @escaping @Sendable (ConversationName, DeskUser, Int) -> [DeskEvent]
    ) async throws -> Response {
        let user = try await user(request, context)
        let conversation = try await conversation(context, user, reading: true)
        guard let seq = try await request.jsonObject(upTo: 4_096)["seq"]?.int, seq >= 0 else {
            throw APIError.badRequest("seq is missing or no whole number of 0 or more")
        }
        let engine = engine
        let told: @Sendable (Int) -> [DeskEvent] = { events(conversation, user, $0) }
        try await store.raise(mark, of: user, in: conversation, to: seq, outbox: engine.keepsOutbox ? told : nil) {
            [waiters] seq in
            engine.publish { told(seq) }
            waiters.ring([ConversationName.inbox(of: user.id)] + MessageWaiters.inboxes(of: conversation))
        }
        return Response(status: .noContent)
    }

    private func text(_ value: JSON?) throws(APIError) -> String {
        guard let given = value?.string else { throw .badRequest("text is missing or no text") }
        let text = trimmed(given)
        guard !text.isEmpty else { throw .badRequest("text is empty") }
        guard !text.utf8.contains(0) else { throw .badRequest("text holds U+0000, which no text has") }
        let limit = "a text has at most \(Self.textScalars) characters and \(Self.textBytes) bytes"
        guard text.utf8.count <= Self.textBytes, text.unicodeScalars.count <= Self.textScalars else {
            throw APIError(
                .contentTooLarge, "text_too_long",
                "\(limit); this one has \(text.unicodeScalars.count) and \(text.utf8.count)")
        }
        return text
    }

    private func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
