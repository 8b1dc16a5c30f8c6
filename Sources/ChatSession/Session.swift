package import Chat
import ChannelsClient
package import ChannelsProtocol

/// The hall: one signed-in user's single state, and the two translators between wire and chat.
///
/// Everything that happens comes in through `handle`; what is to be done goes out as values. The full screen, linear mode and
/// every verb are faces of this one struct. It knows no clock, socket, file or terminal; `now` is an argument.
/// The wire's names are read in `WireEvent`, requests to the desk made in `DeskCall` and their answers read in `DeskReply`.
package struct Session: Equatable, Sendable {
    package internal(set) var chat: ChatState
    /// Who the desk says we are; nil before it said so.
    package internal(set) var identity: Identity?
    /// How many frames and events were dropped because they could not be believed or understood.
    package internal(set) var dropped = 0

    let settings: SessionSettings
    let jitterSeed: UInt64
    var connection: Connection
    var ids: RandomIDs
    var pending: [Int: PendingCall] = [:]
    var waiting: [WaitingCall] = []
    var lastRequest = 0
    /// The request for the list of conversations that was made last.
    var lastList = 0
    var list = ConversationPages()
    var signIn = SignInAttempts()
    /// The credential was refused; `reconnectNow` asks with it as it is then.
    var isSignedOut = false
    var signedOutBy: DeskFailure.Kind?
    var stoppedHost: Int32?
    /// Where there is no desk.
    var plain: PlainState?
    /// The channels this session wants for itself; what lines want is in `relay`.
    var ownChannels: Set<ChannelName> = []
    /// Channels whose key does not open what comes there; said once, until something can be read again.
    var unreadable: Set<ChannelName> = []
    var relay = Relay()
    var polling = Polling()
    var rosterCheck = RosterCheck()
    /// When a desk in trouble is asked again whether it is well.
    var deskCheckAt: Duration?
    var effects: [SessionEffect] = []

    /// - Parameter seed: 128 bits from the system's random source; message ids and jitter come from it.
    package init(settings: SessionSettings = SessionSettings(), seed: (UInt64, UInt64)) {
        self.settings = settings
        plain = settings.plain.map { PlainState($0) }
        chat = ChatState(
            wantsLobby: settings.joinsLobby, missesNothing: settings.missesNothing, keepsOpen: settings.keepsOpen)
        ids = RandomIDs(seed: seed)
        jitterSeed = seed.0 ^ seed.1
        connection = Connection(settings: settings.timing, seed: jitterSeed)
    }

    /// Takes one event in and returns what is to be done, in order.
    package mutating func handle(_ event: SessionEvent, now: Moment) -> [SessionEffect] {
        take(event, now: now)
        answerPlain(now: now)
        return drain()
    }

    /// Does what time asks for.
    package mutating func tick(now: Moment) -> [SessionEffect] {
        if let at = signIn.retryAt, at <= now.uptime { askIdentity() }
        let due = waiting.filter { $0.at <= now.uptime }
        waiting.removeAll { $0.at <= now.uptime }
        for each in due { ask(each.call, tries: each.tries) }
        if let at = deskCheckAt, at <= now.uptime { checkDesk(now: now) }
        checkRoster(now: now)
        run(connection.tick(now: now.uptime), now: now)
        run(chat.tick(now: now), now: now)
        tickPlain(now: now)
        answerPlain(now: now)
        return drain()
    }

    /// The next moment at which `tick` has something to do.
    package var deadline: Duration? {
        [
            signIn.retryAt, waiting.map(\.at).min(), connection.deadline, chat.deadline, plainDeadline, deskCheckAt,
            rosterCheck.nextAt,
        ].compactMap(\.self).min()
    }

    /// The chat and presence channels wished for, for whoever wants to check that none is held in vain.
    package var channels: [ChannelName] { connection.channels }

    private mutating func take(_ event: SessionEvent, now: Moment) {
        switch event {
        case .started(let user):
            if let user {
                tell(
                    .signedIn(
                        SignedIn(
                            me: user, name: user.text, store: "", lobby: plain?.settings.lobby ?? .lobby,
                            isLiveOnly: plain != nil, isEncrypted: plain?.settings.isEncrypted ?? false)), now: now)
                effects.append(.openStore(user))
            }
            askIdentity()
        case .restored(let saved): tell(.restored(saved), now: now)
        case .notRestored(let reason): effects.append(.notice(.warning(reason)))
        case .saved(let writes):
            for case .putOutbox(let message) in writes { tell(.kept(clientID: message.clientID), now: now) }
        case .notSaved(let writes, let reason):
            for case .putOutbox(let message) in writes {
                tell(.notKept(clientID: message.clientID, reason: reason), now: now)
            }
        case .socketOpened(let attempt): run(connection.socketOpened(attempt: attempt, now: now.uptime), now: now)
        case .socketText(let attempt, let text):
            run(connection.received(text, attempt: attempt, now: now.uptime), now: now)
        case .socketActive(let attempt): run(connection.socketActive(attempt: attempt, now: now.uptime), now: now)
        case .socketClosed(let attempt, let code, let reason):
            run(connection.socketClosed(attempt: attempt, code: code, reason: reason, now: now.uptime), now: now)
        case .socketRefused(let attempt, let status, let reason):
            socketRefused(attempt: attempt, status: status, reason: reason, now: now)
        case .answered(let request, let status, let retryAfter, let body):
            answered(request, status: status, retryAfter: retryAfter, body: body, now: now)
        case .unanswered(let request, let reason): unanswered(request, reason: reason, now: now)
        case .command(let command):
            var command = command
            if case .send(let name, let text, "") = command {
                command = .send(name, text: text, clientID: ids.next())
            } else if case .answer(let name, let question, let choice, "") = command {
                command = .answer(name, question: question, choice: choice, clientID: ids.next())
            }
            run(chat.perform(command, now: now), now: now)
        case .reconnectNow:
            if identity == nil || isSignedOut {
                askIdentity()
            } else {
                if chat.deskFault != nil { checkDesk(now: now) }
                run(connection.reconnectNow(now: now.uptime), now: now)
            }
        case .woke:
            if identity == nil { askIdentity() } else { run(connection.checkNow(now: now.uptime), now: now) }
        case .hostStopped(let pid): hostStopped(pid, now: now)
        case .lineOpened(let line): lineOpened(line, now: now)
        case .lineText(let line, let text): lineSaid(line, text, now: now)
        case .lineClosed(let line): lineClosed(line, now: now)
        case .stopping:
            if let open = chat.open { run(chat.perform(.typing(open, false), now: now), now: now) }
            if chat.othersActiveUntil != nil { tellActivity(for: .zero, asks: false, now: now) }
            run(connection.stop(now: now.uptime), now: now)
        }
    }

    /// Says an event to the chat and carries out what it asks for.
    mutating func tell(_ event: ChatEvent, now: Moment) {
        run(chat.apply(event, now: now), now: now)
    }

    private mutating func drain() -> [SessionEffect] {
        defer { effects = [] }
        return effects
    }
}
