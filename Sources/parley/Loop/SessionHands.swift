import ChannelsProtocol
import Chat
import ChatSession
import Dispatch
import LocalStore
import Logging
import Synchronization
import Transport

/// The hands of a session: does what its effects say and posts how it went. It decides nothing, and may be called from any
/// thread; answers come from the network's and the disk's threads through the queue.
final class SessionHands: Sendable {
    private let route: DeskRoute
    private let queue: EventQueue
    private let http: HTTPCaller
    private let disk = DispatchQueue(label: "account store")
    private let store = Mutex<AccountStore?>(nil)
    private let socket = Mutex<(attempt: Int, connection: WebSocketConnection?)>((0, nil))
    private let lastAnswerTook = Mutex<Duration?>(nil)
    private let doorIsShut = Mutex<Failure?>(nil)

    init(route: DeskRoute, queue: EventQueue) {
        self.route = route
        self.queue = queue
        http = route.target.caller()
    }

    /// How long the desk's last answer took; nil before the first.
    var latency: Duration? { lastAnswerTook.withLock { $0 } }

    /// Why the local desk can neither be hosted nor joined, if that is nothing that passes by itself: a folder that cannot
    /// be written, a file of somebody's in the way.
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
        case .request(let number, let request): ask(number, request)
        case .log(let line): route.log.notice("\(line)")
        case .notice: break
        }
    }

    /// Whether what comes on the socket is read; what is not read makes the sender wait, or close.
    func setReading(_ isReading: Bool) { socket.withLock { $0.connection }?.setReading(isReading) }

    /// Ends the connection and waits until the disk has everything. Nothing may be performed afterwards.
    func close() {
        socket.withLock { $0.connection }?.close()
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
            contentType: request.contentType, body: request.body
        ) { [self] result in
            switch result {
            case .success(let answer):
                lastAnswerTook.withLock { $0 = Now.uptime - began }
                queue.post(
                    .answered(
                        request: number, status: answer.status, retryAfter: answer.retryAfter, body: answer.body))
            case .failure(let failure): queue.post(.unanswered(request: number, reason: failure.description))
            }
        }
    }

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
        let endpoint = route.target.engine(of: identity)
        socket.withLock { socket in
            // A later attempt may have begun while the door was being opened.
            guard socket.attempt == attempt else { return }
            socket.connection = WebSocketConnection.open(endpoint) { [queue] event in
                switch event {
                case .opened: queue.post(.socketOpened(attempt: attempt))
                case .text(let text): queue.post(.socketText(attempt: attempt, text))
                case .control: queue.post(.socketActive(attempt: attempt))
                case .closed(let code, let reason):
                    queue.post(.socketClosed(attempt: attempt, code: code, reason: reason))
                case .failed(let reason): queue.post(.socketClosed(attempt: attempt, code: nil, reason: reason))
                }
            }
        }
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
                    doorIsShut.withLock { $0 = failure }
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
