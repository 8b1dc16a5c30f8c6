internal import CTerminal
internal import Glibc

/// Asks the terminal how far its cursor goes for a text: the text is written, the cursor asked for, the line wiped.
package enum WidthProbe {
    /// The columns each of `texts` takes; nil where the terminal does not say so in time, or is not ours to ask.
    package static func columns(of texts: [String], within patience: Duration = .milliseconds(500)) -> [Int]? {
        guard isatty(1) == 1, tcgetpgrp(0) == getpgrp(), let raw = RawMode() else { return nil }
        defer { raw.leave() }
        var question = texts.map { "\r\($0)\u{1B}[6n" }.joined() + "\r\u{1B}[K"
        question.withUTF8 { _ = ct_write(1, $0.baseAddress, $0.count) }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 256)
        let end = Terminal.now + patience
        while columns(in: answer).count < texts.count {
            let reasons = Waker.wait(input: 0, until: end)
            guard !reasons.contains(.quit), !reasons.contains(.closed), Terminal.now < end else { return nil }
            let count = reasons.contains(.input) ? ct_read(0, &part, part.count) : 0
            answer += part.prefix(max(0, count))
            // Whoever types meanwhile is not answered to, and is not to fill the memory.
            guard answer.count < 4_096 else { return nil }
        }
        return columns(in: answer)
    }

    /// The columns before the cursor in reports of the form `ESC [ row ; column R`, whatever stands between them.
    static func columns(in answer: [UInt8]) -> [Int] {
        String(decoding: answer, as: UTF8.self).matches(of: #/\x{1B}\[[0-9]{1,5};([0-9]{1,5})R/#).compactMap {
            Int($0.output.1).map { max(0, $0 - 1) }
        }
    }
}
