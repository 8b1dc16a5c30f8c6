import Glibc

/// Starts other programs.
enum ChildProcess {
    /// - Parameters:
    ///   - variables: `NAME=value`, beside those of this process.
    ///   - isApart: in a session of its own: without this terminal, and untouched by its Ctrl-C.
    static func spawn(
        _ arguments: [String], files: UnsafePointer<posix_spawn_file_actions_t>? = nil, variables: [String] = [],
        isApart: Bool = false
    ) throws(Failure) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this program ignores or catches is the other's own business.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP, SIGTTOU, SIGTTIN] {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | (isApart ? newSession : 0)))
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        let own = variables.map { strdup($0) }
        defer { own.forEach { free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = own
        var next = environ
        while let variable = next.pointee {
            environment.append(variable)
            next += 1
        }
        environment.append(nil)
        var process: pid_t = 0
        let problem = posix_spawn(&process, arguments[0], files, &attributes, &words, &environment)
        guard problem == 0 else {
            throw Failure(.ourBug, "\(arguments[0]): cannot be started (\(systemText(problem)))")
        }
        return process
    }
}
