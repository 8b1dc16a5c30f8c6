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
        for row in 0..<size.rows {
            rows[row].withUnsafeBufferPointer { new in
                shown.rows[row].withUnsafeBufferPointer { old in
                    guard new.baseAddress != old.baseAddress else { return }
                    Self.forEachChange(from: old, to: new) { body(row, $0) }
                }
            }
        }
    }

    private static func forEachChange(
        from old: UnsafeBufferPointer<Cell>, to new: UnsafeBufferPointer<Cell>, _ body: (Range<Int>) -> Void
    ) {
        var column = 0
        while column < new.count {
            guard new[column] != old[column] else {
                column += 1
                continue
            }
            var first = column
            while first > 0, new[first].isContinuation { first -= 1 }
            repeat {
                column += 1
            } while column < new.count && (new[column].isContinuation || new[column] != old[column])
            body(first..<column)
        }
    }
}
