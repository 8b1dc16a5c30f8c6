/// Keys and values in one dense array, found by key: adding, finding and removing take the same time however many
/// there are. The order is that of adding, but for the last one, which takes the place of one removed.
struct Table<Key: Hashable & Sendable, Value: Equatable & Sendable>: Equatable, Sendable {
    private(set) var keys: [Key] = []
    private(set) var values: [Value] = []
    private var places: [Key: Int] = [:]

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    func contains(_ key: Key) -> Bool { places[key] != nil }

    func place(of key: Key) -> Int? { places[key] }

    /// False, and nothing changes, if the key is there already.
    @discardableResult
    mutating func add(_ key: Key, _ value: Value) -> Bool {
        guard places[key] == nil else { return false }
        places[key] = keys.count
        keys.append(key)
        values.append(value)
        return true
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let place = places.removeValue(forKey: key) else { return nil }
        let removed = values[place]
        let lastKey = keys.removeLast()
        let lastValue = values.removeLast()
        if place < keys.count {
            keys[place] = lastKey
            values[place] = lastValue
            places[lastKey] = place
        }
        return removed
    }

    subscript(key: Key) -> Value? { places[key].map { values[$0] } }

    /// Changes a value in its place.
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        if let place = places[key] { change(&values[place]) }
    }

    /// All keys but one.
    func keys(without key: Key?) -> [Key] {
        guard let key, let place = places[key] else { return keys }
        var others: [Key] = []
        others.reserveCapacity(keys.count - 1)
        others += keys[..<place]
        others += keys[(place + 1)...]
        return others
    }
}
