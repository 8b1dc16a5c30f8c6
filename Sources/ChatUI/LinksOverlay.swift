import Chat
import Screen

/// The list of links, over the messages.
enum LinksOverlay {
    static func draw(_ scene: Scene, _ links: LinkList, on canvas: inout Canvas) {
        let size = scene.layout.size
        canvas.fill()
        canvas.placeCursor(at: -1, -1)
        let isFramed = size.columns >= 20 && size.rows >= 5
        if isFramed {
            canvas.box(Rect(size), scene.glyphs)
            canvas.put(" Links ", at: 1, 0, role: .title, limit: size.columns - 2)
            canvas.put(
                firstThatFits: [" Enter opens, y copies, Esc closes ", " Esc closes "], endingAt: size.columns - 2,
                size.rows - 1, room: size.columns - 4, role: .key)
        }
        canvas.draw(in: isFramed ? Rect(size).inset(columns: 2, rows: 1) : Rect(size)) { pane in
            guard !links.items.isEmpty else {
                let text = "no links in what is at hand here; scrolling up brings more"
                for (row, line) in TextWrap.wrap(text, max(1, pane.columns)).enumerated() {
                    pane.put(line, at: 0, row, role: .dim)
                }
                return
            }
            let top = min(max(0, links.index - pane.rows + 1), max(0, links.items.count - pane.rows))
            for (row, item) in links.items.dropFirst(top).prefix(pane.rows).enumerated() {
                draw(item, row, isChosen: top + row == links.index, scene, on: &pane)
            }
        }
    }

    private static func draw(
        _ item: LinkList.Item, _ row: Int, isChosen: Bool, _ scene: Scene, on pane: inout Canvas
    ) {
        let time = scene.calendar(item.at)
        let clock = Words.clock(time, uses24Hours: scene.settings.uses24Hours)
        let from = TextWidth.truncated(
            scene.chat.roster.label(of: item.from), columns: 12, ellipsis: scene.glyphs.ellipsis)
        let left = pane.columns >= 44 ? 2 + clock.utf8.count + 14 : 2
        if pane.columns >= 44 {
            pane.put(clock, at: 2, row, role: .timestamp)
            pane.put(from, at: 3 + clock.utf8.count, row, role: .peerName)
        }
        let shown = TextWidth.truncated(item.shown, columns: pane.columns - left, ellipsis: scene.glyphs.ellipsis)
        let link = pane.link(to: item.address)
        pane.put(
            shown[...], at: left, row,
            spans: [Span(shown.startIndex..<shown.endIndex, role: isChosen ? .selected : .link, link: link)])
        if isChosen {
            pane.restyle(Rect(column: 0, row: row, columns: pane.columns, rows: 1), role: .selected)
            pane.put(">", at: 0, row, role: .selected)
        }
    }
}
