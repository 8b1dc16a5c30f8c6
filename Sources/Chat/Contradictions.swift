/// How often a desk was found to contradict itself lately. A restored copy does so once; a desk that does it all the time
/// would have everything read again without end.
struct Contradictions: Equatable, Sendable {
    /// What is to be done about one more.
    enum Verdict: Equatable {
        case believed
        /// One too many: it is said once and then left aside.
        case last
        case ignored
    }

    static let limit = 3
    static let span: Duration = .seconds(60)

    private var times: [Duration] = []

    mutating func add(now: Duration) -> Verdict {
        times.removeAll { now - $0 >= Self.span }
        guard times.count <= Self.limit else { return .ignored }
        times.append(now)
        return times.count <= Self.limit ? .believed : .last
    }
}
