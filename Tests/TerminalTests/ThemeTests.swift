import Screen
import Terminal
import Testing

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
            (Theme.Depth.monochrome, 0), (.eight, 8), (.sixteen, 16), (.twoHundredFiftySix, 256),
        ])
    func depth(depth: Theme.Depth, colors: Int) {
        let theme = Theme(depth)
        for role in Role.allCases {
            #expect((-1..<max(0, colors)).contains(theme[role].foreground))
            #expect((-1..<max(0, colors)).contains(theme[role].background))
        }
    }

    @Test("plain text and what is typed keep the terminal's own colours")
    func own() {
        for depth in Theme.Depth.allCases {
            #expect(Theme(depth)[.plain] == Theme.Style())
            #expect(Theme(depth)[.input] == Theme.Style())
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
