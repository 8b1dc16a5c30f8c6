import Chat
import Screen

/// The list of conversations and people.
enum RosterPane {
    enum Line: Equatable {
        case me
        case entry(Int)
        case offlineHeading
    }

    static func draw(_ scene: Scene, on canvas: inout Canvas) {
        let lines = lines(rows: canvas.rows, scene.ui, scene.chat)
        if scene.layout.listCovers { canvas.fill() }
        for (row, line) in lines.enumerated() {
            switch line {
            case .me:
                let me = scene.chat.me.map(scene.chat.roster.name(of:)) ?? ""
                canvas.put("you", at: 1, row, role: .dim)
                put(me, at: 6, row, .ownName, columns: canvas.columns - 7, scene, &canvas)
            case .offlineHeading:
                canvas.horizontalLine(at: 1, row, columns: canvas.columns - 2, scene.glyphs, role: .dim)
                let heading = scene.chat.roster.isKnown ? " Offline " : " Not known "
                canvas.put(heading, at: 2, row, role: .dim, limit: max(0, canvas.columns - 3))
            case .entry(let index): drawEntry(index, row, scene, &canvas)
            }
        }
        if lines.allSatisfy({ $0 == .me }) || scene.ui.roster.count <= 1 {
            drawEmpty(scene, below: lines.count, &canvas)
        }
    }

    private static func drawEntry(_ index: Int, _ row: Int, _ scene: Scene, _ canvas: inout Canvas) {
        let (chat, glyphs) = (scene.chat, scene.glyphs)
        guard let name = scene.ui.roster[index] else { return }
        let peer = chat.me.flatMap(name.peer(of:))
        let known = peer.flatMap { chat.roster[$0] }
        let isOnline = known?.isOnline ?? false
        let hasCursor = scene.ui.focus == .list && name == scene.ui.listCursor
        let title = peer.map(chat.roster.name(of:)) ?? String(chat.title(of: name).dropFirst())
        let right = note(name, peer, known, scene)
        let edge = canvas.columns - (canvas.columns >= 16 ? 2 : 1)
        var end = edge
        for segment in right.reversed() {
            let width = TextWidth.of(segment.text)
            // The count comes before the name's end, the name's end before the rest.
            guard end - width > (end == edge ? 5 : 3 + TextWidth.of(title)) else { continue }
            canvas.put(segment.text, endingAt: end, row, role: segment.role)
            end -= width + 1
        }
        let role: Role = peer == nil ? .peerName : isOnline ? .online : .offline
        let glyph = peer == nil ? "#" : isOnline ? glyphs.online : glyphs.offline
        canvas.put(glyph, at: 1, row, role: role)
        put(title, at: 3, row, isOnline || peer == nil ? .plain : .offline, columns: end - 3, scene, &canvas)
        if hasCursor || (name == chat.open && scene.ui.focus != .list) {
            canvas.restyle(Rect(column: 0, row: row, columns: canvas.columns, rows: 1), role: .selected)
        }
        if hasCursor {
            canvas.put(">", at: 0, row, role: .selected)
            canvas.placeCursor(at: 0, row)
        }
    }

    /// What stands at the right: unseen, typing, how long gone.
    private static func note(
        _ name: ConversationName, _ peer: UserID?, _ known: Roster.Peer?, _ scene: Scene
    ) -> [Segment] {
        let unseen = scene.chat.conversations[name]?.unseen ?? 0
        let badge = unseen > 0 ? [Segment("(\(unseen > 999 ? "999+" : String(unseen)))", .unseenBadge)] : []
        if scene.settings.showsTyping, let peer, scene.chat.typing.typists(in: name).contains(peer) {
            return [Segment("typing\(scene.glyphs.ellipsis)", .typing)] + badge
        }
        guard badge.isEmpty, let known, !known.isOnline, let since = known.since else { return badge }
        return [Segment(Words.age(from: since, to: scene.now.date), .dim)]
    }

    private static func drawEmpty(_ scene: Scene, below row: Int, _ canvas: inout Canvas) {
        let chat = scene.chat
        let text =
            if chat.me == nil { "connecting\(scene.glyphs.ellipsis)" } else if !chat.wantsLobby {
                "you left the lobby; /enter shows who is here"
            } else if !chat.roster.isKnown { "not known who is here" } else { "nobody else is here yet" }
        for (offset, line) in TextWrap.wrap(text, canvas.columns - 2).enumerated() where row + 1 + offset < canvas.rows
        {
            canvas.put(line, at: 1, row + 1 + offset, role: .dim)
        }
    }

    private static func put(
        _ name: String, at column: Int, _ row: Int, _ role: Role, columns: Int, _ scene: Scene, _ canvas: inout Canvas
    ) {
        guard columns > 0 else { return }
        canvas.put(
            TextWidth.truncated(name, columns: columns, ellipsis: scene.glyphs.ellipsis), at: column, row, role: role)
    }

    // MARK: What stands in which row

    /// The rows of a pane, top to bottom. The rooms stand below the people, in the last row where there are too many.
    static func lines(rows: Int, _ ui: UIState, _ chat: ChatState) -> [Line] {
        let order = ui.roster
        let head: [Line] = rows >= 4 && chat.me != nil ? [.me] : []
        let rooms = (order.roomStart..<order.count).map(Line.entry)
        let hasHeading = order.roomStart > order.offlineStart
        let people = order.roomStart + (hasHeading ? 1 : 0)
        let room = max(0, rows - head.count)
        func line(_ place: Int) -> Line {
            guard hasHeading, place >= order.offlineStart else { return .entry(place) }
            return place == order.offlineStart ? .offlineHeading : .entry(place - 1)
        }
        if people + rooms.count <= room { return head + (0..<people).map(line) + rooms }
        let pinned = room > 2 ? rooms.suffix(1) : []
        let shown = max(0, room - pinned.count)
        var cursor = 0
        if ui.focus == .list, let index = ui.listCursor.flatMap(order.index(of:)) {
            cursor = index + (hasHeading && index >= order.offlineStart ? 1 : 0)
        }
        let all = people + rooms.count - pinned.count
        let top = min(max(0, cursor - shown / 2), max(0, all - shown))
        let part = (top..<min(all, top + shown)).map { $0 < people ? line($0) : rooms[$0 - people] }
        return head + part + pinned
    }

    /// The entry of the list in a row of the pane.
    static func entry(atRow row: Int, rows: Int, _ ui: UIState, _ chat: ChatState) -> Int? {
        let lines = lines(rows: rows, ui, chat)
        guard lines.indices.contains(row), case .entry(let index) = lines[row] else { return nil }
        return index
    }
}
