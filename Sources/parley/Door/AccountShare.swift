import ChatSession
import Dispatch
import Glibc
import Logging
import Synchronization
import Transport

/// Lends this process's connection to the verbs of its account, from when nobody else does until it ends.
///
/// Of several terminals the first listens; the others sleep on the lock's file, and one of them wakes when that is let go.
final class AccountShare: Sendable {
    private struct State {
        var isStarted = false
        var isStopped = false
        var listener: LocalListener?
        var lock: Int32?
    }

    private let socket: AccountSocket
    private let log: Logger
    private let post: @Sendable (SessionEvent) -> Void
    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "account socket")

    init(_ socket: AccountSocket, log: Logger, post: @escaping @Sendable (SessionEvent) -> Void) {
        self.socket = socket
        self.log = log
        self.post = post
    }

    /// Once the account's folder is there and checked. Later calls do nothing.
    func start() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else { return }
        thread.async { [self] in
            guard let lock = takeLock() else { return }
            listen(lock)
        }
    }

    func send(_ line: Int, _ text: String) { listener?.send(line, text) }

    func end(_ line: Int, _ end: LineEnd) { listener?.end(line, code: end.rawValue) }

    /// Tells the lines to look elsewhere, and lets the next terminal listen.
    func stop() {
        let (listener, lock) = state.withLock { state in
            defer { (state.isStopped, state.listener, state.lock) = (true, nil, nil) }
            return (state.listener, state.lock)
        }
        listener?.close(code: LineEnd.comeBack.rawValue)
        guard let lock else { return }
        _ = socket.clear()
        close(lock)
    }

    private var listener: LocalListener? { state.withLock { $0.listener } }

    private func takeLock() -> Int32? {
        let lock = open(socket.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { return cannotLend(errno) }
        while flock(lock, LOCK_EX) != 0 {
            let code = errno
            guard code == EINTR else {
                close(lock)
                return cannotLend(code)
            }
        }
        return lock
    }

    private func cannotLend(_ code: Int32) -> Int32? {
        log.notice("\(socket.lock): \(systemText(code)); verbs connect by themselves")
        return nil
    }

    private func listen(_ lock: Int32) {
        do {
            guard socket.clear() else {
                throw Failure(.configuration, "\(socket.path): is no socket of ours and stays")
            }
            let listener = LocalListener(uri: AccountSocket.uri, tooSlow: LineEnd.standAlone.rawValue) { [post] event in
                switch event {
                case .opened(let line): post(.lineOpened(line))
                case .text(let line, let text): post(.lineText(line, text))
                case .closed(let line): post(.lineClosed(line))
                }
            }
            // Kept before anybody can come in: the first line is answered through it.
            let isWanted = state.withLock { state in
                guard !state.isStopped else { return false }
                (state.listener, state.lock) = (listener, lock)
                return true
            }
            guard isWanted else { return _ = close(lock) }
            try listener.listen(SocketPath(socket.path))
        } catch {
            log.notice("\(error); verbs connect by themselves")
            let isOurs = state.withLock { state in
                defer { (state.listener, state.lock) = (nil, nil) }
                return state.lock == lock
            }
            if isOurs { close(lock) }
        }
    }
}
