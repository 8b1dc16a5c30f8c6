import Chat
import ChannelsClient
import ChannelsProtocol

/// A call on its way.
struct PendingCall: Equatable, Sendable {
    var call: DeskCall
    /// How often it was asked before without an answer.
    var tries: Int
    /// Whether it was asked once more because the credential was refused.
    var isAskedAfresh = false
}

/// A call to be asked again later.
struct WaitingCall: Equatable, Sendable {
    var at: Duration
    var call: DeskCall
    var tries: Int
}

/// Asking the desk who we are, until it says so.
struct SignInAttempts: Equatable, Sendable {
    var count = 0
    var isAsking = false
    var retryAt: Duration?
}

extension Session {
    /// How often a call that may be repeated is asked while the link is up.
    static let maxTries = 5
    static let conversationLimit = 200

    mutating func ask(_ call: DeskCall, tries: Int = 0, isAskedAfresh: Bool = false) {
        guard !keepForPlain(call) else { return }
        lastRequest += 1
        pending[lastRequest] = PendingCall(call: call, tries: tries, isAskedAfresh: isAskedAfresh)
        if case .conversations = call { lastList = lastRequest }
        if case .changes = call { polling.request = lastRequest }
        var request = call.request
        if case .authorize(let channel, let socketID) = call, let plain {
            request = plain.settings.authorization(channel, socketID)
        } else if case .send(let place, let text, let clientID, let socketID, _) = call, let plain,
            let endpoint = plain.settings.messages, let name = conversation(place)
        {
            request = plain.settings.message(
                text, clientID: clientID, on: messageChannel(name), socketID: socketID, to: endpoint)
        }
        effects.append(.request(lastRequest, request))
    }

    /// Reads the list of conversations from its beginning to its end.
    mutating func askForConversations() {
        list = ConversationPages()
        if let first = list.next { ask(first) }
    }

    mutating func askIdentity() {
        guard !signIn.isAsking else { return }
        signIn.isAsking = true
        signIn.retryAt = nil
        signIn.count += 1
        ask(.identity)
    }

    /// At a moment of its own within some seconds: everybody was told to ask at once.
    mutating func askIdentitySoon(now: Moment) {
        guard !signIn.isAsking, signIn.retryAt == nil else { return }
        signIn.retryAt = now.uptime + .milliseconds(500) + .seconds(4) * ids.fraction()
    }

    mutating func unanswered(_ request: Int, reason: String, now: Moment) {
        guard let asked = take(request) else { return }
        let isAuthorization = if case .authorize = asked.call { true } else { false }
        let reason = isAuthorization ? "the authorization endpoint does not answer (\(reason))" : reason
        failed(asked, DeskFailure(.busy(retryAfter: nil), reason, code: DeskFailure.unanswered), now: now)
    }

    mutating func answered(_ request: Int, status: Int, retryAfter: Duration?, body: String, now: Moment) {
        guard let asked = take(request) else { return }
        do throws(DeskFailure) {
            try read(asked.call, status: status, body: body, now: now)
            noteAnswer(to: asked.call, now: now)
        } catch {
            var failure = error
            if failure.kind == .busy(retryAfter: nil) { failure.kind = .busy(retryAfter: retryAfter) }
            failed(asked, failure, now: now)
        }
    }

    /// What was asked; nil where nobody waits for the answer any more. Of two lists on their way only the later counts,
    /// whichever comes first.
    private mutating func take(_ request: Int) -> PendingCall? {
        guard let asked = pending.removeValue(forKey: request) else { return nil }
        if case .conversations = asked.call, request != lastList { return nil }
        if case .changes = asked.call, request != polling.request { return nil }
        return asked
    }

