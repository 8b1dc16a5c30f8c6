/// What a terminal shows that is given these bytes: enough of an xterm for what ncurses and Parley write.
///
/// It is a list of what may be written as well: every sequence and character it does not know is kept in `foreign`.
struct TerminalPicture {
    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var row = 0
    private(set) var column = 0
    /// The numbers of the private modes that are set; 25 is the cursor, 1049 the alternate screen.
    private(set) var modes: Set<Int> = [25]
    private(set) var title = ""
    private(set) var bells = 0
    /// Whether the terminal orders right-to-left text by itself.
    private(set) var ordersText = true
    /// Where the links led that were written, each once.
    private(set) var links: [String] = []
    /// The questions asked for the background.
    private(set) var groundQuestions = 0
    /// What was put into the clipboard, still in base 64.
    private(set) var clipboard: [String] = []
    private var saved = (row: 0, column: 0)
    /// What no program of ours has any business writing.
    private(set) var foreign: [String] = []

    private var cells: [[String]]
    private var region: ClosedRange<Int>
    private var last = " "
    private var state = State.text
    private var sequence: [UInt8] = []

    private enum State { case text, escape, charset, control, system, systemEscape, scalar(Int) }

    init(columns: Int, rows: Int) {
        (self.columns, self.rows) = (columns, rows)
        cells = Self.blank(columns, rows)
        region = 0...max(0, rows - 1)
    }

    var lines: [String] { cells.map { $0.joined() } }
    var text: String { lines.map { $0.trimmed }.joined(separator: "\n") }
    var isCursorShown: Bool { modes.contains(25) }
    var isMainScreen: Bool { !modes.contains(1049) }
    func line(with part: String) -> String? { lines.first { $0.contains(part) } }

    mutating func resize(columns: Int, rows: Int) {
        let old = cells
        (self.columns, self.rows) = (columns, rows)
        cells = Self.blank(columns, rows)
        for (row, line) in old.prefix(rows).enumerated() {
            for (column, cell) in line.prefix(columns).enumerated() { cells[row][column] = cell }
        }
        region = 0...max(0, rows - 1)
        (row, column) = (min(row, rows - 1), min(column, columns - 1))
    }

    private static func blank(_ columns: Int, _ rows: Int) -> [[String]] {
        [[String]](repeating: [String](repeating: " ", count: columns), count: rows)
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) { for byte in bytes { feed(byte) } }

    private mutating func feed(_ byte: UInt8) {
        if byte == 0x18 {  // CAN: whatever was begun is off
            state = .text
            return
        }
        switch state {
        case .text: feedText(byte)
        case .scalar(let left):
            sequence.append(byte)
            state = left > 1 ? .scalar(left - 1) : .text
            if left == 1 { put(String(decoding: sequence, as: UTF8.self)) }
        case .escape: feedEscape(byte)
        case .charset: state = .text
        case .control:
            sequence.append(byte)
            guard byte >= 0x40 else { break }
            state = .text
            control()
        case .system:
            if byte == 0x07 { system() } else if byte == 0x1B { state = .systemEscape } else { sequence.append(byte) }
        case .systemEscape:
            if byte != UInt8(ascii: "\\") { foreign.append("ESC inside OSC") }
            system()
        }
        if sequence.count > 4096 {
            foreign.append("a sequence without end")
            (state, sequence) = (.text, [])
        }
    }

    private mutating func feedText(_ byte: UInt8) {
        switch byte {
        case 0x1B: (state, sequence) = (.escape, [])
        case 0x07: bells += 1
        case 0x08: column = max(0, column - 1)
        case 0x09: column = min(columns - 1, (column / 8 + 1) * 8)
        case 0x0A: down()
        case 0x0D: column = 0
        case 0x0E, 0x0F: break  // the other character set and back, as a vt100 has it
        case 0x20..<0x7F: put(String(UnicodeScalar(byte)))
        case 0xC2...0xF4:
            sequence = [byte]
            state = .scalar(byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3)
        default: foreign.append("byte \(byte)")
        }
    }

    private mutating func feedEscape(_ byte: UInt8) {
        state = .text
        switch byte {
        case UInt8(ascii: "["): (state, sequence) = (.control, [])
        case UInt8(ascii: "]"): (state, sequence) = (.system, [])
        case UInt8(ascii: "("), UInt8(ascii: ")"): state = .charset
        case UInt8(ascii: "="), UInt8(ascii: ">"): break  // keypad
        case UInt8(ascii: "7"): saved = (row, column)
        case UInt8(ascii: "8"): (row, column) = saved
        case UInt8(ascii: "M"): if row == region.lowerBound { scroll(by: -1) } else { row = max(0, row - 1) }
        default: foreign.append("ESC \(Character(UnicodeScalar(byte)))")
        }
    }

