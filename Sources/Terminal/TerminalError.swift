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
        if case .notATerminal = self {
            return "\(cause); start parley in one, or use --linear, send, tail and the other commands"
        }
        return "\(cause); \(remedy)use --linear"
    }

    /// The same where one is taken there anyway.
    package var whyLinear: String { "\(cause); \(remedy)read on line by line" }

    private var cause: String {
        switch self {
        case .notATerminal(let stream): "\(stream) is not a terminal"
        case .unset: "TERM is not set"
        case .unknown(let name): "TERM is \"\(name)\", which this computer does not know"
        case .noDatabase(let name): "there is no terminal database to look up TERM \"\(name)\" in"
        case .tooSimple(let name): "TERM is \"\(name)\", where the cursor cannot be moved"
        case .refused(let name): "ncurses cannot use this terminal (TERM is \"\(name)\")"
        }
    }

    private var remedy: String {
        switch self {
        case .unset: "set it to what your terminal is (xterm-256color, for instance), or "
        case .unknown: "try TERM=xterm-256color, or install ncurses-term, or "
        case .noDatabase: "install ncurses-base, or "
        case .notATerminal, .tooSimple, .refused: ""
        }
    }
}
