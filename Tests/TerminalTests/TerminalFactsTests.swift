import Screen
import Terminal
import Testing

@Suite("what a terminal can do", .serialized)
struct TerminalFactsTests {
    static let wrong: [(String, TerminalError)] = [
        ("", .unset), ("dumb", .tooSimple("dumb")), ("no-such-terminal", .unknown("no-such-terminal")),
        ("../../etc/passwd", .unknown("../../etc/passwd")), ("a\u{1B}[31m", .unknown("a^[[31m")),
        (String(repeating: "x", count: 99), .unknown(String(repeating: "x", count: 60))),
    ]

    @Test("a terminal that cannot be used is an error with a way out, and nothing is touched", arguments: wrong)
    func unusable(term: String, expected: TerminalError) {
        let facts = TerminalFacts(term: term)
        #expect(facts.problem == expected)
        #expect(facts.isDumb)
        #expect(throws: expected) { try Terminal(facts: facts) }
        #expect(expected.description.contains("--linear"))
        #expect(!expected.description.contains("\u{1B}"))
    }

    @Test("standard input or output that is no terminal is named")
    func redirected() throws {
        let input = TerminalFacts(term: "xterm", isInputTerminal: false)
        #expect(input.problem == .notATerminal(stream: "standard input"))
        #expect(!input.isDumb)
        let output = TerminalFacts(term: "xterm", isOutputTerminal: false)
        #expect(output.problem == .notATerminal(stream: "standard output"))
        #expect(TerminalFacts(term: "dumb", isInputTerminal: false).isDumb)
        #expect(throws: TerminalError.notATerminal(stream: "standard output")) { try Terminal(facts: output) }
    }

    @Test(
        "known terminals tell their colours, titles and sequences",
        arguments: [
            ("xterm-256color", Theme.Depth.twoHundredFiftySix, true, true), ("xterm", .eight, true, true),
            ("screen", .eight, true, true), ("linux", .eight, false, true), ("vt100", .monochrome, false, true),
            ("vt52", .monochrome, false, false),
        ])
    func known(term: String, depth: Theme.Depth, canTitle: Bool, isANSI: Bool) {
        let facts = TerminalFacts(term: term)
        #expect(facts.problem == nil)
        #expect(facts.depth == depth)
        #expect(facts.canTitle == canTitle)
        #expect(facts.isANSI == isANSI)
    }

    @Test("NO_COLOR takes the colours away")
    func noColor() {
        #expect(TerminalFacts(term: "xterm-256color", isColorUnwanted: true).depth == .monochrome)
    }

    @Test("without a UTF-8 locale the signs are ASCII")
    func ascii() {
        #expect(TerminalFacts(term: "xterm", isUTF8: false).glyphs == .ascii)
        #expect(TerminalFacts(term: "xterm", isUTF8: true).glyphs == .unicode)
    }
}
