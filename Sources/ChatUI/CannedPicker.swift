import Chat
import Screen

/// Choosing a canned reply by its name or by some of its text.
struct CannedPicker: Equatable, Sendable {
    var query = InputLine()
    private var all: [CannedReply]
    private(set) var items: [CannedReply] = []
    private(set) var index = 0

    init(_ all: [CannedReply]) {
        self.all = all
        search()
    }

    var chosen: CannedReply? { items.indices.contains(index) ? items[index] : nil }

    mutating func take(_ replies: [CannedReply]) {
        all = replies
        search()
    }

    mutating func search() {
        index = 0
        items = Self.found(UIState.trimmed(query.text), in: all)
    }

    mutating func move(by step: Int) {
        guard !items.isEmpty else { return }
        index = abs(step) == 1 ? (index + step + items.count) % items.count : min(max(0, index + step), items.count - 1)
    }

    /// Names first, then texts that hold the words.
    static func found(_ query: String, in all: [CannedReply]) -> [CannedReply] {
        guard !query.isEmpty else { return all }
        let fuzzy = Fuzzy(query)
        let words = query.split(whereSeparator: \.isWhitespace).map { Folding.fold($0) }
        let scored = all.compactMap { reply -> (Int, CannedReply)? in
            if let score = fuzzy.score(reply.name) { return (1_000 + score, reply) }
            let text = Folding.fold(reply.text)
            return words.allSatisfy { text.contains($0) } ? (0, reply) : nil
        }
        return scored.sorted { $0.0 != $1.0 ? $0.0 > $1.0 : $0.1.name < $1.1.name }.map(\.1)
    }
}

/// The box of the picker: names above, the whole reply below.
enum CannedOverlay {
    static func draw(_ scene: Scene, _ picker: CannedPicker, on canvas: inout Canvas) {
        let size = scene.layout.size
        let isFramed = size.columns >= 20 && size.rows >= 5
        let width = isFramed ? min(76, size.columns - (size.columns >= 40 ? 4 : 0)) : size.columns
        let rows = min(size.rows - (size.rows >= 12 ? 4 : 0), 20)
        let box = Rect(column: (size.columns - width) / 2, row: size.rows >= 12 ? 2 : 0, columns: width, rows: rows)
        canvas.fill(box)
        if isFramed {
            canvas.box(box, scene.glyphs, role: .focusedBorder)
            canvas.put(" Canned replies ", at: box.column + 2, box.row, role: .title, limit: width - 4)
            canvas.put(
                firstThatFits: [" Enter puts it in, Esc closes ", " Esc closes "], endingAt: box.endColumn - 2,
                box.endRow - 1,
                room: width - 4, role: .dim)
        }
        canvas.draw(in: isFramed ? box.inset(columns: 2, rows: 1) : box) { pane in
            pane.put(picker.query.text, at: 0, 0, role: .input)
            let cursor = InputRows(picker.query, width: 10_000).cursor.column
            drawItems(scene, picker, &pane)
            pane.placeCursor(at: min(cursor, pane.columns - 1), 0)
        }
    }

    private static func drawItems(_ scene: Scene, _ picker: CannedPicker, _ pane: inout Canvas) {
        guard let chosen = picker.chosen else {
            let empty =
                picker.query.isEmpty
                ? "no replies yet: a text file each, in the folder canned beside config.toml"
                : "no reply of that name or text"
            for (row, line) in TextWrap.wrap(empty, max(1, pane.columns)).enumerated() {
                pane.put(line, at: 0, row + 1, role: .dim)
            }
            return
        }
        let preview = TextWrap.wrap(chosen.text, max(1, pane.columns))
        let shown = pane.rows >= 8 ? min(preview.count, pane.rows / 2) : 0
        let room = pane.rows - 1 - (shown > 0 ? shown + 1 : 0)
        guard room > 0 else { return }
        let top = min(max(0, picker.index - room + 1), max(0, picker.items.count - room))
        for (offset, item) in picker.items.dropFirst(top).prefix(room).enumerated() {
            let row = offset + 1
            let name = TextWidth.truncated(item.name, columns: pane.columns / 3, ellipsis: scene.glyphs.ellipsis)
            pane.put(name, at: 2, row)
            let text = item.text.split(whereSeparator: \.isNewline).joined(separator: " ")
            let left = pane.columns - pane.columns / 3 - 4
            pane.put(
                TextWidth.truncated(text, columns: left, ellipsis: scene.glyphs.ellipsis), at: pane.columns / 3 + 4,
                row,
                role: .dim)
            if top + offset == picker.index {
                pane.restyle(Rect(column: 0, row: row, columns: pane.columns, rows: 1), role: .selected)
                pane.put(">", at: 0, row, role: .selected)
            }
        }
        guard shown > 0 else { return }
        let start = pane.rows - shown
        pane.horizontalLine(at: 0, start - 1, columns: pane.columns, scene.glyphs, role: .dim)
        for (offset, line) in preview.prefix(shown).enumerated() { pane.put(line, at: 0, start + offset) }
    }
}
