/// How long to wait before the next attempt: full jitter, so that a thousand clients that lost one server come back
/// spread out. The range doubles up to a cap; attempts never run out.
struct Backoff: Equatable, Sendable {
    private(set) var failures = 0
    private var generator: Generator

    init(seed: UInt64) { generator = Generator(seed: seed) }

    /// Anywhere between nothing and `base` · 2ⁿ after n failures, at most `cap`.
    mutating func next(base: Duration, cap: Duration) -> Duration {
        let range = min(base * (1 << min(failures, 20)), cap)
        failures += 1
        return generator.duration(upTo: range)
    }

    mutating func jitter(upTo range: Duration) -> Duration { generator.duration(upTo: range) }

    mutating func reset() { failures = 0 }

    /// As if so many attempts had failed: for a connection that was lost as soon as it stood.
    mutating func resume(failures: Int) { self.failures = failures }
}

/// SplitMix64: the same seed gives the same numbers everywhere.
struct Generator: Equatable, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From zero to `range`, in steps of a millisecond.
    mutating func duration(upTo range: Duration) -> Duration {
        let milliseconds = range.components.seconds * 1_000 + range.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return .zero }
        return .milliseconds(next() % UInt64(milliseconds + 1))
    }
}
