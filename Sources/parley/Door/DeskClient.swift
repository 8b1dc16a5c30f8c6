import ChannelsProtocol
import Chat
import ChatSession
import Dispatch
import Glibc
import Terminal
import Transport

/// A verb's way to the desk: asks, waits for the answer, and turns what goes wrong into an exit code and a sentence.
/// At the local desk it hosts where nobody does, for as long as the verb takes.
struct DeskClient: Sendable {
    let target: Target
    private let caller: HTTPCaller
    private let desk: LocalDeskDoor?
    private var deadline: Duration

    init(_ settings: Settings, timeout: Duration = .seconds(10)) throws(Failure) {
        self.init(target: try Target(settings), timeout: timeout)
    }

    /// - Parameter door: the way to a local desk, where this run has one already.
    init(target: Target, timeout: Duration, door: LocalDeskDoor? = nil) {
        self.target = target
        caller = target.caller()
        desk = door ?? target.door()
        deadline = Now.uptime + timeout
    }

    /// The same client with a time limit that begins now: for one of many calls.
    func within(_ timeout: Duration) -> DeskClient {
        var client = self
        client.deadline = Now.uptime + timeout
        return client
    }

    /// Lets go of the desk if this process came to host it.
    func close() {
        caller.shutdown()
        guard let desk, desk.isHosting else { return }
        try? waiting { await desk.handOver() }
    }

    /// Ends the calls and keeps what is hosted.
    func stopCalling() { caller.shutdown() }

    /// Who the desk says we are. With `--as` and a URL it must be that user. Where there is no desk it is what was set.
    func identity() throws(Failure) -> Identity {
        if let plain = target.plain { return plain.identity }
        let me = try ask(.identity) { status, body throws(DeskFailure) in
            try DeskReply.identity(status: status, body: body)
        }
        if let expected = target.expectedUser, expected != me.id {
            throw Failure(
                .refused,
                "\(target.name): the token is \(me.id)'s and not \(expected)'s; run parley login, or leave out --as")
        }
        return me
    }

    /// Asks until there is an answer, as often as asking again can help and `deadline` allows.
    @discardableResult
    func ask<Value>(
        _ call: DeskCall, _ read: (_ status: Int, _ body: String) throws(DeskFailure) -> Value
    ) throws(Failure) -> Value {
        let request = try request(for: call)
        var refusal: Failure?
        while true {
            // Its own sentence and code, before a call fails for want of it.
            try target.insistOnToken()
            let answer: HTTPAnswer
            do throws(Failure) { answer = try self.answer(to: request, by: caller) } catch {
                // Where the time ran out while asking again, what the desk said before says more.
                throw error.code == .tryAgain ? refusal ?? error : error
            }
            do throws(DeskFailure) {
                if (300...399).contains(answer.status) {
                    let there = answer.location.map { " to \(Text.shown($0))" } ?? ""
                    throw DeskFailure(.malformed, "the server sends us elsewhere\(there); give that address as the URL")
                }
                return try read(answer.status, answer.body)
            } catch {
                refusal = failure(error)
                if case .busy(let wait) = error.kind, pause(answer.retryAfter ?? wait ?? .milliseconds(250)) {
                    continue
                }
                throw failure(error)
            }
        }
    }

    /// All conversations of a user, the newest first.
    func conversations(of me: UserID) throws(Failure) -> [ConversationSummary] {
        var pages = ConversationPages()
        while let call = pages.next {
            pages.append(
                try ask(call) { status, body throws(DeskFailure) in
                    try DeskReply.conversations(status: status, body: body, me: me)
                })
        }
        return pages.all
    }

    /// Whatever is answered under a path that needs no token.
    func get(_ path: String) throws(Failure) -> HTTPAnswer {
        let caller = target.publicCaller()
        defer { caller.shutdown() }
        return try answer(to: DeskRequest(method: "GET", path: path), by: caller)
    }

