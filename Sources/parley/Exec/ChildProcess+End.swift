import Glibc

extension ChildProcess {
    /// How it ended, as a shell says it: 128 and the number for a signal. Nil while it runs.
    static func ended(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        let found = waitpid(process, &status, WNOHANG)
        if found < 0 { return errno == EINTR ? nil : 0 }
        guard found == process else { return nil }
        return code(ofStatus: status)
    }

    /// What `waitpid` told, as a shell says it.
    static func code(ofStatus status: Int32) -> Int32 {
        status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}
