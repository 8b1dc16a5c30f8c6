import Chat
import Screen

extension UIState {
    /// A click opens, the wheel scrolls what is under it.
    mutating func mouse(_ mouse: Key.Mouse, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        if overlay != nil { return mouseOnOverlay(mouse, chat, now) }
        let layout = layout(chat)
        let isOnList = layout.roster.contains(mouse.place)
        switch mouse.action {
        case .wheelUp:
            if isOnList { enterList(chat) }
            if isOnList { moveListCursor(-3) } else { return scroll(by: -3, chat) }
        case .wheelDown:
            if isOnList { enterList(chat) }
            if isOnList { moveListCursor(3) } else { return scroll(by: 3, chat) }
        case .press(0):
            if isOnList {
                let row = mouse.place.row - layout.roster.row
                guard let index = RosterPane.entry(atRow: row, rows: layout.roster.rows, self, chat),
                    let entry = roster.entry(at: index)
                else { return [] }
                return open(entry, chat, now)
            }
            if layout.input.contains(mouse.place) {
                if focus == .messages { leaveMessages(chat) }
                if focus == .list, chat.open != nil { leaveList(chat) }
                return []
            }
            if layout.messages.contains(mouse.place) { select(atRow: mouse.place.row - layout.messages.row, chat) }
        case .press, .release, .drag: break
        }
        return []
    }

    private mutating func select(atRow row: Int, _ chat: ChatState) {
        guard let name = chat.open else { return }
        let flow = flow(chat, name)
        let rows = flow.window(view(name).anchor, height: layout(chat).messages.rows)
        guard rows.indices.contains(row), flow.isMessage(rows[row].block) else { return }
        if focus == .list { leaveList(chat) }
        focus = .messages
        change(name) { $0.selection = flow.id(rows[row].block) }
    }

    private mutating func mouseOnOverlay(_ mouse: Key.Mouse, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        switch mouse.action {
        case .wheelUp: return handle(.up, chat: chat, size: size, now: now)
        case .wheelDown: return handle(.down, chat: chat, size: size, now: now)
        case .press, .release, .drag: return []
        }
    }
}
