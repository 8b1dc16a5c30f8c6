import Glibc
import Synchronization

/// A program that prints the token, such as a password manager: run when a token is first needed, and again when the one
/// it printed was refused.
final class TokenCommand: Sendable {
    static let limit: Duration = .seconds(30)

    private let command: String
    private let kept = Mutex<String?>(nil)

    init(_ command: String) { self.command = command }

    /// Takes as long as the command does, once.
    func token() throws(Failure) -> String {
        try kept.withLock { kept throws(Failure) in
            if let kept { return kept }
            let token = try run()
            kept = token
            return token
        }
    }

    /// The next one is asked for anew.
    func forget(_ token: String) { kept.withLock { if $0 == token { $0 = nil } } }

    private func run() throws(Failure) -> String {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.tryAgain, "token_command: no pipe (\(systemText(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&files, ends[1], 1)
        // The screen is not its to write on.
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
        let process: pid_t
        do {
            defer { close(ends[1]) }
            process = try ChildProcess.spawn(["/bin/sh", "-c", command], files: &files, isApart: true)
        }
        let output = Self.read(ends[0], until: Now.uptime + Self.limit)
        if output == nil { kill(-process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard let output else {
            throw Failure(.tryAgain, "token_command: printed nothing within 30 s, or too much, and was ended")
        }
        let code = ChildProcess.code(ofStatus: status)
        guard code == 0 else {
            throw Failure(.refused, "token_command: ended with \(code); run it by hand to see why")
        }
        let line = output.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, line.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Failure(.refused, "token_command: its first line is no token; expected one word")
        }
        return String(decoding: line, as: UTF8.self)
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
