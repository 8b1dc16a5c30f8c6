import Dispatch
import Glibc
import Synchronization
import Terminal

/// The paste buffer of the tmux around this process. tmux takes a text by its own command whatever its options for OSC 52
/// are, says whether it has it, and passes it on to the clipboard of the terminal around it.
final class TmuxBuffer: Sendable {
    struct Outcome: Sendable {
        let text: String
        let isLoaded: Bool
        /// What to say beside that it was copied.
        let note: String
    }

    private static let patience: Duration = .seconds(3)
    private let outcome = Mutex<Outcome?>(nil)

    /// Loads a text on a thread that may wait for tmux.
    func load(_ text: String, note: String) {
        DispatchQueue.global(qos: .userInitiated).async { [self] in
            // Before 3.2 there is no -w.
            let isLoaded = Self.load(text, "exec tmux load-buffer -w -") || Self.load(text, "exec tmux load-buffer -")
            outcome.withLock { $0 = Outcome(text: text, isLoaded: isLoaded, note: note) }
            Waker.wake()
        }
    }

    /// What became of the last text since the last call.
    func take() -> Outcome? {
        outcome.withLock { outcome in
            defer { outcome = nil }
            return outcome
        }
    }

    static func load(_ text: String, _ script: String) -> Bool {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process = try? ChildProcess.spawn(
            ["/bin/sh", "-c", script], ChildEnvironment(), input: .file(ends[0]), group: .session)
        close(ends[0])
        guard let process else {
            close(ends[1])
            return false
        }
        let end = Now.uptime + patience
        let isWritten = write(Array(text.utf8), to: ends[1], until: end)
        close(ends[1])
        let code = ChildProcess.wait(process, until: end)
        if code == nil {
            kill(-process, SIGKILL)
            ChildProcess.wait(process)
        }
        return isWritten && code == 0
    }

    private static func write(_ bytes: [UInt8], to file: Int32, until end: Duration) -> Bool {
        _ = fcntl(file, F_SETFL, O_NONBLOCK)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                let left = Int32(clamping: Int64((end - Now.uptime) / .milliseconds(1)))
                guard left > 0 else { return false }
                var wait = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, left)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
