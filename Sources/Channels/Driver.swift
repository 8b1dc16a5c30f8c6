internal import ChannelsClient
internal import ChannelsProtocol
internal import Transport
internal import Synchronization

/// Runs one `Connection`: tells it what its sockets, its timer and the authorizer have to say, and does what it wants.
///
/// Everything happens under one lock, in the order in which it was decided; nothing that is done there waits. Every task
/// is in `tasks` from its beginning to its end.
final class Driver: Sendable {
    struct State {
        var connection: Connection
        var socket: (attempt: Int, socket: WebSocketConnection, isOpen: Bool)?
        /// Sockets that were open and have been told to close; each ends within two seconds.
        var leaving: Set<Int> = []
        var tasks: [Int: (task: Task<Void, Never>, isForSocket: Bool)] = [:]
        var nextNumber = 0
        var timer: (due: Duration, number: Int)?
        var consumers = Consumers()
        var isClosed = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: ChannelsConfiguration
    private let authorizer: Authorizer
    let clock = ContinuousClock()
    let epoch: ContinuousClock.Instant
    let state: Mutex<State>

    init(_ configuration: ChannelsConfiguration, _ authorizer: Authorizer) {
        self.configuration = configuration
        self.authorizer = authorizer
        epoch = clock.now
        let seed = UInt64.random(in: 0...UInt64.max)
        state = Mutex(State(connection: Connection(settings: configuration.times, seed: seed)))
    }

    var now: Duration { epoch.duration(to: clock.now) }

    /// Changes the connection and does what comes of it.
    func act<Failure: Error>(
        _ verb: (inout Connection, Duration) throws(Failure) -> [ConnectionOutput]
    ) throws(Failure) {
        try state.withLock { state throws(Failure) in try act(&state, verb) }
    }

    /// Asks the connection.
    func ask<Answer>(_ question: (borrowing Connection) -> sending Answer) -> sending Answer {
        state.withLock { question($0.connection) }
    }

    /// `act` for the verbs that open a socket; false when it is too late for that.
    func open(_ verb: (inout Connection, Duration) -> [ConnectionOutput]) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            act(&state, verb)
            return true
        }
    }

    func act<Failure: Error>(
        _ state: inout State, _ verb: (inout Connection, Duration) throws(Failure) -> [ConnectionOutput]
    ) throws(Failure) {
        let outputs = try verb(&state.connection, now)
        for output in outputs { perform(output, &state) }
        watchTime(&state)
    }

    private func perform(_ output: ConnectionOutput, _ state: inout State) {
        switch output {
        case .open(let attempt):
            let limits = WebSocketLimits(message: configuration.maxFrameSize, outbound: configuration.maxUnsentBytes)
            let socket = WebSocketConnection.open(
                configuration.endpoint, timeout: configuration.times.handshakeTimeout, limits: limits
            ) { [weak self] event in self?.heard(event, attempt) }
            state.socket = (attempt, socket, false)
        case .send(let text): state.socket?.socket.send(text)
        case .close(let attempt, let code):
            guard let current = state.socket, current.attempt == attempt else { return }
            current.socket.close(code: code)
            if current.isOpen { state.leaving.insert(attempt) }
            state.socket = nil
        case .authorize(let channel, let socketID):
            ask(&state) { [authorizer] in
                try await authorizer.channel(channel, socketID)
            } answer: { connection, result, now in
                connection.authorized(channel, socketID: socketID, result, now: now)
            }
        case .authenticateUser(let socketID):
            ask(&state) { [authorizer] in
                try await authorizer.user(socketID)
            } answer: { connection, result, now in
                connection.userAuthenticated(socketID: socketID, result, now: now)
            }
        case .notice(let notice):
            if case .status(let status) = notice, status.socketID == nil {
                for (task, isForSocket) in state.tasks.values where isForSocket { task.cancel() }
            }
            state.consumers.tell(notice, of: state.connection)
        }
    }

    /// On the network thread.
    private func heard(_ event: TransportEvent, _ attempt: Int) {
        state.withLock { state in
            switch event {
            case .opened: if state.socket?.attempt == attempt { state.socket?.isOpen = true }
            case .closed, .failed, .refused: Self.ended(attempt, &state)
            case .text, .control: break
            }
            act(&state) { connection, now in
                switch event {
                case .opened: connection.socketOpened(attempt: attempt, now: now)
                case .text(let text): connection.received(text, attempt: attempt, now: now)
                case .control: connection.socketActive(attempt: attempt, now: now)
                case .closed(let code, let reason):
                    connection.socketClosed(attempt: attempt, code: code, reason: reason, now: now)
                case .failed(let sentence), .refused(_, let sentence):
                    connection.socketClosed(attempt: attempt, code: nil, reason: sentence, now: now)
                }
            }
        }
    }

    private static func ended(_ attempt: Int, _ state: inout State) {
        if state.socket?.attempt == attempt { state.socket = nil }
        state.leaving.remove(attempt)
        guard state.leaving.isEmpty else { return }
        for waiting in state.waitingForEnd { waiting.resume() }
        state.waitingForEnd = []
    }

    /// The end, without waiting for it.
    func stop() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            act(&state) { $0.stop(now: $1) }
            for (task, _) in state.tasks.values { task.cancel() }
            state.consumers.finish()
        }
    }

    /// The end: returns when no task runs and no socket is open, two seconds later at most.
    func close() async {
        stop()
        if Self.current == ObjectIdentifier(self) { return }
        for task in state.withLock({ $0.tasks.values.map(\.task) }) { await task.value }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard !state.leaving.isEmpty else { return true }
                state.waitingForEnd.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// What still runs, waits or is open.
    var remains: (tasks: Int, sockets: Int, consumers: Int) {
        state.withLock {
            ($0.tasks.count, $0.leaving.count + ($0.socket == nil ? 0 : 1), $0.consumers.count)
        }
    }
}
