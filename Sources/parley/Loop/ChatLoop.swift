import ArgumentParser
import Chat
import ChatSession
import ChatUI
import Screen
import Terminal

/// The full screen's loop: keys, what happened, time, then one picture. It owns the main thread and sleeps in one place.
final class ChatLoop {
    private let terminal: Terminal
    private let runner: SessionRunner
    private let run: ChatRun
    /// As whom to go on when this ends, and the keys that are for then.
    private var next: ChatRun?
    private var keysAhead: [Key]
    private var wanted: WantedPlace
    private var ui: UIState
    private var watch: HostWatch
    private var painter = Painter()
    /// What is shown is not, or may not be, what the last picture shows; keys aside.
    private var isDirty = true
    private var paintedAt: Duration = .zero
    private var isQuitting = false
    private var chatHasChanged = false
    private var afterPaint: [UIEffect] = []
    private var editor: EditorRun?
    private let glyphs: Glyphs
    private let openCommand: String?
    private let hook: NotifyHook
    private let canned: CannedFolder
    private let tmux = TmuxBuffer()

    /// At most so often is a picture painted for what comes from outside; a key is painted at once.
    private static let frame: Duration = .milliseconds(16)

    /// Runs until the user leaves or a signal says so. Where there is no full screen to be had it goes line by line.
    static func run(_ run: ChatRun, with place: Place?, isLinear: Bool) throws {
        let facts = TerminalFacts.current()
        guard !isLinear, !facts.isDumb else {
            if !isLinear, let problem = facts.problem { Output.note("parley: \(problem.whyLinear)") }
            return try LinearLoop.run(run, with: place)
        }
        let terminal: Terminal
        do throws(TerminalError) {
            terminal = try Terminal(run.settings.terminalOptions, facts: facts)
        } catch {
            throw Failure(.usage, error.description)
        }
        var loop = ChatLoop(terminal: terminal, run, with: place)
        loop.go()
        // The terminal stays as it is, and shows the old picture until there is a new one.
        while let next = loop.next {
            loop = ChatLoop(terminal: terminal, next, with: nil, keys: loop.keysAhead)
            loop.go()
        }
        if let failure = loop.runner.hopeless { throw failure }
        if let signal = Waker.quitSignal { throw ExitCode(128 + signal) }
    }

    private init(terminal: Terminal, _ run: ChatRun, with place: Place?, keys: [Key] = []) {
        self.terminal = terminal
        self.run = run
        keysAhead = keys
        wanted = WantedPlace(place)
        runner = SessionRunner(route: run.route, sendsTyping: true)
        let settings = run.settings
        ui = UIState(settings: settings.screen, zone: .here, keys: settings.keys, accounts: run.accounts)
        canned = CannedFolder(settings)
        hook = NotifyHook(
            command: settings.text(.notifyCommand), log: run.route.log, ChildEnvironment(settings, hasToken: true))
        watch = HostWatch(desk: run.route.desk)
        openCommand = settings.text(.openCommand)
        glyphs = settings.boolean(.ascii) ? .ascii : terminal.facts.glyphs
    }

    private func go() {
        // The first picture stands before anything is connected to.
        ui.linkDetail = linkDetail
        paint()
        // For a moment the terminal that draws it has the processor to itself.
        _ = Waker.wait(input: -1, until: Now.uptime + .milliseconds(4))
        runner.start()
        if keysAhead.isEmpty, !terminal.facts.isUTF8 { ui.show(error: Self.localeAdvice, now: Now.moment) }
        while !isQuitting {
            let until = nextDeadline
            let reasons = editor == nil ? terminal.wait(until: until) : Waker.wait(input: -1, until: until)
            if reasons.contains(.quit) || reasons.contains(.closed) { return leave() }
            if reasons.contains(.stopAsked) { suspend() }
            if reasons.contains(.resized) { isDirty = true }
            takeEditor()
            if editor == nil, takeKeys() { paintForKeys() }
            takeEvents()
            if runner.hopeless != nil, !run.isChosen { return leave() }
            if editor == nil, isDirty, Now.uptime - paintedAt >= Self.frame { paint() }
        }
        leave(for: next)
    }

    private static let localeAdvice =
        "the locale is not UTF-8: letters beyond ASCII are shown as ? and cannot be typed; start with LANG=C.UTF-8"

    /// - Parameter follower: who goes on in this terminal; nil where nobody does.
    private func leave(for follower: ChatRun? = nil) {
        next = follower
        ui.closing().forEach(perform)
        if follower == nil { terminal.leave() }
        runner.stop()
    }

    private var linkDetail: LinkDetail {
        LinkDetail(
            desk: run.route.target.name, isLocal: run.route.desk != nil, latency: runner.latency,
            isHost: run.route.desk?.isHosting ?? false,
            remedy: runner.session.refusal.map(run.route.target.remedy))
    }

    private var nextDeadline: Duration? {
        if runner.hasMore || !keysAhead.isEmpty { return .zero }
        let frame = isDirty && editor == nil ? paintedAt + Self.frame : nil
        let deadlines = [
            frame, runner.session.deadline, ui.deadline(chat: runner.session.chat), watch.deadline,
        ]
        return deadlines.compactMap(\.self).min()
    }

    private func takeKeys() -> Bool {
        var keys = (keysAhead + terminal.readKeys())[...]
        keysAhead = []
        guard !keys.isEmpty else { return false }
        while let key = keys.popFirst() {
            if chatHasChanged { follow([]) }
            let effects = ui.handle(key, chat: runner.session.chat, size: terminal.size, now: Now.moment)
            for effect in effects {
                guard case .chat(.typing) = effect else {
                    performAfterPaint()
                    perform(effect)
                    continue
                }
                afterPaint.append(effect)
            }
            if next != nil {
                keysAhead = Array(keys)
                break
            }
        }
        return true
    }

