import Glibc

/// What another program prints, for those that are asked something and answer soon.
enum CommandOutput {
    /// Runs it in a session of its own, with nothing to read, and its errors going nowhere: the screen is not its to write on.
    ///
    /// - Returns: how it ended, as a shell says it, and its output; nil where it took too long or printed more than 16 KB,
    ///   and was ended.
    static func of(_ words: [String], within limit: Duration) throws(Failure) -> (code: Int32, output: [UInt8])? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.tryAgain, "\(words[0]): no pipe (\(systemText(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&files, ends[1], 1)
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try ChildProcess.spawn(words, files: &files, isApart: true)
        }
        let output = read(ends[0], until: Now.uptime + limit)
        if output == nil { kill(-process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return output.map { (ChildProcess.code(ofStatus: status), $0) }
    }

    /// What there is up to the end of it; nil where that is too late or too much.
    private static func read(_ file: Int32, until end: Duration) -> [UInt8]? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= 16_384 {
            var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let left = Int32(clamping: Int64((end - Now.uptime) / .milliseconds(1)))
            guard left > 0 else { return nil }
            let ready = poll(&wait, 1, left)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = Glibc.read(file, &part, part.count)
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
        return nil
    }
}
