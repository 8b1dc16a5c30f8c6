import HTTPTypes
import Hummingbird
import Logging
import Synchronization

/// Tells the log who was refused and why, without tokens and without what people say: paths come without their query. So
/// many from one address as a person can read; a flood of them shall not push everything else out of the file.
final class RefusalLog: Sendable {
    private let logger: Logger
    private let counts = Mutex<[Int: Int]>([:])
    private let lines = Mutex(TokenBuckets<IPAddress?>(burst: 30, every: .seconds(2)))

    /// Faults of the desk's own, whoever calls.
    private let faults: RepeatedLines

    init(_ logger: Logger) {
        self.logger = logger
        faults = RepeatedLines(logger)
    }

    /// How many requests were refused with each status.
    var counted: [(status: Int, count: Int)] {
        counts.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// - Parameter cause: what went wrong here, which the caller is not told.
    func note(_ refusal: APIError, _ request: Request, _ caller: CallerAddress, because cause: (any Error)? = nil) {
        counts.withLock { $0[refusal.status.code, default: 0] += 1 }
        guard Self.isWorthALine.contains(refusal.status.code) else { return }
        let facts: Logger.Metadata = [
            "status": "\(refusal.status.code)", "code": "\(refusal.code)",
            "call": "\(request.method) \(request.uri.path.prefix(200))",
        ]
        // It concerns every caller alike, so one line stands for all of them.
        guard refusal.status != .serviceUnavailable else {
            return faults.log(refusal.code, cause == nil ? .notice : .error, metadata: facts) {
                "refused: \(refusal.message)" + (cause.map { ": \($0)" } ?? "")
            }
        }
        note(
            cause.map { "\(refusal.message): \($0)" } ?? refusal.message, at: cause == nil ? .notice : .error, caller,
            facts)
    }

    /// A connection of the engine that is not let in.
    func note(socket reason: String, _ caller: CallerAddress) {
        note(reason, at: .notice, caller, ["call": "WebSocket"])
    }

    private func note(_ reason: String, at level: Logger.Level, _ caller: CallerAddress, _ facts: Logger.Metadata) {
        guard lines.withLock({ $0.take(caller.network, now: WallClock.monotonic()) }) == nil else { return }
        logger.log(
            level: level, "refused: \(reason)", metadata: facts.merging(["from": "\(caller)"]) { first, _ in first })
    }

    /// Not what is merely wrong or not there.
    private static let isWorthALine: Set<Int> = [401, 403, 413, 429, 503]
}
