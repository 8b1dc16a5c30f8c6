/// Lines out of text, by columns. The lines are parts of the text they came from, so their places in it are known.
package enum TextWrap {
    /// Breaks `text` at blanks, beside ideographs, or inside a word that is longer than a line.
    ///
    /// Line breaks in the text stay; the blanks at a break belong to no line. Never empty, and a width below 1 counts
    /// as 1, where a two-column character is a line of its own.
    package static func wrap(_ text: String, _ width: Int) -> [Substring] { wrap(text[...], width) }

    package static func wrap(_ text: Substring, _ width: Int) -> [Substring] {
        if text.utf8.count <= width, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return [text] }
        return cut(text) { reader in
            var line = WrappingLine(width: max(1, width))
            while reader.next() { line.add(reader) }
            return line.finish(at: reader.end)
        }
    }

    /// Breaks `text` after every `width` columns and at its line breaks, and leaves no blank out: for text being edited.
    package static func fold(_ text: String, _ width: Int) -> [Substring] {
        cut(text[...]) { reader in
            var lines: [Range<Int>] = []
            var start = 0
            var column = 0
            while reader.next() {
                if reader.isNewline {
                    lines.append(start..<reader.start)
                    start = reader.end
                    column = 0
                } else if column > 0, column + reader.columns > max(1, width) {
                    lines.append(start..<reader.start)
                    start = reader.start
                    column = reader.columns
                } else {
                    column += reader.columns
                }
            }
            lines.append(start..<reader.end)
            return lines
        }
    }

    private static func cut(_ text: Substring, _ body: (inout ClusterReader) -> [Range<Int>]) -> [Substring] {
        let utf8 = text.utf8
        return ClusterReader.read(text, body).map { range in
            let start = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
            return text[start..<utf8.index(start, offsetBy: range.count)]
        }
    }
}

/// The line that is being filled, in byte offsets, and the last place where it may be broken.
private struct WrappingLine {
    let width: Int
    private var lines: [Range<Int>] = []
    private var start = 0
    private var column = 0
    private var isInBlanks = false
    private var blanksStart = 0
    private var isAfterWide = false
    /// The line would end at `end`, the next begin at `next`, and `columns` leave with the line.
    private var possibleBreak: (end: Int, next: Int, columns: Int)?

    init(width: Int) { self.width = width }

    mutating func add(_ reader: ClusterReader) {
        if reader.isNewline {
            close(at: reader.start, next: reader.end)
            column = 0
        } else if reader.isBlank {
            if !isInBlanks { blanksStart = reader.start }
            isInBlanks = true
            isAfterWide = false
            column += reader.columns
        } else {
            noteBreak(before: reader)
            makeRoom(for: reader)
            column += reader.columns
        }
    }

    mutating func finish(at end: Int) -> [Range<Int>] {
        lines.append(start..<end)
        return lines
    }

    private mutating func noteBreak(before reader: ClusterReader) {
        let isIdeograph = reader.isSingle && reader.columns == 2
        if isInBlanks {
            possibleBreak = (blanksStart, reader.start, column)
            isInBlanks = false
        } else if column > 0, isIdeograph || isAfterWide, !Self.staysWithLine(reader) {
            possibleBreak = (reader.start, reader.start, column)
        }
        isAfterWide = isIdeograph
    }

    private mutating func makeRoom(for reader: ClusterReader) {
        while column > 0, column + reader.columns > width {
            if let place = possibleBreak {
                let left = column - place.columns
                close(at: place.end, next: place.next)
                column = left
            } else {
                close(at: reader.start, next: reader.start)
                column = 0
            }
        }
    }

    private mutating func close(at end: Int, next: Int) {
        lines.append(start..<max(start, end))
        start = next
        possibleBreak = nil
        isInBlanks = false
        isAfterWide = false
    }

    /// Closing punctuation never begins a line.
    private static func staysWithLine(_ reader: ClusterReader) -> Bool {
        guard reader.isSingle else { return false }
        switch reader.single.base {
        case 0x3001, 0x3002, 0x300D, 0x300F, 0xFF01, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F: return true
        case 0x21, 0x29, 0x2C, 0x2E, 0x3A, 0x3B, 0x3F: return true
        default: return false
        }
    }
}
