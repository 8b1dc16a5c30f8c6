import Chat

/// What was sent from an input before, oldest first, and where `↑` and `↓` stand in it.
struct InputHistory: Equatable, Sendable {
    static let limit = 500

    private(set) var entries: [String] = []
    private var place: Int?
    /// What stood in the input before the first `↑`.
    private var unsent = ""
    private(set) var isSeeded = false

    /// Older lines than any that were kept here, from the conversation itself. Once.
    mutating func seed(_ older: [String]) {
        guard !isSeeded else { return }
        isSeeded = true
        entries.insert(contentsOf: older.suffix(Self.limit), at: 0)
    }

    mutating func add(_ text: String) {
        place = nil
        guard entries.last != text else { return }
        entries.append(text)
        if entries.count > Self.limit { entries.removeFirst() }
    }

    /// The entry before the one shown; nil where there is none.
    mutating func older(than current: String) -> String? {
        let next = (place ?? entries.count) - 1
        guard entries.indices.contains(next) else { return nil }
        if place == nil { unsent = current }
        place = next
        return entries[next]
    }

    mutating func newer() -> String? {
        guard let place else { return nil }
        guard place + 1 < entries.count else {
            self.place = nil
            return unsent
        }
        self.place = place + 1
        return entries[place + 1]
    }

    /// The newest entry older than `index` that holds `text`, both folded.
    func search(_ text: String, before index: Int?) -> Int? {
        let wanted = Folding.fold(text)
        guard !wanted.isEmpty else { return nil }
        return entries[..<min(index ?? entries.count, entries.count)].lastIndex { Folding.fold($0).contains(wanted) }
    }
}

/// A search backwards through what was sent, while it goes on.
struct HistorySearch: Equatable, Sendable {
    var query = ""
    /// The entry found, by its place in the history.
    var found: Int?
    /// The query finds nothing (more).
    var failed = false
}
