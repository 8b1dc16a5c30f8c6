import ArgumentParser
import Chat
import ChatSession
import ChatUI
import Glibc
import Screen
import Terminal

/// Linear mode: every event one line, once; what is typed is a line, too. The same state and commands as the full screen,
/// without a cursor that moves: for screen readers, dumb terminals, logs and pipes.
final class LinearLoop {
    private let run: ChatRun
    /// As whom to go on when this ends, and what was typed for then.
    private var next: ChatRun?
    private let runner: SessionRunner
    private let showsTyping: Bool
    private var ui: UIState
    private var text = LinearText(zone: .here)
    private let hook: NotifyHook
    private var watch: HostWatch
    private var wanted: WantedPlace
    private var input: LineReader
    private var isQuitting = false
    /// Why it cannot go on.
    private var problem: Failure?
    private var shownNotice: String?
    private var shownOpen: ConversationName?
    /// The open conversation, until what was said in it before has been told.
    private var toTell: ConversationName?
    private var hasToldWaiting = false
    /// What is wrong with an account that somebody chose here, once that was told.
    private var toldProblem: String?
    /// So many messages are told of a conversation that is opened, and so many where they are unseen.
    private static let (few, many) = (5, 200)
    /// Up to where each conversation was printed: seen as soon as a key comes after it.
    private var printed: [ConversationName: Int] = [:]
    /// Input has ended, or goes on as another account: what was typed still goes out, for so long.
    private var ending: Duration?
    private static let patience: Duration = .seconds(10)

    static func run(_ run: ChatRun, with place: Place?) throws {
        Waker.catchSignals()
        try Output.line("Parley, line by line. Type /help for the commands, /quit to leave.")
        var loop = LinearLoop(run, with: place, LineReader())
        try loop.go()
        while let next = loop.next {
            try Output.line("You are now account \(next.accounts.current).")
            loop = LinearLoop(next, with: nil, loop.input)
            try loop.go()
        }
    }

    private init(_ run: ChatRun, with place: Place?, _ input: LineReader) {
        let settings = run.settings
        self.run = run
        self.input = input
        wanted = WantedPlace(place)
        // Read aloud it is a nuisance: only for who asked for it.
        showsTyping = settings.boolean(.showTyping) && settings.source(.showTyping) != .initial
        runner = SessionRunner(route: run.route, sendsTyping: false)
        ui = UIState(settings: settings.screen, keys: settings.keys, accounts: run.accounts)
        hook = NotifyHook(command: settings.text(.notifyCommand), log: run.route.log)
        watch = HostWatch(desk: run.route.desk)
    }

    private func go() throws {
        runner.start()
        while !isQuitting, problem == nil, Waker.quitSignal == nil {
            do throws(Failure) { try turn() } catch {
                problem = error
                break
            }
            if let ending {
                if isDone { break }
                if ending <= Now.uptime {
                    // It is kept, and sent when one goes on as this account again.
                    if next != nil { break }
                    let name = run.route.target.name
                    problem = Failure(.tryAgain, "\(name): not everything could be sent; it is kept and sent next time")
                    break
                }
            }
            // Before it is known who we are nothing can be done with a line; it waits where it is.
            let isListening = ending == nil && (isReady || isStuck)
            let deadlines = [
                runner.hasMore || (isListening && input.isHolding) ? .zero : nil, runner.session.deadline,
                watch.deadline, ending, ui.deadline(chat: runner.session.chat),
            ]
            let reasons = Waker.wait(input: isListening ? 0 : -1, until: deadlines.compactMap(\.self).min())
            if isListening, input.isHolding || reasons.contains(.input) || reasons.contains(.closed) { read() }
        }
        runner.stop()
        if let problem { throw problem }
        if let signal = Waker.quitSignal { throw ExitCode(128 + signal) }
    }

    /// A person may choose another account where this one cannot be reached.
    private var isStuck: Bool {
        guard !run.accounts.names.isEmpty, isatty(0) == 1 else { return false }
        switch runner.session.chat.link {
        case .offline, .refused, .hostStopped: return true
        case .connecting, .online, .polling, .doubtful: return false
        }
    }

    private var isReady: Bool { runner.session.chat.me != nil && runner.session.chat.hasBaseline }

    private var isDone: Bool { runner.session.chat.waitingToBeSent == 0 }

    private func turn() throws(Failure) {
        if watch.look() { runner.handle(.hostStopped(pid: watch.stoppedHost)) }
        _ = runner.turn()
        if let failure = runner.hopeless { try giveUp(failure) }
        runner.tick()
        if let name = wanted.take(runner.session) { runner.perform(.open(name)) }
        let notices = runner.takeNotices()
        for notice in notices {
            if case .typing = notice, !showsTyping { continue }
            for line in text.lines(for: notice, chat: runner.session.chat) { try Output.line(line) }
            if case .message(let message) = notice { printed[message.conversation] = message.seq }
        }
        perform(ui.chatChanged(chat: runner.session.chat, notices: notices, size: Self.size, now: Now.moment))
        // What a screen would say of these has just been told.
        if !notices.isEmpty { shownNotice = ui.noticeText }
        perform(ui.tick(chat: runner.session.chat, now: Now.moment))
        try sayWhereWeAre()
        if case .refused(let reason) = runner.session.chat.link {
            let target = run.route.target
            let remedy = runner.session.refusal.map(target.remedy) ?? target.howToSignIn
            try giveUp(Failure(.refused, "\(target.name): \(reason); \(remedy)"))
        }
    }

