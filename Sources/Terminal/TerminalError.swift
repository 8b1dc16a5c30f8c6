/// Why there is no full screen, in a sentence a person can act on.
package enum TerminalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Standard input or output is a file, a pipe or nothing.
    case notATerminal(stream: String)
    case unset
    case unknown(String)
    case noDatabase(String)
    /// The cursor cannot be moved: `dumb` and its like.
    case tooSimple(String)
    case refused(String)

    package var description: String {
        switch self {
        case .notATerminal(let stream):
            "\(stream) is not a terminal; start parley in one, or use --linear, send, tail and the other commands"
        case .unset: "TERM is not set; set it to what your terminal is (xterm-256color, for instance), or use --linear"
        case .unknown(let name):
            "TERM is \"\(name)\", which this computer does not know; try TERM=xterm-256color, or install ncurses-term, "
                + "or use --linear"
        case .noDatabase(let name):
            "there is no terminal database to look up TERM \"\(name)\" in; install ncurses-base, or use --linear"
        case .tooSimple(let name): "TERM is \"\(name)\", where the cursor cannot be moved; use --linear"
        case .refused(let name): "ncurses cannot use this terminal (TERM is \"\(name)\"); use --linear"
        }
    }
}
