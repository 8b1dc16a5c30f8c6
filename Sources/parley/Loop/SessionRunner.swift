import Chat
import ChatSession
import Terminal

/// Runs one session on the loop's thread: takes what was posted, lets its effects be done, and collects what a face shows.
///
/// The full screen, linear mode and `tail` each own one and differ only in what they do with the notices.
final class SessionRunner {
    private(set) var session: Session
    private let route: DeskRoute
    private let queue: EventQueue
    private let hands: SessionHands
    private var notices: [ChatNotice] = []
    private var slept = Now.slept
    private var untaken: ArraySlice<SessionEvent> = []
    private var hasRestored = false
    private var hasBeenOnline = false
    private let tap: SessionTap?
    /// A verb without a desk tells its caller what it could not settle; no later run is to say it.
    private let keepsNothing: Bool

    /// How many events are taken before the face gets its turn: keys are answered in between, also in a flood.
    private static let batch = 512

    init(
        route: DeskRoute, joinsLobby: Bool = true, sendsTyping: Bool, missesNothing: Bool = false,
        keepsOpen: Bool = true, sharing: Sharing = .lends, keepsNothing: Bool = false, tap: SessionTap? = nil
    ) {
        self.keepsNothing = keepsNothing
        var random = SystemRandomNumberGenerator()
        var settings = SessionSettings(
            joinsLobby: joinsLobby, sendsTyping: sendsTyping, missesNothing: missesNothing,
            expectedUser: route.target.expectedUser)
        settings.plain = route.target.plain
        settings.keepsOpen = keepsOpen
        // Without a desk the presence channel is where one is called.
        if settings.plain != nil { settings.joinsLobby = true }
        if route.desk != nil {
            // Whoever takes a local desk over is there in a moment.
            settings.backoffBase = .milliseconds(50)
            settings.backoffCap = .seconds(1)
        }
        self.route = route
        let seed: (UInt64, UInt64) = (random.next(), random.next())
        session = Session(settings: settings, seed: seed)
        self.tap = tap
        tap?.began(settings, seed)
        queue = EventQueue { Waker.wake() }
        // Without a desk there is nothing to fetch what falls between two connections from.
        hands = SessionHands(route: route, queue: queue, sharing: route.target.plain == nil ? sharing : .neither)
        queue.whenFull { [hands] isFull in hands.setReading(!isFull) }
    }

    func start() { handle(.started(as: route.target.localUser ?? route.target.lastUser)) }

    func handle(_ event: SessionEvent) {
        let now = Now.moment
        tap?.event(event, now)
        perform(session.handle(event, now: now), now)
    }

    func perform(_ command: ChatCommand) { handle(.command(command)) }

    /// Takes what was posted meanwhile; returns false when there was nothing.
    func turn() -> Bool {
        noticeSleep()
        if untaken.isEmpty {
            untaken = queue.drain()[...]
        }
        guard !untaken.isEmpty else { return false }
        for event in untaken.prefix(Self.batch) {
            if case .restored = event { hasRestored = true }
            handle(event)
        }
        untaken = untaken.dropFirst(Self.batch)
        if session.chat.link.isOnline { hasBeenOnline = true }
        return true
    }

    /// Why it makes no sense to go on trying. A desk that was there once is waited for, whatever happens to its folder.
    var hopeless: Failure? { hasBeenOnline ? nil : hands.shutDoor }

    /// Whether more was posted than one turn takes.
    var hasMore: Bool { !untaken.isEmpty || !queue.isEmpty }

    func tick() {
        guard let deadline = session.deadline, deadline <= Now.uptime else { return }
        let now = Now.moment
        tap?.tick(now)
        perform(session.tick(now: now), now)
    }

    /// Whether drafts came from the disk since the last call.
    func takeRestored() -> Bool {
        defer { hasRestored = false }
        return hasRestored
    }

    /// What listeners are to be told since the last call, in order.
    func takeNotices() -> [ChatNotice] {
        defer { notices = [] }
        return notices
    }

    /// Whether the connection is another process's, which may be stopped.
    var isBorrowing: Bool { hands.isBorrowing }

    func leaveStoppedLender() { hands.leaveStoppedLender() }

    /// How long the desk's last answer took.
    var latency: Duration? { hands.latency }

    /// Says goodbye, waits until the disk has everything, and lets go of a desk hosted here.
    func stop() {
        handle(.stopping)
        hands.close()
        handOver()
    }

    /// Gives a desk hosted here to whoever takes it next.
    func handOver() {
        guard let desk = route.desk, desk.isHosting else { return }
        try? waiting { await desk.handOver() }
    }

    private func perform(_ effects: [SessionEffect], _ now: Moment) {
        tap?.effects(effects, now)
        for effect in effects {
            switch effect {
            case .notice(let notice): notices.append(notice)
            case .openStore where keepsNothing: queue.post(.restored(SavedState()))
            case .save(let writes) where keepsNothing: queue.post(.saved(writes))
            default: hands.perform(effect)
            }
        }
    }

    /// A machine that slept, or a process that was stopped, has connections that only seem alive.
    private func noticeSleep() {
        let now = Now.slept
        if Waker.takeTimeJump() || now - slept > .seconds(2) { handle(.woke) }
        slept = now
    }
}
