import CSpawn
import Dispatch
import Glibc

/// Starts every other program: hooks, jobs, the editor, the link opener, the token command.
///
/// A child has descriptors 0, 1 and 2 and no others. A further one would keep a socket or a lock of this process open after
/// this process was killed: others would see its user online, and could not take over its desk.
enum ChildProcess {
    /// What a child has as one of its descriptors 0, 1 and 2.
    enum Stream {
        /// The one of this process.
        case inherited
        case null
        case file(Int32)
    }

    /// To whom signals for a child go, and whether it has this terminal.
    enum Group {
        /// Those of this process; the child may use the terminal.
        case shared
        /// A process group that can be ended as a whole.
        case own
        /// A session without the terminal, and a process group of that.
        case session
    }

    /// - Returns: the process, which the caller waits for.
    static func spawn(
        _ words: [String], _ environment: ChildEnvironment, input: Stream = .null, output: Stream = .null,
        errors: Stream = .null, group: Group
    ) throws(Failure) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that this process ignores or catches have their default effect in the child.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP, SIGTTOU, SIGTTIN] {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // A thread of the Swift runtime blocks signals, and its child would not end when it is asked to.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        switch group {
        case .shared: break
        case .own: flags |= POSIX_SPAWN_SETPGROUP
        case .session: flags |= 0x80  // POSIX_SPAWN_SETSID
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        for (number, stream) in [input, output, errors].enumerated() {
            switch stream {
            case .inherited: break
            case .null: posix_spawn_file_actions_addopen(&files, Int32(number), "/dev/null", O_RDWR, 0)
            case .file(let file): posix_spawn_file_actions_adddup2(&files, file, Int32(number))
            }
        }
        cs_close_from(&files, 3)

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.entries.map { strdup($0) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var process: pid_t = 0
        let problem = posix_spawn(&process, words[0], &files, &attributes, &arguments, &variables)
        guard problem == 0 else {
            throw Failure(.ourBug, "\(words[0]): cannot be started (\(systemText(problem)))")
        }
        return process
    }

    /// How a process ended, as a shell says it: 128 and the number for a signal. Nil while it runs.
    static func ended(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        let found = waitpid(process, &status, WNOHANG)
        if found < 0 { return errno == EINTR ? nil : 0 }
        guard found == process else { return nil }
        return code(ofStatus: status)
    }

    /// Waits for the end of a process.
    @discardableResult static func wait(_ process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return 0 } }
        return code(ofStatus: status)
    }

    /// Waits for the end of a process at most until then; nil while it runs.
    static func wait(_ process: pid_t, until end: Duration) -> Int32? {
        while true {
            if let code = ended(process) { return code }
            guard Now.uptime < end else { return nil }
            usleep(2_000)
        }
    }

    /// Calls `body` with the code when a process has ended, on a thread of its own.
    static func whenEnded(_ process: pid_t, _ body: @escaping @Sendable (_ code: Int32) -> Void) {
        DispatchQueue.global(qos: .utility).async { body(wait(process)) }
    }

    private static func code(ofStatus status: Int32) -> Int32 {
        status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
