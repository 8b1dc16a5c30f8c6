import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// `parley ask`: a question and its outcome.
struct Ask: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask", abstract: "Ask somebody to choose, and wait for the answer.",
        discussion: """
            In the other's Parley the question is a form with one key for each choice; elsewhere it is text with the \
            choices in words. It ends in one of five ways, each with its exit code:

            answered (0): a choice was made in time; it is printed.
            declined (10): the other side declined to choose.
            peer left (11): the other side was online after the question was stored, then offline for the whole of \
            --grace, and had not answered.
            seen but silent (12): the time is up, the question was seen, and there is no answer.
            timed out (75): the time is up and the question was not even seen.

            The desk's clock decides what is in time. A later answer is stored and marked as late, and this command \
            never takes it for consent. An answer belongs to one question, so several at once do not mix; it is given \
            once, by the other side, and by no script. You are in the roster while you wait.

            In an application without a desk the answer is the other side's first message that is one of the choices, and \
            nobody knows whether a question was seen.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "A user id.")
    var peer: String
    @Argument(help: "The question.")
    var text: [String]
    @Option(help: ArgumentHelp("1 to 9 choices with commas between.", valueName: "choices"))
    var choices = "yes,no"
    @Option(help: ArgumentHelp("How long an answer counts.", valueName: "time"))
    var timeout = TimeSpan(.seconds(600))
    @Option(help: ArgumentHelp("How long somebody may be offline before they have left.", valueName: "time"))
    var grace = TimeSpan(.seconds(15))
    @Option(
        name: .customLong("client-id"),
        help: ArgumentHelp("The id of an earlier try, which this one takes up.", valueName: "uuid"))
    var clientID: String?

    func run() throws {
        let place = try Place(argument: peer)
        guard case .peer(let user) = place else {
            throw Failure(.usage, "\(place.argument): a question is put to one user")
        }
        let choices = choices.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false).map {
            String(String.UnicodeScalarView($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
        }
        if let problem = Question.problem(choices) { throw Failure(.usage, "--choices: \(problem)") }
        guard timeout.duration >= .seconds(1) else { throw Failure(.usage, "--timeout is less than a second") }
        let words = text.joined(separator: " ")
        guard words.contains(where: { !$0.isWhitespace }) else {
            throw Failure(.badInput, "the text is empty; ask something")
        }
        let clientID = try clientID.map { id throws(Failure) in try Send.checked(id) } ?? Send.newID()
        let settings = try global.settings()
        let route = try DeskRoute(settings)
        let (outcome, asked) = try ask(
            user, "\(words) (\(choices.joined(separator: " / ")))", choices, clientID, route)
        try tell(outcome, asked)
        guard outcome.code == 0 else { throw ExitCode(outcome.code) }
    }

    private func ask(
        _ user: UserID, _ text: String, _ choices: [String], _ clientID: String, _ route: DeskRoute
    ) throws -> (AskOutcome, Message) {
        guard route.target.plain == nil else {
            return try PlainAsk(
                peer: user, text: text, choices: choices, clientID: clientID, timeout: timeout.duration,
                grace: grace.duration
            ).run(route)
        }
        let (asked, isHere) = try send(text, choices, to: .peer(user), clientID, route)
        let wait = AskWait(
            route: route, question: asked, choices: choices, peer: user, isHere: isHere, timeout.duration,
            grace: grace.duration)
        return (try wait.outcome(), asked)
    }

    private func send(
        _ text: String, _ choices: [String], to place: Place, _ clientID: String, _ route: DeskRoute
    ) throws(Failure) -> (Message, isHere: Bool) {
        let client = DeskClient(target: route.target, timeout: .seconds(10), door: route.desk)
        // The desk that was hosted for this goes on: the same process waits for the answer.
        defer { client.stopCalling() }
        var marks = SendMarks.automated(true)
        marks.choices = choices
        marks.patience = timeout.duration
        do throws(Failure) {
            let me = try client.identity()
            let conversation = try client.conversation(place, me)
            // Before it is asked: whoever reads it and leaves at once was here.
            let users = try client.people()
            let message = try client.ask(.send(place, text: text, clientID: clientID, socketID: nil, marks: marks)) {
                status, body throws(DeskFailure) in
                try DeskReply.message(status: status, body: body, in: conversation)
            }
            return (message, users.contains { $0.isOnline && place == .peer($0.id) })
        } catch {
            guard error.code == .unavailable || error.code == .tryAgain else { throw error }
            throw Failure(error.code, error.sentence + " (with --client-id \(clientID) it cannot be asked twice)")
        }
    }

    private func tell(_ outcome: AskOutcome, _ asked: Message) throws(Failure) {
        if output.json {
            var members: [(String, JSON)] = [
                ("outcome", .string(outcome.name)), ("question", .string(asked.id)),
                ("question_seq", JSON(asked.seq)),
            ]
            if let answer = outcome.answer { members += Text.members(answer) }
            return try Output.json(members)
        }
        switch outcome {
        case .answered(_, let choice): try Output.line(choice)
        case .declined: Output.note("parley: \(peer) declined to choose")
        case .peerLeft: Output.note("parley: \(peer) went offline without an answer")
        case .seen: Output.note("parley: \(peer) has seen the question and did not answer in time")
        case .timedOut: Output.note("parley: \(peer) has not seen the question in time")
        }
    }
}

/// How a question ended.
enum AskOutcome: Equatable, Sendable {
    case answered(Message, choice: String)
    case declined(Message)
    case peerLeft
    case seen
    case timedOut

    var name: String {
        switch self {
        case .answered: "answered"
        case .declined: "declined"
        case .peerLeft: "peer_left"
        case .seen: "seen"
        case .timedOut: "timed_out"
        }
    }

    var code: Int32 {
        switch self {
        case .answered: 0
        case .declined: 10
        case .peerLeft: 11
        case .seen: 12
        case .timedOut: 75
        }
    }

    var answer: Message? {
        switch self {
        case .answered(let message, _), .declined(let message): message
        case .peerLeft, .seen, .timedOut: nil
        }
    }

    /// What an answer means for the question; nil where it is none to it, comes from elsewhere, is late, or chooses what
    /// was not offered.
    init?(_ message: Message, to question: Message, offering choices: [String], by peer: UserID) {
        guard let answer = message.answer, answer.questionID == question.id, message.from == peer, !answer.isLate,
            answer.choice.map({ choices.contains($0) }) ?? true
        else { return nil }
        self = answer.choice.map { .answered(message, choice: $0) } ?? .declined(message)
    }
}

/// Waits for what becomes of one question.
final class AskWait {
    private let question: Message
    /// As they were asked, whatever the desk says of the question.
    private let choices: [String]
    private let peer: UserID
    private let end: Duration
    private let grace: Duration
    private let loop: VerbLoop
    private var isFollowing = false
    private var presence: PeerPresence

    init(
        route: DeskRoute, question: Message, choices: [String], peer: UserID, isHere: Bool, _ timeout: Duration,
        grace: Duration
    ) {
        presence = PeerPresence(wasOnline: isHere)
        self.question = question
        self.choices = choices
        self.peer = peer
        self.grace = grace
        // An answer of the last moment is still on its way here when the time is up at the desk.
        end = Now.uptime + timeout + .milliseconds(500)
        loop = VerbLoop(route: route, joinsLobby: true)
    }

    func outcome() throws -> AskOutcome {
        var outcome: AskOutcome?
        /// What holds if nothing else comes; nil while the desk is not reached.
        var silence: AskOutcome?
        let next = { [self] in presence.leftAt(grace) }
        _ = try loop.run(until: end, next: next) { () throws(Failure) in
            follow()
            let chat = loop.runner.session.chat
            for case .message(let message) in loop.runner.takeNotices() where outcome == nil {
                outcome = AskOutcome(message, to: question, offering: choices, by: peer)
            }
            if outcome != nil { return true }
            let isSeen = chat.conversation(question.conversation).seenByPeer >= question.seq
            silence = chat.link.isOnline ? (isSeen ? .seen : .timedOut) : nil
            presence.note(isOnline: chat.roster.isKnown ? chat.roster.isOnline(peer) : nil, now: Now.uptime)
            guard let left = presence.leftAt(grace), left <= Now.uptime else { return false }
            outcome = .peerLeft
            return true
        }
        if let outcome { return outcome }
        guard let silence else {
            throw Failure(
                .unavailable,
                "\(loop.route.target.name): not reached when the time was up; parley history \(peer) shows whether there is an answer"
            )
        }
        return silence
    }

    private func follow() {
        guard !isFollowing, loop.runner.session.chat.hasBaseline else { return }
        isFollowing = true
        loop.runner.perform(.follow(question.conversation, after: question.seq))
    }
}

/// Since when somebody who was here is gone.
struct PeerPresence: Equatable, Sendable {
    private var wasOnline: Bool
    private var goneSince: Duration?

    init(wasOnline: Bool = false) { self.wasOnline = wasOnline }

    /// - Parameter isOnline: nil where nobody can say.
    mutating func note(isOnline: Bool?, now: Duration) {
        switch isOnline {
        case true:
            wasOnline = true
            goneSince = nil
        case false: if wasOnline, goneSince == nil { goneSince = now }
        // Our own connection is gone: that says nothing of theirs, and the time of grace begins again.
        default: goneSince = nil
        }
    }

    /// When they have left for good if they do not come back; nil while they are here, or never were.
    func leftAt(_ grace: Duration) -> Duration? { goneSince.map { $0 + grace } }
}
