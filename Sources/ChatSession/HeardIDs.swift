/// The ids of the messages heard last, so that one that comes again is known. The oldest give way.
struct HeardIDs: Equatable, Sendable {
    static let limit = 10_000

    private var known: Set<String> = []
    /// A ring once it is full.
    private var order: [String] = []
    private var oldest = 0

    var count: Int { known.count }

    /// False where it is known already.
    mutating func insert(_ id: String) -> Bool {
        guard known.insert(id).inserted else { return false }
        guard order.count == Self.limit else {
            order.append(id)
            return true
        }
        known.remove(order[oldest])
        order[oldest] = id
        oldest = (oldest + 1) % Self.limit
        return true
    }
}
