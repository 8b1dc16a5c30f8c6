import Glibc

/// Standard input read to its end, also where another program made it non-blocking.
enum StandardInput {
    /// Waits for what comes; the count of bytes, 0 at the end.
    static func read(_ buffer: inout [UInt8]) throws(Failure) -> Int {
        while true {
            let count = Glibc.read(0, &buffer, buffer.count)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var wait = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                poll(&wait, 1, -1)
            default: throw Failure(.badInput, "stdin: cannot be read (\(systemText(errno)))")
            }
        }
    }
}
