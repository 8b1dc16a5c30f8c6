import Screen
import Testing

@testable import Terminal

@Suite("links for the terminal")
struct LinkTests {
    private let theme = Theme(.eight)
    private let size = ScreenSize(20, 2)

    private func screen(_ text: String, link: Range<Int>? = nil, to address: String = "https://x.org") -> Screen {
        var screen = Screen(size: size)
        screen.draw { canvas in
            var spans: [Span] = []
            if let link {
                let start = text.index(text.startIndex, offsetBy: link.lowerBound)
                let end = text.index(text.startIndex, offsetBy: link.upperBound)
                spans = [Span(start..<end, role: .link, link: canvas.link(to: address))]
            }
            canvas.put(text[...], at: 0, 0, spans: spans)
        }
        return screen
    }

    private func written(_ screen: Screen, since shown: Screen?) -> String {
        Terminal.links(on: screen, since: shown, theme: theme, size: size)
    }

    @Test("are written over what ncurses painted, between a cursor put aside and taken back")
    func written() {
        let look = theme[.link].sequence(.eight)
        #expect(
            written(screen("go x.org now", link: 3..<8), since: nil)
                == "\u{1B}7\u{1B}[1;4H\(look)\u{1B}]8;id=1;https://x.org\u{07}x.org\u{1B}]8;;\u{07}\u{1B}8")
    }

    @Test("cost nothing where nothing changed, and where there are none")
    func unchanged() {
        let linked = screen("go x.org now", link: 3..<8)
        #expect(written(linked, since: linked) == "")
        #expect(written(screen("plain"), since: screen("other")) == "")
    }

    @Test("are taken back where the same text is no link any more, and change where they lead elsewhere")
    func changed() {
        let linked = screen("go x.org now", link: 3..<8)
        let plain = written(screen("go x.org now"), since: linked)
        #expect(plain.contains("x.org") && !plain.contains("]8;"))
        let other = written(screen("go x.org now", link: 3..<8, to: "https://y.org"), since: linked)
        #expect(other.contains("https://y.org"))
    }

    @Test("leave what is beyond ASCII to ncurses, and never reach beyond the window")
    func limits() {
        let text = written(screen("漢x é", link: 0..<4), since: nil)
        #expect(text.contains("\u{07}x ") && !text.contains("漢") && !text.contains("é"))
        let small = Terminal.links(
            on: screen("0123456789x.org", link: 10..<15), since: nil, theme: theme, size: ScreenSize(12, 1))
        #expect(small.contains("\u{07}x.\u{1B}"))
    }
}
