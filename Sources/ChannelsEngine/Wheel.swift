/// When to look at which socket again, in steps of a second.
///
/// A frame does not touch it: a socket is looked at when its time has come, and put in again if something was heard of
/// it since. So a busy socket costs one look in each activity timeout.
struct Wheel: Equatable, Sendable {
    private var slots: [Int64: [Socket]] = [:]
    private(set) var earliest: Duration?

    mutating func insert(_ socket: Socket, at time: Duration) {
        let (seconds, rest) = time.components
        let slot = rest > 0 ? seconds + 1 : seconds
        slots[slot, default: []].append(socket)
        let due = Duration.seconds(slot)
        earliest = earliest.map { min($0, due) } ?? due
    }

    /// Takes everybody out whose time has come, the oldest first.
    mutating func due(_ now: Duration) -> [Socket] {
        guard let earliest, earliest <= now else { return [] }
        let passed = slots.keys.filter { .seconds($0) <= now }.sorted()
        let sockets = passed.flatMap { slots.removeValue(forKey: $0) ?? [] }
        self.earliest = slots.keys.min().map { .seconds($0) }
        return sockets
    }
}
