import Glibc

/// Lines from standard input as they come. What is read ahead is bounded.
struct LineReader {
    enum Line: Equatable {
        case text(String)
        case notUTF8
        /// Longer than what can be sent in parts; nothing of it is kept.
        case tooLong
    }

    static let longestLine = 1 << 20
    private static let mostAhead = 1 << 20

    private var bytes: [UInt8] = []
    private var isTooLong = false
    private var lines: ArraySlice<Line> = []
    private var size = 0
    /// The number of the line that `next` gave last.
    private(set) var number = 0
    private(set) var isAtEnd = false

    init() {}

    /// Whether there is something to be had without a look at standard input.
    var hasLines: Bool { !lines.isEmpty }
    /// Whether more is to be read now.
    var wantsMore: Bool { !isAtEnd && size < Self.mostAhead }
    var isOver: Bool { isAtEnd && lines.isEmpty }
    var lineCount: Int { lines.count }

    mutating func next() -> Line? {
        guard let line = lines.popFirst() else { return nil }
        number += 1
        if case .text(let text) = line { size -= text.utf8.count }
        return line
    }

    /// Reads what can be had without waiting, when there is something to be had.
    mutating func fill() {
        guard wantsMore else { return }
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        let count = Glibc.read(0, &part, part.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        add(part[..<max(0, count)])
    }

    /// - Parameter part: empty at the end of the input.
    mutating func add(_ part: ArraySlice<UInt8>) {
        guard !part.isEmpty else {
            isAtEnd = true
            if !bytes.isEmpty || isTooLong { endLine() }
            return
        }
        for byte in part {
            if byte == UInt8(ascii: "\n") {
                endLine()
            } else if bytes.count < Self.longestLine {
                bytes.append(byte)
            } else {
                isTooLong = true
            }
        }
    }

    private mutating func endLine() {
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if isTooLong {
            lines.append(.tooLong)
        } else if let text = String(validating: bytes, as: UTF8.self) {
            size += text.utf8.count
            lines.append(.text(text))
        } else {
            lines.append(.notUTF8)
        }
        bytes = []
        isTooLong = false
    }
}
