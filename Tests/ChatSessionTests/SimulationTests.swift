import Dispatch
import FoundationEssentials
import Testing

/// Whatever happens, what was taken on arrives once and in order, and everybody knows what is unseen.
///
/// `PARLEY_LONG=1` tries 1,000 seeds, `PARLEY_SEEDS=20000 swift test --filter SimulationTests` that many, and
/// `PARLEY_SEED=17` only that one, step by step.
@Suite("any sequence of faults")
struct SimulationTests {
    private static let chunk = 10
    private static let chunks: [Range<UInt64>] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["PARLEY_SEED"].flatMap({ UInt64($0) }) { return [one..<one + 1] }
        let count = environment["PARLEY_SEEDS"].flatMap { Int($0) } ?? (environment["PARLEY_LONG"] == nil ? 60 : 1_000)
        return stride(from: 0, to: count, by: chunk).map { UInt64($0)..<UInt64(min($0 + chunk, count)) }
    }()

    /// Two threads of their own, because a world takes a whole core: on the threads that all tests share, it would keep
    /// those from running that wait for sockets.
    private static let threads = [DispatchQueue(label: "simulation 0"), DispatchQueue(label: "simulation 1")]

    @Test(
        "loses nothing, doubles nothing, goes back on nothing, and ends with everybody knowing the same",
        arguments: chunks)
    func seeds(_ seeds: Range<UInt64>) async {
        let thread = Self.threads[Int(seeds.lowerBound) / Self.chunk % Self.threads.count]
        let broken = await withCheckedContinuation { end in
            thread.async { end.resume(returning: Self.broken(seeds)) }
        }
        #expect(broken.isEmpty, "\(broken.joined(separator: "\n"))")
    }

    private static func broken(_ seeds: Range<UInt64>) -> [String] {
        seeds.compactMap { seed in
            var story = Story(seed: seed)
            story.isTold = seeds.count == 1
            story.run()
            let broken = story.broken()
            return broken.isEmpty ? nil : "seed \(seed): \(broken.prefix(5).joined(separator: "; "))"
        }
    }
}
