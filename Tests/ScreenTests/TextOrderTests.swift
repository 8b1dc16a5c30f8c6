import Testing

@testable import Screen

@Suite("right-to-left text")
struct TextOrderTests {
    private func shown(_ text: String, _ direction: TextOrder.Direction? = nil) -> String {
        var screen = Screen(size: ScreenSize(60, 1))
        screen.draw { _ = $0.put(text[...], at: 0, 0, spans: [], direction: direction) }
        return screen.text
    }

    @Test(
        "is put into the order it is seen in",
        arguments: [
            ("abc", "abc"), ("שלום", "םולש"), ("hi שלום you", "hi םולש you"), ("שלום עולם", "םלוע םולש"),
            ("שלום bob", "bob םולש"), ("אני 25", "25 ינא"), ("בשעה 10:15 בבוקר", "רקובב 10:15 העשב"),
            ("(שלום)", "(םולש)"), ("מה? abc!", "!abc ?המ"), ("مرحبا", "ابحرم"), ("price 25 שח", "price 25 חש"),
            ("漢字 שלום", "漢字 םולש"), ("שלום 漢字", "漢字 םולש"), ("3.50 ₪ שח", "חש ₪ 3.50"),
        ])
    func order(text: String, expected: String) { #expect(shown(text) == expected) }

    @Test("marks stay on their letters")
    func marks() { #expect(shown("שָׁלוֹם") == "םוֹלשָׁ") }

    @Test("a line goes the way its paragraph goes")
    func paragraph() {
        #expect(shown("abc שלום", .rightToLeft) == "םולש abc")
        #expect(shown("שלום abc", .leftToRight) == "םולש abc")
    }

    @Test("stays within its own columns: what stands beside it does not move")
    func isolated() {
        var screen = Screen(size: ScreenSize(40, 1))
        screen.draw { canvas in
            canvas.put("│10:14", at: 0, 0)
            canvas.put("דוד", at: 7, 0)
            canvas.put("שלום 25", at: 12, 0)
            canvas.put("✓✓ 12│", at: 30, 0)
        }
        #expect(screen.text == "│10:14 דוד  25 םולש           ✓✓ 12│")
        #expect(screen[7, 0].text == "ד" && screen[12, 0].text == "2")
    }

    @Test("where a terminal orders text itself, it is left as it is")
    func off() {
        var screen = Screen(size: ScreenSize(20, 1))
        screen.reordersText = false
        screen.draw { _ = $0.put("שלום 25", at: 0, 0) }
        #expect(screen.text == "שלום 25")
    }

    @Test("a character is found where it is shown")
    func places() {
        let line = OrderedLine("hi שלום")
        #expect(line.column(ofByte: 0) == 0)
        #expect(line.column(ofByte: 3) == 6)
        #expect(line.column(ofByte: 5) == 5)
        #expect(line.column(ofByte: 11) == nil)
    }

    @Test("random text keeps its cells, whatever their order")
    func random() {
        var generator = SplitMix(state: 11)
        let scalars = [
            "a", " ", "1", ".", "(", "ש", "ם", "\u{5B8}", "م", "漢", "\u{301}", "👍", "\u{202E}", "\u{1B}", "٣",
        ]
        .map { $0.unicodeScalars.first ?? " " }
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<generator.below(24) { text.unicodeScalars.append(scalars[generator.below(scalars.count)]) }
            let line = OrderedLine(text[...])
            let plain = OrderedLine(text[...], reorders: false)
            #expect(line.cells.reduce(0) { $0 + $1.columns } == TextWidth.of(text))
            let unturned = Set("()".unicodeScalars.map(\.value))
            #expect(
                line.cells.map(\.base).filter { !unturned.contains($0) }.sorted()
                    == plain.cells.map(\.base).filter { !unturned.contains($0) }.sorted())
        }
    }

    @Test("links are cells that know where they lead, and an address is visible ASCII")
    func links() {
        var screen = Screen(size: ScreenSize(30, 2))
        let text = "see https://x.org/é now"
        let range = text.firstIndex(of: "h")!..<text.lastIndex(of: " ")!
        screen.draw { canvas in
            let link = canvas.link(to: String(text[range]))
            canvas.put(text[...], at: 0, 0, spans: [Span(range, role: .link, link: link)])
            canvas.put("漢", at: 0, 1)
        }
        #expect(screen.links == ["https://x.org/%C3%A9"])
        #expect(screen[3, 0].link == 0 && screen[4, 0].link == 1 && screen[18, 0].link == 1 && screen[19, 0].link == 0)
        #expect(screen[4, 0].role == .link)
        #expect(LinkAddress.of("a\u{1B}]\u{7} b") == "a%1B]%07%20b")
        #expect(LinkAddress.of(String(repeating: "x", count: 5000)) == nil)
    }
}
