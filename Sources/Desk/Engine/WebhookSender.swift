import Chat
import ChannelsEngine
import ChannelsProtocol
import Logging
import Transport
import NIOCore
import Synchronization

/// Calls one webhook of one app: one call after the other, each until it is taken or five minutes have gone.
final class WebhookSender: Sendable {
    /// What the server of a webhook may take for one call.
    static let timeout: Duration = .seconds(10)

    private struct State {
        var queue: WebhookQueue
        var isWoken = false
        var isStopped = false
        var retry: Scheduled<Void>?
        var reported = 0
    }

    private let webhook: AppRules.Webhook
    private let caller: HTTPCaller
    private let loop: any EventLoop
    private let logger: Logger
    private let state: Mutex<State>

    init(_ webhook: AppRules.Webhook, signer: Signer, loop: any EventLoop, logger: Logger) {
        self.webhook = webhook
        self.loop = loop
        self.logger = logger
        // Nobody reads what is answered, so a long answer is cut off and the call counts as not taken.
        caller = HTTPCaller(webhook.address, maxBody: 1 << 16)
        var settings = WebhookQueue.Settings()
        settings.batchSize = webhook.batch
        settings.backoffBase = webhook.backoff
        state = Mutex(State(queue: WebhookQueue(signer: signer, settings: settings)))
    }

    /// Returns at once. What comes in one burst is looked at together, so that it can be one call.
    func add(_ event: WebhookEvent) {
        guard webhook.kinds.contains(event.name) else { return }
        let wakes = state.withLock { state in
            guard !state.isStopped else { return false }
            state.queue.add(event)
            defer { state.isWoken = true }
            return !state.isWoken
        }
        if wakes { loop.execute { self.pump() } }
    }

    /// No further call is made, one under way is given up.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.retry?.cancel()
            state.retry = nil
        }
        caller.shutdown()
    }

    /// On the loop: makes the next call if there is one, or comes back when it is time for it.
    private func pump() {
        let call = state.withLock { state -> WebhookCall? in
            state.isWoken = false
            guard !state.isStopped else { return nil }
            state.retry?.cancel()
            state.retry = nil
            let now = WallClock.monotonic()
            let call = state.queue.next(now: now, milliseconds: Int(WallClock.now().milliseconds))
            if call == nil, let due = state.queue.deadline {
                state.retry = loop.scheduleTask(in: TimeAmount(max(.zero, due - now))) { self.pump() }
            }
            return call
        }
        if let call { make(call) }
    }

    private func make(_ call: WebhookCall) {
        caller.call(
            "POST", webhook.path, headers: call.headers.map { ($0.name, $0.value) }, body: call.body,
            timeout: Self.timeout
        ) { result in
            let status: Int?
            switch result {
            case .success(let answer): status = answer.status
            case .failure: status = nil
            }
            let dropped = self.state.withLock { state in
                state.queue.answered(call.number, status: status, now: WallClock.monotonic())
                defer { state.reported = state.queue.dropped }
                return state.queue.dropped - state.reported
            }
            self.report(result, dropped: dropped)
            self.loop.execute { self.pump() }
        }
    }

    private func report(_ result: Result<HTTPAnswer, HTTPCallFailure>, dropped: Int) {
        switch result {
        case .success(let answer) where (200..<300).contains(answer.status): break
        case .success(let answer): logger.info("\(webhook.address): the webhook answered \(answer.status)")
        case .failure(let failure): logger.info("webhook of \(failure)")
        }
        if dropped > 0 { logger.warning("\(webhook.address): \(dropped) events were never taken by the webhook") }
    }
}
