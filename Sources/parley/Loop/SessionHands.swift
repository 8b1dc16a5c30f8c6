import ChannelsProtocol
import Chat
import ChatSession
import Desk
import Dispatch
import LocalStore
import Logging
import Synchronization
import Transport

/// What a run does with the connection of its account.
enum Sharing {
    /// It lends its own to verbs: a client that a person sits at.
    case lends
    /// It lives off a client's that runs beside, where there is one.
    case borrows
    case neither
}

/// The hands of a session: does what its effects say and posts how it went. It decides nothing, and may be called from any
/// thread; answers come from the network's and the disk's threads through the queue.
final class SessionHands: Sendable {
    private let route: DeskRoute
    private let queue: EventQueue
    private let http: HTTPCaller
    private let disk = DispatchQueue(label: "account store")
    private let store = Mutex<AccountStore?>(nil)
    private let socket = Mutex<(attempt: Int, connection: WebSocketConnection?)>((0, nil))
    /// The end of the connection that stood last.
    private let end = Mutex<Answer<Void>?>(nil)
    private let lastAnswerTook = Mutex<Duration?>(nil)
    private let doorIsShut = Mutex<Failure?>(nil)
    private let sharing: Sharing
    private let share = Mutex<AccountShare?>(nil)
    /// Whose connection ours is; nil for one of our own.
    private let lender = Mutex<(pid: Int32?, isTrusted: Bool)>((nil, true))

    init(route: DeskRoute, queue: EventQueue, sharing: Sharing) {
        self.sharing = sharing
        self.route = route
        self.queue = queue
        http = route.target.caller()
    }

    /// How long the desk's last answer took; nil before the first.
    var latency: Duration? { lastAnswerTook.withLock { $0 } }

    /// Why no desk can be reached, if that does not pass by itself: there is no token, or the local desk's folder cannot be
    /// written.
    var shutDoor: Failure? { doorIsShut.withLock { $0 } }

    /// Notices are the face's business and do nothing here.
    func perform(_ effect: SessionEffect) {
        switch effect {
        case .openStore(let user): openStore(of: user)
        case .save(let writes): save(writes)
        case .openSocket(let attempt, let identity): openSocket(attempt, identity)
        case .sendText(let text): socket.withLock { $0.connection }?.send(text)
        case .closeSocket(let attempt, let code):
            let old = socket.withLock { $0.attempt == attempt ? $0.connection : nil }
            old?.close(code: code)
            // What has to be given up was no good connection to live off.
            lender.withLock { if $0.pid != nil { $0 = (nil, false) } }
        case .request(let number, let request): ask(number, request)
        case .sendLine(let line, let text): share.withLock { $0 }?.send(line, text)
        case .endLine(let line, let end): share.withLock { $0 }?.end(line, end)
        case .log(let line): route.log.notice("\(line)")
        case .notice: break
        }
    }

    /// Whether what comes on the socket is read; what is not read makes the sender wait, or close.
    func setReading(_ isReading: Bool) { socket.withLock { $0.connection }?.setReading(isReading) }

    /// Ends the connection and waits until the disk has everything. Nothing may be performed afterwards.
    func close() {
        share.withLock { $0 }?.stop()
        socket.withLock { $0.connection }?.close()
        // What is said without a desk is nowhere else: the engine has it when it has answered the goodbye.
        if route.target.plain != nil { _ = end.withLock { $0 }?.wait(.seconds(2)) }
        http.shutdown()
        disk.sync {
            store.withLock { store in
                store?.close()
                store = nil
            }
        }
    }

    // MARK: Desk

    private func ask(_ number: Int, _ request: DeskRequest) {
        // The first question opens the door; those after it find it open, or fail and are asked again.
        guard request == DeskCall.identity.request else { return call(number, request) }
        throughDoor { [self] problem in
            if let problem { queue.post(.unanswered(request: number, reason: problem)) } else { call(number, request) }
        }
    }

