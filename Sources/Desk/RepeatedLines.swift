import Logging
import Synchronization

/// One log line in place of many that say the same: the first at once, then at most one a minute, which says how many
/// there were.
final class RepeatedLines: Sendable {
    static let interval: Duration = .seconds(60)

    private struct Fault {
        var since: Duration
        var loggedAt: Duration
        /// Occurrences after the last line.
        var unlogged = 0
        var count = 1
    }

    private let logger: Logger
    private let faults = Mutex<[String: Fault]>([:])

    init(_ logger: Logger) { self.logger = logger }

    /// - Parameters:
    ///   - kind: what makes two lines the same; there are few kinds.
    ///   - text: made only where it is logged.
    func log(
        _ kind: String, _ level: Logger.Level = .warning, metadata: Logger.Metadata? = nil,
        now: Duration = WallClock.monotonic(), _ text: () -> String
    ) {
        let more = faults.withLock { faults -> Int? in
            guard var fault = faults[kind] else {
                faults[kind] = Fault(since: now, loggedAt: now)
                return 0
            }
            fault.count += 1
            fault.unlogged += 1
            defer { faults[kind] = fault }
            guard now - fault.loggedAt >= Self.interval else { return nil }
            defer { (fault.loggedAt, fault.unlogged) = (now, 0) }
            return fault.unlogged
        }
        guard let more else { return }
        let times = more > 1 ? " (\(more) times since the last line)" : ""
        logger.log(level: level, "\(text() + times)", metadata: metadata)
    }

    /// The fault has passed. Nothing is logged where there was none.
    func passed(_ kind: String, now: Duration = WallClock.monotonic(), _ text: String) {
        guard let fault = faults.withLock({ $0.removeValue(forKey: kind) }) else { return }
        let seconds = (now - fault.since).components.seconds
        let times = fault.count > 1 ? "\(fault.count) failures in \(seconds) s" : "one failure"
        logger.notice("\(text), after \(times)")
    }
}
