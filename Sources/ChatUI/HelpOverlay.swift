import Chat
import Screen

/// Pages that cover the screen: the help, and other lists to read.
enum HelpOverlay {
    static func draw(_ scene: Scene, scroll: Int, on canvas: inout Canvas) {
        draw(
            scene, title: "Help", lines: lines(scene.ui.keys, columns: inner(scene.layout.size).columns),
            scroll: scroll,
            on: &canvas)
    }

    static func draw(_ scene: Scene, title: String, lines: [Segment], scroll: Int, on canvas: inout Canvas) {
        let size = scene.layout.size
        let area = inner(size)
        canvas.fill()
        canvas.placeCursor(at: -1, -1)
        if hasFrame(size) {
            canvas.box(Rect(size), scene.glyphs)
            canvas.put(" \(title) ", at: 1, 0, role: .title, limit: size.columns - 2)
            let more = lines.count > area.rows ? " \(scene.glyphs.upArrow) \(scene.glyphs.downArrow) scroll," : ""
            canvas.put(
                firstThatFits: ["\(more) Esc closes ", " Esc closes "], endingAt: size.columns - 2, size.rows - 1,
                room: size.columns - 4, role: .key)
        }
        let first = min(scroll, max(0, lines.count - area.rows))
        canvas.draw(in: area) { pane in
            for (row, line) in lines.dropFirst(first).prefix(area.rows).enumerated() {
                guard let tab = line.text.firstIndex(of: "\t") else {
                    pane.put(line.text, at: 0, row, role: line.role)
                    continue
                }
                let keys = line.text[..<tab]
                pane.put(keys, at: 2, row, role: .key)
                pane.put(line.text[line.text.index(after: tab)...], at: keyColumns + 3, row, role: line.role)
            }
        }
    }

    private static let keyColumns = 27

    private static func hasFrame(_ size: ScreenSize) -> Bool { size.columns >= 20 && size.rows >= 5 }

    private static func inner(_ size: ScreenSize) -> Rect {
        hasFrame(size) ? Rect(size).inset(columns: 2, rows: 1) : Rect(size)
    }

    static func maxScroll(_ ui: UIState, _ size: ScreenSize) -> Int {
        maxScroll(lines(ui.keys, columns: inner(size).columns).count, size)
    }

    static func maxScroll(_ count: Int, _ size: ScreenSize) -> Int { max(0, count - inner(size).rows) }

    /// The help as lines; keys and sentence are parted by a tab, or stand below each other where it is narrow.
    static func lines(_ keys: KeyMap, columns: Int) -> [Segment] {
        var lines: [Segment] = []
        for (title, commands) in CommandTable.chapters {
            lines.append(Segment(title, .title))
            for info in commands { lines += entry(keys.names(of: info.command), info.help, columns) }
            lines.append(Segment(""))
        }
        lines.append(Segment("commands", .title))
        for command in SlashCommand.all {
            lines += entry(command.usage, command.help, columns)
        }
        return lines
    }

    private static func entry(_ keys: String, _ help: String, _ columns: Int) -> [Segment] {
        let room = columns - keyColumns - 3
        guard room >= 24, keys.count <= keyColumns else {
            return TextWrap.wrap("  " + keys, max(1, columns)).map { Segment(String($0), .key) }
                + TextWrap.wrap(help, max(1, columns - 4)).map { Segment("    " + $0) }
        }
        let parts = TextWrap.wrap(help, room)
        return parts.enumerated().map { Segment(($0.offset == 0 ? keys : "") + "\t" + $0.element) }
    }
}
