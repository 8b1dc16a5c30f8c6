import Screen

/// Lines of a text that are a table: two or more in a row with tabs in them. The cells of a column begin at the same place.
struct TextTables {
    /// Where the cells after each tab begin, by the offset of the line in the text.
    private var stops: [Int: [Int]] = [:]

    private static let gap = 2
    private static let tab: UInt8 = 0x09
    private static let mostColumns = 50

    init(_ text: String) {
        guard text.utf8.contains(Self.tab) else { return }
        var run: [Substring] = []
        for line in text[...].lines {
            if line.utf8.contains(Self.tab) {
                run.append(line)
            } else {
                take(run)
                run = []
            }
        }
        take(run)
    }

    var isEmpty: Bool { stops.isEmpty }

    private mutating func take(_ run: [Substring]) {
        guard run.count > 1 else { return }
        var widths: [Int] = []
        for line in run {
            for (index, cell) in Self.cells(line).dropLast().prefix(Self.mostColumns).enumerated() {
                if index == widths.count { widths.append(Printable.tabColumns - Self.gap) }
                widths[index] = max(widths[index], TextWidth.of(cell))
            }
        }
        var stop = 0
        let all = widths.map { width in
            stop += width + Self.gap
            return stop
        }
        for line in run { stops[Self.offset(of: line)] = all }
    }

    /// A whole line of a table with blanks for its tabs; nil for other text, and where it has more than `columns`.
    func expanded(_ line: Substring, columns: Int) -> String? {
        guard let stops = stops[Self.offset(of: line)], line.utf8.contains(Self.tab), line.isWholeLine else {
            return nil
        }
        var out = ""
        var column = 0
        for (index, cell) in Self.cells(line).enumerated() {
            if index > 0 {
                guard index <= stops.count else { return nil }
                out += String(repeating: " ", count: stops[index - 1] - column)
                column = stops[index - 1]
            }
            out += cell
            column += TextWidth.of(cell)
        }
        return column <= columns ? out : nil
    }

    private static func cells(_ line: Substring) -> [Substring] {
        line.utf8.split(separator: tab, omittingEmptySubsequences: false).map { Substring($0) }
    }

    private static func offset(of line: Substring) -> Int {
        line.base.utf8.distance(from: line.base.startIndex, to: line.startIndex)
    }
}

extension Substring {
    /// The lines of a text, without their line feeds.
    var lines: [Substring] {
        utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { Substring($0) }
    }

    fileprivate var isWholeLine: Bool {
        let all = base.utf8
        return (startIndex == base.startIndex || all[all.index(before: startIndex)] == 0x0A)
            && (endIndex == base.endIndex || all[endIndex] == 0x0A)
    }
}