    private mutating func system() {
        state = .text
        let text = String(decoding: sequence, as: UTF8.self)
        if text.hasPrefix("2;") {
            title = String(text.dropFirst(2))
        } else if text == "11;?" {
            groundQuestions += 1
        } else if text.hasPrefix("52;c;") || text.hasPrefix("52;;") {
            // Without a letter it is the terminal's own choice: tmux writes it so.
            clipboard.append(String(text.split(separator: ";", omittingEmptySubsequences: false)[2]))
        } else if text.hasPrefix("8;"), let start = text.dropFirst(2).firstIndex(of: ";") {
            let address = String(text[text.index(after: start)...])
            if !address.isEmpty, !links.contains(address) { links.append(address) }
        } else {
            foreign.append("OSC \(text)")
        }
    }

    private mutating func put(_ text: String) {
        for scalar in text.unicodeScalars {
            if (0x80...0x9F).contains(scalar.value) || Self.isDirection(scalar) || scalar.value == 0xFFFD {
                foreign.append("U+" + String(scalar.value, radix: 16, uppercase: true))
            }
            let width = Self.width(scalar)
            if width == 0 {
                if column > 0 { cells[row][column - 1].unicodeScalars.append(scalar) }
                continue
            }
            if column + width > columns {
                column = 0
                down()
            }
            guard column + width <= columns else { continue }
            last = String(scalar)
            cells[row][column] = last
            if width == 2 { cells[row][column + 1] = "" }
            column += width
        }
    }

    private static func width(_ scalar: UnicodeScalar) -> Int {
        switch scalar.value {
        case 0x300...0x36F, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFE0F: 0
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFF00...0xFF60, 0x1F300...0x1FAFF: 2
        default: 1
        }
    }

    private static func isDirection(_ scalar: UnicodeScalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private mutating func down() {
        if row == region.upperBound { scroll(by: 1) } else { row = min(rows - 1, row + 1) }
    }

    private mutating func scroll(by count: Int, from top: Int? = nil) {
        let region = (top ?? self.region.lowerBound)...max(top ?? 0, self.region.upperBound)
        let height = region.count
        let kept = cells[region]
        for offset in 0..<height {
            let source = offset + count
            cells[region.lowerBound + offset] =
                source >= 0 && source < height
                ? kept[kept.startIndex + source] : [String](repeating: " ", count: columns)
        }
    }

    private mutating func control() {
        let final = sequence.removeLast()
        let text = String(decoding: sequence, as: UTF8.self)
        let isPrivate = text.hasPrefix("?")
        let numbers = text.drop { $0 == "?" }.split(separator: ";", omittingEmptySubsequences: false).map {
            Int($0) ?? 0
        }
        let first = numbers.first ?? 0
        let count = max(1, first)
        // 4l: overwrite, do not insert.
        let known = isPrivate ? "hl" : "mHABCDGdJKXP@LMSTrbt" + (text == "4" ? "l" : text == "8" ? "hl" : "")
        guard text.allSatisfy({ $0.isNumber || $0 == ";" || $0 == "?" }), known.utf8.contains(final) else {
            foreign.append("CSI \(text)\(Character(UnicodeScalar(final)))")
            return
        }
        switch Character(UnicodeScalar(final)) {
        case "h": if isPrivate { modes.formUnion(numbers) } else { ordersText = true }
        case "l": if isPrivate { modes.subtract(numbers) } else if text == "8" { ordersText = false }
        case "H":
            (row, column) = (clamp(count - 1, rows), clamp((numbers.count > 1 ? max(1, numbers[1]) : 1) - 1, columns))
        case "A": row = max(0, row - count)
        case "B": row = min(rows - 1, row + count)
        case "C": column = min(columns - 1, column + count)
        case "D": column = max(0, min(columns - 1, column) - count)
        case "G": column = clamp(count - 1, columns)
        case "d": row = clamp(count - 1, rows)
        case "J": erase(first == 2 ? 0 : row * columns + column, first == 1 ? row * columns + column : rows * columns)
        case "K": erase(row * columns + (first == 0 ? column : 0), row * columns + (first == 1 ? column : columns))
        case "X": erase(row * columns + column, row * columns + min(columns, column + count))
        case "P": cells[row] = Array(cells[row][..<column] + cells[row][column...].dropFirst(count)).padded(to: columns)
        case "@":
            let blanks = [String](repeating: " ", count: count)
            cells[row] = Array((cells[row][..<column] + blanks + cells[row][column...]).prefix(columns))
        case "L": scroll(by: -count, from: row)
        case "M": scroll(by: count, from: row)
        case "S": scroll(by: count)
        case "T": scroll(by: -count)
        case "r":
            let bottom = numbers.count > 1 ? numbers[1] : rows
            region = clamp(count - 1, rows)...max(clamp(count - 1, rows), clamp(bottom - 1, rows))
            (row, column) = (0, 0)
        case "b": for _ in 0..<min(count, columns) { put(last) }
        case "t": if first != 22 && first != 23 { foreign.append("CSI \(text)t") }
        default: break  // colours
        }
    }

    private func clamp(_ value: Int, _ count: Int) -> Int { max(0, min(value, count - 1)) }

    private mutating func erase(_ from: Int, _ to: Int) {
        for position in from..<max(from, to) where position < rows * columns {
            cells[position / columns][position % columns] = " "
        }
    }
}

extension String {
    /// Without the blanks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension [String] {
    fileprivate func padded(to count: Int) -> [String] { self + [String](repeating: " ", count: count - self.count) }
}
