import ChannelsEngine
import ChannelsProtocol
import Chat

@testable import ChatSession

/// Terminals, an engine and a desk of values in one room: no socket, no disk, and a clock of the test's own.
///
/// Whatever is said travels as a `Parcel` and takes as long as `weather` has it take; by itself nothing takes any time.
/// What can go wrong is in `World+Faults`, how parcels travel in `World+Network`.
struct World {
    struct Client {
        var session: Session
        let run: Run
        var socket: Socket?
        var attempt = 0
        var notices: [ChatNotice] = []
        /// Calls nobody has answered yet.
        var asked: Set<Int> = []
        var hasStore = false
        var witness = Witness()
        /// What it said to programs beside it.
        var lent: [SessionEffect] = []

        /// The messages its listeners were told of since it was started.
        var heard: [String] {
            notices.compactMap { if case .message(let message) = $0 { message.id } else { nil } }
        }
    }

    var engine: Engine
    var desk = DeskModel()
    var clients: [Seat: Client] = [:]
    /// What each account keeps on its machine.
    var disks: [UserID: AccountDisk] = [:]
    /// The token each user has now; the desk may not take it any more.
    var credentials: [UserID: String] = [:]
    var lines: [Seat: Line] = [:]
    var weather = Weather()
    var now = Moment(uptime: .seconds(1000), date: Timestamp(milliseconds: 1_800_000_000_000))
    var isDeskUp = true
    /// The desk's process does not answer, while the engine, which is another, goes on.
    var isDeskSilent = false
    /// The engine's process is gone, while the desk, which is another, goes on.
    var isEngineAway = false
    /// Whom the engine takes for connected although nobody is: those of another process of its own that died.
    var ghosts: Set<UserID> = []
    var deskReturnsAt: Duration?
    var agenda = Agenda()
    var sockets: [Socket: SocketEnd] = [:]
    var lastSocket: Socket = 0
    var starts = 0
    var engines: UInt64 = 0
    /// Whether everything that happens to a terminal is printed.
    var isTold = false
    /// What must never be, and was.
    var violations: [String] = []

    init(dice: Dice = Dice(seed: 0)) {
        engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret"), seed: 7)
        weather.dice = dice
    }

    subscript(user: UserID) -> Client { self[Seat(user)] }
    subscript(seat: Seat) -> Client {
        guard let client = clients[seat] else { preconditionFailure("\(seat) is not running") }
        return client
    }

    func chat(_ user: UserID) -> ChatState { self[user].session.chat }

    func texts(_ user: UserID, _ name: ConversationName) -> [String] {
        chat(user).conversation(name).messages.map { $0.text ?? "-" }
    }

    // MARK: What people do

    mutating func start(_ user: UserID) { start(Seat(user)) }

    /// A terminal that was running is killed first; its disk stays.
    ///
    /// - Parameter isKnown: this machine knows from an earlier run whose the terminal is.
    mutating func start(_ seat: Seat, isKnown: Bool = false, settings: SessionSettings = SessionSettings()) {
        kill(seat)
        starts += 1
        if credentials[seat.user] == nil { credentials[seat.user] = desk.newToken(seat.user) }
        let number = UInt64(starts)
        let run = Run(seat: seat, number: starts)
        clients[seat] = Client(session: Session(settings: settings, seed: (number &* 1_003, number &* 77)), run: run)
        post(seat, .started(as: isKnown ? seat.user : nil))
    }

    /// The process is gone at once: what it asked its disk for may not be there.
    mutating func kill(_ seat: Seat) {
        guard let client = clients.removeValue(forKey: seat) else { return }
        // The disk has done some of it, in order, and never hears of the rest.
        let unwritten = agenda.takeWrites(of: client.run)
        for writes in unwritten.prefix(weather.dice.number(0...unwritten.count)) {
            _ = disks[seat.user, default: AccountDisk()].write(writes, by: client.run)
        }
        lines[seat]?.diskFreeAt = now.uptime
        if let socket = client.socket { abandon(socket) }
        settle()
    }

    mutating func want(_ user: UserID, _ command: ChatCommand) { want(Seat(user), command) }
    mutating func want(_ seat: Seat, _ command: ChatCommand) { post(seat, .command(command)) }

    mutating func say(_ user: UserID, _ text: String, to name: ConversationName) {
        want(user, .send(name, text: text, clientID: ""))
    }

    mutating func post(_ seat: Seat, _ event: SessionEvent) {
        guard let client = clients[seat] else { return }
        agenda.add(.event(client.run, event), at: now.uptime)
        settle()
    }

    // MARK: Time

    mutating func advance(by time: Duration) {
        let end = now.uptime + time
        var steps = 0
        while true {
            steps += 1
            precondition(steps < 1_000_000, "time does not go on")
            let due =
                [engine.deadline, agenda.next, deskReturnsAt]
                + clients.values.map { isAsleep($0.run.seat) ? nil : $0.session.deadline }
            let step = max(.zero, min(due.compactMap(\.self).min() ?? end, end) - now.uptime)
            now.uptime += step
            now.date.milliseconds += Int64(step / .milliseconds(1))
            if let time = deskReturnsAt, time <= now.uptime { startDesk() }
            carry(engine.tick(now: now.uptime))
            for seat in clients.keys.sorted() where !isAsleep(seat) {
                guard let deadline = clients[seat]?.session.deadline, deadline <= now.uptime else { continue }
                let effects = clients[seat]?.session.tick(now: now) ?? []
                perform(effects, of: seat)
            }
            settle()
            if now.uptime >= end { return }
        }
    }

    /// Delivers everything that is due, and what comes of it.
    mutating func settle() {
        var steps = 0
        while let parcel = agenda.take(until: now.uptime) {
            steps += 1
            precondition(steps < 200_000, "the sessions never come to rest")
            deliver(parcel)
        }
    }

    mutating func hand(_ event: SessionEvent, to run: Run) {
        guard clients[run.seat]?.run == run else { return }
        if isTold { print("   ", now.uptime, run.seat, event) }
        let effects = clients[run.seat]?.session.handle(event, now: now) ?? []
        perform(effects, of: run.seat)
    }

    private mutating func perform(_ effects: [SessionEffect], of seat: Seat) {
        for effect in effects { perform(effect, of: seat) }
        guard let client = clients[seat] else { return }
        clients[seat]?.witness.look(at: client.session.chat) {
            violations.append("\(seat): \($0)")
            if isTold { print("!!! \(seat): \($0)") }
        }
    }

    private mutating func perform(_ effect: SessionEffect, of seat: Seat) {
        guard let run = clients[seat]?.run else { return }
        switch effect {
        case .openStore(let user):
            agenda.add(.open(run, user), at: writeTime(of: seat))
        case .save(let writes): agenda.add(.write(run, writes), at: writeTime(of: seat))
        case .openSocket(let attempt, _): openSocket(run, attempt)
        case .sendText(let text):
            if let socket = clients[seat]?.socket { send(text, from: socket) }
        case .closeSocket:
            if let socket = clients[seat]?.socket { abandon(socket) }
            clients[seat]?.socket = nil
        case .request(let id, let request): ask(run, id, request)
        case .notice(let notice): clients[seat]?.notices.append(notice)
        case .sendLine, .endLine: clients[seat]?.lent.append(effect)
        case .log: break
        }
    }

    func isAlive(_ run: Run) -> Bool { clients[run.seat]?.run == run }
}
