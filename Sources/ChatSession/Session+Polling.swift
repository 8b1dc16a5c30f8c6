import Chat
import ChannelsClient
import ChannelsProtocol

/// Asking the desk for what is new, where the network lets no WebSocket through, the engine elsewhere is away, or it refuses
/// a channel that we need.
///
/// The WebSocket and the channel go on being tried, with the pauses they always have; as soon as they stand this ends.
struct Polling: Equatable, Sendable {
    /// From so many refusals on nothing else is expected of the network. One that is final counts as so many.
    static let enough = 2
    /// How many seconds the desk may keep its answer.
    static let wait = 15
    /// How often it is asked who is here, at most.
    static let lookInterval: Duration = .seconds(5)

    var refusals = 0
    /// What the desk answered last stands for this; nil before it has answered.
    var state: String?
    /// Whether the next question is under way or will be asked.
    var isAsking = false
    /// The question whose answer counts.
    var request = 0
    var askedAt: Duration = .zero
    var lookedAt: Duration?
    var failures = 0
    /// The WebSocket stands, and a channel that we need is refused.
    var isBeside = false

    var isWanted: Bool { refusals >= Self.enough }
    /// The desk answers, so there is a link of a kind.
    var isOn: Bool { state != nil }
}

extension Session {
    mutating func socketRefused(attempt: Int, status: Int?, reason: String, now: Moment) {
        // An attempt given up earlier may end after another got through.
        if case .connected = connection.status { return }
        // 401 asks for a credential, which no network does that lets no WebSocket through. The engines take every
        // WebSocket and say with a close code what they have against it.
        if plain == nil, identity != nil, status != 401 {
            // Whoever is too busy, or has lost what is behind them, may think otherwise in a moment.
            let isFinal = status.map { (200..<500).contains($0) && $0 != 408 && $0 != 429 } ?? false
            polling.refusals += isFinal ? Polling.enough : 1
        }
        run(connection.socketClosed(attempt: attempt, code: nil, reason: reason, now: now.uptime), now: now)
        guard polling.isWanted, !polling.isAsking, !isSignedOut else { return }
        askForChanges(after: .zero, now: now)
    }

    mutating func endPolling() {
        polling = Polling()
        waiting.removeAll { if case .changes = $0.call { true } else { false } }
    }

    mutating func changed(to state: String, _ list: [ConversationSummary]?, now: Moment) {
        let isNew = !polling.isOn
        let isBesideLink = polling.isBeside
        let wasAway = polling.failures > 0
        polling.state = state
        polling.failures = 0
        if isNew, !isBesideLink {
            tell(.linkChanged(.polling), now: now)
            endLines(.standAlone, now: now)
        }
        if let list {
            let isFull = list.count >= Self.conversationLimit
            // Where even the last of a full page is new, there may be more news than fit into it.
            let isCut = isFull && list.last.map { chat.conversation($0.name).lastSeq < $0.last?.seq ?? 0 } ?? false
            tell(.conversationsLoaded(list, isComplete: !isFull), now: now)
            if isCut { askForConversations() }
        }
        lookWhoIsHere(now: now)
        // A desk that keeps no answer back is not asked without a pause.
        let rest = polling.askedAt + .seconds(1) - now.uptime
        askForChanges(after: list == nil ? max(.zero, rest) : .milliseconds(200), now: now)
        // The desk was away, and perhaps nothing else was in the way.
        if isNew, wasAway, !isBesideLink { run(connection.checkNow(now: now.uptime), now: now) }
    }

    mutating func changesFailed(_ failure: DeskFailure, now: Moment) {
        let wasOn = polling.isOn && !polling.isBeside
        switch failure.kind {
        case .busy, .malformed:
            polling.state = nil
            polling.failures += 1
            let pause = min(settings.backoffCap, settings.backoffBase * (1 << min(polling.failures - 1, 10)))
            askForChanges(after: pause * (0.5 + ids.fraction() / 2), now: now)
        // A desk of another day, which cannot be asked.
        case .unauthorized, .refused, .unknownPeer, .tooLarge, .rejected: endPolling()
        }
        if wasOn { statusChanged(to: connection.status, now: now) }
    }

    /// While nobody tells who comes and goes.
    mutating func looked(at users: [DeskUser], now: Moment) {
        guard chat.wantsLobby else { return }
        guard polling.isOn, connection.subscription(wire(chat.lobby)) != .subscribed else {
            return compareRoster(with: users, now: now)
        }
        tell(.rosterReplaced(users.filter(\.isOnline).map { NamedUser($0.id, name: $0.name) }), now: now)
    }

    mutating func looked(into room: String, at people: [DeskUser], now: Moment) {
        guard polling.isOn, let name = conversation(.room(room)), connection.subscription(wire(name)) != .subscribed
        else { return }
        tell(.roomEntered(name, people.map { NamedUser($0.id, name: $0.name) }), now: now)
    }

    private mutating func lookWhoIsHere(now: Moment) {
        guard now.uptime >= polling.lookedAt.map({ $0 + Polling.lookInterval }) ?? .zero else { return }
        defer { polling.lookedAt = now.uptime }
        // The chat asks for itself when the link is new.
        guard polling.lookedAt != nil || polling.isBeside else { return }
        ask(.users)
        for room in chat.watchedRooms { lookWhoIsIn(room) }
    }

    /// Of the lobby the list of users tells it.
    mutating func lookWhoIsIn(_ room: ConversationName) {
        guard polling.isOn, room != chat.lobby, connection.subscription(wire(room)) != .subscribed,
            let name = chat.room(room)?.name
        else { return }
        ask(.members(room: name))
    }

    /// Nothing live comes from an engine that is away; the desk beside it goes on.
    mutating func pollWithoutEngine(_ status: ConnectionStatus, now: Moment) {
        guard case .waiting(_, let attempt, _) = status, attempt > 1, isEngineElsewhere, !polling.isAsking,
            !isSignedOut
        else { return }
        askForChanges(after: .zero, now: now)
    }

    /// Asks the desk beside the connection while a channel of ours is refused.
    mutating func settlePolling(now: Moment) {
        guard plain == nil, connection.status.socketID != nil else { return }
        let isNeeded = ownChannels.contains { channel in
            guard channel.kind.isPresence || ConversationName.inboxOwner(channel: channel.text) != nil else {
                return false
            }
            return switch connection.subscription(channel) {
            case .failed, .retrying: true
            case .authorizing, .pending: polling.isBeside
            case .idle, .subscribed, nil: false
            }
        }
        guard isNeeded else { return polling.isBeside ? endPolling() : () }
        guard !polling.isAsking else { return }
        polling.isBeside = true
        askForChanges(after: .zero, now: now)
    }

    private mutating func askForChanges(after pause: Duration, now: Moment) {
        polling.isAsking = true
        polling.askedAt = now.uptime + pause
        let call = DeskCall.changes(since: polling.state, wait: Polling.wait, limit: Self.conversationLimit)
        if pause == .zero { ask(call) } else { waiting.append(WaitingCall(at: polling.askedAt, call: call, tries: 0)) }
    }
}
