import ChannelsEngine
import ChannelsProtocol
import Logging
import Network
import NIOCore
import Synchronization

/// The embedded engine with its sockets.
///
/// One lock holds the one `Engine` value, so calls happen one after the other, from whichever thread they come. What the
/// engine wants sent is put into the outboxes while the lock is held, one per event loop, and each outbox is emptied on
/// its loop: so everybody receives in the order in which the engine decided, a frame is made once for all its
/// receivers, and a burst is flushed once for each of them. A socket that does not read is cut off and delays nobody.
final class Hub: Sendable {
    let logger: Logger
    /// What may wait to be sent to one socket; whoever lets more pile up is cut off.
    let pendingBytes: Int
    private let loops: [any EventLoop]
    private let state: Mutex<State>

    private struct State {
        var engine: Engine
        var links: [Socket: SocketLink] = [:]
        var nextNumber: Socket = 1
        var outboxes: [Outbox]
        var timer: (due: Duration, task: Scheduled<Void>)?
        var isStopped = false
    }

    init(app: EngineApp, loops: [any EventLoop], pendingBytes: Int, logger: Logger) {
        self.logger = logger
        self.pendingBytes = pendingBytes
        self.loops = loops
        let engine = Engine(app: app, seed: UInt64.random(in: 0...UInt64.max))
        state = Mutex(State(engine: engine, outboxes: loops.map { _ in Outbox() }))
    }

    /// On the channel's event loop, when its handshake is done.
    func connect(channel: any Channel, frames: FrameHandler, request: WebSocketRequest) -> SocketLink {
        let lane = loops.firstIndex { $0 === channel.eventLoop } ?? 0
        let bound = NIOLoopBound(frames, eventLoop: channel.eventLoop)
        let link = act { state in
            let number = state.nextNumber
            state.nextNumber += 1
            let link = SocketLink(number: number, lane: lane, channel: channel, frames: bound)
            state.links[number] = link
            let engine = state.engine
            if !Signer.areEqual(request.key, engine.app.key) {
                return (link, engine.refuse(number, .unknownApp, "App key \(request.key.prefix(40)) not in this desk"))
            }
            if let code = engine.app.refusal(protocol: request.query["protocol"]) {
                return (link, engine.refuse(number, code, code.meaning))
            }
            return (link, state.engine.connect(number, now: WallClock.monotonic()))
        }
        empty(lane)
        return link
    }

    /// On the socket's event loop; `finishReading` sends what came of it.
    func receive(_ text: String, from link: SocketLink) {
        act { state in ((), state.engine.receive(text, from: link.number, now: WallClock.monotonic())) }
    }

    func activity(_ link: SocketLink) {
        state.withLock { $0.engine.activity(link.number, now: WallClock.monotonic()) }
    }

    func finishReading(_ link: SocketLink) { empty(link.lane) }

    /// On the socket's event loop, when it is gone or given up.
    func disconnect(_ link: SocketLink) {
        act { state in
            guard state.links.removeValue(forKey: link.number) != nil else { return ((), []) }
            return ((), state.engine.disconnect(link.number, now: WallClock.monotonic()))
        }
        empty(link.lane)
    }

    /// Publishes what the desk has to say. What the engine refuses is our own mistake and is logged.
    func publish(_ events: [DeskEvent]) {
        for event in events {
            let published = PublishedEvent(
                name: event.name, data: event.data, channels: [ChannelName(wire: event.channel)],
                excluding: event.excluding)
            do {
                try trigger(published)
            } catch {
                logger.error("\(event.channel): \(event.name) was not published: \(error)")
            }
        }
    }

    func trigger(_ event: PublishedEvent) throws(TriggerRefusal) {
        let result = act { state in
            let answer = Result { () throws(TriggerRefusal) in
                try state.engine.trigger(event, now: WallClock.monotonic())
            }
            switch answer {
            case .success(let outputs): return (Result<Void, TriggerRefusal>.success(()), outputs)
            case .failure(let refusal): return (.failure(refusal), [])
            }
        }
        try result.get()
    }

