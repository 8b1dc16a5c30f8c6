internal import CTerminal
package import Screen

/// The door to the terminal: the only room that knows ncurses, modes and signals. Screens go in, keys come out.
///
/// One per process, on the main thread, which sleeps in `wait` and nowhere else; other threads reach it by `Waker.wake()`.
/// The terminal is given back on every way out: `leave`, `exit`, a deadly signal, a crash, Ctrl-Z.
///
/// A new role gets its look in `Theme`; a new sequence from the terminal goes into `KeyDecoder`, a new one to it into
/// `Terminal+Sequences`.
package final class Terminal {
    package struct Options: Sendable {
        /// Nil takes what the terminal and `NO_COLOR` allow.
        package var depth: Theme.Depth?
        /// Nil asks the terminal what its background is, and takes a dark one until it answers.
        package var ground: Ground?
        /// Nil makes links where the terminal is known to have them.
        package var links: Bool?
        /// Clicks and the wheel; selecting text then takes Shift.
        package var mouse = true
        /// Nil goes by what the terminal says it is.
        package var notification: Notification?
        /// Where standard error goes while the screen is ours; nil keeps it in memory for the case of a crash.
        package var errorLog: Int32?
        package var decoder = KeyDecoder.Settings()

        package init() {}
    }

    package let facts: TerminalFacts
    /// The columns and rows of now; 80 × 24 where nobody knows.
    package private(set) var size: ScreenSize
    package private(set) var theme: Theme
    /// Whether the screen is ours: false between `pause` and `resume`, and after `leave`.
    package private(set) var isActive = true

    /// Stopped from outside and continued without the terminal, which the shell has: nothing is read, nothing painted.
    private var isInBackground = false
    private let options: Options
    private var decoder: KeyDecoder
    private var shown: Screen?
    private var titleShown = ""
    private let makesLinks: Bool
    private let writesNewCharacters: Bool
    /// When the terminal was asked for its background, until it answers.
    private var askedAt: Duration?
    private var wantsGround: Bool
    private var isClosed = false
    private var hasResized = false
    private var buffer = [UInt8](repeating: 0, count: 16 * 1024)

    /// Takes the terminal over and clears it; nothing is changed when this throws.
    package init(_ options: Options = Options(), facts: TerminalFacts = .current()) throws(TerminalError) {
        try facts.checkFullScreen()
        self.options = options
        self.facts = facts
        decoder = KeyDecoder(settings: options.decoder)
        theme = Theme(options.depth ?? facts.depth, on: options.ground ?? facts.ground ?? .dark)
        makesLinks = facts.isANSI && facts.isUTF8 && (options.links ?? facts.canLink)
        // tmux and screen go by the same C library and drop what it does not know: there question marks say more.
        writesNewCharacters = facts.isANSI && facts.isUTF8 && !facts.isInsideTmux && !facts.isInsideScreen
        wantsGround = options.ground == nil && facts.canAskGround && theme.depth != .monochrome
        size = TerminalFacts.windowSize() ?? ScreenSize(80, 24)
        ct_signals_install()
        // Before ncurses starts: where nobody else takes TSTP it does, and ignores it while it paints.
        ct_signals_install_for_screen()
        let modes = Terminal.modes(facts: facts, mouse: options.mouse)
        guard ct_open(facts.name, 0, 1, theme.depth != .monochrome, modes) else { throw .refused(facts.name) }
        // A change before the handler was there went unnoticed.
        size = TerminalFacts.windowSize() ?? size
        ct_errors_redirect(options.errorLog ?? -1)
        applyTheme()
        ct_resize(Int32(size.rows), Int32(size.columns))
    }

    deinit { leave() }

    /// Gives the terminal back. Does nothing the second time.
    package func leave() {
        guard isActive || isInBackground else { return }
        isActive = false
        isInBackground = false
        // An answer that comes only now would be typed into the shell.
        if let askedAt, Terminal.now - askedAt < .seconds(1) { ct_discard_input() }
        askedAt = nil
        ct_leave()
        ct_errors_return()
    }

    /// Gives the terminal back for a while: to an editor, to a bare view for copying.
    package func pause() { leave() }

    /// Takes it again; the next `present` paints everything.
    package func resume() {
        guard !isActive, !isClosed else { return }
        isActive = true
        ct_errors_redirect(options.errorLog ?? -1)
        ct_enter()
        applySize()
        shown = nil
        titleShown = ""
    }

    /// What Ctrl-Z does: the terminal goes back, the process group stops; on `fg` the screen returns as it was.
    package func suspend() {
        let screen = shown
        pause()
        ct_stop_process_group()
        resume()
        if let screen, screen.size == size { present(screen) }
    }

    /// Changes the colours; the next `present` paints everything.
    package func use(_ theme: Theme) {
        self.theme = theme
        applyTheme()
        shown = nil
    }

    /// Forgets what is on the screen, so that the next `present` paints over whatever others wrote there: Ctrl-L.
    package func forget() {
        ct_redraw_everything()
        shown = nil
    }

    private func applyTheme() {
        for role in Role.allCases {
            let style = theme[role]
            ct_set_style(
                role.rawValue, UInt32(style.attributes.rawValue), Int32(style.foreground), Int32(style.background))
        }
    }

    private func applySize() {
        guard let now = TerminalFacts.windowSize(), now != size else { return }
        size = now
        hasResized = true
        ct_resize(Int32(now.rows), Int32(now.columns))
        ct_redraw_everything()
        shown = nil
    }

    // MARK: Painting

    /// Paints what differs from the screen presented before, in one write. A screen of another size is clipped.
    package func present(_ screen: Screen) {
        guard isActive, hasForeground() else { return }
        // On an empty picture there is less to put than on an unknown one.
        if shown?.size != screen.size {
            ct_erase(Role.plain.rawValue)
            shown = Screen(size: screen.size)
        }
        let visible = min(screen.size.columns, size.columns)
        var changed: [Int] = []
        screen.forEachChange(since: shown) { row, columns in
            guard row < size.rows else { return }
            if changed.last != row { changed.append(row) }
            put(screen, row, columns.clamped(to: 0..<visible))
        }
        let cursor = screen.cursor.flatMap { $0.row < size.rows && $0.column < size.columns ? $0 : nil }
        ct_show(Int32(cursor?.row ?? -1), Int32(cursor?.column ?? 0))
        let before = shown
        shown = screen
        if writesNewCharacters {
            let characters = Terminal.newCharacters(
                on: screen, rows: changed, theme: theme, size: size, isNew: Terminal.isNew)
            if !characters.isEmpty { send(characters) }
        }
        if makesLinks {
            let links = Terminal.links(on: screen, since: before, theme: theme, size: size)
            if !links.isEmpty { send(links) }
        }
        if screen.title != titleShown { showTitle(screen.title) }
        // The first picture stands; whatever the answer is, nobody waits for it.
        if wantsGround {
            wantsGround = false
            askedAt = Terminal.now
            send(Terminal.groundQuestion)
        }
    }

    /// Whether the terminal is ours to write to. After a stop from outside the shell may have it, and that may be known here
    /// before the signal that says so has come.
    private func hasForeground() -> Bool {
        guard !ct_is_foreground() else { return true }
        isInBackground = true
        isActive = false
        return false
    }

    /// Follows what the terminal said of its background, where nothing else was wished.
    private func adopt(_ ground: Ground) {
        askedAt = nil
        guard options.ground == nil, ground != theme.ground, theme.depth != .monochrome else { return }
        use(Theme(theme.depth, on: ground))
    }

    private func put(_ screen: Screen, _ row: Int, _ columns: Range<Int>) {
        var start = columns.lowerBound
        for column in columns {
            let cell = screen[column, row]
            guard !cell.isContinuation else { continue }
            if column - start >= 128 {
                ct_put(Int32(row), Int32(start))
                start = column
            }
            let width = column + cell.columns <= size.columns ? Int32(cell.columns) : 0
            if width == 0 {
                ct_cell(0x20, 0, 0, 0, 0, 1, cell.role.rawValue)
            } else if writesNewCharacters, cell.base >= 0x300, Terminal.isNew(cell) {
                ct_cell(Terminal.placeholder(cell), 0, 0, 0, 0, width, cell.role.rawValue)
            } else {
                ct_cell(cell.base, cell.mark(0), cell.mark(1), cell.mark(2), cell.mark(3), width, cell.role.rawValue)
            }
        }
        ct_put(Int32(row), Int32(start))
    }

    private func showTitle(_ title: String) {
        titleShown = title
        if facts.canTitle { send(Terminal.titleSequence(title)) }
    }

    /// Rings, or flashes where the terminal is told to.
    package func bell() {
        if isActive, hasForeground() { send("\u{07}") }
    }

    /// Asks for a desktop notification, where the terminal is known to show one.
    package func notify(title: String, text: String) {
        guard isActive, facts.isANSI, hasForeground() else { return }
        send(Terminal.notifySequence(title, text, options.notification ?? facts.notification, facts: facts))
    }

    /// Sends `text` to the clipboard of the terminal's computer (OSC 52), which may allow that or not.
    package func copy(_ text: String) -> Copied {
        guard isActive, facts.isANSI else { return .nowhere }
        // Taken by tmux itself with `set-clipboard on`.
        if facts.isInsideTmux { send(Terminal.clipboardSequence(text)) }
        send(Terminal.copySequence(text, facts: facts))
        return .sent
    }

    private func send(_ text: String) {
        var text = text
        text.withUTF8 { _ = ct_write(1, $0.baseAddress, $0.count) }
    }

    // MARK: Waiting and reading

    /// Sleeps until something happens, or until `until` on the clock of `Terminal.now`; for ever if that is nil.
    ///
    /// Resizing is done when this returns; after the process was stopped and continued from outside the screen has been
    /// painted anew. The caller then calls `readKeys`, whatever the reasons are.
    package func wait(until: Duration?) -> WakeReasons {
        let limit = [until, decoder.deadline].compactMap { $0 }.min()
        // `readKeys` may have found the end.
        var reasons = Waker.wait(input: isClosed ? -1 : 0, reads: isActive, until: isClosed ? .zero : limit)
        if reasons.contains(.closed) { isClosed = true }
        if isClosed { reasons.insert(.closed) }
        if ct_take_resized() {
            if isActive {
                applySize()
                // Smaller for a moment and then as before: the terminal has thrown away what did not fit.
                forget()
            }
            reasons.insert(.resized)
        }
        if ct_take_continued(), isActive || isInBackground {
            returnFromStop()
            reasons.insert(.resized)
        }
        if ct_take_stop_asked() { reasons.insert(.stopAsked) }
        return reasons
    }

    /// Somebody stopped us with SIGSTOP and let us go on: the shell has had the terminal meanwhile, and has it still if
    /// that was not `fg`. Reaching for it then would only stop us again, with all who use a desk hosted here.
    private func returnFromStop() {
        isInBackground = !ct_is_foreground()
        isActive = !isInBackground
        guard isActive else { return }
        let screen = shown
        ct_leave()
        ct_enter()
        applySize()
        shown = nil
        titleShown = ""
        if let screen, screen.size == size { present(screen) }
    }

    /// The keys that have come, oldest first; never waits. Begins with `.resize` when the size has changed.
    package func readKeys() -> [Key] {
        let now = Terminal.now
        var keys: [Key] = hasResized ? [.resize(size)] : []
        hasResized = false
        guard isActive, !isClosed else { return keys }
        // A paste of a megabyte must not keep the screen waiting for longer than a frame or so.
        for _ in 0..<16 {
            let count = buffer.withUnsafeMutableBytes { ct_read(0, $0.baseAddress, $0.count) }
            if count < 0 { isClosed = true }
            guard count > 0 else { break }
            keys += decoder.feed(buffer[0..<count], now: now)
            if count < buffer.count { break }
        }
        keys += decoder.tick(now: now)
        for case .ground(let ground) in keys { adopt(ground) }
        return keys
    }

    /// The clock of `wait`: since an arbitrary start, never set, going on only while the computer is awake.
    package static var now: Duration { .nanoseconds(ct_now()) }
}
