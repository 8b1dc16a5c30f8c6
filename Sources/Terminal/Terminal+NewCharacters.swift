internal import CTerminal
internal import Screen

// Characters newer than the C library, such as the emoji of this year. ncurses moves the cursor by what that library knows
// and would show question marks. It gets a blank of the same width instead, and the character is written over it, so that
// the terminal shows it as well as it can.

extension Terminal {
    /// Whether a cell holds a character that Unicode has and the C library does not know, or counts otherwise.
    static func isNew(_ cell: Cell) -> Bool {
        guard cell.base >= 0x300, !cell.isFlag, !ct_can_print(cell.base, Int32(cell.columns)),
            let scalar = Unicode.Scalar(cell.base)
        else { return false }
        switch scalar.properties.generalCategory {
        case .unassigned, .privateUse, .control, .format, .surrogate: return false
        default: return true
        }
    }

    /// A blank that is no blank to ncurses, so that it is painted over when something else comes there.
    static func placeholder(_ cell: Cell) -> UInt32 { cell.columns == 2 ? 0x3000 : 0xA0 }

    /// Writes the new characters of the rows that ncurses has just touched; empty where there are none.
    static func newCharacters(
        on screen: Screen, rows: [Int], theme: Theme, size: ScreenSize, isNew: (Cell) -> Bool
    ) -> String {
        var out = ""
        for row in rows where row < min(screen.size.rows, size.rows) {
            for column in 0..<min(screen.size.columns, size.columns) {
                let cell = screen[column, row]
                guard cell.base >= 0x300, isNew(cell), column + cell.columns <= size.columns else { continue }
                out += "\u{1B}[\(row + 1);\(column + 1)H" + theme[cell.role].sequence(theme.depth) + cell.text
            }
        }
        return out.isEmpty ? "" : "\u{1B}7" + out + "\u{1B}8"
    }
}
