import FoundationEssentials
import Testing

/// Whatever happens, what was taken on arrives once and in order, and everybody knows what is unseen.
///
/// `PARLEY_SEEDS=20000 swift test --filter "any sequence of faults"` tries that many; `PARLEY_SEED=17` only that one.
@Suite("any sequence of faults")
struct SimulationTests {
    private static let chunk = 50
    private static let chunks: [Range<UInt64>] = {
        let environment = ProcessInfo.processInfo.environment
        if let one = environment["PARLEY_SEED"].flatMap({ UInt64($0) }) { return [one..<one + 1] }
        let count = environment["PARLEY_SEEDS"].flatMap { Int($0) } ?? 2_000
        return stride(from: 0, to: count, by: chunk).map { UInt64($0)..<UInt64(min($0 + chunk, count)) }
    }()

    @Test(
        "loses nothing, doubles nothing, goes back on nothing, and ends with everybody knowing the same",
        arguments: chunks)
    func seeds(_ seeds: Range<UInt64>) {
        for seed in seeds {
            var story = Story(seed: seed)
            story.isTold = seeds.count == 1
            story.run()
            let broken = story.broken()
            #expect(broken.isEmpty, "seed \(seed): \(broken.prefix(5).joined(separator: "; "))")
        }
    }
}
