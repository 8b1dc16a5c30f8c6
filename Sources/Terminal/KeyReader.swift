internal import CTerminal
internal import Glibc
package import Screen

/// The keyboard without a screen: what the terminal sends, key by key.
///
/// The terminal is raw while it lives and given back by `leave`.
package final class KeyReader {
    /// A key, and the bytes it came as; no key where the bytes mean none.
    package struct Press: Equatable, Sendable {
        package let key: Key?
        package let bytes: [UInt8]
    }

    private var raw: RawMode?
    private var decoder: KeyDecoder
    private var bytes: [UInt8] = []
    private var ready: [Press] = []
    private static let modes = "\u{1B}[?2004h\u{1B}[?1004h"
    private static let modesBack = "\u{1B}[?2004l\u{1B}[?1004l"

    package init(_ settings: KeyDecoder.Settings) throws(TerminalError) {
        decoder = KeyDecoder(settings: settings)
        raw = RawMode()
        guard raw != nil else { throw .notATerminal(stream: "standard input") }
        write(Self.modes)
    }

    package func leave() {
        guard let raw else { return }
        self.raw = nil
        write(Self.modesBack)
        raw.leave()
    }

    /// Waits for the next key; nil when the input has ended or a signal asks to end.
    package func next() -> Press? {
        while ready.isEmpty {
            let reasons = Waker.wait(input: 0, until: decoder.deadline)
            if reasons.contains(.quit) || reasons.contains(.closed) { return nil }
            let now = Terminal.now
            take(decoder.tick(now: now))
            guard reasons.contains(.input) else { continue }
            var part = [UInt8](repeating: 0, count: 1)
            while ready.isEmpty {
                let count = ct_read(0, &part, 1)
                guard count >= 0 else { return nil }
                guard count > 0 else { break }
                bytes.append(part[0])
                take(decoder.feed(part, now: now))
                // One byte at a time, so that each key has its own.
                var more = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                guard poll(&more, 1, 0) > 0 else { break }
            }
        }
        return ready.removeFirst()
    }

    private func take(_ keys: [Key]) {
        let isDone = decoder.deadline == nil
        for (index, key) in keys.enumerated() { ready.append(Press(key: key, bytes: index == 0 ? bytes : [])) }
        if keys.isEmpty, isDone, !bytes.isEmpty { ready.append(Press(key: nil, bytes: bytes)) }
        if !keys.isEmpty || isDone { bytes = [] }
    }

    private func write(_ text: String) {
        var text = text
        text.withUTF8 { _ = ct_write(1, $0.baseAddress, $0.count) }
    }
}
