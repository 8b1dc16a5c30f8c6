import CTerminal
import Screen
import Testing

@testable import Terminal

@Suite("what is written beside the screen, and what wakes", .serialized)
struct SequencesTests {
    @Test("a title holds no control character and ends where it should")
    func title() {
        #expect(Terminal.titleSequence("(7) parley") == "\u{1B}]2;(7) parley\u{7}")
        #expect(Terminal.titleSequence("a\u{7}\u{1B}]0;b\u{9C}\n") == "\u{1B}]2;a^G^[]0;b<U+009C>^J\u{7}")
        #expect(Terminal.titleSequence(String(repeating: "한", count: 500)).unicodeScalars.count == 60 + 5)
    }

    @Test(
        "copied text travels in base 64, through tmux in an envelope",
        arguments: [
            ("", ""), ("h", "aA=="), ("hi", "aGk="), ("hi!", "aGkh"), ("한\u{1B}", "7ZWcGw=="),
        ])
    func copy(text: String, encoded: String) {
        let plain = TerminalFacts(term: "xterm")
        #expect(Terminal.copySequence(text, facts: plain) == "\u{1B}]52;c;\(encoded)\u{7}")
        let tmux = TerminalFacts(term: "screen", environment: ["TMUX": "/tmp/tmux"])
        #expect(
            Terminal.copySequence(text, facts: tmux) == "\u{1B}Ptmux;\u{1B}\u{1B}]52;c;\(encoded)\u{7}\u{1B}\\")
    }

    @Test("a text of any length is cut to what terminals take")
    func longCopy() {
        let long = String(repeating: "x", count: 1_000_000)
        #expect(Terminal.copySequence(long, facts: TerminalFacts(term: "xterm")).utf8.count < 100_010)
    }

    @Test("a wake-up from another thread ends the wait, once however often it was called")
    func wake() async {
        // The first wait makes the descriptor that later calls write to.
        #expect(Waker.wait(input: -1, until: .zero) == [])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { Waker.wake() } }
        }
        #expect(Waker.wait(input: -1, until: Terminal.now + .seconds(30)).contains(.woken))
        #expect(Waker.wait(input: -1, until: Terminal.now + .milliseconds(1)) == [])
        #expect(Waker.wait(input: -1, until: Terminal.now - .seconds(5)) == [])
    }

    @Test("the end of the input is told, and a closed descriptor does not spin")
    func closed() {
        #expect(Waker.wait(input: 1 << 28, until: nil).contains(.closed))
    }

    @Test("every character the C library knows has the columns the screen counts")
    func widths() {
        guard ct_use_locale() else { return }
        var disagreeing: [String] = []
        for value in UInt32(0x20)...0x1_FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let theirs = Int(ct_width(value))
            guard theirs > 0 else { continue }
            let ours = TextWidth.of(String(scalar))
            // What is left out or shown as a code never reaches the C library.
            let shown = Printable.line(String(scalar))
            if shown == String(scalar), ours != theirs { disagreeing.append(String(value, radix: 16)) }
        }
        #expect(disagreeing.isEmpty)
    }
}
