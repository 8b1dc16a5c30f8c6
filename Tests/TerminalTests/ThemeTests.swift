import Glibc
import Screen
import Testing

@testable import Terminal

@Suite("the look of roles")
struct ThemeTests {
    @Test("without colour no role has one, and what matters still differs from plain text")
    func monochrome() {
        let theme = Theme(.monochrome)
        for role in Role.allCases {
            #expect(theme[role].foreground == -1)
            #expect(theme[role].background == -1)
        }
        for role in [
            Role.selected, .peerName, .unseenBadge, .unseenRule, .mention, .error, .failed, .link, .key, .match,
        ] {
            #expect(theme[role] != theme[.plain], "\(role)")
        }
    }

    @Test(
        "no look names a colour the terminal does not have",
        arguments: [
            (Theme.Depth.monochrome, 0), (.eight, 8), (.sixteen, 16), (.twoHundredFiftySix, 256), (.direct, 1 << 24),
        ])
    func depth(depth: Theme.Depth, colors: Int) {
        for theme in [Theme(depth, on: .dark), Theme(depth, on: .light)] {
            for role in Role.allCases {
                #expect((-1..<max(0, colors)).contains(theme[role].foreground))
                #expect((-1..<max(0, colors)).contains(theme[role].background))
            }
        }
    }

    @Test(
        "every colour can be read on its ground, in xterm's palette",
        arguments: [
            (Theme.Depth.eight, Ground.dark, 0x00_0000, 3.0), (.eight, .light, 0xFF_FFFF, 4.5),
            (.twoHundredFiftySix, .dark, 0x00_0000, 5.5), (.twoHundredFiftySix, .dark, 0x1E_1E2E, 4.5),
            (.twoHundredFiftySix, .light, 0xFF_FFFF, 5.5), (.twoHundredFiftySix, .light, 0xFD_F6E3, 4.5),
            (.direct, .dark, 0x1E_1E2E, 4.5), (.direct, .light, 0xFD_F6E3, 4.5),
        ])
    func contrast(depth: Theme.Depth, ground: Ground, background: Int, least: Double) {
        let theme = Theme(depth, on: ground)
        for role in Role.allCases where theme[role].foreground >= 0 && role != .border {
            let color = Self.redGreenBlue(theme[role].foreground, depth)
            let contrast = Self.contrast(color, background)
            #expect(contrast >= least, "\(role) has \(contrast) on \(String(background, radix: 16))")
        }
    }

    private static func redGreenBlue(_ color: Int, _ depth: Theme.Depth) -> Int {
        let basic = [0, 0xCD_0000, 0x00_CD00, 0xCD_CD00, 0x00_00EE, 0xCD_00CD, 0x00_CDCD, 0xE5_E5E5]
        if color < 8 { return basic[color] }
        return depth == .direct ? color : Theme.redGreenBlue(color)
    }

    /// As WCAG 2 counts it.
    private static func contrast(_ a: Int, _ b: Int) -> Double {
        func brightness(_ color: Int) -> Double {
            func part(_ shift: Int) -> Double {
                let value = Double(color >> shift & 255) / 255
                return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
        }
        let (low, high) = (min(brightness(a), brightness(b)), max(brightness(a), brightness(b)))
        return (high + 0.05) / (low + 0.05)
    }

    @Test("what is written beside ncurses looks as a role does")
    func sequence() {
        #expect(Theme(.twoHundredFiftySix, on: .light)[.link].sequence(.twoHundredFiftySix) == "\u{1B}[0;4;38;5;25m")
        #expect(Theme(.direct, on: .light)[.link].sequence(.direct) == "\u{1B}[0;4;38;2;0;95;175m")
        #expect(Theme(.eight)[.selected].sequence(.eight) == "\u{1B}[0;7m")
        #expect(Theme(.eight)[.error].sequence(.eight) == "\u{1B}[0;1;31m")
    }

    @Test("plain text and what is typed keep the terminal's own colours")
    func own() {
        for depth in Theme.Depth.allCases {
            for ground in [Ground.dark, .light] {
                #expect(Theme(depth, on: ground)[.plain] == Theme.Style())
                #expect(Theme(depth, on: ground)[.input] == Theme.Style())
            }
        }
    }

    @Test("one role can be given another look")
    func change() {
        var theme = Theme(.eight)
        theme[.peerName] = Theme.Style(.underline, 5)
        #expect(theme[.peerName] == Theme.Style(.underline, 5))
        #expect(theme[.ownName] == Theme(.eight)[.ownName])
    }
}
