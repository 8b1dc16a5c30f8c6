import Chat
import Screen

/// The line one writes in, and the question that takes its place.
enum InputPane {
    static let promptColumns = 2

    static func pad(_ columns: Int) -> Int { columns >= 30 ? 1 : 0 }

    static func textWidth(_ columns: Int) -> Int { max(1, columns - promptColumns - 2 * pad(columns)) }

    /// How many rows the input would like to have.
    static func rows(_ ui: UIState, _ chat: ChatState) -> Int {
        let view = ui.view(chat.open)
        guard view.search == nil, !isQuestion(ui) else { return 1 }
        if view.input.isEmpty { return 1 }
        // More rows than any screen has.
        if InputRows.isLarge(view.input) { return 1_000 }
        return InputRows(view.input, width: textWidth(Layout.inputColumns(ui.size))).rows.count
    }

    private static func isQuestion(_ ui: UIState) -> Bool {
        if case .question = ui.overlay { true } else { false }
    }

    static func draw(_ scene: Scene, on canvas: inout Canvas) {
        let ui = scene.ui
        let view = ui.view(scene.chat.open)
        let pad = pad(canvas.columns)
        if case .question(let question) = ui.overlay {
            let end = canvas.put(
                [
                    Segment(question.text, .notice), Segment("  y", .key), Segment(" yes  "), Segment("n", .key),
                    Segment(" no "),
                ],
                at: pad, 0, end: canvas.columns, scene.glyphs)
            canvas.placeCursor(at: min(end, canvas.columns - 1), 0)
            return
        }
        if let search = view.search { return draw(search, view, scene, pad, &canvas) }
        canvas.put(">", at: pad, 0, role: ui.focus == .input ? .prompt : .dim)
        let left = pad + promptColumns
        let hasFocus = ui.focus == .input && ui.overlay == nil
        if view.input.isEmpty {
            canvas.put(
                TextWidth.truncated(
                    hint(scene), columns: max(0, canvas.columns - left - 1), ellipsis: scene.glyphs.ellipsis),
                at: left + 1, 0, role: .dim)
            if hasFocus { canvas.placeCursor(at: min(left, canvas.columns - 1), 0) }
            return
        }
        let shown = InputRows(view.input, width: textWidth(canvas.columns))
        let first = min(max(0, shown.cursor.row - canvas.rows + 1), max(0, shown.rows.count - canvas.rows))
        let cursorRow = shown.cursor.row - first
        for (offset, row) in shown.rows.dropFirst(first).prefix(canvas.rows).enumerated() {
            // Behind the last letter of a line from right to left is before it on the screen.
            let isBeforeText = offset == cursorRow && isAtLeftEnd(shown, row, scene)
            canvas.put(row, at: isBeforeText ? left + 1 : left, offset, role: .input)
            guard hasFocus, offset == cursorRow else { continue }
            let column =
                isBeforeText ? 0 : canvas.column(ofByte: shown.bytesBefore, in: row) ?? shown.cursor.column
            canvas.placeCursor(at: min(left + column, canvas.columns - 1), offset)
        }
    }

    private static func isAtLeftEnd(_ shown: InputRows, _ row: Substring, _ scene: Scene) -> Bool {
        scene.settings.reordersText && shown.bytesBefore == row.utf8.count && !row.isEmpty
            && TextOrder.direction(of: row) == .rightToLeft
    }

    private static func draw(
        _ search: HistorySearch, _ view: ConversationView, _ scene: Scene, _ pad: Int, _ canvas: inout Canvas
    ) {
        let label = search.failed ? "nothing older with " : "search: "
        let found = search.found.flatMap { view.history.entries.indices.contains($0) ? view.history.entries[$0] : nil }
        let end = canvas.put(
            [Segment(label, search.failed ? .error : .notice), Segment(search.query, .input)], at: pad, 0,
            end: canvas.columns, scene.glyphs)
        canvas.placeCursor(at: min(end, canvas.columns - 1), 0)
        guard let found else { return }
        let line = found.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
        canvas.put([Segment("  "), Segment(line, .match)], at: end, 0, end: canvas.columns, scene.glyphs)
    }

    /// Whether the selected message is a question that waits for an answer.
    private static func asksReader(_ scene: Scene) -> Bool {
        guard let name = scene.chat.open, case .message(let seq) = scene.ui.view(name).selection else { return false }
        let each = scene.chat.conversation(name)
        return each.messages.last { $0.seq == seq }.map { each.isOpenQuestion($0, me: scene.chat.me) } ?? false
    }

    /// What would fill an empty input. Only where it is not plain that one can write, or where a question waits.
    private static func hint(_ scene: Scene) -> String {
        if let open = scene.chat.open {
            switch scene.ui.focus {
            case .input:
                let asksReader = scene.chat.conversation(open).openQuestion(for: scene.chat.me) != nil
                return asksReader ? scene.hint(.showQuestion, "answers the question") : ""
            case .list: return scene.hint(.listOpen, "opens, ") + scene.hint(.leaveList, "back")
            case .messages:
                if asksReader(scene) {
                    let acts: [(UICommand, String)] = [
                        (.chooseAnswer, "choose"), (.decline, "decline"), (.leaveSelection, "back"),
                    ]
                    return acts.map { scene.hint($0.0, $0.1) }.joined(separator: "  ")
                }
                let acts: [(UICommand, String)] = [
                    (.selectUp, "up"), (.selectDown, "down"), (.copyMessage, "copy"), (.openLink, "open link"),
                    (.retryMessage, "retry"), (.editMessage, "edit"), (.discardMessage, "discard"),
                    (.leaveSelection, "back"),
                ]
                return acts.map { scene.hint($0.0, $0.1) }.joined(separator: "  ")
            }
        }
        return "Enter opens a conversation; / begins a command"
    }
}