    private func call(_ number: Int, _ request: DeskRequest) {
        let began = Now.uptime
        http.call(
            request.method, request.path, headers: request.headers.map { ($0.name, $0.value) },
            contentType: request.contentType, body: request.body, timeout: request.held + .seconds(10)
        ) { [self] result in
            switch result {
            case .success(let answer):
                if request.held == .zero { lastAnswerTook.withLock { $0 = Now.uptime - began } }
                queue.post(
                    .answered(
                        request: number, status: answer.status, retryAfter: answer.retryAfter, body: answer.body))
            case .failure(let failure):
                if case .notSent(let sentence) = failure { noToken(sentence) }
                queue.post(.unanswered(request: number, reason: failure.description))
            }
        }
    }

    /// A token that is missing, kept where others can read it, or refused by its command does not come by itself.
    private func noToken(_ sentence: String) {
        var problem = Failure(.refused, sentence)
        do throws(Failure) { try route.target.insistOnToken() } catch { problem = error }
        shut(problem)
    }

    private func shut(_ problem: Failure) { doorIsShut.withLock { $0 = problem } }

    private func openSocket(_ attempt: Int, _ identity: Identity) {
        if attempt == 1 { disk.async { [route] in route.target.keepLastUser(identity.id) } }
        if attempt > 1 { adopt() }
        let old = socket.withLock { socket in
            defer { socket = (attempt, nil) }
            return socket.connection
        }
        old?.abandon()
        throughDoor { [self] problem in
            if let problem {
                queue.post(.socketClosed(attempt: attempt, code: nil, reason: problem))
            } else {
                connect(attempt, identity)
            }
        }
    }

    private func connect(_ attempt: Int, _ identity: Identity) {
        if sharing == .borrows, lender.withLock({ $0.isTrusted }) {
            let there = AccountSocket(store: route.target.storePath(of: identity.id))
            if let pid = there.listener() { return borrow(attempt, from: pid, there.endpoint, identity) }
        }
        connectAlone(attempt, identity)
    }

    private func connectAlone(_ attempt: Int, _ identity: Identity) {
        let engine: WebSocketEndpoint
        do throws(Failure) { engine = try route.target.engine(of: identity) } catch {
            shut(error)
            return queue.post(.socketClosed(attempt: attempt, code: nil, reason: error.sentence))
        }
        open(attempt, engine) { [self] event in
            switch event {
            case .opened:
                queue.post(.socketOpened(attempt: attempt))
                lend(as: identity.id)
            case .text(let text): queue.post(.socketText(attempt: attempt, text))
            case .control: queue.post(.socketActive(attempt: attempt))
            case .closed(let code, let reason):
                queue.post(.socketClosed(attempt: attempt, code: code, reason: reason))
            case .failed(let reason): queue.post(.socketClosed(attempt: attempt, code: nil, reason: reason))
            // Nothing stands between two programs on one machine.
            case .refused(_, let reason) where route.target.localFolder != nil:
                queue.post(.socketClosed(attempt: attempt, code: nil, reason: reason))
            case .refused(let status, let reason):
                queue.post(.socketRefused(attempt: attempt, status: status, reason: reason))
            }
        }
    }

    private func open(
        _ attempt: Int, _ endpoint: WebSocketEndpoint, timeout: Duration = .seconds(10),
        _ onEvent: @escaping @Sendable (TransportEvent) -> Void
    ) {
        socket.withLock { socket in
            // A later attempt may have begun while the door was being opened.
            guard socket.attempt == attempt else { return }
            let ended = Answer<Void>()
            socket.connection = WebSocketConnection.open(endpoint, timeout: timeout) { [self] event in
                switch event {
                case .opened: end.withLock { $0 = ended }
                case .closed, .failed, .refused: ended.give(.success(()))
                case .text, .control: break
                }
                onEvent(event)
            }
        }
    }

    // MARK: Connections lent and borrowed

