/// What was cut out of the input, for `Ctrl-Y` and `Alt-Y`; one for all conversations, so text can be carried along.
struct KillRing: Equatable, Sendable {
    static let limit = 30

    private(set) var entries: [String] = []
    private var turn = 0

    /// Keeps what was cut. Cuts made one after another make one entry, in the order they stood in the text.
    mutating func keep(_ text: String, joining side: Side?) {
        guard !text.isEmpty else { return }
        turn = 0
        switch side {
        case .before where !entries.isEmpty: entries[0] = text + entries[0]
        case .after where !entries.isEmpty: entries[0] += text
        case .before, .after, nil:
            entries.insert(text, at: 0)
            if entries.count > Self.limit { entries.removeLast() }
        }
    }

    /// The newest entry.
    mutating func first() -> String? {
        turn = 0
        return entries.first
    }

    /// The entry after the one given last, going round.
    mutating func next() -> String? {
        guard !entries.isEmpty else { return nil }
        turn = (turn + 1) % entries.count
        return entries[turn]
    }

    /// On which side of the text cut before the new text stood.
    enum Side { case before, after }
}
