import ArgumentParser
import ChannelsProtocol
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

/// Runs a command of the user's for each event: as it was written, by the shell, with what came from outside only on its
/// standard input and in its environment. While as many run as may, the next event waits, and so does what comes after it.
final class CommandRuns {
    private let command: String
    private let limit: Int
    private let variables: [String]
    private var running: Set<pid_t> = []

    init(_ command: String, limit: Int, settings: Settings) {
        self.command = command
        self.limit = limit
        variables = Self.inherited(settings)
    }

    /// - Parameter members: of the JSON line; strings, numbers and truth values become variables as well.
    func run(_ members: [(String, JSON)]) throws(Failure) {
        try makeRoom()
        guard Waker.quitSignal == nil else { return }
        let input = try Self.pipe(Text.json(members) + "\n")
        defer { close(input) }
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_adddup2(&files, input, 0)
        running.insert(
            try ChildProcess.spawn(
                ["/bin/sh", "-c", command], files: &files, variables: variables + Self.variables(members)))
    }

    /// Waits for those that still run.
    func finish() throws(Failure) {
        while !running.isEmpty {
            reap()
            if !running.isEmpty { _ = Waker.wait(input: -1, until: Now.uptime + .milliseconds(10)) }
            if Waker.quitSignal != nil { return }
        }
    }

    private func makeRoom() throws(Failure) {
        reap()
        while running.count >= limit, Waker.quitSignal == nil {
            _ = Waker.wait(input: -1, until: Now.uptime + .milliseconds(5))
            reap()
        }
    }

    private func reap() {
        for process in running {
            guard let code = ChildProcess.ended(process) else { continue }
            running.remove(process)
            if code != 0 { Output.note("parley: the command ended with \(code)") }
        }
    }

    /// `PARLEY_EVENT` is its type, `PARLEY_EVENT_FROM` and so on its members.
    static func variables(_ members: [(String, JSON)]) -> [String] {
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
            return "\(name)=\(text)"
        }
    }

    /// What makes a `parley` in the command talk to the same desk as the same user. Variables of an event that led to this
    /// run itself are none of the next events.
    private static func inherited(_ settings: Settings) -> [String] {
        var stale: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if text.utf8.starts(with: "PARLEY_EVENT".utf8) {
                stale.append(String(text.unicodeScalars.prefix { $0 != "=" }))
            }
            next += 1
        }
        for name in stale { unsetenv(name) }
        var own = [("PARLEY_USER", settings.text(.user)), ("PARLEY_URL", settings.text(.url))]
        if settings.hasFile { own.append(("PARLEY_CONFIG", settings.path)) }
        return own.compactMap { name, value in value.map { "\(name)=\($0)" } }
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
