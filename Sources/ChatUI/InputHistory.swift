import Chat

/// What was sent from an input before, oldest first, and where `↑` and `↓` stand in it.
struct InputHistory: Equatable, Sendable {
    static let limit = 500

    private(set) var entries: [String] = []
    /// The entry shown; nil while the unsent text is.
    private var place: Int?
    /// What stood in the input before the first `↑`.
    private var unsent = ""
    /// Entries that were changed in the input and not sent, by their place.
    private var changed: [Int: String] = [:]
    private(set) var isSeeded = false

    /// Older lines than any that were kept here, from the conversation itself. Once.
    mutating func seed(_ older: [String]) {
        guard !isSeeded else { return }
        isSeeded = true
        entries.insert(contentsOf: older.suffix(Self.limit), at: 0)
    }

    /// Adds what was sent; what was changed and not sent is dropped.
    mutating func add(_ text: String) {
        place = nil
        changed = [:]
        guard entries.last != text else { return }
        entries.append(text)
        if entries.count > Self.limit { entries.removeFirst() }
    }

    /// The entry before the one shown; nil where there is none.
    mutating func older(than current: String) -> String? {
        let next = (place ?? entries.count) - 1
        guard entries.indices.contains(next) else { return nil }
        keep(current)
        place = next
        return shown(next)
    }

    /// The entry after the one shown, or the unsent text; nil where there is none. A changed entry is never replaced by
    /// nothing: it becomes the unsent text.
    mutating func newer(than current: String) -> String? {
        guard let place else { return nil }
        if place + 1 == entries.count {
            self.place = nil
            guard unsent.isEmpty, current != entries[place], !current.isEmpty else {
                keep(current, at: place)
                return unsent
            }
            changed[place] = nil
            return nil
        }
        keep(current, at: place)
        self.place = place + 1
        return shown(place + 1)
    }

    private func shown(_ index: Int) -> String { changed[index] ?? entries[index] }

    private mutating func keep(_ text: String) {
        if let place { keep(text, at: place) } else { unsent = text }
    }

    private mutating func keep(_ text: String, at index: Int) {
        changed[index] = text == entries[index] || text.isEmpty ? nil : text
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