    /// A key is on the screen before anything else is done, also before others are told that somebody types.
    private func paintForKeys() {
        if chatHasChanged { follow([]) }
        paint()
        performAfterPaint()
    }

    private func performAfterPaint() {
        let effects = afterPaint
        afterPaint = []
        effects.forEach(perform)
    }

    private func takeEvents() {
        if watch.look() { runner.handle(.hostStopped(pid: watch.stoppedHost)) }
        if let name = wanted.take(runner.session) { runner.perform(.open(name)) }
        let hasChanged = runner.turn() || chatHasChanged
        chatHasChanged = false
        runner.tick()
        takeCopied()
        if let read = canned.take() {
            isDirty = true
            ui.cannedLoaded(read.replies, problem: read.problem, chat: runner.session.chat, now: Now.moment)
                .forEach(perform)
        }
        if runner.takeRestored() { ui.restore(chat: runner.session.chat) }
        let notices = runner.takeNotices()
        let now = Now.moment
        if hasChanged || !notices.isEmpty {
            isDirty = true
            ui.linkDetail = linkDetail
            follow(notices)
        }
        if let deadline = ui.deadline(chat: runner.session.chat), deadline <= now.uptime {
            isDirty = true
            ui.tick(chat: runner.session.chat, now: now).forEach(perform)
        }
    }

    /// Lets the view follow the chat: before the next key, and before the next picture.
    private func follow(_ notices: [ChatNotice]) {
        chatHasChanged = false
        ui.chatChanged(chat: runner.session.chat, notices: notices, size: terminal.size, now: Now.moment).forEach(
            perform)
    }

    private func paint() {
        let screen = painter.draw(
            chat: runner.session.chat, isSameChat: !isDirty, ui: ui, size: terminal.size, now: Now.moment,
            glyphs: glyphs)
        terminal.present(screen)
        paintedAt = Now.uptime
        isDirty = false
    }

    private func perform(_ effect: UIEffect) {
        switch effect {
        // Told to others, and shown nowhere here.
        case .chat(.typing(let name, let isTyping)): runner.perform(.typing(name, isTyping))
        case .chat(let command):
            runner.perform(command)
            chatHasChanged = true
            isDirty = true
        case .bell: terminal.bell()
        case .notify(let alert):
            terminal.notify(title: alert.title, text: alert.text)
            hook.run(alert)
        case .loadCanned: canned.load()
        case .suspend: suspend()
        case .quit: isQuitting = true
        case .goOn(let account): goOn(as: account)
        case .redraw: terminal.forget()
        case .reconnectNow: runner.handle(.reconnectNow)
        case .copy(let text): copy(text)
        case .openLink(let address): openLink(address)
        case .openEditor(let draft): openEditor(draft)
        }
    }

    /// With the program that was named for it, else by way of the clipboard.
    private func openLink(_ address: String) {
        isDirty = true
        guard let openCommand else {
            return copy(address, note: "; open_command in the settings names a program that opens links")
        }
        do throws(Failure) {
            try LinkOpener.open(
                address, with: openCommand, ChildEnvironment(run.settings, hasToken: false))
            ui.show("opening \(LinkAddress.readable(address))", now: Now.moment)
        } catch {
            ui.show(error: error.sentence, now: Now.moment)
        }
    }

    private func copy(_ text: String, note: String = "") {
        if terminal.facts.isInsideTmux { tmux.load(text, note: note) } else { copyByTerminal(text, note) }
    }

    private func copyByTerminal(_ text: String, _ note: String) {
        isDirty = true
        switch terminal.copy(text) {
        case .nowhere:
            ui.show(error: "this terminal has no clipboard for programs; nothing was copied", now: Now.moment)
        case .sent: ui.show("sent to the terminal's clipboard, if it takes OSC 52\(note)", now: Now.moment)
        }
    }

    private func takeCopied() {
        guard let copied = tmux.take() else { return }
        guard copied.isLoaded else { return copyByTerminal(copied.text, copied.note) }
        isDirty = true
        ui.show("copied to tmux's buffer and the terminal's clipboard\(copied.note)", now: Now.moment)
    }

    private func goOn(as account: String) {
        do throws(Failure) {
            next = try run.goingOn(as: account)
            isQuitting = true
        } catch {
            isDirty = true
            ui.show(page: "account \(account)", text: error.sentence)
        }
    }

    private func openEditor(_ draft: String) {
        guard editor == nil else { return }
        terminal.pause()
        do throws(Failure) {
            editor = try EditorRun(
                draft: draft, folder: run.route.target.stateFolder,
                ChildEnvironment(run.settings, hasToken: false))
        } catch {
            terminal.resume()
            _ = ui.editorReturned(nil, chat: runner.session.chat, now: Now.moment)
            ui.show(error: error.sentence, now: Now.moment)
        }
    }

    private func takeEditor() {
        guard let ended = editor, ended.isDone else { return }
        editor = nil
        terminal.resume()
        isDirty = true
        ui.editorReturned(ended.result(), chat: runner.session.chat, now: Now.moment).forEach(perform)
    }

    /// Ctrl-Z: whoever else is here goes on, so a desk hosted in this process is handed over first.
    private func suspend() {
        terminal.pause()
        runner.handOver()
        terminal.suspend()
        runner.handle(.woke)
        isDirty = true
    }
}

extension LocalZone {
    /// The zone this process runs in.
    static let here = LocalZone(name: "local", offsetSeconds: Now.zoneOffset(at:))
}
