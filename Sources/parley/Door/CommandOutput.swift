import Glibc

/// What another program prints, for those that are asked something and answer soon.
enum CommandOutput {
    /// How much of what is printed is wanted.
    enum Part {
        case all
        /// Up to the first line's end. Whoever goes on in the background keeps the output open for as long as it likes.
        case firstLine
    }

    /// How long a program may take to end after its first line.
    private static let endPatience: Duration = .milliseconds(500)

    /// Runs it in a session of its own, with nothing to read, and its errors going nowhere: the screen is not its to write on.
    ///
    /// - Returns: how it ended, as a shell says it (0 while it goes on after its first line), and its output; nil where it
    ///   took too long or printed more than 16 KB, and was ended.
    static func of(
        _ words: [String], _ environment: ChildEnvironment, within limit: Duration, _ part: Part = .all
    ) throws(Failure) -> (code: Int32, output: [UInt8])? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.tryAgain, "\(words[0]): no pipe (\(systemText(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try ChildProcess.spawn(words, environment, output: .file(ends[1]), group: .session)
        }
        guard let output = read(ends[0], until: Now.uptime + limit, part) else {
            kill(-process, SIGKILL)
            ChildProcess.wait(process)
            return nil
        }
        guard part == .firstLine else { return (ChildProcess.wait(process), output) }
        if let code = ChildProcess.wait(process, until: Now.uptime + endPatience) { return (code, output) }
        ChildProcess.whenEnded(process) { _ in }
        return (0, output)
    }

    /// What there is up to the end of it; nil where that is too late or too much.
    private static func read(_ file: Int32, until end: Duration, _ part: Part) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= 16_384 {
            if part == .firstLine, bytes.contains(UInt8(ascii: "\n")) { return bytes }
            var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let left = Int32(clamping: Int64((end - Now.uptime) / .milliseconds(1)))
            guard left > 0 else { return nil }
            let ready = poll(&wait, 1, left)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
        return nil
    }
}
