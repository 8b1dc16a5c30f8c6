import Screen
import Testing

@testable import Terminal

@Suite("characters newer than the C library")
struct NewCharacterTests {
    private let theme = Theme(.eight)
    private let size = ScreenSize(12, 2)

    private func written(_ text: String, rows: [Int] = [0, 1], size: ScreenSize? = nil) -> String {
        var screen = Screen(size: self.size)
        screen.draw { _ = $0.put(text, at: 0, 1) }
        return Terminal.newCharacters(on: screen, rows: rows, theme: theme, size: size ?? self.size) {
            $0.base >= 0x1FAE0
        }
    }

    @Test("a new character is written over its placeholder, in its look")
    func written() {
        let look = theme[.plain].sequence(.eight)
        #expect(written("a\u{1FAE8}b") == "\u{1B}7\u{1B}[2;2H\(look)\u{1FAE8}\u{1B}8")
        #expect(written("\u{1FAE8}\u{1FAE9}") == "\u{1B}7\u{1B}[2;1H\(look)\u{1FAE8}\u{1B}[2;3H\(look)\u{1FAE9}\u{1B}8")
    }

    @Test("nothing is written for other characters, other rows, or what does not fit")
    func nothing() {
        #expect(written("a한👍") == "")
        #expect(written("\u{1FAE8}", rows: [0]) == "")
        #expect(written("1234567890\u{1FAE8}", size: ScreenSize(11, 2)) == "")
    }

    @Test("characters without a meaning are none of them")
    func unassigned() {
        var screen = Screen(size: size)
        screen.draw { _ = $0.put("\u{E000}\u{1FAFF}\u{378}", at: 0, 0) }
        for column in 0..<4 { #expect(!Terminal.isNew(screen[column, 0])) }
    }
}
