import Glibc

/// What is counted in one phase; times in seconds.
struct Tally {
    var ready: [Double] = []
    var posts: [Double] = []
    var deliveries: [Double] = []
    var messages = 0
    /// The same event to the same user again.
    var twice = 0
    var frames = 0
    var bytes = 0
    private var errors: [String: Int] = [:]

    mutating func count(_ error: String) { errors[error, default: 0] += 1 }

    static let header = [
        row([
            "users", "phase", "s", "ready ms p50 / p99", "POST ms p50 / p95 / p99", "delivery ms p50 / p95 / p99",
            "messages", "lost", "twice", "errors", "deliveries/s", "MiB received", "server CPU s", "of a core",
            "peak RSS MiB", "generator, of a core",
        ]), "|" + String(repeating: "---|", count: 16),
    ].joined(separator: "\n")

    func cells(_ used: Usage, lost: Int) -> [String] {
        func times(_ values: [Double], _ parts: [Double]) -> String {
            let sorted = values.sorted()
            return values.isEmpty ? "" : parts.map { rounded(percentile(sorted, $0) * 1e3, 1) }.joined(separator: " / ")
        }
        func share(_ seconds: Double) -> String { rounded(seconds / used.seconds * 100, 0) + " %" }
        let kinds = errors.sorted { $0.value > $1.value }.map { "\($0.key) ×\($0.value)" }.joined(separator: ", ")
        return [
            rounded(used.seconds, 1), times(ready, [0.5, 0.99]), times(posts, [0.5, 0.95, 0.99]),
            times(deliveries, [0.5, 0.95, 0.99]), String(messages), String(lost), String(twice),
            kinds.isEmpty ? "none" : kinds, rounded(Double(frames) / used.seconds, 0),
            rounded(Double(bytes) / 1_048_576, 0), rounded(used.server, 1), share(used.server),
            rounded(Double(used.peak) / 1_024, 0), share(used.generator),
        ]
    }
}

/// What server and generator used in a phase.
struct Usage {
    let seconds: Double
    /// Seconds of CPU.
    let server: Double
    let generator: Double
    /// The server's, in KiB.
    let peak: Int

    /// Measures what is done meanwhile.
    static func during(_ process: ChildProcess, _ work: () throws -> Void) rethrows -> Usage {
        process.forgetPeak()
        let before = (now(), process.cpu, ChildProcess.cpu(of: "self"))
        try work()
        return Usage(
            seconds: now() - before.0, server: process.cpu - before.1,
            generator: ChildProcess.cpu(of: "self") - before.2, peak: process.peakMemory)
    }
}
