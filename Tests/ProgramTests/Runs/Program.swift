import FoundationEssentials
import Glibc

/// The binary under test, and processes of it.
enum Program {
    /// Beside the bundle these tests are in, or what `PARLEY_PROGRAM` says: the release build, for one.
    static let path: String = {
        if let other = getenv("PARLEY_PROGRAM") { return String(cString: other) }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/parley"
        return FileManager.default.isExecutableFile(atPath: beside)
            ? beside : Repository.root + "/.build/debug/parley"
    }()

    /// Nothing of the environment the tests run in reaches the program.
    static func environment(home: String, _ more: [String: String?] = [:]) -> [String: String] {
        var variables: [String: String?] = [
            "HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color", "TZ": "UTC",
            "SWIFT_BACKTRACE": "enable=no",
        ]
        variables.merge(more) { $1 }
        return variables.compactMapValues(\.self)
    }

    /// Starts `command`; `files` become its descriptors 0, 1, 2, or the terminal at that path does, as one of its own.
    static func spawn(
        _ command: [String], environment: [String: String], files: [Int32] = [], terminal: String? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if let terminal {
            let newSession: Int16 = 0x80
            posix_spawnattr_setflags(&attributes, newSession)
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        for (number, file) in files.enumerated() { posix_spawn_file_actions_adddup2(&actions, file, Int32(number)) }
        for file in 3..<512 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, file) }
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let problem = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &variables)
        guard problem == 0 else { throw RunError("\(command[0]): \(String(cString: strerror(problem)))") }
        return pid
    }

    struct Outcome {
        /// As a shell says it: 128 and the number for a signal.
        let code: Int32
        let output: String
        let errors: String

        var lines: [Substring] { output.split(separator: "\n") }
    }

    /// Runs a verb to its end, without a terminal; what hangs is killed.
    static func run(
        _ arguments: [String], home: String, environment more: [String: String?] = [:], input: String = "",
        within limit: Duration = .seconds(15)
    ) throws -> Outcome {
        try run(command: [path] + arguments, home: home, environment: more, input: input, within: limit)
    }

    /// Adds somebody to the desk in `folder`, or to the one that `options` name, and gives the token.
    static func add(_ user: String, _ folder: TestFolder, _ options: [String]? = nil) throws -> String {
        let added = try run(["user", "add", user] + (options ?? ["--data", folder.path + "/desk"]), home: folder.path)
        guard added.code == 0 else { throw RunError("\(added)") }
        return String(added.output.prefix { !$0.isNewline })
    }

    static func run(
        command: [String], home: String, environment more: [String: String?] = [:], input: String = "",
        within limit: Duration = .seconds(15)
    ) throws -> Outcome {
        let folder = try TestFolder()
        let inputFile = open(try folder.write(input, to: "input"), O_RDONLY | O_CLOEXEC)
        var ends: [(read: Int32, write: Int32)] = []
        for _ in 0..<2 {
            var pair: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { throw RunError("no pipe") }
            ends.append((pair[0], pair[1]))
        }
        defer { ends.forEach { close($0.read) } }
        let pid: pid_t
        do {
            defer { ([inputFile] + ends.map(\.write)).forEach { close($0) } }
            pid = try spawn(
                command, environment: environment(home: home, more),
                files: [inputFile] + ends.map(\.write))
        }
        var texts: [[UInt8]] = [[], []]
        let limit = ContinuousClock.now + limit
        var isOpen = [true, true]
        while isOpen.contains(true), texts.allSatisfy({ $0.count < 1 << 20 }) {
            var files = zip(ends, isOpen).map { pollfd(fd: $1 ? $0.read : -1, events: Int16(POLLIN), revents: 0) }
            guard poll(&files, 2, Int32(clamping: milliseconds(until: limit))) > 0 else { break }
            for (index, file) in files.enumerated() where file.revents != 0 {
                var part = [UInt8](repeating: 0, count: 16 * 1024)
                let count = read(file.fd, &part, part.count)
                if count > 0 { texts[index] += part[..<count] } else { isOpen[index] = false }
            }
        }
        if isOpen.contains(true) { kill(pid, SIGKILL) }
        let code = reap(pid)
        return Outcome(
            code: code, output: String(decoding: texts[0], as: UTF8.self),
            errors: String(decoding: texts[1], as: UTF8.self))
    }

    static func reap(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// The letter in its /proc/PID/stat: `T` is stopped, `Z` waits to be reaped; nil when there is no such process.
    static func state(of pid: pid_t) -> Character? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: ") ").last?.first
    }

    static func milliseconds(until limit: ContinuousClock.Instant) -> Int {
        let left = max(.zero, limit - .now).components
        return Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000)
    }
}
