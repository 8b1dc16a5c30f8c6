package import ChannelsProtocol

/// One call of an application server's webhook, to be made as it stands.
package struct WebhookCall: Equatable, Sendable {
    package let number: Int
    /// The exact bytes that are signed.
    package let body: String
    /// `X-Pusher-Key`, `X-Pusher-Signature`, `Content-Type`.
    package let headers: [(name: String, value: String)]

    package static func == (a: WebhookCall, b: WebhookCall) -> Bool { a.number == b.number && a.body == b.body }
}

/// What is still to be told to one webhook: in order, one call at a time, tried again for five minutes.
package struct WebhookQueue: Equatable, Sendable {
    package struct Settings: Equatable, Sendable {
        /// Events of one call; 1 where the application server wants them singly.
        package var batchSize = 1
        /// How long a call is tried again.
        package var life: Duration = .seconds(300)
        package var backoffBase: Duration = .seconds(1)
        package var backoffCap: Duration = .seconds(60)
        /// Events that may wait; beyond it the oldest are dropped.
        package var capacity = 10_000

        package init() {}
    }

    package let settings: Settings
    private let signer: Signer
    private var waiting: [WebhookEvent] = []
    /// Where `waiting` begins; what lies before has been taken.
    private var taken = 0
    private var call: WebhookCall?
    private var callEvents = 0
    private var begun: Duration = .zero
    private var failures = 0
    private var isUnderWay = false
    private var retryAt: Duration?
    private var calls = 0
    /// Events nobody will hear of: too many waited, or nobody took them in time.
    package private(set) var dropped = 0

    package init(signer: Signer, settings: Settings = .init()) {
        self.signer = signer
        self.settings = settings
    }

    /// Events that are in no call yet.
    package var count: Int { waiting.count - taken }

    /// Whether no call is under way or to be repeated.
    package var isSettled: Bool { call == nil }

    package mutating func add(_ event: WebhookEvent) {
        waiting.append(event)
        if count > settings.capacity {
            taken += 1
            dropped += 1
        }
        if taken > 1_000, taken * 2 > waiting.count {
            waiting.removeFirst(taken)
            taken = 0
        }
    }

    /// When `next` is wanted again; nil while a call is under way or nothing waits.
    package var deadline: Duration? {
        if isUnderWay { return nil }
        return retryAt ?? (count > 0 ? .zero : nil)
    }

    /// The call to make now, if there is one. Report with `answered`.
    ///
    /// - Parameter milliseconds: Unix time, for `time_ms`. A call that is repeated keeps its first.
    package mutating func next(now: Duration, milliseconds: Int) -> WebhookCall? {
        guard !isUnderWay else { return nil }
        if let call {
            guard let retryAt, now >= retryAt else { return nil }
            self.retryAt = nil
            isUnderWay = true
            return call
        }
        guard count > 0 else { return nil }
        let events = Array(waiting[taken..<min(taken + settings.batchSize, waiting.count)])
        taken += events.count
        calls += 1
        let body = WebhookEvent.body(of: events, milliseconds: milliseconds)
        let new = WebhookCall(
            number: calls, body: body,
            headers: [
                ("Content-Type", "application/json"), ("X-Pusher-Key", signer.key),
                ("X-Pusher-Signature", signer.webhook(body: body)),
            ])
        call = new
        callEvents = events.count
        begun = now
        failures = 0
        isUnderWay = true
        return new
    }

    /// - Parameter status: of the answer; nil where none came. 2xx means taken.
    package mutating func answered(_ number: Int, status: Int?, now: Duration) {
        guard isUnderWay, call?.number == number else { return }
        isUnderWay = false
        if let status, (200..<300).contains(status) {
            call = nil
            return
        }
        let wait = min(settings.backoffBase * (1 << min(failures, 20)), settings.backoffCap)
        failures += 1
        guard now + wait <= begun + settings.life else {
            dropped += callEvents
            call = nil
            return
        }
        retryAt = now + wait
    }
}