    /// Lives off the connection of a client that runs beside; without it, off one of our own.
    private func borrow(_ attempt: Int, from pid: Int32, _ endpoint: WebSocketEndpoint, _ identity: Identity) {
        lender.withLock { $0.pid = pid }
        let isOpen = Mutex(false)
        open(attempt, endpoint, timeout: AccountSocket.patience) { [self] event in
            switch event {
            case .opened:
                isOpen.withLock { $0 = true }
                queue.post(.socketOpened(attempt: attempt))
            case .text(let text): queue.post(.socketText(attempt: attempt, text))
            case .control: queue.post(.socketActive(attempt: attempt))
            case .closed(let code, let reason):
                lender.withLock { $0 = (nil, code == LineEnd.comeBack.rawValue) }
                lost(attempt, reason)
            case .failed(let reason), .refused(_, let reason):
                lender.withLock { $0 = (nil, false) }
                if isOpen.withLock({ $0 }) { lost(attempt, reason) } else { connectAlone(attempt, identity) }
            }
        }
    }

    /// The desk itself is where it was: no reason to wait.
    private func lost(_ attempt: Int, _ reason: String) {
        queue.post(
            .socketClosed(
                attempt: attempt, code: LineEnd.comeBack.rawValue,
                reason: reason.isEmpty ? "the client that shared its connection ended" : reason))
    }

    /// Whether our connection is another process's.
    var isBorrowing: Bool { lender.withLock { $0.pid } != nil }

    /// Goes on alone where the client whose connection we live off is stopped.
    func leaveStoppedLender() {
        guard let pid = lender.withLock({ $0.pid }), LocalDesk.isStopped(pid) else { return }
        lender.withLock { $0 = (nil, false) }
        let (attempt, connection) = socket.withLock { $0 }
        connection?.abandon()
        lost(attempt, "the client that shares its connection (pid \(pid)) is stopped")
    }

    private func lend(as user: UserID) {
        guard sharing == .lends else { return }
        let share = share.withLock { share in
            let known =
                share
                ?? AccountShare(AccountSocket(store: route.target.storePath(of: user)), log: route.log) {
                    [queue] in queue.post($0)
                }
            share = known
            return known
        }
        // After the account's folder is made and checked.
        disk.async { share.start() }
    }

    /// Makes sure that somebody answers at the local desk; hands over a sentence if nobody does.
    private func throughDoor(_ then: @escaping @Sendable (String?) -> Void) {
        guard let desk = route.desk else { return then(nil) }
        Task {
            do {
                try await desk.ensureHost()
                then(nil)
            } catch {
                if let failure = error as? Failure, [.cannotWrite, .configuration].contains(failure.code) {
                    shut(failure)
                }
                then("\(error)")
            }
        }
    }

    // MARK: Disk

    private func openStore(of user: UserID) {
        disk.async { [self] in
            do {
                let opened = try AccountStore.open(route.target.storePath(of: user))
                let saved = try opened.load()
                // Another user's, if this one was only thought to be the one.
                let before = store.withLock { store in
                    defer { store = opened }
                    return store
                }
                before?.close()
                queue.post(.restored(saved))
            } catch {
                route.log.error("account store: \(error)")
                queue.post(.notRestored(reason: "\(error)"))
            }
        }
    }

    /// Takes over what another terminal of this account left unsent when it ended.
    private func adopt() {
        disk.async { [self] in
            guard let adopted = try? store.withLock({ $0 })?.adopt(), !adopted.isEmpty else { return }
            queue.post(.restored(SavedState(outbox: adopted)))
        }
    }

    private func save(_ writes: [StoreWrite]) {
        disk.async { [self] in
            guard let store = store.withLock({ $0 }) else {
                queue.post(.notSaved(writes, reason: "nothing can be kept on this machine's disk"))
                return
            }
            store.apply(writes) { [queue] result in
                switch result {
                case .success: queue.post(.saved(writes))
                case .failure(let error): queue.post(.notSaved(writes, reason: "\(error)"))
                }
            }
        }
    }
}
