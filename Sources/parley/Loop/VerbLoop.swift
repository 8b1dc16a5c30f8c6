import ArgumentParser
import Chat
import ChatSession
import Glibc
import Terminal

/// A session that runs until a verb has what it wants: what `tail`, `on`, `ask` and `inspect` share.
final class VerbLoop {
    enum End { case done, timeUp }

    let route: DeskRoute
    let runner: SessionRunner
    private let runs: CommandRuns?
    /// Where it is shown; -1 where that is no terminal.
    private let terminal: Int32 = isatty(1) == 1 ? 1 : -1
    private var watch: HostWatch
    /// When to look whether the client is stopped whose connection this is: nothing else would tell.
    private var lookAt: Duration?
    private var notedTrouble: String?
    /// The link as it was when the time was up; the end of the session changes it.
    private(set) var linkAtEnd = Link.connecting(attempt: 1)
    private(set) var awaitedAtEnd: String?

    /// - Parameter runs: the commands that the verb starts; they end with the loop.
    init(route: DeskRoute, joinsLobby: Bool, tap: SessionTap? = nil, runs: CommandRuns? = nil) {
        self.route = route
        self.runs = runs
        // What is watched or recorded frame by frame is a connection of its own.
        runner = SessionRunner(
            route: route, joinsLobby: joinsLobby, sendsTyping: false, missesNothing: true,
            sharing: tap == nil ? .borrows : .neither, keepsNothing: route.target.plain != nil, tap: tap)
        watch = HostWatch(desk: route.desk)
    }

    /// - Parameters:
    ///   - next: when to look again although nothing happened.
    ///   - isDone: called whenever something may have changed.
    func run(
        until deadline: Duration? = nil, next: () -> Duration? = { nil }, _ isDone: () throws(Failure) -> Bool
    ) throws -> End {
        do {
            let end = try loop(until: deadline, next: next, isDone)
            runs?.finish(before: deadline)
            return end
        } catch {
            runs?.end()
            throw error
        }
    }

    private func loop(
        until deadline: Duration?, next: () -> Duration?, _ isDone: () throws(Failure) -> Bool
    ) throws -> End {
        Waker.catchSignals()
        runner.start()
        defer { runner.stop() }
        while Waker.quitSignal == nil {
            lookAtLender()
            if watch.look() { runner.handle(.hostStopped(pid: watch.stoppedHost)) }
            _ = runner.turn()
            if let failure = runner.hopeless { throw failure }
            runner.tick()
            if try isDone() { return .done }
            if case .refused(let reason) = runner.session.chat.link {
                let remedy = runner.session.refusal.map(route.target.remedy) ?? route.target.howToSignIn
                throw Failure(.refused, "\(route.target.name): \(reason); \(remedy)")
            }
            if let deadline, deadline <= Now.uptime {
                linkAtEnd = runner.session.chat.link
                awaitedAtEnd = runner.session.awaitedAnswer
                return .timeUp
            }
            let wake = [
                runner.hasMore ? .zero : nil, runner.session.deadline, watch.deadline, lookAt, deadline, next(),
            ]
            let reasons = Waker.wait(input: terminal, reads: false, until: wake.compactMap(\.self).min())
            // Whoever started it survived the hang-up, and passed no signal on.
            if reasons.contains(.closed) { throw ExitCode(128 + SIGHUP) }
        }
        throw ExitCode(128 + (Waker.quitSignal ?? 0))
    }

    /// Ends with 77 where a channel the verb cannot do without is refused for good.
    func insist(on name: ConversationName) throws(Failure) {
        guard let refusal = runner.session.chat.refusal(of: name), !refusal.isRetried else { return }
        let title = runner.session.chat.title(of: name)
        throw Failure(.refused, "\(route.target.name): \(title): \(refusal.reason)")
    }

    func insistOnLobby() throws(Failure) { try insist(on: runner.session.chat.lobby) }

    /// For verbs that print nothing of the link: says on stderr, once, what keeps them from hearing.
    func noteTrouble() {
        let text = trouble
        defer { notedTrouble = text }
        guard let text, text != notedTrouble else { return }
        Output.note("parley: \(route.target.name): \(text)")
    }

    private var trouble: String? {
        let chat = runner.session.chat
        switch chat.link {
        case .notAdmitted(let reason, _): return "not let in: \(reason); trying again"
        case .offline(let reason, _) where chat.isLiveOnly: return "not connected: \(reason); trying again"
        default: break
        }
        if let fault = chat.deskFault { return "\(fault.reason); trying again" }
        guard let refusal = chat.refusal(of: chat.lobby) else { return nil }
        return "\(chat.title(of: chat.lobby)): \(refusal.reason); trying again"
    }

    private func lookAtLender() {
        guard runner.isBorrowing else { return lookAt = nil }
        let now = Now.uptime
        guard let due = lookAt else { return lookAt = now + HostWatch.interval }
        guard due <= now else { return }
        lookAt = now + HostWatch.interval
        runner.leaveStoppedLender()
    }
}