    private mutating func read(_ call: DeskCall, status: Int, body: String, now: Moment) throws(DeskFailure) {
        switch call {
        case .identity: signedIn(try DeskReply.identity(status: status, body: body), now: now)
        case .users:
            let users = try DeskReply.people(status: status, body: body)
            tell(.usersLoaded(users.map { NamedUser($0.id, name: $0.name) }), now: now)
            looked(at: users, now: now)
        case .conversations:
            guard let me = chat.me else { return }
            let page = try DeskReply.conversations(status: status, body: body, me: me)
            list.append(page)
            if let next = list.next, list.all.count < ChatState.maxConversations {
                ask(next)
            } else {
                tell(.conversationsLoaded(list.all, isComplete: list.next == nil), now: now)
            }
        case .changes:
            guard let me = chat.me else { return }
            let (state, list) = try DeskReply.changes(status: status, body: body, me: me)
            changed(to: state, list, now: now)
        case .page(let place, let query, _):
            guard let name = conversation(place) else { return }
            tell(.pageLoaded(name, query, try DeskReply.page(status: status, body: body, in: name)), now: now)
        case .visit(let place, let query, _):
            guard let name = conversation(place) else { return }
            tell(.placeLoaded(name, query, try DeskReply.page(status: status, body: body, in: name)), now: now)
        case .search(let query, _, _):
            guard let me = chat.me else { return }
            tell(.searchAnswered(query, try DeskReply.found(status: status, body: body, me: me)), now: now)
        case .send(let place, let text, let clientID, _, _):
            guard let name = conversation(place) else { return }
            guard plain == nil else {
                try DeskReply.done(status: status, body: body)
                return posted(clientID, text, in: name, answer: body, now: now)
            }
            tell(.delivered(clientID: clientID, try DeskReply.message(status: status, body: body, in: name)), now: now)
        case .members(let room):
            looked(into: room, at: try DeskReply.people(status: status, body: body), now: now)
        case .sessions:
            let sessions = try DeskReply.sessions(status: status, body: body)
            tell(
                .sessionsLoaded(sessions.map { OwnSession(from: $0.from, client: $0.client, run: $0.run) }), now: now)
        case .endSession: try DeskReply.accepted(status: status, body: body)
        case .seen(let place, let through):
            try DeskReply.accepted(status: status, body: body)
            if let name = conversation(place) { tell(.seenStored(name, through: through), now: now) }
        case .settled(let place, let through):
            try DeskReply.accepted(status: status, body: body)
            if let name = conversation(place) { tell(.settledOnDesk(name, through: through), now: now) }
        case .authorize(let channel, let socketID):
            let authorization = try DeskReply.authorization(status: status, body: body)
            run(
                connection.authorized(channel, socketID: socketID, .success(authorization), now: now.uptime), now: now)
        }
    }

    private mutating func failed(_ asked: PendingCall, _ failure: DeskFailure, now: Moment) {
        if failure.kind == .unauthorized, !asked.isAskedAfresh, !isSignedOut || asked.call == .identity {
            // The credential is read afresh for every call; another program may just have signed in again.
            ask(asked.call, tries: asked.tries, isAskedAfresh: true)
            return
        }
        noteFault(failure, at: asked.call, now: now)
        switch asked.call {
        case .identity: notSignedIn(failure, now: now)
        case .send(let place, _, let clientID, _, _):
            if failure.kind == .unknownPeer, let name = conversation(place) { tell(.peerUnknown(name), now: now) }
            tell(.deliveryFailed(clientID: clientID, delivery(failure)), now: now)
        case .authorize(let channel, let socketID):
            run(
                connection.authorized(channel, socketID: socketID, .failure(authorization(failure)), now: now.uptime),
                now: now)
        case .visit(let place, let query, _):
            guard let name = conversation(place) else { return }
            tell(.placeFailed(name, query, reason: failure.message), now: now)
        case .search(let query, _, _): tell(.searchFailed(query, reason: failure.message), now: now)
        case .changes:
            effects.append(.log("/api/changes: \(failure.message)"))
            changesFailed(failure, now: now)
        case .seen(let place, _):
            effects.append(.log("\(asked.call.request.path): \(failure.message)"))
            switch failure.kind {
            case .busy, .malformed: if let name = conversation(place) { tell(.seenFailed(name), now: now) }
            case .unauthorized, .refused, .unknownPeer, .tooLarge, .rejected: break
            }
        case .users, .members, .conversations, .page, .sessions, .endSession, .settled:
            effects.append(.log("\(asked.call.request.method) \(asked.call.request.path): \(failure.message)"))
            if case .busy(let after) = failure.kind, asked.tries + 1 < Self.maxTries, chat.link.isOnline {
                let delay = after ?? .milliseconds(500) * (1 << asked.tries)
                waiting.append(WaitingCall(at: now.uptime + delay, call: asked.call, tries: asked.tries + 1))
            } else if case .page(let place, let query, _) = asked.call, let name = conversation(place) {
                tell(.pageFailed(name, query, reason: failure.message), now: now)
                if failure.kind == .unknownPeer { tell(.peerUnknown(name), now: now) }
            } else if case .conversations = asked.call {
                tell(.conversationsFailed(reason: failure.message), now: now)
            }
        }
        if failure.kind == .unauthorized { refuse(failure, now: now) }
    }

    private func delivery(_ failure: DeskFailure) -> DeliveryFailure {
        switch failure.kind {
        // An application may take what is said twice for two messages: a person decides.
        case .busy where plain != nil, .malformed where plain != nil:
            return .rejected(reason: "not confirmed: \(failure.message); it may have arrived")
        case .busy(let after):
            return .tryAgain(after: after, reason: failure.message)
        // It goes out as soon as somebody has signed in again.
        case .unauthorized: return .tryAgain(after: nil, reason: failure.message)
        // What came back could be anything, a proxy's page for one: the same id asked again settles it.
        case .malformed: return .tryAgain(after: .seconds(10), reason: failure.message)
        case .refused, .unknownPeer, .tooLarge, .rejected: return .rejected(reason: failure.message)
        }
    }

