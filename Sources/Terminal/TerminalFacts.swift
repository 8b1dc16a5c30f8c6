internal import CTerminal
internal import Glibc
package import Screen

/// What the terminal can do, asked of the environment, the locale and the terminal database; nothing is written to it.
package struct TerminalFacts: Equatable, Sendable {
    /// `TERM`, made harmless; empty when not set.
    package let name: String
    /// Nil when the full screen can be used.
    package let problem: TerminalError?
    /// Whether the locale prints more than ASCII; if not, draw with `Glyphs.ascii`.
    package let isUTF8: Bool
    /// How many colours the database promises.
    package let colors: Int
    /// `NO_COLOR` is set to something.
    package let isColorUnwanted: Bool
    /// Understands `ESC [` sequences, so that paste, focus and mouse can be asked for.
    package let isANSI: Bool
    /// Understands OSC 2, the window's title.
    package let canTitle: Bool
    package let isInsideTmux: Bool
    /// What `COLORFGBG` says the text stands on, nil where it says nothing.
    package let ground: Ground?
    /// Can be asked for its background (OSC 11).
    package let canAskGround: Bool
    /// Known to make links of OSC 8.
    package let canLink: Bool
    /// GNU screen, which keeps to itself what it does not know, as tmux does.
    package let isInsideScreen: Bool
    /// What the terminal itself takes for a desktop notification, as far as its name tells.
    package let notification: Terminal.Notification

    /// `TERM=dumb`, unset, unknown, or too simple: linear mode is what works here.
    package var isDumb: Bool {
        switch problem {
        case .unset, .unknown, .noDatabase, .tooSimple, .refused: true
        case .notATerminal, nil: false
        }
    }

    package var depth: Theme.Depth {
        if isColorUnwanted || colors < 8 { return .monochrome }
        switch colors {
        case 256: return .twoHundredFiftySix
        case 0x100_0000: return .direct
        case 16..<256: return .sixteen
        default: return .eight
        }
    }

    package var glyphs: Glyphs { isUTF8 ? .unicode : .ascii }

    /// Looks at this process: also takes over the locale's character set, which a program does once at its start.
    package static func current() -> TerminalFacts {
        var environment: [String: String] = [:]
        for name in variables { if let value = getenv(name) { environment[name] = String(cString: value) } }
        return TerminalFacts(
            term: environment["TERM"] ?? "", isUTF8: ct_use_locale(), environment: environment,
            isInputTerminal: isatty(0) == 1, isOutputTerminal: isatty(1) == 1)
    }

    package init(
        term: String, isUTF8: Bool = true, environment: [String: String] = [:], isInputTerminal: Bool = true,
        isOutputTerminal: Bool = true
    ) {
        name = Printable.line(term)
        self.isUTF8 = isUTF8
        isColorUnwanted = !(environment["NO_COLOR"] ?? "").isEmpty
        isInsideTmux = environment["TMUX"] != nil
        ground = environment["COLORFGBG"].flatMap(Ground.init(colorFGBG:))
        isInsideScreen = environment["STY"] != nil
        let entry = TerminalFacts.lookUp(term)
        if let entry, !isInputTerminal || !isOutputTerminal, entry != .unset || term.isEmpty {
            // Which terminal it would be matters less than that it is none; being dumb matters more.
            problem = entry
        } else if !isInputTerminal {
            problem = .notATerminal(stream: "standard input")
        } else if !isOutputTerminal {
            problem = .notATerminal(stream: "standard output")
        } else {
            problem = entry
        }
        let isKnown = entry == nil
        colors = isKnown ? Int(ct_colors()) : 0
        isANSI = isKnown && ct_is_ansi()
        let families = [
            "xterm", "screen", "tmux", "rxvt", "alacritty", "foot", "kitty", "st-", "wezterm", "vte", "gnome",
        ]
        notification =
            isANSI
            ? Self.notification(term: term, environment, isInside: isInsideTmux || isInsideScreen) : .off
        canTitle = isANSI && (ct_has_xterm_extensions() || families.contains { term.hasPrefix($0) })
        // GNU screen keeps the question and the answer to itself.
        canAskGround = canTitle && (isInsideTmux || !term.hasPrefix("screen"))
        canLink = canTitle && isUTF8 && TerminalFacts.knowsLinks(term, environment)
    }

    /// Some show OSC 9, some OSC 777, some both; what is behind tmux or screen nobody knows, and most know the first.
    private static func notification(
        term: String, _ environment: [String: String], isInside: Bool
    ) -> Terminal.Notification {
        let program =
            environment["LC_TERMINAL"] ?? environment["TERM_PROGRAM"]
            ?? (environment["VTE_VERSION"] == nil ? "" : "vte")
        let nine = ["iterm", "wezterm", "ghostty", "kitty", "mintty", "windowsterminal", "contour"]
        let sevenSevenSeven = ["vte", "foot", "rxvt", "gnome"]
        for name in [program.lowercased(), term.lowercased()] {
            if nine.contains(where: name.contains) { return .osc9 }
            if sevenSevenSeven.contains(where: name.contains) { return .osc777 }
        }
        return isInside ? .osc9 : .off
    }

    func checkFullScreen() throws(TerminalError) {
        if let problem { throw problem }
    }

    private static func lookUp(_ term: String) -> TerminalError? {
        guard !term.isEmpty else { return .unset }
        // ncurses would take a name with a slash or of any length for a path.
        let shown = Printable.line(String(term.prefix(60)))
        guard term.utf8.count <= 64, !term.utf8.contains(0x2F) else { return .unknown(shown) }
        switch Int(ct_setup(term, 1)) {
        case ct_setup_ok: return ct_can_address_cursor() ? nil : .tooSimple(shown)
        case ct_setup_no_database: return .noDatabase(shown)
        case ct_setup_generic: return .tooSimple(shown)
        default: return .unknown(shown)
        }
    }

    /// What the kernel knows of the terminal's size, nil if nothing.
    package static func windowSize() -> ScreenSize? {
        var rows: Int32 = 0
        var columns: Int32 = 0
        guard ct_window_size(1, &rows, &columns) || ct_window_size(0, &rows, &columns) else { return nil }
        return ScreenSize(columns: Int(columns), rows: Int(rows))
    }

    private static let variables = [
        "TERM", "NO_COLOR", "TMUX", "STY", "LC_TERMINAL", "COLORFGBG", "TERM_PROGRAM", "TERM_PROGRAM_VERSION",
        "VTE_VERSION",
        "KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION",
    ]

    /// Terminals say nothing about links themselves; these are known to have them.
    private static func knowsLinks(_ term: String, _ environment: [String: String]) -> Bool {
        let program = environment["TERM_PROGRAM"] ?? ""
        if environment["TMUX"] != nil {
            // tmux passes them on from 3.4 on.
            let version = environment["TERM_PROGRAM_VERSION"]?.split { !$0.isNumber }.compactMap { Int($0) } ?? []
            return program == "tmux" && !version.lexicographicallyPrecedes([3, 4])
        }
        if term.hasPrefix("screen") { return false }
        let terms = ["xterm-kitty", "alacritty", "foot", "wezterm", "contour", "xterm-ghostty", "ghostty"]
        if terms.contains(where: term.hasPrefix) { return true }
        if ["iTerm.app", "WezTerm", "vscode", "ghostty", "mintty", "Hyper", "rio"].contains(program) { return true }
        if let vte = environment["VTE_VERSION"].flatMap({ Int($0) }) { return vte >= 5002 }
        return ["KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION"].contains { !(environment[$0] ?? "").isEmpty }
    }
}
