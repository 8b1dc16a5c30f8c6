import Glibc
import Screen
import Terminal

/// What can be said without asking anybody.
enum HereChecks {
    /// Folders and files of this account.
    static func files(_ target: Target, _ settings: Settings) -> Check {
        let folders = [target.stateFolder, target.localFolder].compactMap(\.self)
        for folder in folders {
            var status = stat()
            guard stat(folder, &status) == 0 else {
                if errno == ENOENT { continue }
                return .wrong(.files, "\(folder): cannot be looked at (\(systemText(errno))); see who owns it")
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                return .wrong(.files, "\(folder): is no folder; move it away")
            }
            guard status.st_uid == geteuid() else {
                return .wrong(
                    .files, "\(folder): belongs to user \(status.st_uid) and not to you; chown it, or move it away")
            }
            guard status.st_mode & 0o022 == 0 else {
                return .wrong(
                    .files, "\(folder): others can write into it (mode \(octal(status.st_mode))); chmod 700 it")
            }
            guard access(folder, W_OK | X_OK) == 0 else {
                return .wrong(
                    .files, "\(folder): cannot be written; chmod u+rwx it, or set XDG_STATE_HOME and XDG_DATA_HOME")
            }
        }
        let secrets = [
            target.stateFolder + "/credentials.toml", target.stateFolder + "/accounts",
            target.localFolder.map { $0 + "/desk.app" }, target.localFolder.map { $0 + "/desk.sqlite" },
        ]
        for path in secrets.compactMap(\.self) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { continue }
            let mode = status.st_mode & S_IFMT == S_IFDIR ? "700" : "600"
            return .wrong(.files, "\(path): others can read it (mode \(octal(status.st_mode))); chmod \(mode) it")
        }
        return .ok(.files, folders.joined(separator: ", "))
    }

    /// What the terminal says of itself when it is asked.
    struct TerminalAnswers: Equatable {
        /// The columns of each of `samples`; nil where it does not say.
        var columns: [Int]?
        /// What `tmux show-options` says; empty outside of tmux.
        var tmux: [String: String] = [:]
    }

    /// A letter with a mark on it, a character of two columns, a picture, a line of a frame.
    static let samples = ["e\u{301}", "漢", "👍", "│"]

    static func terminal(
        _ facts: TerminalFacts, size: ScreenSize?, isTerminal: Bool, asked: () -> TerminalAnswers
    ) -> Check {
        guard isTerminal else { return .ok(.terminal, "none here; not looked at") }
        if let problem = facts.problem { return .wrong(.terminal, "\(problem)") }
        guard facts.isUTF8 else {
            return .wrong(
                .terminal, "the locale prints ASCII only; set LANG to one that ends in UTF-8, such as C.UTF-8")
        }
        guard let size, size.columns >= 40, size.rows >= 8 else {
            let found = size.map { "\($0.columns)x\($0.rows)" } ?? "unknown"
            return .wrong(.terminal, "its size is \(found); make the window 40x8 or larger")
        }
        let answers = asked()
        if let wrong = wrongWidth(answers.columns ?? [], facts) { return .wrong(.terminal, wrong) }
        var words = ["\(facts.name)", "\(size.columns)x\(size.rows)", "UTF-8"]
        words.append(facts.isColorUnwanted ? "NO_COLOR" : "\(facts.colors) colours")
        words.append(answers.columns == nil ? "widths not told" : "widths as counted here")
        words.append(facts.isANSI ? "focus, paste and mouse can be asked for" : "no focus, paste or mouse")
        words.append(facts.canTitle ? "title" : "no title")
        if facts.isInsideTmux { words += tmux(answers.tmux) }
        return .ok(.terminal, words.joined(separator: ", "))
    }

    /// Characters that take other columns than they are counted for would put everything behind them out of place.
    private static func wrongWidth(_ columns: [Int], _ facts: TerminalFacts) -> String? {
        for (sample, found) in zip(samples, columns) where found != TextWidth.of(sample) {
            let unit = found == 1 ? "column" : "columns"
            let advice =
                facts.isInsideTmux
                ? "start tmux with -u" : "set the terminal's character set to UTF-8, and its ambiguous width to narrow"
            return "it draws \(sample) in \(found) \(unit), where \(TextWidth.of(sample)) are counted; \(advice)"
        }
        return nil
    }

    /// None of these is needed; each makes something work that otherwise does not.
    static let tmuxOptions = [
        (name: "focus-events", gain: "tell of focus"),
        (name: "allow-passthrough", gain: "pass notifications on"),
    ]

    private static func tmux(_ options: [String: String]) -> [String] {
        let missing = tmuxOptions.filter { options[$0.name] == "off" }
        return ["inside tmux"] + missing.map { "set -g \($0.name) on lets it \($0.gain)" }
    }

    private static func octal(_ mode: mode_t) -> String { String(mode & 0o777, radix: 8) }
}
