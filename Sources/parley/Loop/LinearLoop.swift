import ArgumentParser
import Chat
import ChatSession
import ChatUI
import Glibc
import Screen
import Terminal

/// Linear mode: every event one line, once; what is typed is a line, too. The same state and commands as the full screen,
/// without a cursor that moves: for screen readers, dumb terminals, logs and pipes.
///
/// In a pipe nobody sees where a line goes. So no conversation is open before one was named there, each line is done before
/// the next is taken, and the first that cannot be done ends the program.
final class LinearLoop {
    private let run: ChatRun
    /// As whom to go on when this ends, and what was typed for then.
    private var next: ChatRun?
    private let runner: SessionRunner
    private let showsTyping: Bool
    private var ui: UIState
    private var text = LinearText(zone: .here)
    private var people = PeopleChanges()
    private let hook: NotifyHook
    private let canned: CannedFolder
    private var watch: HostWatch
    private var wanted: WantedPlace
    private var input: LineReader
    private let isPipe: Bool
    private let startedAt = Now.date
    private var isQuitting = false
    private var isLoadingCanned = false
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
    /// Up to where each conversation was printed, and up to where that counts as seen as soon as a key comes after it.
    private var printed: [ConversationName: Int] = [:]
    private var unread: [ConversationName: Int] = [:]
    /// Lines that were sent or done, and lines that hold nothing.
    private var lines = (done: 0, blank: 0)
    /// Since when it waits, at the end of its input or before going on as another account, for something to be done.
    private var waitingSince: Duration?
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
        let isPipe = isatty(0) != 1
        self.isPipe = isPipe
        self.run = run
        self.input = input
        wanted = WantedPlace(place)
        // Read aloud it is a nuisance: only for who asked for it.
        showsTyping = settings.boolean(.showTyping) && settings.source(.showTyping) != .initial
        runner = SessionRunner(route: run.route, sendsTyping: false, keepsOpen: !isPipe)
        ui = UIState(settings: settings.screen, zone: .here, keys: settings.keys, accounts: run.accounts)
        canned = CannedFolder(settings)
        hook = NotifyHook(
            command: settings.text(.notifyCommand), log: run.route.log, ChildEnvironment(settings, hasToken: true))
        watch = HostWatch(desk: run.route.desk)
    }

    private func go() throws {
        runner.start()
        while !isQuitting, problem == nil, Waker.quitSignal == nil {
            do throws(Failure) { try turn() } catch { problem = error }
            if problem == nil { takeLines() }
            guard !isQuitting, problem == nil else { break }
            if isEnding, isDone {
                if isPipe, next == nil, lines.done == 0, lines.blank > 0 {
                    problem = Failure(.badInput, "stdin: holds no text; nothing was sent")
                }
                break
            }
            if let end = patienceEnd, end <= Now.uptime {
                // It is kept, and sent when one goes on as this account again.
                if next == nil { problem = impatience }
                break
            }
            let deadlines = [
                runner.hasMore || canTakeLine ? .zero : nil, runner.session.deadline, watch.deadline, patienceEnd,
                people.deadline, ui.deadline(chat: runner.session.chat),
            ]
            let reasons = Waker.wait(
                input: input.wantsMore ? 0 : -1, until: deadlines.compactMap(\.self).min())
            if reasons.contains(.input) || reasons.contains(.closed) { input.fill() }
        }
        runner.stop()
        if let problem { throw problem }
        if let signal = Waker.quitSignal { throw ExitCode(128 + signal) }
    }

    // MARK: The end

    private var isEnding: Bool { next != nil || input.isOver }

    /// Whether everything that was typed has gone out or was answered.
    private var isDone: Bool { runner.session.chat.waitingToBeSent == 0 && !isBusy && (next != nil || isReady) }

    private var patienceEnd: Duration? {
        guard let since = waitingSince else { return nil }
        return next != nil && !runner.session.chat.link.isOnline ? since : since + Self.patience
    }

    /// Something was done, so that it may take as long again until the next is.
    private func noteProgress() { waitingSince = input.isAtEnd || next != nil ? Now.uptime : nil }

    private var impatience: Failure {
        let name = run.route.target.name
        let left = input.lineCount > 0 ? "; \(Text.count(input.lineCount, "line")) of stdin were not taken" : ""
        guard isReady else {
            var why = "no answer"
            switch runner.session.chat.link {
            case .offline(let reason, _), .notAdmitted(let reason, _): why = reason
            default: break
            }
            return Failure(.unavailable, "\(name): cannot connect (\(why)); nothing was sent")
        }
        guard runner.session.chat.waitingToBeSent > 0 else {
            return Failure(.tryAgain, "\(name): the answer did not come in time\(left); try again")
        }
        return Failure(.tryAgain, "\(name): not everything could be sent; it is kept and sent next time\(left)")
    }

    /// A person may choose another account where this one cannot be reached.
    private var isStuck: Bool {
        guard !run.accounts.names.isEmpty, isatty(0) == 1 else { return false }
        switch runner.session.chat.link {
        case .offline, .notAdmitted, .refused, .hostStopped: return true
        case .connecting, .online, .polling, .doubtful: return false
        }
    }

    private var isReady: Bool { runner.session.chat.me != nil && runner.session.chat.hasBaseline }

    // MARK: What happened

    private func turn() throws(Failure) {
        if watch.look() { runner.handle(.hostStopped(pid: watch.stoppedHost)) }
        _ = runner.turn()
        if let failure = runner.hopeless { try giveUp(failure) }
        runner.tick()
        if let name = wanted.take(runner.session) { runner.perform(.open(name)) }
        let notices = runner.takeNotices()
        for notice in notices { try tell(notice) }
        if let due = people.deadline, due <= Now.uptime { try tellPeople() }
        perform(ui.chatChanged(chat: runner.session.chat, notices: notices, size: Self.size, now: Now.moment))
        // What a screen would say of these has just been told.
        if !notices.isEmpty { shownNotice = ui.noticeText }
        if let read = canned.take() { take(read) }
        perform(ui.tick(chat: runner.session.chat, now: Now.moment))
        try sayWhereWeAre()
        if case .refused(let reason) = runner.session.chat.link {
            let target = run.route.target
            let remedy = runner.session.refusal.map(target.remedy) ?? target.howToSignIn
            try giveUp(Failure(.refused, "\(target.name): \(reason); \(remedy)"))
        }
    }

    private func tell(_ notice: ChatNotice) throws(Failure) {
        if case .typing = notice, !showsTyping { return }
        guard !people.take(notice, now: Now.uptime) else { return }
        // Whoever came is told before what they say.
        try tellPeople()
        for line in text.lines(for: notice, chat: runner.session.chat) { try Output.line(line) }
        switch notice {
        case .message(let message):
            printed[message.conversation] = message.seq
            unread[message.conversation] = message.seq
        case .sent: noteProgress()
        case .storeChanged: printed = [:]
        case .unknownUser(let user) where isPipe:
            fail(.noSuchUser, "there is no user \"\(user)\" on this desk")
        case .failed(let message, let reason) where isPipe && message.at >= startedAt:
            fail(.badInput, "not sent to \(runner.session.chat.title(of: message.conversation)): \(reason)")
        default: break
        }
    }

    private func tellPeople() throws(Failure) {
        let chat = runner.session.chat
        for group in people.takeAll() {
            let lines =
                group.room.map { text.people(group.users, isHere: group.isHere, in: $0, chat: chat) }
                ?? text.people(group.users, isOnline: group.isHere, chat: chat)
            for line in lines { try Output.line(line) }
        }
    }

    /// A line of a pipe could not be done.
    private func fail(_ code: Failure.Code, _ sentence: String) {
        guard problem == nil else { return }
        let place = input.number > 0 ? "stdin, line \(input.number): " : ""
        problem = Failure(code, "\(place)\(sentence); nothing after it is sent")
    }

    /// Ends with that, but for an account that somebody chose here and can leave again.
    private func giveUp(_ failure: Failure) throws(Failure) {
        guard run.isChosen, isatty(0) == 1 else { throw failure }
        if toldProblem != failure.sentence { tell(failure.sentence + "; /account NAME goes on as another") }
        toldProblem = failure.sentence
    }

    private func sayWhereWeAre() throws(Failure) {
        let chat = runner.session.chat
        if chat.open != shownOpen {
            if let open = chat.open {
                let how = chat.isEncrypted && !open.isRoom ? ", encrypted" : ""
                try Output.line("You are now writing to \(Text.shown(chat.title(of: open)))\(how).")
            } else {
                try Output.line("No conversation is open.")
            }
            toTell = chat.open
        }
        shownOpen = chat.open
        try tellEarlier(chat)
        sayAnswer()
    }

    /// What a command had to say: at once, before the next line of several.
    private func sayAnswer() {
        // The program ends with what a pipe's line complained of.
        if problem == nil, let notice = ui.noticeText, notice != shownNotice { tell(notice) }
        shownNotice = ui.noticeText
        guard !isLoadingCanned else { return }
        for line in ui.takePage(runner.session.chat, now: Now.moment) ?? [] { tell(line) }
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
        if let last = rest.last {
            printed[name] = max(last.seq, printed[name] ?? 0)
            unread[name] = last.seq
        }
    }

    // MARK: Lines

    /// Before it is known who we are nothing can be done with a line; it waits where it is. In a pipe it waits until what
    /// stands before it is done.
    private var canTakeLine: Bool { input.hasLines && next == nil && (isReady || isStuck) && !isBusy }

    /// Whether something is being done for the last line of a pipe.
    private var isBusy: Bool {
        guard isPipe else { return false }
        let chat = runner.session.chat
        if chat.waitingToBeSent > 0 || ui.awaitsAnswer || isLoadingCanned { return true }
        guard let open = chat.open, !chat.isLiveOnly else { return false }
        let each = chat.conversation(open)
        return !each.isLoaded && each.failure == nil
    }

    private func takeLines() {
        // The end of the input was just seen.
        if waitingSince == nil { noteProgress() }
        while !isQuitting, problem == nil, canTakeLine, let line = input.next() {
            for (name, seq) in unread { runner.perform(.markSeen(name, through: seq)) }
            unread = [:]
            take(line)
            noteProgress()
        }
    }

    private func take(_ line: LineReader.Line) {
        switch line {
        case .text(let line):
            guard line.contains(where: { !$0.isWhitespace }) else { return lines.blank += 1 }
            guard !line.utf8.contains(0) else { return refuse("holds U+0000, which no message can") }
            lines.done += 1
            // The same answer to another line is said again.
            shownNotice = nil
            perform(
                ui.submit(line: line, keepsControls: isPipe, chat: runner.session.chat, now: Now.moment))
            sayOutcome()
        case .notUTF8: refuse("is not UTF-8 text")
        case .tooLong: refuse("has more than \(LineReader.longestLine) bytes")
        }
    }

    private func refuse(_ sentence: String) {
        if isPipe { fail(.badInput, sentence) } else { tell("This line \(sentence); it is not sent.") }
    }

    private func sayOutcome() {
        if isPipe, let complaint = ui.complaint {
            return fail(complaint == .badInput ? .badInput : .usage, ui.noticeText ?? "")
        }
        sayAnswer()
        perform(ui.chatChanged(chat: runner.session.chat, notices: [], size: Self.size, now: Now.moment))
    }

    private func take(_ read: CannedFolder.Contents) {
        isLoadingCanned = false
        perform(
            ui.cannedLoaded(
                read.replies, problem: read.problem, insistsOnName: true, chat: runner.session.chat, now: Now.moment))
        if ui.complaint == nil { perform(ui.submitInput(chat: runner.session.chat, now: Now.moment)) }
        sayOutcome()
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
                } catch {
                    // Nobody is there to see that what follows goes to the wrong account.
                    if isPipe { problem = error } else { tell(error.sentence) }
                }
            case .reconnectNow: runner.handle(.reconnectNow)
            case .notify(let alert): hook.run(alert)
            case .loadCanned:
                isLoadingCanned = true
                canned.load()
            case .bell, .suspend, .redraw, .copy, .openLink, .openEditor: break
            }
        }
    }

    /// Where nobody listens any more, the next turn ends it.
    private func tell(_ line: String) { try? Output.line(Text.shown(line)) }

    private static let size = ScreenSize(columns: 80, rows: 24)
}
