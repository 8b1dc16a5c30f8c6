import Chat
import Screen

/// The list of conversations and people.
enum RosterPane {
    enum Line: Equatable {
        case me
        case entry(Int)
        case awayHeading
        case strangerHeading
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
                let own = scene.chat.ownAvailability.flatMap { $0.state == .available ? nil : $0.state.rawValue } ?? ""
                let room = canvas.columns - 7 - (own.isEmpty ? 0 : own.count + 2)
                if room >= 3 { canvas.put(own, endingAt: canvas.columns - 1, row, role: .away) }
                put(me, at: 6, row, .ownName, columns: max(room, canvas.columns - 7 - own.count), scene, &canvas)
            case .awayHeading: heading("Away", row, scene, &canvas)
            case .strangerHeading: heading("No chat with", row, scene, &canvas)
            case .offlineHeading:
                let isLobby = scene.chat.shownRoom == scene.chat.lobby
                heading(
                    !isLobby ? "Elsewhere" : scene.chat.roster.isKnown ? "Offline" : "Not known", row, scene, &canvas)
            case .entry(let index): drawEntry(index, row, scene, &canvas)
            }
        }
        if lines.allSatisfy({ $0 == .me }) || scene.ui.roster.roomStart == 0 {
            drawEmpty(scene, below: lines.count, &canvas)
        }
    }

    private static func heading(_ text: String, _ row: Int, _ scene: Scene, _ canvas: inout Canvas) {
        canvas.horizontalLine(at: 1, row, columns: canvas.columns - 2, scene.glyphs, role: .dim)
        canvas.put(" \(text) ", at: 2, row, role: .dim, limit: max(0, canvas.columns - 3))
    }

    /// The sign of somebody who is known, and how it looks.
    static func state(_ peer: Roster.Peer?, _ glyphs: Glyphs) -> (glyph: String, role: Role) {
        guard let peer, peer.isOnline else { return (glyphs.offline, .offline) }
        return switch peer.availability?.state ?? .available {
        case .available: (glyphs.online, .online)
        case .busy: (glyphs.busy, .away)
        case .away: (glyphs.away, .away)
        }
    }

    private static func drawEntry(_ index: Int, _ row: Int, _ scene: Scene, _ canvas: inout Canvas) {
        let (chat, glyphs) = (scene.chat, scene.glyphs)
        if let stranger = scene.ui.roster.stranger(at: index) { return draw(stranger, row, scene, &canvas) }
        guard let name = scene.ui.roster[index] else { return }
        let peer = chat.me.flatMap(name.peer(of:))
        let known = peer.flatMap { chat.roster[$0] }
        let isHere = peer.map { chat.isHere($0, in: chat.shownRoom) } ?? chat.isIn(name)
        let hasCursor = scene.ui.focus == .list && scene.ui.listCursor == .conversation(name)
        let title = peer.map(chat.roster.name(of:)) ?? String(chat.title(of: name).dropFirst())
        // Where there is little room a name is worth more than blanks.
        let isNarrow = canvas.columns < 16
        let start = isNarrow && peer == nil ? 2 : 3
        let edge = canvas.columns - (isNarrow ? 0 : 2)
        let right = note(name, peer, known, room: edge - 1 - start - TextWidth.of(title), scene)
        var end = edge
        for segment in right.reversed() {
            let isCount = segment.role == .unseenBadge
            let width = TextWidth.of(segment.text) + (isNarrow && isCount ? 0 : 1)
            // The count comes before the name's end, the name's end before the rest.
            let isFirst = end == edge && (isCount || !isNarrow)
            guard end - width >= start + (isFirst ? 2 : TextWidth.of(title)) else { continue }
            canvas.put(segment.text, endingAt: end, row, role: segment.role)
            end -= width
        }
        let (glyph, role) =
            peer == nil
            ? ("#", isHere ? Role.peerName : .dim)
            : isHere && known?.isOnline != true ? (glyphs.online, .online) : state(known, glyphs)
        canvas.put(glyph, at: 1, row, role: role)
        put(
            title, at: start, row, isHere || known?.isOnline == true ? .plain : .offline, columns: end - start, scene,
            &canvas)
        if name == chat.open && scene.ui.focus != .list { select(row, &canvas) }
        if hasCursor { putCursor(row, &canvas) }
    }

    /// Somebody who is here and cannot be written to.
    private static func draw(_ stranger: Stranger, _ row: Int, _ scene: Scene, _ canvas: inout Canvas) {
        canvas.put(scene.glyphs.separator, at: 1, row, role: .dim)
        put(stranger.name, at: 3, row, .dim, columns: canvas.columns - 5, scene, &canvas)
        if scene.ui.focus == .list, scene.ui.listCursor == .stranger(stranger.id) { putCursor(row, &canvas) }
    }

    private static func select(_ row: Int, _ canvas: inout Canvas) {
        canvas.restyle(Rect(column: 0, row: row, columns: canvas.columns, rows: 1), role: .selected)
    }

    private static func putCursor(_ row: Int, _ canvas: inout Canvas) {
        select(row, &canvas)
        canvas.put(">", at: 0, row, role: .selected)
        canvas.placeCursor(at: 0, row)
    }

    /// What stands at the right: unseen, typing, how long gone.
    private static func note(
        _ name: ConversationName, _ peer: UserID?, _ known: Roster.Peer?, room: Int, _ scene: Scene
    ) -> [Segment] {
        let unseen = scene.chat.conversations[name]?.unseen ?? 0
        let badge = unseen > 0 ? [Segment("(\(unseen > 999 ? "999+" : String(unseen)))", .unseenBadge)] : []
        if scene.settings.showsTyping, let peer, scene.chat.typing.typists(in: name).contains(peer) {
            return [Segment("typing\(scene.glyphs.ellipsis)", .typing)] + badge
        }
        if let wait = scene.ui.wait(name, scene.now) {
            let left = room - (badge.first.map { TextWidth.of($0.text) + 1 } ?? 0)
            return [Segment([wait.long, wait.short].first { TextWidth.of($0) <= left } ?? wait.tight, wait.level.role)]
                + badge
        }
        guard badge.isEmpty, let known else { return badge }
        if known.isOnline {
            guard let told = known.availability, told.state != .available else { return [] }
            let age = Words.age(from: told.since, to: scene.now.date)
            return [Segment(told.state == .busy ? "busy" : age, .dim)]
        }
        guard let since = known.since else { return [] }
        return [Segment(Words.age(from: since, to: scene.now.date), .dim)]
    }

    private static func drawEmpty(_ scene: Scene, below row: Int, _ canvas: inout Canvas) {
        let chat = scene.chat
        let text =
            if chat.me == nil { "connecting\(scene.glyphs.ellipsis)" } else if !chat.isIn(chat.shownRoom) {
                "you left \(Words.room(chat.shownRoom, chat)); /enter shows who is here"
            } else if !chat.isKnown(chat.shownRoom) { "not known who is here" } else { "nobody else is here yet" }
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

    /// The rows of a pane, top to bottom. The rooms stand below the people, in the last rows where there are too many:
    /// of more than fit into a third of the pane those that are open, have something unseen, or come first.
    static func lines(rows: Int, _ ui: UIState, _ chat: ChatState) -> [Line] {
        let order = ui.roster
        let head: [Line] = rows >= 4 && chat.me != nil ? [.me] : []
        let rooms = (order.roomStart..<order.count).map(Line.entry)
        let parts: [(start: Int, end: Int, line: Line)] = [
            (order.awayStart, order.strangerStart, .awayHeading),
            (order.strangerStart, order.offlineStart, .strangerHeading),
            (order.offlineStart, order.roomStart, .offlineHeading),
        ]
        let headings = parts.filter { $0.end > $0.start }.enumerated().map {
            (place: $0.element.start + $0.offset, start: $0.element.start, line: $0.element.line)
        }
        let people = order.roomStart + headings.count
        let room = max(0, rows - head.count)
        func line(_ place: Int) -> Line {
            if let heading = headings.first(where: { $0.place == place }) { return heading.line }
            return .entry(place - headings.count { $0.place < place })
        }
        if people + rooms.count <= room { return head + (0..<people).map(line) + rooms }
        let pinned = room > 2 ? pinned(max(1, room / 3), rooms, order, chat) : []
        let others = rooms.filter { !pinned.contains($0) }
        let shown = max(0, room - pinned.count)
        var cursor = 0
        if ui.focus == .list, let index = ui.listCursor.flatMap({ order.index(of: $0) }) {
            let place = others.firstIndex(of: .entry(index)).map { order.roomStart + $0 } ?? index
            cursor = place + headings.count { index >= $0.start }
        }
        let all = people + others.count
        let top = min(max(0, cursor - shown / 2), max(0, all - shown))
        let part = (top..<min(all, top + shown)).map { $0 < people ? line($0) : others[$0 - people] }
        return head + part + pinned
    }

    private static func pinned(
        _ limit: Int, _ rooms: [Line], _ order: RosterOrder, _ chat: ChatState
    ) -> [Line] {
        guard rooms.count > limit else { return rooms }
        func rank(_ place: Int) -> Int {
            guard let name = order[order.roomStart + place] else { return 3 }
            return name == chat.open ? 0 : chat.conversations[name].map { $0.unseen > 0 } ?? false ? 1 : 2
        }
        let best = rooms.indices.sorted { (rank($0), $0) < (rank($1), $1) }.prefix(limit)
        return best.sorted().map { rooms[$0] }
    }

    /// The entry of the list in a row of the pane.
    static func entry(atRow row: Int, rows: Int, _ ui: UIState, _ chat: ChatState) -> Int? {
        let lines = lines(rows: rows, ui, chat)
        guard lines.indices.contains(row), case .entry(let index) = lines[row] else { return nil }
        return index
    }
}