    private func authorization(_ failure: DeskFailure) -> AuthorizationFailure {
        switch failure.kind {
        case .unauthorized: .unauthorized(message: failure.message)
        case .busy: .unreachable(message: failure.message)
        case .refused: .refused(status: 403, message: failure.message)
        case .unknownPeer, .tooLarge, .rejected, .malformed: .refused(status: 400, message: failure.message)
        }
    }

    mutating func signedIn(_ identity: Identity, now: Moment) {
        signIn = SignInAttempts()
        if let expected = settings.expectedUser, expected != identity.id {
            let message = "the token is \(identity.id)'s and not \(expected)'s"
            return refuse(DeskFailure(.unauthorized, message), now: now)
        }
        if let me = self.identity?.id, me != identity.id {
            // What waits to be sent here is not for somebody else to say.
            let message = "the token is \(identity.id)'s now and no longer \(me)'s; start again to be \(identity.id)"
            return refuse(DeskFailure(.unauthorized, message), now: now)
        }
        let before = self.identity
        let isFirst = before == nil
        let storeIsOpen = chat.me == identity.id
        if isFirst, let me = chat.me, me != identity.id {
            // The user of the last time was somebody else: nothing of theirs is kept, shown or sent here.
            chat = ChatState(
                wantsLobby: settings.joinsLobby, missesNothing: settings.missesNothing, keepsOpen: settings.keepsOpen)
        }
        self.identity = identity
        tell(
            .signedIn(
                SignedIn(
                    me: identity.id, name: identity.name, store: identity.store, lobby: identity.lobby,
                    rooms: identity.otherRooms, isLiveOnly: plain != nil, isEncrypted: isEncrypted)), now: now)
        if let before { encryptionChanged(from: before, now: now) }
        guard isFirst else {
            guard isSignedOut else { return }
            isSignedOut = false
            return run(connection.start(now: now.uptime), now: now)
        }
        isSignedOut = false
        var timing = settings.timing
        // A desk's own engine has left a channel when it says so; others may still be at it for a moment.
        if identity.host == nil { timing.rejoinDelay = .zero }
        connection = Connection(settings: timing, seed: jitterSeed)
        if !storeIsOpen { effects.append(.openStore(identity.id)) }
        ownChannels = plain == nil ? [ChannelName(wire: ConversationName.inbox(of: identity.id))] : []
        for room in chat.watchedRooms { ownChannels.insert(wire(room)) }
        for channel in ownChannels.sorted() { _ = connection.subscribe(channel, now: now.uptime) }
        run(connection.start(now: now.uptime), now: now)
    }

    private mutating func notSignedIn(_ failure: DeskFailure, now: Moment) {
        signIn.isAsking = false
        switch failure.kind {
        case .busy, .malformed:
            // A desk that was known before is asked again with the next connection.
            guard identity == nil || isSignedOut else {
                signIn = SignInAttempts()
                return
            }
            let doubled = settings.backoffBase * (1 << min(signIn.count - 1, 10))
            let wait = min(settings.backoffCap, doubled) * (0.5 + ids.fraction() / 2)
            signIn.retryAt = now.uptime + wait
            tell(.linkChanged(.offline(reason: failure.message, retryAt: signIn.retryAt)), now: now)
        case .unauthorized, .refused, .unknownPeer, .tooLarge, .rejected: refuse(failure, now: now)
        }
    }

    /// The desk does not know us any more: nothing is asked until a person says so.
    mutating func refuse(_ failure: DeskFailure, now: Moment) {
        isSignedOut = true
        signedOutBy = failure.kind
        deskCheckAt = nil
        endPolling()
        waiting = []
        run(connection.stop(now: now.uptime), now: now)
        tell(.linkChanged(.refused(reason: failure.message)), now: now)
    }

    /// Whose refusal keeps this session from connecting; nil while nobody refuses.
    package var refusal: Refusal? {
        guard case .refused = chat.link else { return nil }
        guard isSignedOut else { return .engine }
        return signedOutBy == .unauthorized ? .token : .desk
    }

    package enum Refusal: Sendable {
        /// The token is not known, or belongs to somebody else.
        case token
        /// What answers at the desk's address does not take the request.
        case desk
        /// The engine: an unknown app key, a limit of the app, a close code that says to stay away.
        case engine
    }

    func conversation(_ place: Place) -> ConversationName? {
        guard let me = chat.me else { return nil }
        return place.conversation(me: me, rooms: chat.rooms)
    }
}