    /// Ends with that, but for an account that somebody chose here and can leave again.
    private func giveUp(_ failure: Failure) throws(Failure) {
        guard run.isChosen, isatty(0) == 1 else { throw failure }
        if toldProblem != failure.sentence { tell(failure.sentence + "; /account NAME goes on as another") }
        toldProblem = failure.sentence
    }

    private func sayWhereWeAre() throws(Failure) {
        let chat = runner.session.chat
        if chat.open != shownOpen, let open = chat.open {
            let how = chat.isEncrypted && !open.isRoom ? ", encrypted" : ""
            try Output.line("You are now writing to \(Text.shown(chat.title(of: open)))\(how).")
            toTell = open
        }
        shownOpen = chat.open
        try tellEarlier(chat)
        sayAnswer()
    }

    /// What a command had to say: at once, before the next line of several.
    private func sayAnswer() {
        if let notice = ui.noticeText, notice != shownNotice { tell(notice) }
        shownNotice = ui.noticeText
        for line in ui.takePage() ?? [] { tell(line) }
    }

    /// What is unseen is told once at the start, what stands in a conversation when it is opened.
    private func tellEarlier(_ chat: ChatState) throws(Failure) {
        if !hasToldWaiting, isReady, chat.link.isOnline {
            hasToldWaiting = true
            for line in text.waiting(chat) { try Output.line(line) }
            if chat.open == nil { try Output.line("Type /who to hear who is here, /query NAME to write to somebody.") }
        }
        guard isReady, let name = toTell, chat.open == name, chat.conversation(name).isLoaded else { return }
        toTell = nil
        let each = chat.conversation(name)
        let wanted = each.unseen > 0 ? min(each.unseen, Self.many) : Self.few
        let rest = each.messages.suffix(wanted).filter { $0.seq > (printed[name] ?? 0) }
        for line in text.earlier(Array(rest), unseen: min(each.unseen, rest.count), chat: chat) {
            try Output.line(line)
        }
        if let last = rest.last { printed[name] = max(last.seq, printed[name] ?? 0) }
    }

    private func read() {
        let lines = input.read()
        if !lines.isEmpty {
            for (name, seq) in printed { runner.perform(.markSeen(name, through: seq)) }
            printed = [:]
        }
        for (index, line) in lines.enumerated() where !line.isEmpty {
            // The same answer to another line is said again.
            shownNotice = nil
            perform(ui.submit(line: line, chat: runner.session.chat, now: Now.moment))
            if ui.complains, line.hasPrefix("/"), isatty(0) != 1 {
                // Nobody is there to see that what follows goes to somebody else.
                problem = Failure(.usage, "\(ui.noticeText ?? line); nothing of what follows is sent")
                return
            }
            sayAnswer()
            perform(ui.chatChanged(chat: runner.session.chat, notices: [], size: Self.size, now: Now.moment))
            if isQuitting || problem != nil { return }
            if next != nil {
                // What comes after is for whoever goes on.
                return input.putBack(lines[(index + 1)...])
            }
        }
        if input.isAtEnd { ending = Now.uptime + Self.patience }
    }

    private func perform(_ effects: [UIEffect]) {
        for effect in effects {
            switch effect {
            // What was printed counts, not what a screen would show.
            case .chat(.markSeen): break
            case .chat(.send(let name, _, _)) where !runner.session.chat.link.isOnline:
                tell("Kept for \(runner.session.chat.title(of: name)); it is sent when connected.")
                if case .chat(let command) = effect { runner.perform(command) }
            case .chat(let command): runner.perform(command)
            case .quit: isQuitting = true
            case .goOn(let account):
                do throws(Failure) {
                    next = try run.goingOn(as: account)
                    ending = Now.uptime + (runner.session.chat.link.isOnline ? Self.patience : .zero)
                } catch {
                    // Nobody is there to see that what follows goes to the wrong account.
                    if isatty(0) == 1 { tell(error.sentence) } else { problem = error }
                }
            case .reconnectNow: runner.handle(.reconnectNow)
            case .notify(let alert): hook.run(alert)
            case .loadCanned: ui.show(error: "canned replies need the full screen", now: Now.moment)
            case .bell, .suspend, .redraw, .copy, .openLink, .openEditor: break
            }
        }
    }

    /// Where nobody listens any more, the next turn ends it.
    private func tell(_ line: String) { try? Output.line(Text.shown(line)) }

    private static let size = ScreenSize(columns: 80, rows: 24)
}

/// Lines from standard input as they come; a line has a limit, and what is longer is cut there.
struct LineReader {
    private var bytes: [UInt8] = []
    private(set) var isAtEnd = false
    private var held: [String] = []
    private static let limit = 64 * 1024

    /// Whether there is something to be read without a look at standard input.
    var isHolding: Bool { !held.isEmpty || isAtEnd }

    /// Lines that were read too early.
    mutating func putBack(_ lines: ArraySlice<String>) { held = Array(lines) }

    /// What can be had without waiting, when there is something to be had.
    mutating func read() -> [String] {
        guard held.isEmpty else {
            defer { held = [] }
            return held
        }
        guard !isAtEnd else { return [] }
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        let count = Glibc.read(0, &part, part.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return [] }
        guard count > 0 else {
            isAtEnd = true
            defer { bytes = [] }
            return bytes.isEmpty ? [] : [String(decoding: bytes, as: UTF8.self)]
        }
        var lines: [String] = []
        for byte in part[..<count] {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: bytes.last == 13 ? bytes.dropLast() : bytes[...], as: UTF8.self))
                bytes = []
            } else if bytes.count < Self.limit {
                bytes.append(byte)
            }
        }
        return lines
    }
}
