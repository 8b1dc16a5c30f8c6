import Screen

/// The input as rows on the screen.
struct InputRows: Equatable {
    let text: String
    let rows: [Substring]
    /// Where the cursor stands, by row and column, counted in the order of the text.
    let cursor: Position
    /// The bytes of its row before it.
    let bytesBefore: Int

    init(_ line: InputLine, width: Int) {
        let width = max(1, width)
        text = line.text
        let rows = TextWrap.fold(text, width)
        let head = TextWrap.fold(line.before, width)
        var row = head.count - 1
        var column = head.last.map(TextWidth.of) ?? 0
        let isBroken = column >= width
        if isBroken {
            row += 1
            column = 0
        }
        bytesBefore = isBroken ? 0 : head.last?.utf8.count ?? 0
        self.rows = row >= rows.count ? rows + [text.suffix(0)] : rows
        cursor = Position(column: column, row: row)
    }

    /// How many characters stand before a place in a row.
    func characters(before column: Int, inRow row: Int) -> Int {
        let kept = TextWidth.prefix(rows[row], columns: column)
        return text[..<kept.endIndex].count
    }
}

extension InputLine {
    /// Moves one row up or down at about the same column; false where there is no such row.
    mutating func moveRow(by step: Int, width: Int) -> Bool {
        let shown = InputRows(self, width: width)
        let target = shown.cursor.row + step
        guard shown.rows.indices.contains(target) else { return false }
        move(by: shown.characters(before: shown.cursor.column, inRow: target) - before.count)
        return true
    }

    /// Why this text cannot be one message; nil where it can.
    static func refusal(of text: String) -> String? {
        let scalars = text.unicodeScalars.count
        let bytes = text.utf8.count
        if scalars > maxScalars {
            return "this text has \(scalars) characters and a message at most \(maxScalars); send it in parts"
        }
        if bytes > maxBytes {
            return "this text has \(bytes) bytes and a message at most \(maxBytes); send it in parts"
        }
        return nil
    }
}
