import Testing

@testable import Terminal

@Suite("the terminal's own widths")
struct WidthProbeTests {
    private func columns(_ answer: String) -> [Int] { WidthProbe.columns(in: Array(answer.utf8)) }

    @Test("are the columns before the cursor, report by report")
    func reports() {
        #expect(columns("\u{1B}[12;3R") == [2])
        #expect(columns("\u{1B}[1;2R\u{1B}[1;3R\u{1B}[24;1R") == [1, 2, 0])
    }

    @Test("are found between keys, and not in what is no report")
    func noise() {
        #expect(columns("abc\u{1B}[A\u{1B}[7;4Rx\u{1B}[Z") == [3])
        #expect(columns("\u{1B}[1;R\u{1B}[;2R[1;2R\u{1B}[1;2\u{1B}[I\u{1B}[1;2;3R\u{1B}[-1;-2R") == [])
        #expect(columns("\u{1B}[1;99999999999999999999R\u{1B}[999999;1R") == [])
        #expect(columns("\u{1B}[0;0R") == [0])
        #expect(WidthProbe.columns(in: [0xFF, 0x1B, 0x5B, 0x31, 0x3B, 0x35, 0x52, 0xC3]) == [4])
    }
}
