/// Where a pane draws: columns and rows count from the pane's own corner, and nothing reaches outside of it.
package struct Canvas {
    var screen: Screen
    private let frame: Rect
    private let clip: Rect

    init(drawingOn screen: Screen, frame: Rect, clip: Rect) {
        self.screen = screen
        self.frame = frame
        self.clip = clip
    }

    package var columns: Int { frame.columns }
    package var rows: Int { frame.rows }
    /// The whole pane in its own coordinates.
    package var bounds: Rect { Rect(frame.size) }

    /// Puts one line of text, cut at the pane's edge or after `limit` columns, and returns the columns it took.
    ///
    /// Hostile characters are shown as in `Printable`. A two-column character that would be cut leaves a blank.
    /// Right-to-left text is put into visual order by itself: see `TextOrder`.
    @discardableResult
    package mutating func put(
        _ text: Substring, at column: Int, _ row: Int, role: Role = .plain, limit: Int = .max
    ) -> Int {
        put(text, at: column, row, role: role, limit: limit, spans: [])
    }

    private mutating func putPlain(
        _ text: Substring, at column: Int, _ row: Int, role: Role, limit: Int
    ) -> Int {
        let y = frame.row + row
        guard y >= clip.row, y < clip.endRow, limit > 0 else { return 0 }
        let left = frame.column + column
        let stop = limit >= clip.endColumn - left ? clip.endColumn : left + limit
        let clipLeft = clip.column
        var x = left
        screen.withRow(y) { cells in
            ClusterReader.read(text) { reader in
                while x < stop, reader.next() {
                    if reader.isSingle {
                        Canvas.draw(reader.single.with(role), &x, cells, clipLeft, stop)
                    } else {
                        for cell in reader.cells where x < stop {
                            Canvas.draw(cell.with(role), &x, cells, clipLeft, stop)
                        }
                    }
                }
            }
        }
        return max(0, x - left)
    }

    /// The same with parts that look otherwise or are links. `direction` is that of the paragraph the line is part of.
    @discardableResult
    package mutating func put(
        _ text: Substring, at column: Int, _ row: Int, role: Role = .plain, limit: Int = .max, spans: [Span],
        direction: TextOrder.Direction? = nil
    ) -> Int {
        guard !spans.isEmpty || TextOrder.mayNeedOrder(text) else {
            return putPlain(text, at: column, row, role: role, limit: limit)
        }
        let y = frame.row + row
        guard y >= clip.row, y < clip.endRow, limit > 0 else { return 0 }
        let line = OrderedLine(
            text, role: role, spans: spans, direction: direction, reorders: screen.reordersText)
        let left = frame.column + column
        let stop = limit >= clip.endColumn - left ? clip.endColumn : left + limit
        var x = left
        screen.withRow(y) { cells in
            for cell in line.cells where x < stop { Canvas.draw(cell, &x, cells, clip.column, stop) }
        }
        return max(0, x - left)
    }

    /// The number that makes cells a link to `address`, for a `Span`.
    package mutating func link(to address: String) -> Int { screen.addLink(address) }

    /// The column at which a character of a line is shown, given its first byte, where the line may be put into another
    /// order than it was written in; nil elsewhere, and at the end of the line.
    package func column(ofByte byte: Int, in line: Substring) -> Int? {
        guard screen.reordersText, TextOrder.mayNeedOrder(line) else { return nil }
        return OrderedLine(line).column(ofByte: byte)
    }

    @discardableResult
    package mutating func put(
        _ text: String, at column: Int, _ row: Int, role: Role = .plain, limit: Int = .max
    ) -> Int {
        put(text[...], at: column, row, role: role, limit: limit)
    }

    /// Puts `text` so that it ends before `column`, and returns the columns it took.
    @discardableResult
    package mutating func put(_ text: String, endingAt column: Int, _ row: Int, role: Role = .plain) -> Int {
        put(text[...], at: column - TextWidth.of(text), row, role: role)
    }

    /// Fills `rect`, or the whole pane, with a character of one column.
    package mutating func fill(_ rect: Rect? = nil, with character: Character = " ", role: Role = .plain) {
        let cell = Canvas.cell(character, role)
        let columns = columns(of: rect ?? bounds)
        for row in rows(of: rect ?? bounds) {
            screen.withRow(row) { cells in
                for column in columns { cells.set(cell, column) }
            }
        }
    }

    /// Gives `rect` another role and leaves its text alone.
    package mutating func restyle(_ rect: Rect, role: Role) {
        let columns = columns(of: rect)
        for row in rows(of: rect) {
            screen.withRow(row) { cells in
                for column in columns { cells.setRole(role, column) }
            }
        }
    }

    package mutating func horizontalLine(
        at column: Int, _ row: Int, columns: Int, _ glyphs: Glyphs, role: Role = .border
    ) {
        fill(Rect(column: column, row: row, columns: columns, rows: 1), with: glyphs.horizontal, role: role)
    }

    package mutating func verticalLine(
        at column: Int, _ row: Int, rows: Int, _ glyphs: Glyphs, role: Role = .border
    ) {
        fill(Rect(column: column, row: row, columns: 1, rows: rows), with: glyphs.vertical, role: role)
    }

    /// Puts one line-drawing character: a corner or a junction.
    package mutating func junction(_ character: Character, at column: Int, _ row: Int, role: Role = .border) {
        fill(Rect(column: column, row: row, columns: 1, rows: 1), with: character, role: role)
    }

    /// A frame along the inner edge of `rect`; nothing where it has no room.
    package mutating func box(_ rect: Rect, _ glyphs: Glyphs, role: Role = .border) {
        guard rect.columns >= 2, rect.rows >= 2 else { return }
        let right = rect.endColumn - 1
        let bottom = rect.endRow - 1
        horizontalLine(at: rect.column + 1, rect.row, columns: rect.columns - 2, glyphs, role: role)
        horizontalLine(at: rect.column + 1, bottom, columns: rect.columns - 2, glyphs, role: role)
        verticalLine(at: rect.column, rect.row + 1, rows: rect.rows - 2, glyphs, role: role)
        verticalLine(at: right, rect.row + 1, rows: rect.rows - 2, glyphs, role: role)
        junction(glyphs.topLeft, at: rect.column, rect.row, role: role)
        junction(glyphs.topRight, at: right, rect.row, role: role)
        junction(glyphs.bottomLeft, at: rect.column, bottom, role: role)
        junction(glyphs.bottomRight, at: right, bottom, role: role)
    }

    /// Puts the terminal's cursor here; hidden if that is outside the pane.
    package mutating func placeCursor(at column: Int, _ row: Int) {
        let place = Position(column: frame.column + column, row: frame.row + row)
        screen.cursor = clip.contains(place) ? place : nil
    }

    /// A pane within this one; `rect` is in this pane's coordinates.
    package mutating func draw<Result>(in rect: Rect, _ body: (inout Canvas) -> Result) -> Result {
        let inner = Rect(
            column: frame.column + rect.column, row: frame.row + rect.row, columns: rect.columns, rows: rect.rows)
        var canvas = Canvas(
            drawingOn: Screen(size: ScreenSize(columns: 0, rows: 0)), frame: inner, clip: inner.clipped(to: clip))
        swap(&canvas.screen, &screen)
        let result = body(&canvas)
        swap(&canvas.screen, &screen)
        return result
    }

    @inline(__always)
    private static func draw(_ cell: Cell, _ x: inout Int, _ cells: CellRow, _ left: Int, _ stop: Int) {
        let end = x + cell.columns
        if x >= left, end <= stop {
            cells.set(cell, x)
        } else if end > left, max(x, left) < stop {
            // Half of a two-column character.
            cells.set(Cell.blank.with(cell.role), max(x, left))
        }
        x = min(end, stop)
    }

    private static func cell(_ character: Character, _ role: Role) -> Cell {
        ClusterReader.read(String(character)[...]) { reader in
            guard reader.next(), reader.columns == 1 else { return Cell.blank.with(role) }
            return (reader.isSingle ? reader.single : reader.cells[0]).with(role)
        }
    }

    private func rows(of rect: Rect) -> Range<Int> {
        let first = max(clip.row, frame.row + rect.row)
        return first..<max(first, min(clip.endRow, frame.row + rect.endRow))
    }

    private func columns(of rect: Rect) -> Range<Int> {
        let first = max(clip.column, frame.column + rect.column)
        return first..<max(first, min(clip.endColumn, frame.column + rect.endColumn))
    }
}
