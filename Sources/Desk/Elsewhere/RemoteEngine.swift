import Chat
import ChannelsProtocol
import HTTPTypes
import Logging
import Synchronization

/// An engine elsewhere: the desk publishes through its HTTP API and asks there who is online; clients connect to it.
final class RemoteEngine: EngineDoor {
    /// Hints on their way at one time; of more some are left out.
    private static let mostHints = 64
    /// Connections that are remembered.
    private static let crowd = 50_000

    private struct State {
        var hints = 0
        var online: [ConversationName: OnlineAnswer] = [:]
        /// Questions under way, one for each room.
        var asking: [ConversationName: Task<OnlineAnswer, Never>] = [:]
        /// Goes up whenever the engine tells that somebody came or went.
        var generation = 0
        /// Whose a connection showed itself to be, by what the desk signed for it.
        var owners: [SocketID: UserID] = [:]
        var webhooks = 0
    }

    let caller: EngineCaller
    let sender: OutboxSender
    private let signer: Signer
    private let logger: Logger
    private let faults: RepeatedLines
    private let state = Mutex(State())

    init(_ place: ExternalEngine, app: AppCredentials, store: DeskStore, metrics: DeskMetrics, logger: Logger) {
        caller = EngineCaller(place, app: app)
        signer = Signer(key: app.key, secret: app.secret)
        sender = OutboxSender(store: store, caller: caller, metrics: metrics, logger: logger)
        self.logger = logger
        faults = RepeatedLines(logger)
    }

    var keepsOutbox: Bool { true }

    func publish(_ events: () -> [DeskEvent]) { sender.wake() }

    func hint(_ events: [DeskEvent]) {
        let isTaken = state.withLock { state in
            guard state.hints < Self.mostHints else { return false }
            state.hints += 1
            return true
        }
        guard isTaken else { return }
        Task {
            if case .refused(let reason) = await caller.publish(events) { logger.notice("a hint was lost: \(reason)") }
            state.withLock { $0.hints -= 1 }
        }
    }

    /// Everybody who asks at the same time, or within a moment after, gets the answer to one question, also where the
    /// engine could not be asked.
    func online(_ users: [UserID], in room: ConversationName) async throws -> Set<String> {
        let now = WallClock.monotonic()
        let (known, question) = state.withLock { state -> (OnlineAnswer?, Task<OnlineAnswer, Never>?) in
            if let known = state.online[room], known.counts(now: now) { return (known, nil) }
            if let question = state.asking[room] { return (nil, question) }
            let question = Task { [generation = state.generation] in await self.ask(room, generation) }
            state.asking[room] = question
            return (nil, question)
        }
        var answer = known
        if let question { answer = await question.value }
        guard let ids = answer?.ids else {
            throw APIError(
                .serviceUnavailable, "engine_unavailable", "the engine does not tell who is online right now",
                retryAfter: 2)
        }
        return ids
    }

    private func ask(_ room: ConversationName, _ generation: Int) async -> OnlineAnswer {
        let result = await caller.users(of: room.channel)
        let answer = OnlineAnswer(ids: try? result.get(), at: WallClock.monotonic())
        state.withLock { state in
            // Somebody came or went since this was asked.
            guard state.generation == generation else { return }
            state.online[room] = answer
            state.asking[room] = nil
        }
        switch result {
        case .success:
            faults.passed("online", "the engine tells again who is online")
            sender.engineAnswered()
        case .failure(let failure): faults.log("online") { failure.sentence }
        }
        return answer
    }

    @discardableResult
    func note(_ id: SocketID, signedFor user: UserID) -> SocketLink? {
        state.withLock { state in
            if state.owners.count >= Self.crowd { state.owners.removeAll(keepingCapacity: true) }
            state.owners[id] = user
        }
        return nil
    }

    func owned(_ id: SocketID, by user: UserID, lobby: ConversationName) -> SocketID? {
        state.withLock { $0.owners[id] } == user ? id : nil
    }

    /// Engines end what they know to be the user's, which is not always all; the user's own programs are told, too.
    func endAll(of user: UserID, lobby: ConversationName) async {
        hint([DeskEvents.accountChanged(of: user)])
        if case .refused(let reason) = await caller.terminate(user.text) { logger.notice("\(reason)") }
    }

    /// Takes a webhook of the engine in. False where it is not signed with the app's secret.
    func webhook(key: String?, signature: String?, body: String) -> Bool {
        guard let key, let signature, Signer.areEqual(key, signer.key), signer.accepts(signature, webhookBody: body)
        else { return false }
        let events = (try? JSON(parsing: body))?["events"]?.array ?? []
        state.withLock { state in
            state.webhooks += events.count
            // Somebody came or went.
            if events.contains(where: { $0["name"]?.string?.hasPrefix("member_") == true }) {
                (state.online, state.asking) = ([:], [:])
                state.generation += 1
            }
        }
        return true
    }

    var webhookCount: Int { state.withLock { $0.webhooks } }

    func finish() async {
        await sender.finish(within: .seconds(1))
        caller.shutdown()
    }
}

/// Who is there, as the engine said it a moment ago: everybody who starts asks.
struct OnlineAnswer: Equatable {
    static let freshness: Duration = .seconds(1)
    /// How long nobody else asks an engine that did not answer.
    static let failureFreshness: Duration = .seconds(2)

    /// Nil where the engine could not be asked.
    let ids: Set<String>?
    let at: Duration

    func counts(now: Duration) -> Bool { now - at < (ids == nil ? Self.failureFreshness : Self.freshness) }
}
