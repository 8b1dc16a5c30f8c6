internal import CTerminal

/// Why `wait` came back; empty when only time has passed.
package struct WakeReasons: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// There are keys to read.
    package static let input = WakeReasons(rawValue: 1)
    /// Another thread called `Waker.wake()`.
    package static let woken = WakeReasons(rawValue: 2)
    package static let resized = WakeReasons(rawValue: 4)
    /// HUP, TERM, INT or QUIT came: end in order, soon; `Waker.quitSignal` says which.
    package static let quit = WakeReasons(rawValue: 8)
    /// Input has ended: no more keys will come.
    package static let closed = WakeReasons(rawValue: 16)
    /// Somebody sent TSTP: call `suspend`.
    package static let stopAsked = WakeReasons(rawValue: 32)
}

/// The one thing that wakes the main thread, with or without a full screen.
package enum Waker {
    /// From any thread, at any time, as often as one likes: several calls before the next `wait` are one.
    package static func wake() { ct_wake() }

    /// Lets HUP, TERM, INT and QUIT end `wait` with `.quit` instead of ending the process. `Terminal` does it by itself.
    package static func catchSignals() { ct_signals_install() }

    /// Whether time may have passed unnoticed since the last call: this process was stopped, the machine slept, or its
    /// clock was set. `wait` comes back when that happens.
    package static func takeTimeJump() -> Bool { ct_take_time_jump() }

    /// The first of those that came, nil while none did. The exit code of its way out is 128 more.
    package static var quitSignal: Int32? {
        let signal = ct_quit_signal()
        return signal == 0 ? nil : signal
    }

    /// Sleeps until `input` (a file descriptor, -1 for none) can be read, `wake` is called, or `Terminal.now` is `until`.
    ///
    /// - Parameter reads: false only watches for the end of a terminal at `input`.
    package static func wait(input: Int32, reads: Bool = true, until: Duration?) -> WakeReasons {
        var nanoseconds: Int64 = -1
        if let until {
            let left = (until - Terminal.now).components
            nanoseconds = left.seconds < 0 ? 0 : min(left.seconds, 1 << 32) * 1_000_000_000
            nanoseconds = max(0, nanoseconds + left.attoseconds / 1_000_000_000)
        }
        let woken = Int(ct_wait(input, reads, nanoseconds))
        var reasons: WakeReasons = []
        if woken & ct_woken_input != 0 { reasons.insert(.input) }
        if woken & ct_woken_wake != 0 { reasons.insert(.woken) }
        if woken & ct_woken_closed != 0 { reasons.insert(.closed) }
        if ct_quit_signal() != 0 { reasons.insert(.quit) }
        return reasons
    }
}
