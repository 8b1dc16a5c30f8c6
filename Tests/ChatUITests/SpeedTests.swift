import Chat
import Screen
import Testing

@testable import ChatUI

/// Work is counted, not time: what a frame lays out does not grow with what it does not show.
@Suite("size")
struct SpeedTests {
    private func window(messages: Int, people: Int) -> Window {
        let here = (0..<people).map { UserID("user\(100_000 + $0)")! }
        var window = Window.online(120, 40, here: [alice, bob] + here)
        window.open(withBob, run(1...messages))
        return window
    }

    @Test("a frame with 20,000 messages and 10,000 people costs about what a small one does")
    func bigFrame() {
        func cost(_ window: Window) -> Duration {
            let clock = ContinuousClock()
            return (0..<5).map { _ in clock.measure { for _ in 0..<5 { _ = window.screen } } }.min()!
        }
        let small = cost(window(messages: 100, people: 40))
        let big = cost(window(messages: 20_000, people: 10_000))
        #expect(big < small * 5)
    }
}