    /// An application without a desk signs subscriptions, and that is all.
    private func request(for call: DeskCall) throws(Failure) -> DeskRequest {
        if case .authorize(let channel, let id) = call, let plain = target.plain {
            return plain.authorization(channel, id)
        }
        try target.insistOnDesk()
        return call.request
    }

    private func answer(to request: DeskRequest, by caller: HTTPCaller) throws(Failure) -> HTTPAnswer {
        while true {
            try openDoor()
            let left = max(.milliseconds(1), deadline - Now.uptime)
            let answer = Answer<Result<HTTPAnswer, HTTPCallFailure>>()
            caller.call(
                request.method, request.path, headers: request.headers.map { ($0.name, $0.value) },
                contentType: request.contentType, body: request.body, timeout: left
            ) { answer.give(.success($0)) }
            switch try watch(answer) {
            case .success(let answer): return answer
            case .failure(let failure):
                // The local desk's host may have ended meanwhile, and the desk is ours or another's in a moment. Asking
                // again does no harm: messages carry their client id.
                let canHelp: Bool =
                    switch failure {
                    case .unreachable, .interrupted: desk != nil
                    case .notSent, .timedOut, .tooLarge: false
                    }
                if canHelp, pause(.milliseconds(30)) { continue }
                throw self.failure(failure)
            }
        }
    }

    private func openDoor() throws(Failure) {
        guard let desk else { return }
        try waiting { try await desk.ensureHost() }
    }

    /// Waits, and looks whether the host of the local desk is stopped and will not answer.
    private func watch(
        _ answer: Answer<Result<HTTPAnswer, HTTPCallFailure>>
    ) throws(Failure) -> Result<HTTPAnswer, HTTPCallFailure> {
        var stoppedSince: Duration?
        while true {
            if let signal = Waker.quitSignal { throw .stopped(by: signal) }
            if let result = answer.wait(.milliseconds(200)) {
                guard case .success(let result) = result else {
                    throw Failure(.ourBug, "a call ended without a result")
                }
                return result
            }
            guard let holder = desk?.otherHolder(), holder.isStopped else {
                stoppedSince = nil
                continue
            }
            let since = stoppedSince ?? Now.uptime
            stoppedSince = since
            if Now.uptime - since > .seconds(1) { throw LocalDeskDoor.stopped(holder.pid) }
        }
    }

    /// Sleeps; false where the time would be up before.
    func pause(_ duration: Duration) -> Bool {
        guard Now.uptime + duration < deadline else { return false }
        usleep(
            UInt32(duration.components.seconds) * 1_000_000
                + UInt32(duration.components.attoseconds / 1_000_000_000_000))
        return true
    }

    private func failure(_ failure: HTTPCallFailure) -> Failure {
        switch failure {
        case .notSent(let text): Failure(.refused, text)
        case .unreachable(let text):
            // What a proxy or a certificate is wrong about says nothing of the desk.
            Failure(
                .unavailable,
                text.contains("TLS: ") || text.contains("proxy") || text.contains("PROXY")
                    ? text : "\(text); is the desk running there?")
        case .interrupted(let text): Failure(.unavailable, "\(text); try again")
        case .timedOut(let text): Failure(.tryAgain, "\(text); try again")
        case .tooLarge(let text): Failure(.unavailable, "\(text); is it a desk?")
        }
    }

    private func failure(_ failure: DeskFailure) -> Failure {
        let text = "\(target.name): \(failure.message)"
        return switch failure.kind {
        case .unauthorized where target.plain != nil:
            Failure(.refused, "\(text) (set PARLEY_TOKEN, or token_command)")
        case .unauthorized: Failure(.refused, "\(text) (parley login \(target.name) keeps a new token)")
        case .refused: Failure(.refused, text)
        case .unknownPeer: Failure(.noSuchUser, "\(text); parley who --all lists everybody")
        case .tooLarge, .rejected: Failure(.badInput, text)
        case .busy: Failure(.tryAgain, "\(text); try again")
        case .malformed: Failure(.unavailable, text)
        }
    }
}
