internal import CTerminal
internal import Glibc

/// Standard input as it is typed: no echo, no lines, no signals for keys. Given back by `leave`, also after a signal that
/// ends the program in order.
struct RawMode {
    private var saved = termios()

    /// Nil where standard input is no terminal.
    init?() {
        guard isatty(0) == 1, tcgetattr(0, &saved) == 0 else { return nil }
        ct_signals_install()
        var raw = saved
        cfmakeraw(&raw)
        // Lines still end where they should.
        raw.c_oflag = saved.c_oflag
        tcsetattr(0, TCSAFLUSH, &raw)
    }

    /// What was typed and not read is dropped.
    func leave() {
        var modes = saved
        tcsetattr(0, TCSAFLUSH, &modes)
    }
}
