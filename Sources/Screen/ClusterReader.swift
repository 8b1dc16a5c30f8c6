/// Cuts text into what a person sees as characters, and each of them into cells that are safe to draw.
///
/// One base and at most four marks make a cell. An emoji of several people or with a skin tone is its first part,
/// because ncurses counts each part's columns while terminals join them. Joiners and variation selectors are left out,
/// a zero-width scalar with nothing before it likewise. Two regional indicators are one flag of two columns.
/// Hostile scalars become visible marks; see `Printable`.
struct ClusterReader {
    private let bytes: UnsafeBufferPointer<UInt8>

    /// Where the current character begins and where the next one will, in UTF-8 bytes from the start of the text.
    private(set) var start = 0
    private(set) var end = 0
    /// The columns of the current character, 0 if nothing of it is shown.
    private(set) var columns = 0
    /// The cells of the current character; unused while `isSingle`.
    private(set) var cells: [Cell] = []
    private(set) var single = Cell.blank
    private(set) var isSingle = true
    /// How many scalars were looked at so far where characters may have several: never more than a small multiple of
    /// those in the text.
    private(set) var steps = 0

    /// Runs `body` with a reader over `text`; the reader must not leave it.
    static func read<Result>(_ text: Substring, _ body: (inout ClusterReader) -> Result) -> Result {
        let result = text.utf8.withContiguousStorageIfAvailable { bytes in
            var reader = ClusterReader(bytes: bytes)
            return body(&reader)
        }
        if let result { return result }
        var copy = String(text)
        return copy.withUTF8 { bytes in
            var reader = ClusterReader(bytes: bytes)
            return body(&reader)
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The current character's first byte.
    var firstByte: UInt8 { bytes[start] }

    /// Whether the current character is a line break.
    var isNewline: Bool { firstByte == 0x0A || (firstByte == 0x0D && end == start + 2) }

    var isTab: Bool { end == start + 1 && firstByte == 0x09 }

    /// Whether the current character is a blank or a tab and nothing more.
    var isBlank: Bool { end == start + 1 && (firstByte == 0x20 || firstByte == 0x09) }

    /// Goes to the next character; false at the end.
    @inline(__always)
    mutating func next() -> Bool {
        start = end
        guard start < bytes.count else { return false }
        let byte = bytes[start]
        if byte >= 0x20, byte < 0x7F, start + 1 == bytes.count || bytes[start + 1] < 0x80 {
            setSingle(Cell(base: UInt32(byte), columns: 1), end: start + 1)
            return true
        }
        return nextBeyondASCII()
    }

    private mutating func nextBeyondASCII() -> Bool {
        let (scalar, length) = scalar(at: start)
        let width = CharacterClass.simpleColumns(scalar)
        if width > 0, isSimpleBoundary(at: start + length) {
            setSingle(Cell(base: scalar, columns: width), end: start + length)
            return true
        }
        readSlowly()
        return true
    }

    private mutating func setSingle(_ cell: Cell, end: Int) {
        single = cell
        isSingle = true
        columns = cell.columns
        self.end = end
    }

    private func isSimpleBoundary(at offset: Int) -> Bool {
        offset == bytes.count || CharacterClass.simpleColumns(scalar(at: offset).value) > 0
    }

    /// The scalar at `offset`; the bytes are those of a `String` and therefore valid.
    private func scalar(at offset: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(bytes[offset])
        func rest(_ distance: Int) -> UInt32 {
            offset + distance < bytes.count ? UInt32(bytes[offset + distance] & 0x3F) : 0
        }
        if first < 0x80 { return (first, 1) }
        if first < 0xE0 { return ((first & 0x1F) << 6 | rest(1), 2) }
        if first < 0xF0 { return ((first & 0x0F) << 12 | rest(1) << 6 | rest(2), 3) }
        return ((first & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3), 4)
    }

    /// Reads forward only, as the standard library breaks text into characters. `String.index(after:)` would step back to
    /// the start of a row of flags from each of them.
    private mutating func readSlowly() {
        isSingle = false
        cells.removeAll(keepingCapacity: true)
        var isJoined = false
        var recognizer = Unicode._CharacterRecognizer()
        end = start
        while end < bytes.count {
            let (value, length) = scalar(at: end)
            steps += 1
            if recognizer.hasBreak(before: Unicode.Scalar(value) ?? "\u{FFFD}"), end > start { break }
            end += length
            add(value, isJoined: &isJoined)
        }
        columns = cells.reduce(0) { $0 + $1.columns }
    }

    /// How many scalars of a character follow its base in text that is no cell: those of any language, and no flood.
    private static let mostExtending = 30

    /// Writes the current character as it was written, as far as that is harmless.
    func writePrintable(to text: inout String) {
        var base: UInt32?
        var extending = 0
        var offset = start
        while offset < end {
            let (scalar, length) = scalar(at: offset)
            offset += length
            switch CharacterClass(scalar) {
            case .control, .marked:
                for cell in cells { cell.write(to: &text) }
                return
            case .dropped:
                guard let base, CharacterClass.isExtending(scalar, base) else { continue }
                extending += 1
            case .combining:
                guard base != nil else { continue }
                extending += 1
            case .narrow, .wide:
                if base == nil { base = scalar }
            }
            if extending <= Self.mostExtending, let scalar = Unicode.Scalar(scalar) {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private mutating func add(_ scalar: UInt32, isJoined: inout Bool) {
        switch CharacterClass(scalar) {
        case .control:
            if scalar == 0x09 {
                for _ in 0..<Printable.tabColumns { cells.append(.blank) }
            } else {
                append("^")
                cells.append(Cell(base: scalar ^ 0x40, columns: 1))
            }
        case .marked:
            append("<U+")
            let digits = String(scalar, radix: 16, uppercase: true)
            append(String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits)
            append(">")
        case .dropped:
            if scalar == 0x200D, let last = cells.last, CharacterClass.isPictograph(last.base) { isJoined = true }
        case .combining:
            guard !cells.isEmpty else { return }
            cells[cells.count - 1].add(mark: scalar)
        case .narrow:
            addBase(scalar, columns: 1, isJoined: &isJoined)
        case .wide:
            addBase(scalar, columns: 2, isJoined: &isJoined)
        }
    }

    private mutating func addBase(_ scalar: UInt32, columns: Int, isJoined: inout Bool) {
        if isJoined {
            isJoined = false
            return
        }
        if let last = cells.last {
            if CharacterClass.isSkinTone(scalar), CharacterClass.isPictograph(last.base) { return }
            if CharacterClass.isRegionalIndicator(scalar), CharacterClass.isRegionalIndicator(last.base), !last.isFlag {
                var flag = Cell(base: last.base, columns: 2)
                flag.add(mark: scalar)
                cells[cells.count - 1] = flag
                return
            }
        }
        cells.append(Cell(base: scalar, columns: columns))
    }

    private mutating func append(_ ascii: String) {
        for byte in ascii.utf8 { cells.append(Cell(base: UInt32(byte), columns: 1)) }
    }
}
