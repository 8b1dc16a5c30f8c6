import Screen

/// The input as rows on the screen.
struct InputRows: Equatable {
    let text: String
    let rows: [Substring]
    /// Where the cursor stands, by row and column, counted in the order of the text.
    let cursor: Position
    /// The bytes of its row before it.
    let bytesBefore: Int
    /// How many bytes of `text` stand before the cursor.
    let before: Int

    /// Of a text of more bytes than this only the part around the cursor is laid out, so that a key stays a key.
    static let most = 16_000

    init(_ line: InputLine, width: Int) {
        let width = max(1, width)
        var start = line.before[...]
        var tail = line.after[...]
        if Self.isLarge(line) {
            start = Self.end(of: line.before)
            if start.startIndex > line.before.startIndex, let end = start.firstIndex(of: "\n") {
                start = start[start.index(after: end)...]
            }
            tail = Self.beginning(of: line.after)
        }
        text = String(start + tail)
        before = start.utf8.count
        let rows = TextWrap.fold(text, width)
        let head = TextWrap.fold(String(start), width)
        var row = head.count - 1
        var column = head.last.map(TextWidth.of) ?? 0
        let isBroken = column >= width
        if isBroken {
            row += 1
            column = 0
        }
        bytesBefore = isBroken ? 0 : head.last?.utf8.count ?? 0
        self.rows = row >= rows.count ? rows + [text.suffix(0)] : rows
        cursor = Position(column: column, row: row)
    }

    static func isLarge(_ line: InputLine) -> Bool { line.before.utf8.count + line.after.utf8.count > most }

    /// The last whole characters of a text, as many as half of what is laid out.
    private static func end(of text: String) -> Substring {
        guard text.utf8.count > most / 2 else { return text[...] }
        return text[text.index(after: text.utf8.index(text.endIndex, offsetBy: -most / 2))...]
    }

    private static func beginning(of text: String) -> Substring {
        guard text.utf8.count > most / 2 else { return text[...] }
        return text[..<text.index(before: text.index(after: text.utf8.index(text.startIndex, offsetBy: most / 2)))]
    }

    /// How many bytes stand before a place in a row.
    func bytes(before column: Int, inRow row: Int) -> Int {
        let kept = TextWidth.prefix(rows[row], columns: column)
        return text.utf8.distance(from: text.startIndex, to: kept.endIndex)
    }
}

extension InputLine {
    /// Moves one row up or down at about the same column; false where there is no such row.
    mutating func moveRow(by step: Int, width: Int) -> Bool {
        let shown = InputRows(self, width: width)
        let target = shown.cursor.row + step
        guard shown.rows.indices.contains(target) else { return false }
        move(bytes: shown.bytes(before: shown.cursor.column, inRow: target) - shown.before)
        return true
    }

    /// The most messages one text is sent as.
    static let maxParts = 20

    /// A text as messages of a length that is taken, parted where a line ends, or a word.
    static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var rest = text[...]
        while !rest.isEmpty, parts.count <= maxParts {
            let length = partBytes(rest)
            // One character longer than any message may be.
            guard length > 0 else { return parts + [String(rest)] }
            let end = rest.utf8.index(rest.startIndex, offsetBy: length)
            parts.append(UIState.trimmed(String(rest[..<end])))
            rest = rest[end...].drop(while: \.isWhitespace)
        }
        return parts.filter { !$0.isEmpty }
    }

    /// How many bytes of a text go into one message: all, or up to where a line ends, a word, or a character.
    private static func partBytes(_ text: Substring) -> Int {
        var recognizer = Unicode._CharacterRecognizer()
        var character = 0
        var lineEnd: Int?
        var blank: Int?
        var scalars = 0
        var bytes = 0
        for scalar in text.unicodeScalars {
            if recognizer.hasBreak(before: scalar) {
                character = bytes
                if ["\n", "\r"].contains(scalar) {
                    lineEnd = bytes
                } else if scalar.properties.isWhitespace {
                    blank = bytes
                }
            }
            scalars += 1
            bytes += scalar.utf8.count
            guard scalars <= maxScalars, bytes <= maxBytes else { return lineEnd ?? blank ?? character }
        }
        return bytes
    }

    /// Why this text cannot be one message; nil where it can.
    static func refusal(of text: String) -> String? {
        let scalars = text.unicodeScalars.count
        let bytes = text.utf8.count
        if scalars > maxScalars {
            return "this text has \(scalars) characters and a message at most \(maxScalars); send it in parts"
        }
        if bytes > maxBytes {
            return "this text has \(bytes) bytes and a message at most \(maxBytes); send it in parts"
        }
        return nil
    }
}
