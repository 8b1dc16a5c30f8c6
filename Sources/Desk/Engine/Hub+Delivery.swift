import ChannelsEngine
import ChannelsProtocol
import Logging
import NIOCore
import Transport
import Synchronization

extension Hub {
    /// Calls the engine of an app with whatever it answers, and sees to what it wants done.
    @discardableResult
    func act<Answer: Sendable>(
        _ app: Int, _ verb: (inout Engine, inout Traffic) -> (Answer, [EngineOutput])
    ) -> Answer {
        let (answer, lanes) = state.withLock { state in
            let (answer, outputs) = verb(&state.engines[app], &state.traffic)
            let lanes = post(outputs, of: app, &state.traffic)
            if let due = state.engines[app].deadline { wake(at: due, &state.traffic) }
            return (answer, lanes)
        }
        for lane in lanes { loops[lane].execute { self.empty(lane) } }
        return answer
    }

    /// Puts outputs into the outboxes; returns those whose loop is to be woken.
    private func post(_ outputs: [EngineOutput], of app: Int, _ traffic: inout Traffic) -> [Int] {
        guard !outputs.isEmpty else { return [] }
        for output in outputs {
            switch output {
            case .send(let text, let sockets):
                let frame = FrameWriter.text(text)
                traffic.deliveries += sockets.count
                if loops.count == 1 {
                    let links = sockets.compactMap { traffic.links[$0] }
                    traffic.outboxes[0].deliveries.append(.send(frame, links))
                    continue
                }
                var perLane = [[SocketLink]](repeating: [], count: loops.count)
                for socket in sockets {
                    if let link = traffic.links[socket] { perLane[link.lane].append(link) }
                }
                for (lane, links) in perLane.enumerated() where !links.isEmpty {
                    traffic.outboxes[lane].deliveries.append(.send(frame, links))
                }
            case .close(let socket, let code, let reason):
                guard let link = traffic.links.removeValue(forKey: socket) else { continue }
                traffic.outboxes[link.lane].deliveries.append(.close(link, code: code, reason: reason))
            case .webhook(let event): tell(event, of: app)
            }
        }
        return traffic.outboxes.indices.filter { traffic.outboxes[$0].wantsWaking() }
    }

    /// On the lane's loop: writes everything that waits there, then flushes once for each socket.
    private func empty(_ lane: Int) {
        guard state.withLock({ $0.traffic.outboxes[lane].begin() }) else { return }
        while true {
            let batch = state.withLock { $0.traffic.outboxes[lane].take() }
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
        let limit = apps[link.app].limits.pendingBytes
        logger.info("a socket does not read: more than \(limit) bytes wait for it; cut off")
        link.frames.value.close(code: CloseCode.overCapacity.rawValue, reason: "you do not read what is sent")
        disconnect(link)
    }

    /// One task for the engines' next deadline. A deadline that moved further away lets the task come too early once,
    /// which costs less than moving it with every frame.
    private func wake(at due: Duration, _ traffic: inout Traffic) {
        guard !traffic.isStopped, traffic.timer.map({ due < $0.due }) ?? true else { return }
        traffic.timer?.task.cancel()
        let delay = TimeAmount(max(.zero, due - WallClock.monotonic())) + .milliseconds(1)
        let task = loops[0].scheduleTask(in: delay) { self.tick() }
        traffic.timer = (due, task)
    }

    private func tick() {
        state.withLock { $0.traffic.timer = nil }
        let now = WallClock.monotonic()
        for app in apps.indices { act(app) { engine, _ in ((), engine.tick(now: now)) } }
    }
}
