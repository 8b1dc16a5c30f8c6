import ChannelsEngine
import Chat
import ChatSession

extension World {
    /// The connection breaks, both sides notice, and nothing gets through until `mend`.
    mutating func cut(_ user: UserID) { cut(Seat(user)) }

    mutating func cut(_ seat: Seat) {
        resetSockets(of: seat)
        lines[seat, default: Line()].isCut = true
        settle()
    }

    /// Nothing gets through any more, and nobody is told.
    mutating func halfOpen(_ seat: Seat) { lines[seat, default: Line()].isHalfOpen = true }

    /// From now on this line lets no WebSocket through; see `Line.refusal`.
    mutating func refuse(_ seat: Seat, with status: Int) {
        lines[seat, default: Line()].refusal = status
        resetSockets(of: seat)
    }

    /// What was swallowed is lost with its socket.
    mutating func mend(_ user: UserID) { mend(Seat(user)) }

    mutating func mend(_ seat: Seat) {
        let wasHalfOpen = lines[seat]?.isHalfOpen == true
        lines[seat]?.isCut = false
        lines[seat]?.isHalfOpen = false
        lines[seat]?.refusal = nil
        if wasHalfOpen { resetSockets(of: seat) }
        settle()
    }

    /// Everything on this line arrives, but not before the time has gone.
    mutating func stall(_ seat: Seat, for time: Duration) {
        lines[seat, default: Line()].stalledUntil = now.uptime + time
    }

    /// The machine sleeps: nothing is read, done or noticed there.
    mutating func sleep(_ seat: Seat, for time: Duration) {
        guard let client = clients[seat], !isAsleep(seat) else { return }
        let awake = now.uptime + time
        lines[seat, default: Line()].asleepUntil = awake
        advance(by: time)
        lines[seat]?.asleepUntil = nil
        // It is told that it slept before anything that came meanwhile.
        hand(.woke, to: client.run)
        // And that before anything that comes now.
        advance(by: .milliseconds(2))
    }

    /// The desk's process ends; what was committed stays. Nobody is told anything else than that the sockets are gone.
    mutating func stopDesk(for time: Duration) {
        isDeskUp = false
        desk.published = []
        loseSockets()
        deskReturnsAt = now.uptime + time
    }

    /// The engine's process, which is not the desk's, ends.
    mutating func stopEngine() {
        isEngineAway = true
        loseSockets()
        settle()
    }

    private mutating func loseSockets() {
        for (socket, end) in sockets {
            let event = SessionEvent.socketClosed(attempt: end.attempt, code: nil, reason: "connection lost")
            if lines[end.run.seat]?.isHalfOpen != true {
                agenda.add(.event(end.run, event), at: now.uptime + weather.networkDelay())
            }
            if clients[end.run.seat]?.socket == socket { clients[end.run.seat]?.socket = nil }
        }
        sockets = [:]
        engines += 1
        engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret"), seed: 7 + engines)
    }

    mutating func startDesk() {
        isDeskUp = true
        deskReturnsAt = nil
    }

    /// The engine and the client of each socket of a terminal learn that it is gone.
    private mutating func resetSockets(of seat: Seat) {
        for (socket, end) in sockets where end.run.seat == seat {
            agenda.add(.hangUp(socket), at: now.uptime)
            agenda.add(
                .event(end.run, .socketClosed(attempt: end.attempt, code: nil, reason: "cut")), at: now.uptime)
            if clients[seat]?.socket == socket { clients[seat]?.socket = nil }
        }
        settle()
    }
}
