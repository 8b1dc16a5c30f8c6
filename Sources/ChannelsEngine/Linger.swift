/// Webhooks that wait a moment, because who has left may be back within it.
struct Linger: Equatable, Sendable {
    static let grace: Duration = .seconds(3)

    private var waiting: [WebhookEvent: Duration] = [:]
    /// In the order of their time, which is that of their coming. Some may have been taken back.
    private var queue: [Entry] = []

    private struct Entry: Equatable, Sendable {
        let event: WebhookEvent
        let due: Duration
    }

    var earliest: Duration? { waiting.isEmpty ? nil : queue.first?.due }

    mutating func add(_ event: WebhookEvent, now: Duration) {
        waiting[event] = now + Self.grace
        queue.append(Entry(event: event, due: now + Self.grace))
    }

    /// True if the event was waiting: then neither it nor its opposite is told.
    mutating func takeBack(_ event: WebhookEvent) -> Bool { waiting.removeValue(forKey: event) != nil }

    mutating func due(_ now: Duration) -> [WebhookEvent] {
        let passed = queue.prefix { $0.due <= now }
        guard !passed.isEmpty else { return [] }
        queue.removeFirst(passed.count)
        return passed.compactMap { entry in
            guard waiting[entry.event] == entry.due else { return nil }
            waiting[entry.event] = nil
            return entry.event
        }
    }
}
