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

    /// `TERM=dumb`, unset, unknown, or too simple: linear mode is what works here.
    package var isDumb: Bool {
        switch problem {
        case .unset, .unknown, .noDatabase, .tooSimple, .refused: true
        case .notATerminal, nil: false
        }
    }

    package var depth: Theme.Depth {
        if isColorUnwanted || colors < 8 { return .monochrome }
        // With direct colour a number is red, green and blue, but the first eight stay what they are.
        return colors == 256 ? .twoHundredFiftySix : colors >= 16 && colors < 256 ? .sixteen : .eight
    }

    package var glyphs: Glyphs { isUTF8 ? .unicode : .ascii }

    /// Looks at this process: also takes over the locale's character set, which a program does once at its start.
    package static func current() -> TerminalFacts {
        TerminalFacts(
            term: variable("TERM") ?? "", isUTF8: ct_use_locale(),
            isColorUnwanted: !(variable("NO_COLOR") ?? "").isEmpty, isInsideTmux: variable("TMUX") != nil,
            isInputTerminal: isatty(0) == 1, isOutputTerminal: isatty(1) == 1)
    }

    package init(
        term: String, isUTF8: Bool = true, isColorUnwanted: Bool = false, isInsideTmux: Bool = false,
        isInputTerminal: Bool = true, isOutputTerminal: Bool = true
    ) {
        name = Printable.line(term)
        self.isUTF8 = isUTF8
        self.isColorUnwanted = isColorUnwanted
        self.isInsideTmux = isInsideTmux
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
        canTitle = isANSI && (ct_has_xterm_extensions() || families.contains { term.hasPrefix($0) })
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

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
