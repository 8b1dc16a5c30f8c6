/// How often something may happen for each of many keys: `burst` times at once, and once more with every `interval`.
///
/// A bucket is one number, the time at which it is full again; a full one needs none.
struct TokenBuckets<Key: Hashable & Sendable>: Sendable {
    /// The most keys that are remembered. Beyond it half of them begin anew, which is no more than what somebody with so
    /// many keys has anyway.
    static var crowd: Int { 16_384 }

    private let interval: Duration
    private let burst: Int
    private var fullAt: [Key: Duration] = [:]

    /// - Parameter burst: at least 1.
    init(burst: Int, every interval: Duration) {
        self.burst = max(1, burst)
        self.interval = interval
    }

    var count: Int { fullAt.count }

    /// Takes one. Nil where it was there, otherwise how long until one is; then nothing is taken.
    mutating func take(_ key: Key, now: Duration) -> Duration? {
        let known = fullAt[key]
        let full = max(known ?? now, now) + interval
        let wait = full - now - interval * burst
        guard wait <= .zero else { return wait }
        if known == nil, fullAt.count >= Self.crowd { makeRoom(now) }
        fullAt[key] = full
        return nil
    }

    private mutating func makeRoom(_ now: Duration) {
        fullAt = fullAt.filter { $0.value > now }
        guard fullAt.count > Self.crowd / 2 else { return }
        fullAt = Dictionary(uniqueKeysWithValues: fullAt.prefix(Self.crowd / 2).map { ($0.key, $0.value) })
    }
}
