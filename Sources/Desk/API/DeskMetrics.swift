import Hummingbird
import Synchronization

/// How often and how fast: what the desk tells of itself at `/metrics`, since it was started.
final class DeskMetrics: Sendable {
    enum Count: CaseIterable, Sendable { case messages, publishErrors }

    /// What requests are told apart by; their number does not grow with users or conversations.
    enum Call: String, CaseIterable, Sendable { case authorization, send, engine, other }

    /// Durations by size, as Prometheus counts them: each limit has all that took no longer.
    struct Histogram {
        static let limits = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        private(set) var counts = [Int](repeating: 0, count: limits.count)
        private(set) var count = 0
        private(set) var seconds = 0.0

        mutating func add(_ duration: Duration) {
            let taken = duration / .seconds(1)
            count += 1
            seconds += taken
            for index in counts.indices where taken <= Self.limits[index] { counts[index] += 1 }
        }

        /// - Parameter labels: `name="value"` of each, without braces.
        func lines(_ name: String, _ labels: String = "") -> [String] {
            let more = labels.isEmpty ? "" : labels + ","
            let own = labels.isEmpty ? "" : "{\(labels)}"
            return zip(Self.limits, counts).map { "\(name)_bucket{\(more)le=\"\($0)\"} \($1)" }
                + [
                    "\(name)_bucket{\(more)le=\"+Inf\"} \(count)", "\(name)_sum\(own) \(seconds)",
                    "\(name)_count\(own) \(count)",
                ]
        }
    }

    private struct State {
        var counts: [Count: Int] = [:]
        var calls: [Call: Histogram] = [:]
        var store = Histogram()
        var publishing = Histogram()
    }

    private let state = Mutex(State())

    func count(_ what: Count) { state.withLock { $0.counts[what, default: 0] += 1 } }

    func answered(_ request: Request, in time: Duration) {
        let path = request.uri.path
        let call: Call =
            if path.hasPrefix("/pusher/") {
                .authorization
            } else if path.hasPrefix("/apps/") {
                .engine
            } else if request.method == .post, path.hasSuffix("/messages") {
                .send
            } else {
                .other
            }
        state.withLock { $0.calls[call, default: Histogram()].add(time) }
    }

    /// From a message's arrival until it was on disk.
    func stored(in time: Duration) {
        state.withLock { state in
            state.store.add(time)
            state.counts[.messages, default: 0] += 1
        }
    }

    /// From the disk until the engine had it.
    func published(in time: Duration) { state.withLock { $0.publishing.add(time) } }

    func count(of what: Count) -> Int { state.withLock { $0.counts[what, default: 0] } }

    var histograms: [String] {
        let state = state.withLock { $0 }
        func family(_ name: String, _ help: String, _ lines: [String]) -> [String] {
            ["# HELP \(name) \(help)", "# TYPE \(name) histogram"] + lines
        }
        let calls = Call.allCases.flatMap { call in
            (state.calls[call] ?? Histogram()).lines("parley_request_seconds", "call=\"\(call.rawValue)\"")
        }
        return family("parley_request_seconds", "Time to answer a request.", calls)
            + family(
                "parley_store_seconds", "Time until a message was on disk.", state.store.lines("parley_store_seconds"))
            + family(
                "parley_publish_seconds", "Time from the disk until the engine had the message.",
                state.publishing.lines("parley_publish_seconds"))
    }
}
