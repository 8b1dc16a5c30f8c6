import Foundation

/// The program line by line on two pipes: what is typed goes in, what it prints is kept.
final class LinearProgram {
    let pid: pid_t
    private(set) var output = ""
    private let input: Int32
    private let end: Int32
    private var isReaped = false

    init(_ arguments: [String], environment: [String: String], errors: String) throws {
        var typed: [Int32] = [-1, -1]
        var printed: [Int32] = [-1, -1]
        guard pipe(&typed) == 0, pipe(&printed) == 0 else { throw RunError("no pipe") }
        for file in typed + printed { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
        let log = open(errors, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { [typed[0], printed[1], log].forEach { close($0) } }
        (input, end) = (typed[1], printed[0])
        pid = try Program.spawn(
            [Program.path, "chat", "--linear"] + arguments, environment: environment,
            files: [typed[0], printed[1], log])
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
        _ = fcntl(input, F_SETFL, O_NONBLOCK)
    }

    deinit {
        kill()
        [input, end].forEach { close($0) }
    }

    /// How much of the text there was room for; the rest is to be typed later.
    func type(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        return max(0, write(input, bytes, bytes.count))
    }

    /// Takes what was printed, waiting so long at the most for something to come.
    func read(within limit: Duration) {
        var file = pollfd(fd: end, events: Int16(POLLIN), revents: 0)
        guard poll(&file, 1, Int32(limit / .milliseconds(1))) > 0 else { return }
        var part = [UInt8](repeating: 0, count: 64 * 1024)
        let count = Foundation.read(end, &part, part.count)
        if count > 0 { output += String(decoding: part[..<count], as: UTF8.self) }
    }

    /// Reads until that was printed, by this program or before; the others are read as well, so that none of them stands.
    func waitFor(_ text: String, beside others: [LinearProgram] = [], within limit: Duration = .seconds(60)) throws {
        let end = ContinuousClock.now + limit
        while !output.contains(text) {
            guard .now < end else {
                throw RunError("waited for \(text): " + ([self] + others).map(\.output).joined(separator: "\n---\n"))
            }
            read(within: .milliseconds(50))
            for other in others { other.read(within: .milliseconds(1)) }
        }
    }

    /// At once, as nothing can be caught.
    func kill() {
        guard !isReaped else { return }
        isReaped = true
        Foundation.kill(pid, SIGKILL)
        _ = Program.reap(pid)
    }
}
