import Screen

/// Which part of the screen is what. A small screen gives things up in this order: frame, list, title, status line,
/// messages; the input stays to the last.
struct Layout: Equatable {
    enum Style { case framed, plain, bare }

    let style: Style
    let size: ScreenSize
    /// Empty where there is none.
    let roster: Rect
    let messages: Rect
    let input: Rect
    /// One row each, or nothing.
    let title: Rect
    let status: Rect
    /// The row between the panes and the input in a frame.
    let separator: Int?
    /// The list lies over the messages.
    let listCovers: Bool

    init(
        size: ScreenSize, settings: UISettings, inputRows: Int, hidesRoster: Bool, isBare: Bool, listHasScreen: Bool
    ) {
        self.size = size
        let all = Rect(size)
        let none = Rect(column: 0, row: 0, columns: 0, rows: 0)
        if isBare {
            style = .bare
            let (rest, status) = all.split(bottom: size.rows >= 2 ? 1 : 0)
            (messages, self.status) = (rest, status)
            (roster, input, title, separator, listCovers) = (none, none, none, nil, false)
            return
        }
        let inputRows = max(1, min(inputRows, max(1, size.rows / 3)))
        let wanted = hidesRoster ? 0 : Self.rosterWidth(settings.rosterWidth, size)
        guard size.columns >= 40, size.rows >= 8 else {
            style = .plain
            separator = nil
            let (top, status) = all.split(bottom: size.rows >= 3 ? 1 : 0)
            let (middle, input) = top.split(bottom: inputRows)
            let (title, panes) = middle.split(top: size.rows >= 5 ? 1 : 0)
            (self.status, self.input, self.title) = (status, input, title)
            if size.columns >= 60, wanted > 0 {
                let parts = panes.split(left: wanted)
                roster = parts.left
                messages = parts.rest.split(left: 1).rest
                listCovers = false
            } else {
                listCovers = listHasScreen && !panes.isEmpty
                roster = listCovers ? panes : none
                messages = panes
            }
            return
        }
        style = .framed
        listCovers = false
        let separator = size.rows - 2 - inputRows
        self.separator = separator
        let panes = Rect(column: 1, row: 1, columns: size.columns - 2, rows: separator - 1)
        let parts = panes.split(left: wanted)
        roster = parts.left
        messages = wanted > 0 ? parts.rest.split(left: 1).rest : panes
        input = Rect(column: 1, row: separator + 1, columns: size.columns - 2, rows: inputRows)
        title = Rect(column: messages.column, row: 0, columns: messages.columns, rows: 1)
        status = Rect(column: 1, row: size.rows - 1, columns: size.columns - 2, rows: 1)
    }

    /// How wide the list is where `wanted` was set: a quarter of the screen, or more where 80 columns are left.
    static func rosterWidth(_ wanted: Int, _ size: ScreenSize) -> Int {
        max(10, min(wanted, max(size.columns / 4 - 1, size.columns - 80)))
    }

    /// The columns of the input at a size, whatever it holds.
    static func inputColumns(_ size: ScreenSize) -> Int {
        size.columns >= 40 && size.rows >= 8 ? size.columns - 2 : size.columns
    }
}
