import Screen
import Testing

@Suite("the screen")
struct ScreenTests {
    private func drawn(_ columns: Int, _ rows: Int, _ body: (inout Canvas) -> Void) -> Screen {
        var screen = Screen(size: ScreenSize(columns, rows))
        screen.draw { body(&$0) }
        return screen
    }

    @Test("shows its rows without the blanks at their ends, and the same grid in role letters")
    func textAndRoles() {
        let screen = drawn(12, 3) { canvas in
            let used = canvas.put("bob ", at: 0, 0, role: .peerName)
            canvas.put("(2)", at: used, 0, role: .unseenBadge)
            canvas.put("on it", at: 2, 2)
        }
        #expect(screen.text == "bob (2)\n\n  on it")
        #expect(screen.roles == "PPPPBBB\n\n")
    }

    @Test("no two roles share a letter")
    func letters() {
        #expect(Set(Role.allCases.map(\.letter)).count == Role.allCases.count)
        for (index, role) in Role.allCases.enumerated() { #expect(Int(role.rawValue) == index) }
    }

    @Test("a pane never draws outside its rectangle")
    func clipping() {
        var screen = Screen(size: ScreenSize(8, 4))
        screen.draw { $0.fill(with: ".") }
        screen.draw(in: Rect(column: 2, row: 1, columns: 3, rows: 2)) { pane in
            #expect(pane.put("abcdef", at: 0, 0) == 3)
            pane.put("xyz", at: -1, 1)
            pane.put("no", at: 0, 2)
            pane.put("no", at: 0, -1)
            pane.put("no", at: 3, 0)
            pane.draw(in: Rect(column: -5, row: -5, columns: 50, rows: 50)) { inner in
                inner.put("0123456789", at: 0, 4)
                inner.put("Z", at: 7, 5)
            }
        }
        #expect(screen.text == "........\n..abZ...\n..yz....\n........")
    }

    @Test("wherever a pane and its text lie, nothing around the pane changes and every row stays whole")
    func randomPanes() {
        var generator = SplitMix(state: 11)
        let texts = ["한국어 text", "plain text that is long", "👍🏽e\u{301}\u{1B}한", "🇩🇪🇫🇷", "한"]
        for _ in 0..<3000 {
            var screen = Screen(size: ScreenSize(generator.below(9), generator.below(4)))
            screen.draw { $0.fill(with: ".", role: .dim) }
            func number() -> Int { generator.below(16) - 4 }
            let rect = Rect(column: number(), row: number(), columns: number(), rows: number())
            screen.draw(in: rect) { pane in
                for _ in 0..<3 {
                    pane.put(
                        texts[generator.below(texts.count)], at: number(), number(), role: .title, limit: number())
                }
                pane.fill(Rect(column: number(), row: number(), columns: number(), rows: number()), with: "x")
                pane.put(texts[0], at: number(), number())
            }
            for row in 0..<screen.size.rows {
                var columns = 0
                for column in 0..<screen.size.columns {
                    let cell = screen[column, row]
                    columns += cell.columns
                    if !rect.contains(Position(column, row)) { #expect(cell.text == "." && cell.role == .dim) }
                }
                #expect(columns == screen.size.columns)
            }
        }
    }

    @Test("nothing is drawn on a screen or a pane of no size")
    func empty() {
        var screen = Screen(size: ScreenSize(-3, 0))
        screen.draw(in: Rect(column: 0, row: 0, columns: 5, rows: 5)) { pane in
            pane.put("text", at: 0, 0)
            pane.box(pane.bounds, .unicode)
            pane.placeCursor(at: 0, 0)
        }
        #expect(screen.text.isEmpty)
        #expect(screen.cursor == nil)
        #expect(screen.changes(since: nil).isEmpty)
    }

    @Test("a two-column character at the edge leaves a blank, and one that loses half loses all")
    func wideAtEdges() {
        let cut = drawn(5, 1) { $0.put("ab한글", at: 0, 0) }
        #expect(cut.text == "ab한")
        let left = drawn(5, 1) { $0.put("한글", at: -1, 0) }
        #expect(left.text == " 글")
        let over = drawn(6, 3) { canvas in
            for row in 0..<3 { canvas.put("한글말", at: 0, row) }
            canvas.put("x", at: 1, 0)
            canvas.put("x", at: 2, 1)
            canvas.put("字", at: 1, 2)
        }
        #expect(over.text == " x글말\n한x 말\n 字 말")
    }

    @Test("boxes, lines and junctions, in both styles")
    func lines() {
        let draw: (Glyphs) -> String = { glyphs in
            drawn(5, 3) { canvas in
                canvas.box(canvas.bounds, glyphs)
                canvas.verticalLine(at: 2, 1, rows: 1, glyphs)
                canvas.junction(glyphs.teeDown, at: 2, 0)
                canvas.junction(glyphs.teeUp, at: 2, 2)
            }.text
        }
        #expect(draw(.unicode) == "┌─┬─┐\n│ │ │\n└─┴─┘")
        #expect(draw(.ascii) == "+-+-+\n| | |\n+-+-+")
    }

    @Test("the cursor is hidden when it would stand outside its pane")
    func cursor() {
        var screen = Screen(size: ScreenSize(10, 5))
        let pane = Rect(column: 2, row: 1, columns: 3, rows: 2)
        screen.draw(in: pane) { $0.placeCursor(at: 2, 1) }
        #expect(screen.cursor == Position(4, 2))
        screen.draw(in: pane) { $0.placeCursor(at: 3, 1) }
        #expect(screen.cursor == nil)
    }

    @Test("restyling leaves the text alone")
    func restyle() {
        let screen = drawn(6, 1) { canvas in
            canvas.put("name", at: 0, 0, role: .peerName)
            canvas.restyle(Rect(column: 1, row: 0, columns: 9, rows: 9), role: .selected)
        }
        #expect(screen.text == "name")
        #expect(screen.roles == "PSSSSS")
    }

    @Test("only what differs is reported as changed, never half a character")
    func changes() {
        let before = drawn(10, 2) { $0.put("한글 abc", at: 0, 0) }
        #expect(before.changes(since: before).isEmpty)
        let after = drawn(10, 2) { canvas in
            canvas.put("한말 abd", at: 0, 0)
            canvas.put("x", at: 9, 1)
        }
        #expect(
            after.changes(since: before) == [
                ScreenRun(row: 0, columns: 2..<4), ScreenRun(row: 0, columns: 7..<8),
                ScreenRun(row: 1, columns: 9..<10),
            ])
        let restyled = drawn(10, 2) { $0.put("한글 abc", at: 0, 0, role: .dim) }
        #expect(restyled.changes(since: before) == [ScreenRun(row: 0, columns: 0..<8)])
        #expect(after.changes(since: nil).map(\.columns) == [0..<10, 0..<10])
        #expect(after.changes(since: Screen(size: ScreenSize(9, 2))).count == 2)
    }

    @Test("rectangles split and clip without ever growing")
    func rectangles() {
        let whole = Rect(ScreenSize(10, 6))
        #expect(whole.split(left: 3).rest == Rect(column: 3, row: 0, columns: 7, rows: 6))
        #expect(whole.split(right: 4).right == Rect(column: 6, row: 0, columns: 4, rows: 6))
        #expect(whole.split(top: 99).rest.isEmpty)
        #expect(whole.split(bottom: -1).bottom.isEmpty)
        #expect(whole.split(bottom: 2).bottom == Rect(column: 0, row: 4, columns: 10, rows: 2))
        #expect(whole.inset(columns: 6, rows: 1).isEmpty)
        #expect(whole.clipped(to: Rect(column: 20, row: 20, columns: 3, rows: 3)).isEmpty)
    }
}
