import ChannelsEngine
import ChannelsProtocol
import Logging
import Transport
import NIOCore
import Synchronization

/// The embedded engine with its sockets: one `Engine` for each app, the desk's own first.
///
/// One lock holds them all, so calls happen one after the other, from whichever thread they come. What an engine wants
/// sent is put into the outboxes while the lock is held, one per event loop, and each outbox is emptied on its loop when
/// that has read from every socket that had something: so everybody receives in the order in which the engine decided, a
/// frame is made once for all its receivers, and what many do at the same time is flushed once for each of them. A socket
/// that does not read is cut off and delays nobody.
final class Hub: Sendable {
    let logger: Logger
    let refusals: RefusalLog
    let metrics = DeskMetrics()
    let apps: [EngineApp]
    let loops: [any EventLoop]
    let state: Mutex<State>
    private let keys: [String: Int]
    private let ids: [String: Int]
    /// Of each app.
    private let webhooks: [[WebhookSender]]

    struct State {
        /// One for each of `apps`.
        var engines: [Engine]
        var traffic: Traffic
    }

    /// What all engines share.
    struct Traffic {
        var links: [Socket: SocketLink] = [:]
        var nextNumber: Socket = 1
        var outboxes: [Outbox]
        var timer: (due: Duration, task: Scheduled<Void>)?
        /// Frames put into outboxes, counted once for each receiver.
        var deliveries = 0
        var isStopped = false
    }

    /// - Parameter apps: at least the desk's own; no two with the same id or key.
    init(apps: [(credentials: AppCredentials, rules: AppRules)], loops: [any EventLoop], logger: Logger) {
        self.logger = logger
        refusals = RefusalLog(logger)
        self.loops = loops
        self.apps = apps.map { $0.rules.app($0.credentials) }
        keys = Dictionary(self.apps.enumerated().map { ($1.key, $0) }) { first, _ in first }
        ids = Dictionary(self.apps.enumerated().map { ($1.id, $0) }) { first, _ in first }
        webhooks = zip(self.apps, apps).map { app, given in
            given.rules.webhooks.map { WebhookSender($0, signer: app.signer, loop: loops[0], logger: logger) }
        }
        let engines = self.apps.map { Engine(app: $0, seed: UInt64.random(in: 0...UInt64.max)) }
        state = Mutex(State(engines: engines, traffic: Traffic(outboxes: loops.map { _ in Outbox() })))
    }

    /// What is allowed to the sockets of that app. Those who name none that is known are refused, under the first's.
    func limits(key: String) -> Limits { apps[keys[key] ?? 0].limits }

    /// Which app a connection is for is not known before its handshake, so the first's limit holds for all.
    var handshakeTimeout: Duration { apps[0].limits.handshakeTimeout }

    /// On the channel's event loop, when its handshake is done.
    func connect(channel: any Channel, frames: FrameHandler, request: WebSocketRequest) -> SocketLink {
        let lane = loops.firstIndex { $0 === channel.eventLoop } ?? 0
        let bound = NIOLoopBound(frames, eventLoop: channel.eventLoop)
        let app = keys[request.key]
        let refusal = apps[app ?? 0].refusal(protocol: request.query["protocol"])
        return act(app ?? 0) { engine, traffic in
            let number = traffic.nextNumber
            traffic.nextNumber += 1
            let link = SocketLink(number: number, app: app ?? 0, lane: lane, channel: channel, frames: bound, request)
            traffic.links[number] = link
            guard app != nil else {
                refusals.note(socket: "App key not in this desk", request.caller)
                return (link, engine.refuse(number, .unknownApp, "App key \(request.key.prefix(40)) not in this desk"))
            }
            // The desk's own app is for its programs; other apps have web pages of any origin as clients.
            if app == 0, let refusal = request.refusal {
                refusals.note(socket: refusal, request.caller)
                return (link, engine.refuse(number, .unauthorized, refusal))
            }
            if request.isTooMany {
                let reason = "too many connections from \(request.caller)"
                refusals.note(socket: reason, request.caller)
                return (link, engine.refuse(number, .overCapacity, reason))
            }
            if let refusal { return (link, engine.refuse(number, refusal, refusal.meaning)) }
            return (link, engine.connect(number, now: WallClock.monotonic()))
        }
    }

    func receive(_ text: String, from link: SocketLink) {
        act(link.app) { engine, _ in ((), engine.receive(text, from: link.number, now: WallClock.monotonic())) }
    }

    /// A control frame came from it.
    func activity(_ link: SocketLink) {
        act(link.app) { engine, _ in ((), engine.activity(link.number, now: WallClock.monotonic())) }
    }

    /// On the socket's event loop, when it is gone or given up.
    func disconnect(_ link: SocketLink) {
        act(link.app) { engine, traffic in
            guard traffic.links.removeValue(forKey: link.number) != nil else { return ((), []) }
            return ((), engine.disconnect(link.number, now: WallClock.monotonic()))
        }
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
                metrics.count(.publishErrors)
                logger.error("\(event.channel): \(event.name) was not published: \(error)")
            }
        }
    }

    func trigger(_ event: PublishedEvent) throws(TriggerRefusal) {
        let result = change { engine in
            do throws(TriggerRefusal) {
                let outputs = try engine.trigger(event, now: WallClock.monotonic())
                return (Result<Void, TriggerRefusal>.success(()), outputs)
            } catch {
                return (.failure(error), [])
            }
        }
        try result.get()
    }

    /// Answers a call of the HTTP API, `/apps/ID/…`.
    func answer(_ request: APIRequest, unixTime: Int) -> APIAnswer {
        guard let app = Engine.appID(inPath: request.path).flatMap({ ids[$0] }) else {
            return Engine.noSuchApp
        }
        return act(app) { engine, _ in
            let answer = engine.answer(request, unixTime: unixTime, now: WallClock.monotonic())
            return (answer, answer.outputs)
        }
    }

    /// Calls the desk's own engine with whatever it answers, and sends what it wants sent.
    @discardableResult
    func change<Answer: Sendable>(_ verb: (inout Engine) -> (Answer, [EngineOutput])) -> Answer {
        act(0) { engine, _ in verb(&engine) }
    }

    /// Asks the desk's own engine.
    func ask<Answer: Sendable>(_ question: (borrowing Engine) -> Answer) -> Answer {
        state.withLock { question($0.engines[0]) }
    }

    /// Everybody is closed with 4200 within `time`, and whoever comes now too.
    func drain(over time: Duration) {
        for app in apps.indices {
            act(app) { engine, _ in ((), engine.drain(now: WallClock.monotonic(), over: time)) }
        }
    }

    /// Nothing happens by itself any more.
    func stop() {
        state.withLock { state in
            state.traffic.isStopped = true
            state.traffic.timer?.task.cancel()
            state.traffic.timer = nil
        }
        for webhook in webhooks.joined() { webhook.stop() }
    }

    /// What waits to be sent to those who do not read as fast as they are written to.
    func waitingBytes() async -> Int {
        var bytes = 0
        for link in state.withLock({ Array($0.traffic.links.values) }) {
            bytes += (try? await link.channel.getOption(.bufferedWritableBytes).get()) ?? 0
        }
        return bytes
    }

    var connectionCount: Int { state.withLock { $0.traffic.links.count } }

    func tell(_ event: WebhookEvent, of app: Int) {
        for webhook in webhooks[app] { webhook.add(event) }
    }
}
