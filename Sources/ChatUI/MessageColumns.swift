import Chat
import Screen

/// The columns of a messages pane: time, name, text, delivery mark. A narrow pane goes without the time first.
struct MessageColumns: Equatable {
    let pad: Int
    let time: Int
    let name: Int
    let text: Int
    let width: Int

    /// What delivery marks take, with the blank before them.
    static let markColumns = 3

    init(width: Int, longestName: Int, uses24Hours: Bool) {
        self.width = max(0, width)
        pad = width >= 30 ? 1 : 0
        time = width >= 44 ? (uses24Hours ? 5 : 7) : 0
        let widest = width >= 44 ? max(7, width / 5) : max(3, width / 5)
        let narrowest = width >= 44 ? 7 : 3
        name = min(16, max(narrowest, min(widest, longestName)))
        let left = pad + (time > 0 ? time + 1 : 0) + name + 1
        text = max(1, width - left - Self.markColumns - pad)
    }

    var timeColumn: Int { pad }
    var nameColumn: Int { pad + (time > 0 ? time + 1 : 0) }
    var textColumn: Int { nameColumn + name + 1 }
    /// One past the last column a mark may take.
    var markEnd: Int { width - pad }
}
