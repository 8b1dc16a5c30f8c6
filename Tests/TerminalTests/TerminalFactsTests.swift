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
        #expect(TerminalFacts(term: "xterm-256color", environment: ["NO_COLOR": "1"]).depth == .monochrome)
    }

    @Test(
        "COLORFGBG tells what the text stands on",
        arguments: [
            ("15;0", Ground.dark), ("0;15", .light), ("0;default;15", .light), ("7;8", .dark), ("0;7", .light),
            ("0;default", nil), ("", nil), ("x", nil), ("1;99", nil),
        ] as [(String, Ground?)])
    func ground(variable: String, ground: Ground?) {
        #expect(TerminalFacts(term: "xterm", environment: ["COLORFGBG": variable]).ground == ground)
    }

    @Test(
        "links are made where the terminal is known to have them",
        arguments: [
            ("xterm-256color", [:], false), ("xterm-256color", ["VTE_VERSION": "7006"], true),
            ("xterm-256color", ["VTE_VERSION": "4900"], false), ("xterm-256color", ["KITTY_WINDOW_ID": "1"], true),
            ("linux", [:], false),
            ("xterm-256color", ["TERM_PROGRAM": "iTerm.app"], true), ("screen", ["VTE_VERSION": "7006"], false),
            ("tmux-256color", ["TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"], false),
            ("tmux-256color", ["TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"], true),
            ("screen-256color", ["TMUX": "x", "VTE_VERSION": "7006"], false),
        ] as [(String, [String: String], Bool)])
    func links(term: String, environment: [String: String], expected: Bool) {
        #expect(TerminalFacts(term: term, environment: environment).canLink == expected)
    }

    @Test("the background is asked for where the question is understood")
    func question() {
        #expect(TerminalFacts(term: "xterm").canAskGround)
        #expect(!TerminalFacts(term: "linux").canAskGround)
        #expect(!TerminalFacts(term: "screen-256color").canAskGround)
        #expect(TerminalFacts(term: "screen-256color", environment: ["TMUX": "x"]).canAskGround)
    }

    @Test("without a UTF-8 locale the signs are ASCII")
    func ascii() {
        #expect(TerminalFacts(term: "xterm", isUTF8: false).glyphs == .ascii)
        #expect(TerminalFacts(term: "xterm", isUTF8: true).glyphs == .unicode)
    }
}
