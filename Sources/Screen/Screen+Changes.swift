/// Cells side by side that differ from the screen shown before. Never begins or ends within a two-column character.
package struct ScreenRun: Equatable, Sendable {
    package let row: Int
    package let columns: Range<Int>

    package init(row: Int, columns: Range<Int>) {
        self.row = row
        self.columns = columns
    }
}

extension Screen {
    /// What has to be drawn where `shown` stands now; every row when the sizes differ or nothing stands there.
    package func changes(since shown: Screen?) -> [ScreenRun] {
        var runs: [ScreenRun] = []
        forEachChange(since: shown) { row, columns in runs.append(ScreenRun(row: row, columns: columns)) }
        return runs
    }

    /// The same without an array.
    package func forEachChange(since shown: Screen?, _ body: (_ row: Int, _ columns: Range<Int>) -> Void) {
        let width = size.columns
        guard let shown, shown.size == size else {
            if width > 0 { for row in 0..<size.rows { body(row, 0..<width) } }
            return
        }
        cells.withUnsafeBufferPointer { new in
            shown.cells.withUnsafeBufferPointer { old in
                for row in 0..<size.rows {
                    let base = row * width
                    var column = 0
                    while column < width {
                        guard new[base + column] != old[base + column] else {
                            column += 1
                            continue
                        }
                        var first = column
                        while first > 0, new[base + first].isContinuation { first -= 1 }
                        repeat {
                            column += 1
                        } while column < width
                            && (new[base + column].isContinuation || new[base + column] != old[base + column])
                        body(row, first..<column)
                    }
                }
            }
        }
    }
}