    /// Calls the engine with whatever it answers, and sends what it wants sent.
    func change<Answer: Sendable>(_ verb: (inout Engine) -> (Answer, [EngineOutput])) -> Answer {
        act { state in verb(&state.engine) }
    }

    /// Asks the engine.
    func ask<Answer: Sendable>(_ question: (borrowing Engine) -> Answer) -> Answer {
        state.withLock { question($0.engine) }
    }

    /// Everybody is closed with 4200, and whoever comes now too.
    func drain() {
        act { state in
            state.isStopped = true
            state.timer?.task.cancel()
            state.timer = nil
            return ((), state.engine.drain(now: WallClock.monotonic()))
        }
    }

    private func act<Answer: Sendable>(_ verb: (inout State) -> (Answer, [EngineOutput])) -> Answer {
        let (answer, lanes) = state.withLock { state in
            let (answer, outputs) = verb(&state)
            let lanes = post(outputs, &state)
            watchTime(&state)
            return (answer, lanes)
        }
        for lane in lanes { loops[lane].execute { self.empty(lane) } }
        return answer
    }

    /// Puts outputs into the outboxes; returns those whose loop is to be woken.
    private func post(_ outputs: [EngineOutput], _ state: inout State) -> [Int] {
        guard !outputs.isEmpty else { return [] }
        for output in outputs {
            switch output {
            case .send(let text, let sockets):
                let frame = FrameWriter.text(text)
                if loops.count == 1 {
                    let links = sockets.compactMap { state.links[$0] }
                    state.outboxes[0].deliveries.append(.send(frame, links))
                    continue
                }
                var perLane = [[SocketLink]](repeating: [], count: loops.count)
                for socket in sockets {
                    if let link = state.links[socket] { perLane[link.lane].append(link) }
                }
                for (lane, links) in perLane.enumerated() where !links.isEmpty {
                    state.outboxes[lane].deliveries.append(.send(frame, links))
                }
            case .close(let socket, let code, let reason):
                guard let link = state.links.removeValue(forKey: socket) else { continue }
                state.outboxes[link.lane].deliveries.append(.close(link, code: code, reason: reason))
            case .webhook: break
            }
        }
        return state.outboxes.indices.filter { state.outboxes[$0].wantsWaking() }
    }

    /// On the lane's loop: writes everything that waits there, then flushes once for each socket.
    private func empty(_ lane: Int) {
        guard state.withLock({ $0.outboxes[lane].begin() }) else { return }
        while true {
            let batch = state.withLock { $0.outboxes[lane].take() }
            guard !batch.isEmpty else { return }
            for delivery in batch { perform(delivery) }
            for case .send(_, let links) in batch {
                for link in links { link.frames.value.flush() }
            }
        }
    }

    private func perform(_ delivery: Outbox.Delivery) {
        switch delivery {
        case .send(let frame, let links):
            for link in links {
                let frames = link.frames.value
                guard frames.isOpen else { continue }
                frames.send(encoded: frame)
                if !link.channel.isWritable {
                    frames.flush()
                    if !link.channel.isWritable { cutOff(link) }
                }
            }
        case .close(let link, let code, let reason):
            link.frames.value.close(code: code, reason: reason)
        }
    }

    private func cutOff(_ link: SocketLink) {
        logger.info("a socket does not read: more than \(pendingBytes) bytes wait for it; cut off")
        link.frames.value.close(code: CloseCode.overCapacity.rawValue, reason: "you do not read what is sent")
        disconnect(link)
    }

    /// One task for the engine's next deadline. A deadline that moved further away lets the task come too early once,
    /// which costs less than moving it with every frame.
    private func watchTime(_ state: inout State) {
        guard !state.isStopped, let due = state.engine.deadline, state.timer.map({ due < $0.due }) ?? true else {
            return
        }
        state.timer?.task.cancel()
        let (seconds, attoseconds) = max(.zero, due - WallClock.monotonic()).components
        let delay = TimeAmount.nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000 + 1_000_000)
        let task = loops[0].scheduleTask(in: delay) { self.tick() }
        state.timer = (due, task)
    }

    private func tick() {
        act { state in
            state.timer = nil
            return ((), state.engine.tick(now: WallClock.monotonic()))
        }
    }
}
