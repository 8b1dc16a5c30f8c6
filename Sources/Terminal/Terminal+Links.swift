internal import Screen

// Links that a terminal can open (OSC 8). ncurses cannot carry them, so the cells of a link are written a second time, as
// they stand, between the sequences that make them one. The cursor and its look are put aside before and taken back after,
// so that everything is where ncurses believes it is. What ncurses writes over them later is no link any more.

extension Terminal {
    /// What makes links of the linked cells of `screen` and takes it from those that were links on `shown`; empty where
    /// nothing changed. Only for what `present` has just painted.
    static func links(on screen: Screen, since shown: Screen?, theme: Theme, size: ScreenSize) -> String {
        let before = shown.flatMap { $0.size == screen.size ? $0 : nil }
        guard !screen.links.isEmpty || !(before?.links.isEmpty ?? true) else { return "" }
        let areOthers = before?.links != screen.links
        var out = ""
        for row in 0..<min(screen.size.rows, size.rows) {
            var column = 0
            let end = min(screen.size.columns, size.columns)
            while column < end {
                let cell = screen[column, row]
                guard isDue(cell, before?[column, row], areOthers) else {
                    column += 1
                    continue
                }
                let start = column
                var text = ""
                while column < end, screen[column, row].link == cell.link, screen[column, row].role == cell.role,
                    isDue(screen[column, row], before?[column, row], areOthers)
                {
                    screen[column, row].write(to: &text)
                    column += 1
                }
                out += "\u{1B}[\(row + 1);\(start + 1)H" + theme[cell.role].sequence(theme.depth)
                out += cell.link > 0 ? "\u{1B}]8;id=\(cell.link);\(screen.links[cell.link - 1])\u{07}" : ""
                out += text + (cell.link > 0 ? "\u{1B}]8;;\u{07}" : "")
            }
        }
        return out.isEmpty ? "" : "\u{1B}7" + out + "\u{1B}8"
    }

    /// Whether a cell has to be written once more. Those beyond ASCII are left to ncurses, which knows the locale.
    private static func isDue(_ cell: Cell, _ before: Cell?, _ areOthers: Bool) -> Bool {
        guard cell.columns == 1, cell.base >= 0x20, cell.base < 0x7F, !cell.hasMarks else { return false }
        if cell.link > 0 { return areOthers || cell != before }
        return (before?.link ?? 0) > 0
    }
}
