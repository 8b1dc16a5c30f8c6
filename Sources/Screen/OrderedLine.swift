/// A part of a text that looks otherwise than the rest, or leads somewhere.
package struct Span {
    package let range: Range<Substring.Index>
    package let role: Role
    /// What `Canvas.link` gave; 0 for none.
    package let link: Int

    package init(_ range: Range<Substring.Index>, role: Role, link: Int = 0) {
        self.range = range
        self.role = role
        self.link = link
    }
}

/// A line of text as cells in the order they are seen.
struct OrderedLine {
    private(set) var cells: [Cell] = []
    /// Where each character begins: its first byte and its column, in the order of the text.
    private var places: [(byte: Int, column: Int)] = []

    init(
        _ text: Substring, role: Role = .plain, spans: [Span] = [], direction: TextOrder.Direction? = nil,
        reorders: Bool = true
    ) {
        var parts: [(byte: Int, cells: [Cell], kind: TextOrder.Kind)] = []
        let marked = spans.map { span in
            (
                start: text.utf8.distance(from: text.startIndex, to: span.range.lowerBound),
                end: text.utf8.distance(from: text.startIndex, to: span.range.upperBound), span: span
            )
        }
        ClusterReader.read(text) { reader in
            while reader.next() {
                let span = marked.first { $0.start <= reader.start && reader.start < $0.end }?.span
                var cells = reader.isSingle ? [reader.single] : reader.cells
                for index in cells.indices {
                    cells[index].role = span?.role ?? role
                    cells[index].link = span?.link ?? 0
                }
                // A hostile character is shown by its code, which is read from left to right.
                let kind = cells.count == 1 ? TextOrder.kind(cells[0].base) : .left
                parts.append((reader.start, cells, kind))
            }
        }
        let isOrdered = !reorders || !TextOrder.mayNeedOrder(text)
        let visual =
            isOrdered
            ? (order: Array(parts.indices), levels: [Int](repeating: 0, count: parts.count))
            : TextOrder.visual(parts.map(\.kind), direction ?? TextOrder.direction(of: text))
        var columns = [Int](repeating: 0, count: parts.count)
        var column = 0
        for index in visual.order {
            columns[index] = column
            for cell in parts[index].cells {
                cells.append(visual.levels[index] % 2 == 1 ? cell.mirrored : cell)
                column += cell.columns
            }
        }
        places = zip(parts, columns).map { ($0.byte, $1) }
    }

    /// The column of the character at a byte of the text; nil at its end.
    func column(ofByte byte: Int) -> Int? { places.first { $0.byte >= byte }?.column }
}
