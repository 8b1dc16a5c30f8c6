import Glibc
import Synchronization
import Terminal

/// One line on stderr that says how far something is; only on a terminal.
final class Progress: Sendable {
    private let what: String
    private let isShown: Bool
    private let began = Now.uptime
    /// Nil while nothing of it is on the screen.
    private let shownAt = Mutex<Duration?>(nil)

    /// - Parameter isShown: false where something else is printed on the same terminal meanwhile.
    init(_ what: String, isShown: Bool = true) {
        self.what = what
        self.isShown = isShown && isatty(2) == 1
    }

    func note(_ count: Int, of total: Int) {
        guard isShown else { return }
        let now = Now.uptime
        let isDue = shownAt.withLock { shownAt in
            guard count == total || now - (shownAt ?? .zero) > .milliseconds(100) else { return false }
            shownAt = now
            return true
        }
        if isDue { Output.prompt("\r\(Self.text(what, count, of: total, after: now - began))\u{1B}[K") }
    }

    /// `exporting 120000 of 1000000, 45000/s, 20 s left`.
    static func text(_ what: String, _ count: Int, of total: Int, after time: Duration) -> String {
        let seconds = time / .seconds(1)
        let text = "\(what) \(count) of \(total)"
        // The first moments tell nothing.
        guard seconds >= 0.5, count > 0 else { return text }
        let rate = Double(count) / seconds
        let left = Int((Double(max(0, total - count)) / rate).rounded(.up))
        let shownRate = rate >= 10 ? String(Int(rate)) : String(Int(rate * 10)).decimal
        return "\(text), \(shownRate)/s, \(span(left)) left"
    }

    private static func span(_ seconds: Int) -> String {
        seconds < 120 ? "\(seconds) s" : seconds < 7_200 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
    }

    /// Leaves nothing of it on the screen.
    func end() {
        let wasShown = shownAt.withLock { shownAt in
            defer { shownAt = nil }
            return shownAt != nil
        }
        if wasShown { Output.prompt("\r\u{1B}[K") }
    }
}

/// Ctrl-C and the like, for a verb that ends in order: what is begun is taken back, or is whole.
enum Interruption {
    static func watch() { Waker.catchSignals() }

    static var hasCome: Bool { Waker.quitSignal != nil }

    static func check() throws(Failure) {
        if let signal = Waker.quitSignal { throw .stopped(by: signal) }
    }
}

extension String {
    /// Tenths, with their point.
    fileprivate var decimal: String { (count < 2 ? "0" : String(dropLast())) + "." + suffix(1) }
}
