/// The room of what a terminal shows, as values: a grid of cells with roles, drawn pane by pane and compared with the
/// grid shown before. It knows no terminal, no colour and nothing of chat.
///
/// To draw, `Canvas`; widths, `CharacterClass` and `ClusterReader`; wrapping, `TextWrap`; keys, `Key` and `KeyDecoder`.
/// A new kind of thing to show is a `Role`; a new sign is a `Glyphs` member.
package struct Screen: Equatable, Sendable {
    package let size: ScreenSize
    /// From the top, `size.columns` cells each. A row on its own, since most of a picture is as in the picture before: such
    /// rows are shared, neither copied nor compared.
    package private(set) var rows: [[Cell]]
    /// Where the terminal's cursor stands; hidden when nil.
    package var cursor: Position?
    /// What the terminal's window is called; made harmless by whoever writes it.
    package var title = ""
    /// Where the links on it lead: addresses of printable ASCII. A cell's `link` is the place in here, from 1.
    package private(set) var links: [String] = []
    /// Whether right-to-left text is put into visual order; off for terminals that do it by themselves.
    package var reordersText = true

    package init(size: ScreenSize) {
        self.size = size
        rows = Array(repeating: Array(repeating: .blank, count: size.columns), count: size.rows)
    }

    package var bounds: Rect { Rect(size) }

    /// The cell at `column`, `row`; a blank outside.
    package subscript(column: Int, row: Int) -> Cell {
        guard column >= 0, column < size.columns, row >= 0, row < size.rows else { return .blank }
        return rows[row][column]
    }

    /// The number for cells of a link to `address`; 0 where it cannot be one. Every call is a link of its own.
    mutating func addLink(_ address: String) -> Int {
        guard let address = LinkAddress.of(address), links.count < Cell.mostLinks else { return 0 }
        links.append(address)
        return links.count
    }

    /// Lets `body` draw inside `rect`; what would fall outside of it is not drawn.
    package mutating func draw<Result>(in rect: Rect, _ body: (inout Canvas) -> Result) -> Result {
        var canvas = Canvas(
            drawingOn: Screen(size: ScreenSize(columns: 0, rows: 0)), frame: rect, clip: rect.clipped(to: bounds))
        swap(&canvas.screen, &self)
        let result = body(&canvas)
        swap(&canvas.screen, &self)
        return result
    }

    /// Lets `body` draw anywhere.
    package mutating func draw<Result>(_ body: (inout Canvas) -> Result) -> Result { draw(in: bounds, body) }

    /// Lets `body` write into one row; how, see `CellRow`.
    mutating func withRow<Result>(_ row: Int, _ body: (CellRow) -> Result) -> Result {
        rows[row].withUnsafeMutableBufferPointer { body(CellRow(cells: $0)) }
    }
}

/// One row while it is written to: a two-column character that loses one half loses the other too.
struct CellRow {
    let cells: UnsafeMutableBufferPointer<Cell>

    /// Puts `cell` at `column`, where there is room for both its columns.
    @inline(__always)
    func set(_ cell: Cell, _ column: Int) {
        if cells[column].columns == 1, cell.columns == 1 {
            cells[column] = cell
        } else {
            setSlowly(cell, column)
        }
    }

    private func setSlowly(_ cell: Cell, _ column: Int) {
        let last = column + cell.columns - 1
        if cells[column].isContinuation, column > 0 { blank(column - 1) }
        if cells[last].columns == 2, last + 1 < cells.count { blank(last + 1) }
        cells[column] = cell
        guard last > column else { return }
        cells[last] = Cell.continuation.with(cell.role)
        cells[last].link = cell.link
    }

    private func blank(_ column: Int) { cells[column] = Cell.blank.with(cells[column].role) }

    func setRole(_ role: Role, _ column: Int) { cells[column].role = role }
}
