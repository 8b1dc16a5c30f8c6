import ArgumentParser
import ChannelsProtocol
import Chat
import Glibc
import Terminal

/// The options of every verb that runs a command for each event.
struct ExecOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Run this with /bin/sh for each event: its JSON on stdin, its members in PARLEY_EVENT_… variables.",
            valueName: "command"))
    var exec: String?
    @Option(help: ArgumentHelp("How many of them at once; 1 keeps their order.", valueName: "n"))
    var jobs = 1

    func checkedJobs() throws(Failure) -> Int {
        guard (1...64).contains(jobs) else {
            throw Failure(.usage, "--jobs is \(jobs); expected a number from 1 to 64")
        }
        return jobs
    }
}

/// Runs a command of the user's for each event, by the shell, with what came from outside only on its standard input and in
/// its environment. While as many run as may, the next event waits, and so does what comes after it.
final class CommandRuns {
    private let command: String
    private let limit: Int
    private let environment: ChildEnvironment
    private var running: Set<pid_t> = []
    /// How long commands that are ended may take for it.
    private static let grace: Duration = .milliseconds(500)

    init(_ command: String, limit: Int, _ settings: Settings) {
        self.command = command
        self.limit = limit
        environment = ChildEnvironment(settings, hasToken: true)
    }

    /// - Parameters:
    ///   - members: of the JSON line; strings, numbers and truth values become variables as well.
    ///   - user: who this run is, where that is known.
    /// - Returns: false where it could not start before `deadline`.
    func run(_ members: [(String, JSON)], as user: UserID?, before deadline: Duration?) throws(Failure) -> Bool {
        guard makeRoom(before: deadline) else { return false }
        let input = try Self.pipe(Text.json(members) + "\n")
        defer { close(input) }
        var variables = Self.variables(members)
        if let user { variables.append(("PARLEY_USER", user.text)) }
        running.insert(
            try ChildProcess.spawn(
                ["/bin/sh", "-c", command], environment.adding(variables), input: .file(input), output: .inherited,
                errors: .inherited, group: .own))
        return true
    }

    /// Waits for those that still run; those that run at `deadline` are ended.
    func finish(before deadline: Duration?) {
        while !running.isEmpty, isInTime(deadline) { pause(.milliseconds(10), deadline) }
        if !running.isEmpty, Waker.quitSignal == nil {
            Output.note("parley: the time is up; ended \(Text.count(running.count, "running command"))")
        }
        end()
    }

    /// Ends those that still run, with what they started in their process groups.
    func end() {
        for process in running { kill(-process, Waker.quitSignal ?? SIGTERM) }
        let end = Now.uptime + Self.grace
        for process in running {
            let isEnded = ChildProcess.wait(process, until: end) != nil
            // Also where the command itself has ended: what it started may ignore the signal.
            kill(-process, SIGKILL)
            if !isEnded { ChildProcess.wait(process) }
        }
        running = []
    }

    private func makeRoom(before deadline: Duration?) -> Bool {
        reap()
        while running.count >= limit, isInTime(deadline) { pause(.milliseconds(5), deadline) }
        return running.count < limit && isInTime(deadline)
    }

    private func isInTime(_ deadline: Duration?) -> Bool {
        Waker.quitSignal == nil && deadline.map { Now.uptime < $0 } ?? true
    }

    private func pause(_ duration: Duration, _ deadline: Duration?) {
        let end = Now.uptime + duration
        _ = Waker.wait(input: -1, until: deadline.map { min($0, end) } ?? end)
        reap()
    }

    private func reap() {
        for process in running {
            guard let code = ChildProcess.ended(process) else { continue }
            running.remove(process)
            if code != 0 { Output.note("parley: the command ended with \(code)") }
        }
    }

    /// `PARLEY_EVENT` is its type, `PARLEY_EVENT_FROM` and so on its members.
    static func variables(_ members: [(String, JSON)]) -> [(name: String, value: String)] {
        members.compactMap { name, value in
            let text: String
            switch value {
            case .string(let string): text = string
            case .number(let digits): text = digits
            case .bool(let isTrue): text = isTrue ? "true" : "false"
            case .null, .array, .object: return nil
            }
            let name = name == "type" ? "PARLEY_EVENT" : "PARLEY_EVENT_\(name.uppercased())"
            // The system's own limit of a variable, and its end.
            guard text.utf8.count < 100_000, !text.utf8.contains(0) else { return nil }
            return (name, text)
        }
    }

    /// The end to read from of a pipe that holds all of `text`; nobody writes to it any more.
    private static func pipe(_ text: String) throws(Failure) -> Int32 {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw Failure(.tryAgain, "no pipe can be made for the command (\(systemText(errno)))")
        }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let bytes = Array(text.utf8)
        let setSize: Int32 = 1031
        if bytes.count > 60_000 { _ = fcntl(ends[1], setSize, Int32(bytes.count + 4096)) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        guard write(ends[1], bytes, bytes.count) == bytes.count else {
            close(ends[0])
            throw Failure(.tryAgain, "an event of \(bytes.count) bytes does not fit into a pipe")
        }
        return ends[0]
    }
}
