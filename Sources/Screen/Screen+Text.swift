extension Screen {
    /// The rows as text, joined by line feeds, blanks at their ends left out. Golden tests compare it.
    package var text: String {
        lines { cell, line in cell.write(to: &line) }
    }

    /// The same grid in role letters (`Role.letter`), one per column, plain ends left out.
    package var roles: String {
        lines { cell, line in line.append(cell.role.letter) }
    }

    private func lines(_ write: (Cell, inout String) -> Void) -> String {
        var lines: [String] = []
        lines.reserveCapacity(size.rows)
        for row in rows {
            var line = ""
            for cell in row { write(cell, &line) }
            while line.last == " " || line.last == Role.plain.letter { line.removeLast() }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}
