import ChannelsEngine
import ChannelsProtocol
import Chat

@testable import ChatSession

/// How long things take. By itself nothing takes any time and nothing is done twice.
struct Weather {
    var dice = Dice(seed: 0)
    /// Of a frame or a request, one way.
    var delay: ClosedRange<Int>?
    var disk: ClosedRange<Int>?
    /// Percent of the requests that reach the desk twice, that are lost, and whose answer is lost.
    var doubled = 0
    var lost = 0
    var unanswered = 0

    mutating func networkDelay() -> Duration { delay.map { dice.milliseconds($0) } ?? .zero }
    mutating func diskDelay() -> Duration { disk.map { dice.milliseconds($0) } ?? .zero }
}

/// The line between a terminal and the desk.
struct Line {
    var isCut = false
    /// Nothing gets through and nobody is told.
    var isHalfOpen = false
    /// Calls get through, and a WebSocket is refused with this status; 0 is a proxy that says nothing.
    var refusal: Int?
    /// What is sent arrives, but not before.
    var stalledUntil: Duration = .zero
    /// The machine sleeps until then.
    var asleepUntil: Duration?
    /// A terminal's writes are done one after the other.
    var diskFreeAt: Duration = .zero
}

/// One WebSocket, with the time its latest frame arrives: frames never overtake each other.
struct SocketEnd {
    let run: Run
    let attempt: Int
    var clientHearsAt: Duration = .zero
    var engineHearsAt: Duration = .zero
}

extension World {
    /// How long an HTTP call is waited for.
    static let callTimeout: Duration = .seconds(10)

    mutating func deliver(_ parcel: Parcel) {
        switch parcel {
        case .event(let run, let event):
            if let later = heldBack(run.seat) { return agenda.add(parcel, at: later) }
            hand(event, to: run)
        case .answer(let run, let id, let event):
            if let later = heldBack(run.seat) { return agenda.add(parcel, at: later) }
            guard clients[run.seat]?.run == run, clients[run.seat]?.asked.remove(id) != nil else { return }
            hand(event, to: run)
        case .timeout(let run, let id):
            guard clients[run.seat]?.run == run, clients[run.seat]?.asked.contains(id) == true else { return }
            deliver(.answer(run, id, .unanswered(request: id, reason: "no answer")))
        case .text(let socket, let text):
            if sockets[socket] != nil { carry(engine.receive(text, from: socket, now: now.uptime)) }
        case .hangUp(let socket):
            sockets[socket] = nil
            carry(engine.disconnect(socket, now: now.uptime))
        case .request(let run, let id, let request, let token): reachDesk(run, id, request, token: token)
        case .write(let run, let writes): write(writes, of: run)
        case .open(let run, let user): open(run, user)
        case .adopt(let run): adopt(run)
        }
    }

    // MARK: Sockets

    mutating func openSocket(_ run: Run, _ attempt: Int) {
        if let old = clients[run.seat]?.socket { abandon(old) }
        clients[run.seat]?.socket = nil
        clients[run.seat]?.attempt = attempt
        if attempt > 1 { agenda.add(.adopt(run), at: writeTime(of: run.seat)) }
        let line = lines[run.seat] ?? Line()
        func fail(_ reason: String, after time: Duration) {
            agenda.add(
                .event(run, .socketClosed(attempt: attempt, code: nil, reason: reason)), at: now.uptime + time)
        }
        if line.isHalfOpen { return fail("no answer within 10 s", after: .seconds(10)) }
        guard !line.isCut, isDeskUp, !isEngineAway else { return fail("no way through", after: weather.networkDelay()) }
        if let status = line.refusal {
            let event = SessionEvent.socketRefused(
                attempt: attempt, status: status == 0 ? nil : status, reason: "no WebSocket")
            return agenda.add(.event(run, event), at: now.uptime + (status == 0 ? .seconds(10) : .zero))
        }
        lastSocket += 1
        let socket = lastSocket
        clients[run.seat]?.socket = socket
        sockets[socket] = SocketEnd(run: run, attempt: attempt)
        tell(socket, .socketOpened(attempt: attempt))
        carry(engine.connect(socket, now: now.uptime))
    }

    /// A frame of a client on its way to the engine.
    mutating func send(_ text: String, from socket: Socket) {
        guard let seat = sockets[socket]?.run.seat, !isDead(seat) else { return }
        let time = arrival(seat, after: sockets[socket]?.engineHearsAt)
        sockets[socket]?.engineHearsAt = time
        agenda.add(.text(socket, text), at: time)
    }

