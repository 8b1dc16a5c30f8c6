import Testing

@testable import parley

@Suite("lines of standard input")
struct LineReaderTests {
    private func lines(_ parts: [UInt8]...) -> [LineReader.Line] {
        var reader = LineReader()
        for part in parts { reader.add(part[...]) }
        reader.add([])
        var lines: [LineReader.Line] = []
        while let line = reader.next() { lines.append(line) }
        return lines
    }

    @Test("lines end with a line feed, and with a carriage return before it, and the last needs neither")
    func ends() {
        #expect(lines(Array("a\r\nb".utf8), Array("c\n\nd".utf8)) == [.text("a"), .text("bc"), .text(""), .text("d")])
    }

    @Test("a line that is not UTF-8, or too long, is named and not repaired or cut")
    func problems() {
        #expect(lines([0x61, 0xFF, 0x0A, 0x62]) == [.notUTF8, .text("b")])
        let long = [UInt8](repeating: 0x78, count: LineReader.longestLine)
        #expect(lines(long, [0x0A]) == [.text(String(repeating: "x", count: LineReader.longestLine))])
        #expect(lines(long, [0x78, 0x0A, 0x79]) == [.tooLong, .text("y")])
    }
}
