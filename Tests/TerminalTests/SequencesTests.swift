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

    @Test("copied text travels through GNU screen in envelopes that it takes, and arrives whole")
    func copyThroughScreen() {
        let text = String(repeating: "한 text ", count: 500)
        let facts = TerminalFacts(term: "screen", environment: ["STY": "1.pts"])
        var pieces = Terminal.copySequence(text, facts: facts).split(
            separator: "\u{1B}\\", omittingEmptySubsequences: false)
        #expect(pieces.removeLast() == "")
        #expect(pieces.allSatisfy { $0.hasPrefix("\u{1B}P") && $0.utf8.count <= 202 })
        #expect(
            pieces.map { String($0.dropFirst(2)) }.joined()
                == Terminal.copySequence(text, facts: TerminalFacts(term: "xterm")))
    }

    @Test(
        "a notification is asked for as the terminal wants it, through tmux and screen in an envelope",
        arguments: [
            (Terminal.Notification.osc9, "plain", "\u{1B}]9;parley: bob: any news?\u{7}"),
            (.osc777, "plain", "\u{1B}]777;notify;bob;any news?\u{7}"),
            (.off, "plain", ""),
            (.osc9, "tmux", "\u{1B}Ptmux;\u{1B}\u{1B}]9;parley: bob: any news?\u{7}\u{1B}\\"),
            (.osc777, "tmux", "\u{1B}Ptmux;\u{1B}\u{1B}]777;notify;bob;any news?\u{7}\u{1B}\\"),
            (.off, "tmux", ""),
            (.osc9, "screen", "\u{1B}P\u{1B}]9;parley: bob: any news?\u{7}\u{1B}\\"),
            (.osc777, "screen", "\u{1B}P\u{1B}]777;notify;bob;any news?\u{7}\u{1B}\\"),
            (.off, "screen", ""),
        ])
    func notify(kind: Terminal.Notification, inside: String, bytes: String) {
        let facts = TerminalFacts(
            term: "xterm", environment: inside == "tmux" ? ["TMUX": "x"] : inside == "screen" ? ["STY": "x"] : [:])
        #expect(Terminal.notifySequence("bob", "any news?", kind, facts: facts) == bytes)
    }

    @Test("what others wrote cannot end a notification or begin another sequence")
    func hostileNotify() {
        let hostile = "a;b\u{7}\u{1B}]0;x\u{9C}\u{1B}\\\n\u{202E}" + String(repeating: "y", count: 5_000)
        for kind in [Terminal.Notification.osc9, .osc777] {
            let bytes = Terminal.notifySequence(hostile, hostile, kind, facts: TerminalFacts(term: "xterm"))
            #expect(bytes.unicodeScalars.filter { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }.count == 2)
            #expect(!bytes.unicodeScalars.contains("\u{202E}"))
            #expect(bytes.count { $0 == ";" } == (kind == .osc9 ? 1 : 3))
            #expect(bytes.utf8.count < 700)
        }
    }

    @Test(
        "which notification a terminal takes goes by its name",
        arguments: [
            ("xterm-256color", "iTerm.app", false, Terminal.Notification.osc9), ("xterm-kitty", "", false, .osc9),
            ("foot", "", false, .osc777), ("xterm-256color", "vte", false, .osc777),
            ("rxvt-unicode-256color", "", false, .osc777), ("xterm-256color", "", false, .off),
            ("screen-256color", "tmux", true, .osc9), ("screen-256color", "", true, .osc9),
        ])
    func whichNotification(term: String, program: String, isInside: Bool, kind: Terminal.Notification) {
        // Only names that this computer's terminal database knows.
        let known = TerminalFacts(term: term).isANSI ? term : "xterm"
        let facts = TerminalFacts(
            term: known,
            environment: ["TERM_PROGRAM": program.isEmpty ? term : program].merging(isInside ? ["TMUX": "x"] : [:]) {
                $1
            })
        #expect(facts.notification == kind)
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