    /// The client lets go of a socket; the engine notices when the news gets through.
    mutating func abandon(_ socket: Socket) {
        guard let end = sockets[socket] else { return }
        guard !isDead(end.run.seat) else { return }
        agenda.add(.hangUp(socket), at: arrival(end.run.seat, after: end.engineHearsAt))
    }

    /// Something on its way to the client that holds the socket.
    private mutating func tell(_ socket: Socket, _ event: SessionEvent) {
        guard let end = sockets[socket], !isDead(end.run.seat) else { return }
        let time = arrival(end.run.seat, after: end.clientHearsAt)
        sockets[socket]?.clientHearsAt = time
        agenda.add(.event(end.run, event), at: time)
    }

    mutating func carry(_ outputs: [EngineOutput]) {
        for output in outputs {
            switch output {
            case .send(let text, let receivers):
                for socket in receivers {
                    if let end = sockets[socket] { tell(socket, .socketText(attempt: end.attempt, text)) }
                }
            case .close(let socket, let code, let reason):
                guard let end = sockets[socket] else { continue }
                tell(socket, .socketClosed(attempt: end.attempt, code: code, reason: reason))
                sockets[socket] = nil
                if clients[end.run.seat]?.socket == socket { clients[end.run.seat]?.socket = nil }
            case .webhook: break
            }
        }
    }

    // MARK: Calls

    mutating func ask(_ run: Run, _ id: Int, _ request: DeskRequest) {
        clients[run.seat]?.asked.insert(id)
        let line = lines[run.seat] ?? Line()
        if line.isCut || !isDeskUp || isDeskSilent, !line.isHalfOpen {
            let event = SessionEvent.unanswered(request: id, reason: "no way through")
            return agenda.add(.answer(run, id, event), at: now.uptime + weather.networkDelay())
        }
        agenda.add(.timeout(run, id), at: now.uptime + request.held + Self.callTimeout)
        let token = credentials[run.seat.user] ?? ""
        guard !line.isHalfOpen, !weather.dice.happens(weather.lost) else { return }
        agenda.add(.request(run, id, request, token: token), at: arrival(run.seat, after: nil))
        // A proxy that lost its connection asks again; the second may come much later.
        if weather.dice.happens(weather.doubled) {
            let late = arrival(run.seat, after: nil) + weather.dice.milliseconds(0...20_000)
            agenda.add(.request(run, id, request, token: token), at: late)
        }
    }

    private mutating func reachDesk(_ run: Run, _ id: Int, _ request: DeskRequest, token: String) {
        guard isDeskUp else { return }
        let lobby = ChannelName(wire: ConversationName.lobby.channel)
        desk.online = desk.users.filter { engine.isMember($0.text, of: lobby) && !ghosts.contains($0) }
        for room in desk.rooms {
            let channel = ChannelName(wire: room.conversation.channel)
            desk.here[room.name] = desk.users.filter { engine.isMember($0.text, of: channel) }
        }
        let (status, body) = desk.answer(request, token: token, at: now.date)
        if request.held > .zero, status == 200, !body.contains("conversations") {
            // Nothing new: the desk keeps the answer.
            var rest = request
            rest.held = max(.zero, request.held - .milliseconds(200))
            return agenda.add(.request(run, id, rest, token: token), at: now.uptime + .milliseconds(200))
        }
        if let crash = desk.crash {
            desk.crash = nil
            // It ended between the commit and everything that follows it.
            return stopDesk(for: crash)
        }
        for event in desk.published {
            let published = PublishedEvent(
                name: event.name, data: event.data.text, channels: [ChannelName(wire: event.channel)],
                excluding: event.excluding.flatMap { SocketID($0) })
            if let outputs = try? engine.trigger(published, now: now.uptime) { carry(outputs) }
        }
        desk.published = []
        guard !isDead(run.seat), !weather.dice.happens(weather.unanswered) else { return }
        let answer = SessionEvent.answered(request: id, status: status, retryAfter: nil, body: body)
        agenda.add(.answer(run, id, answer), at: arrival(run.seat, after: nil))
    }

    // MARK: Lines

    func isAsleep(_ seat: Seat) -> Bool { lines[seat]?.asleepUntil != nil }

    /// When a sleeping machine hears of something: after it was told that it slept.
    private func heldBack(_ seat: Seat) -> Duration? { lines[seat]?.asleepUntil.map { $0 + .milliseconds(1) } }

    private func isDead(_ seat: Seat) -> Bool {
        guard let line = lines[seat] else { return false }
        return line.isCut || line.isHalfOpen
    }

    private mutating func arrival(_ seat: Seat, after earlier: Duration?) -> Duration {
        max(now.uptime + weather.networkDelay(), earlier ?? .zero, lines[seat]?.stalledUntil ?? .zero)
    }
}
