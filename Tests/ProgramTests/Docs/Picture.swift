import Foundation
import Screen

@testable import Terminal

/// A recorded screen as a picture: its text in the colours of a theme.
struct Picture {
    private let columns: Int
    private let text: [[String]]
    private let roles: [[Role]]
    private let cursor: Position?

    private static let cell = (width: 8.4, height: 18.0)
    private static let pad = 14.0

    /// Reads what `Screens/NAME.screen` of the view's tests holds.
    init?(recorded: String) {
        let parts = recorded.components(separatedBy: "\n--- ")
        guard parts.count == 2, let lineEnd = parts[1].firstIndex(of: "\n") else { return nil }
        let heading = parts[1][..<lineEnd].split(separator: " ")
        let size = heading[0].split(separator: "x").compactMap { Int($0) }
        guard size.count == 2 else { return nil }
        columns = size[0]
        let place = heading.count == 3 ? heading[2].split(separator: ",").compactMap { Int($0) } : []
        cursor = place.count == 2 ? Position(place[0], place[1]) : nil
        let letters = Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0.letter, $0) })
        let columns = size[0]
        func rows(_ text: Substring) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        text = rows(parts[0][...]).prefix(size[1]).map { row in
            var cells: [String] = []
            for character in row {
                cells.append(String(character))
                if TextWidth.of(character) == 2 { cells.append("") }
            }
            return cells + [String](repeating: " ", count: max(0, columns - cells.count))
        }
        roles = rows(parts[1][parts[1].index(after: lineEnd)...]).prefix(size[1]).map { row in
            let roles = row.map { letters[$0] ?? .plain }
            return roles + [Role](repeating: .plain, count: max(0, columns - roles.count))
        }
    }

    /// The picture in SVG; the same every time.
    func svg(_ ground: Ground) -> String {
        let theme = Theme(.direct, on: ground)
        let (paper, ink) = ground == .dark ? (0x1A_1B26, 0xD5_D8E8) : (0xFD_FCF8, 0x2A_2B33)
        let width = Double(columns) * Self.cell.width + 2 * Self.pad
        let height = Double(text.count) * Self.cell.height + 2 * Self.pad
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" \
            font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
            <rect width="100%" height="100%" rx="8" fill="\(hex(paper))"/>

            """
        for row in text.indices {
            var column = 0
            while column < columns {
                let role = roles[row][column]
                var end = column
                while end < columns, roles[row][end] == role { end += 1 }
                out += run(row, column..<end, theme[role], ink: ink, paper: paper)
                column = end
            }
        }
        if let cursor {
            let (x, y) = origin(cursor.column, cursor.row)
            out += "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(Self.cell.width))\""
            out += " height=\"\(number(Self.cell.height))\" fill=\"\(hex(ink))\" fill-opacity=\"0.6\"/>\n"
        }
        return out + "</svg>\n"
    }

    private func run(_ row: Int, _ range: Range<Int>, _ style: Theme.Style, ink: Int, paper: Int) -> String {
        let isReversed = style.attributes.contains(.reverse)
        let color = style.foreground >= 0 ? style.foreground : ink
        let (x, y) = origin(range.lowerBound, row)
        let length = Double(range.count) * Self.cell.width
        var out = ""
        if isReversed {
            out += "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(length))\""
            out += " height=\"\(number(Self.cell.height))\" fill=\"\(hex(color))\"/>\n"
        }
        let words = text[row][range].joined()
        guard words.contains(where: { $0 != " " }) else { return out }
        let blanks = words.prefix { $0 == " " }.count
        let start = x + Double(blanks) * Self.cell.width
        var shown = words.dropFirst(blanks)
        while shown.last == " " { shown.removeLast() }
        let shownLength = Double(shown.reduce(0) { $0 + TextWidth.of($1) }) * Self.cell.width
        out += "<text x=\"\(number(start))\" y=\"\(number(y + 13.5))\" textLength=\"\(number(shownLength))\""
        out += " xml:space=\"preserve\" fill=\"\(hex(isReversed ? paper : color))\""
        // The text comes in the order it is seen: nobody is to order it once more.
        if shown.unicodeScalars.contains(where: { (0x590...0x8FF).contains($0.value) }) {
            out += " direction=\"ltr\" style=\"unicode-bidi: bidi-override\""
        }
        if style.attributes.contains(.bold) { out += " font-weight=\"bold\"" }
        if style.attributes.contains(.italic) { out += " font-style=\"italic\"" }
        if style.attributes.contains(.underline) { out += " text-decoration=\"underline\"" }
        return out + ">\(escaped(String(shown)))</text>\n"
    }

    private func origin(_ column: Int, _ row: Int) -> (Double, Double) {
        (Self.pad + Double(column) * Self.cell.width, Self.pad + Double(row) * Self.cell.height)
    }

    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    private func hex(_ color: Int) -> String {
        let digits = String(color, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
