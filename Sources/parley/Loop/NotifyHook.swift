import Chat
import ChatUI
import Glibc
import Logging
import Synchronization

/// Runs the command of `attention.notify_command` for an alert. What people wrote reaches it by stdin and by variables of
/// its environment, never by its command line; nobody waits for it, and few run at once.
final class NotifyHook: Sendable {
    static let most = 4
    /// Characters of a text that are handed over: less than a pipe holds at once, so that nothing waits for a reader.
    static let maxText = 1_000

    private let command: String?
    private let environment: ChildEnvironment
    private let log: Logger
    private let running = Mutex(0)

    init(command: String?, log: Logger, _ environment: ChildEnvironment = ChildEnvironment()) {
        self.command = command
        self.environment = environment
        self.log = log
    }

    func run(_ alert: Alert) {
        guard let command else { return }
        let hasRoom = running.withLock { running in
            guard running < Self.most else { return false }
            running += 1
            return true
        }
        guard hasRoom else { return log.notice("attention.notify_command: \(Self.most) are still running; left out") }
        do throws(Failure) {
            ChildProcess.whenEnded(try start(command, alert)) { [self] code in
                if code != 0 { log.notice("attention.notify_command: ended with \(code)") }
                running.withLock { $0 -= 1 }
            }
        } catch {
            running.withLock { $0 -= 1 }
            log.notice("attention.notify_command: \(error.sentence)")
        }
    }

    static func variables(_ alert: Alert) -> [(name: String, value: String)] {
        let step =
            switch alert.step {
            case .message: "message"
            case .waiting: "waiting"
            case .waitingTooLong: "waiting-too-long"
            }
        return [
            ("PARLEY_TITLE", Text.shown(alert.title)), ("PARLEY_STEP", step),
            ("PARLEY_CONVERSATION", alert.conversation.channel),
        ]
    }

    private func start(_ command: String, _ alert: Alert) throws(Failure) -> pid_t {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.ourBug, "no pipe (\(systemText(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var text = Array((alert.text.prefix(Self.maxText) + "\n").utf8)
        text.withUnsafeMutableBytes { _ = write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        // The screen is not the command's to write on.
        return try ChildProcess.spawn(
            ["/bin/sh", "-c", command], environment.adding(Self.variables(alert)), input: .file(ends[0]),
            group: .session)
    }
}
