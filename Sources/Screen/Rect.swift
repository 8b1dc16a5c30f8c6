/// The columns and rows of a terminal; never negative.
package struct ScreenSize: Hashable, Sendable {
    package let columns: Int
    package let rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    package init(_ columns: Int, _ rows: Int) { self.init(columns: columns, rows: rows) }
}

/// A cell's place, counted from the top left corner, both from 0.
package struct Position: Hashable, Sendable {
    package var column: Int
    package var row: Int

    package init(column: Int, row: Int) {
        self.column = column
        self.row = row
    }

    package init(_ column: Int, _ row: Int) { self.init(column: column, row: row) }
}

/// A part of the screen. Its size is never negative; a rectangle of no size is simply not drawn.
package struct Rect: Hashable, Sendable {
    package let column: Int
    package let row: Int
    package let columns: Int
    package let rows: Int

    package init(column: Int, row: Int, columns: Int, rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    package init(_ size: ScreenSize) { self.init(column: 0, row: 0, columns: size.columns, rows: size.rows) }

    package var size: ScreenSize { ScreenSize(columns: columns, rows: rows) }
    package var isEmpty: Bool { columns == 0 || rows == 0 }
    /// One past the last column.
    package var endColumn: Int { column + columns }
    /// One past the last row.
    package var endRow: Int { row + rows }

    package func contains(_ position: Position) -> Bool {
        position.column >= column && position.column < endColumn && position.row >= row && position.row < endRow
    }

    /// What the two have in common; of no size when they do not meet.
    package func clipped(to other: Rect) -> Rect {
        let left = max(column, other.column)
        let top = max(row, other.row)
        let right = min(endColumn, other.endColumn)
        let bottom = min(endRow, other.endRow)
        return Rect(column: left, row: top, columns: right - left, rows: bottom - top)
    }

    /// The inner part, `columns` away from the sides and `rows` away from top and bottom.
    package func inset(columns: Int, rows: Int) -> Rect {
        Rect(
            column: column + columns, row: row + rows, columns: self.columns - 2 * columns, rows: self.rows - 2 * rows)
    }

    /// The leftmost `wanted` columns (at most all of them) and the rest.
    package func split(left wanted: Int) -> (left: Rect, rest: Rect) {
        let taken = min(max(0, wanted), columns)
        return (
            Rect(column: column, row: row, columns: taken, rows: rows),
            Rect(column: column + taken, row: row, columns: columns - taken, rows: rows)
        )
    }

    /// The topmost `wanted` rows (at most all of them) and the rest.
    package func split(top wanted: Int) -> (top: Rect, rest: Rect) {
        let taken = min(max(0, wanted), rows)
        return (
            Rect(column: column, row: row, columns: columns, rows: taken),
            Rect(column: column, row: row + taken, columns: columns, rows: rows - taken)
        )
    }

    /// The rightmost `wanted` columns (at most all of them) and the rest.
    package func split(right wanted: Int) -> (rest: Rect, right: Rect) {
        let parts = split(left: columns - min(max(0, wanted), columns))
        return (parts.left, parts.rest)
    }

    /// The bottom `wanted` rows (at most all of them) and the rest.
    package func split(bottom wanted: Int) -> (rest: Rect, bottom: Rect) {
        let parts = split(top: rows - min(max(0, wanted), rows))
        return (parts.top, parts.rest)
    }
}
