import Chat
import Screen

/// The box in which one types where to go or what to do.
enum SwitcherOverlay {
    static func draw(_ scene: Scene, _ switcher: Switcher, on canvas: inout Canvas) {
        let size = scene.layout.size
        let isFramed = size.columns >= 20 && size.rows >= 5
        let width = isFramed ? min(64, size.columns - (size.columns >= 40 ? 4 : 0)) : size.columns
        let rows = min(size.rows - (size.rows >= 12 ? 4 : 0), max(4, switcher.items.count + 3), 20)
        let box = Rect(column: (size.columns - width) / 2, row: size.rows >= 12 ? 2 : 0, columns: width, rows: rows)
        canvas.fill(box)
        if isFramed {
            canvas.box(box, scene.glyphs, role: .focusedBorder)
            canvas.put(" Go to ", at: box.column + 2, box.row, role: .title)
            canvas.put(
                firstThatFits: [" > lists actions, Esc closes ", " Esc closes "], endingAt: box.endColumn - 2,
                box.endRow - 1, room: width - 4, role: .dim)
        }
        canvas.draw(in: isFramed ? box.inset(columns: 2, rows: 1) : box) { pane in
            let shown = InputRows(switcher.query, width: 10_000)
            pane.put(switcher.query.text, at: 0, 0, role: .input)
            drawItems(scene, switcher, on: &pane)
            pane.placeCursor(at: min(shown.cursor.column, pane.columns - 1), 0)
        }
    }

    private static func drawItems(_ scene: Scene, _ switcher: Switcher, on pane: inout Canvas) {
        let room = pane.rows - 1
        guard room > 0 else { return }
        if switcher.items.isEmpty {
            pane.put("nothing of that name", at: 0, 1, role: .dim)
            return
        }
        let top = min(max(0, switcher.index - room + 1), max(0, switcher.items.count - room))
        for (offset, item) in switcher.items.dropFirst(top).prefix(room).enumerated() {
            let row = offset + 1
            let detail = TextWidth.truncated(item.detail, columns: pane.columns / 2, ellipsis: scene.glyphs.ellipsis)
            let left = pane.columns - TextWidth.of(detail) - 3
            pane.put(
                TextWidth.truncated(item.title, columns: max(0, left), ellipsis: scene.glyphs.ellipsis), at: 2, row)
            pane.put(detail, endingAt: pane.columns, row, role: .dim)
            if top + offset == switcher.index {
                pane.restyle(Rect(column: 0, row: row, columns: pane.columns, rows: 1), role: .selected)
                pane.put(">", at: 0, row, role: .selected)
            }
        }
    }
}
