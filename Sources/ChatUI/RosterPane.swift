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
        /// The people, and the rooms, beyond the edge of the pane.
        case more(isAbove: Bool, Range<Int>, rooms: [Int])
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
            case .more(let isAbove, let people, let rooms):
                drawMore(isAbove, people, rooms, row, scene, &canvas)
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
        let title = peer.map(chat.roster.label(of:)) ?? String(chat.title(of: name).dropFirst())
        // Where there is little room a name is worth more than blanks.
        let isNarrow = canvas.columns < 16
        let start = isNarrow && peer == nil ? 2 : 3
        let edge = canvas.columns - (isNarrow ? 0 : 2)
        let notes = RosterNotes(scene, name, known).fitting(
            edge - start, besideName: TextWidth.of(title), gap: isNarrow ? 0 : 1)
        var end = edge
        for note in notes.reversed() {
            canvas.put(note.text, endingAt: end, row, role: note.role)
            end -= TextWidth.of(note.text) + (isNarrow && note.role == .unseenBadge ? 0 : 1)
        }
        if start == 3, hasDraft(name, scene) { canvas.put(scene.glyphs.draft, at: 2, row, role: .notice) }
        let (glyph, role) =
            peer == nil
            ? ("#", isHere ? Role.peerName : .dim)
            : isHere && known?.isOnline != true ? (glyphs.online, .online) : state(known, glyphs)
        canvas.put(glyph, at: 1, row, role: role)
        let shown = peer.map {
            PersonName.fit($0, chat.roster, columns: end - start, ellipsis: glyphs.ellipsis)
        }
        put(
            shown ?? title, at: start, row, isHere || known?.isOnline == true ? .plain : .offline, columns: end - start,
            scene, &canvas)
        if name == chat.open && scene.ui.focus != .list { select(row, &canvas) }
        if hasCursor { putCursor(row, &canvas) }
    }

    /// Somebody who is here and cannot be written to.
    private static func draw(_ stranger: Stranger, _ row: Int, _ scene: Scene, _ canvas: inout Canvas) {
        canvas.put(scene.glyphs.separator, at: 1, row, role: .dim)
        put(stranger.label(beside: scene.chat.roster), at: 3, row, .dim, columns: canvas.columns - 5, scene, &canvas)
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

    /// Whether something was written there and not sent. What is written in the open conversation stands in the input.
    private static func hasDraft(_ name: ConversationName, _ scene: Scene) -> Bool {
        guard name != scene.chat.open else { return false }
        return scene.ui.views[name].map { !$0.input.isEmpty } ?? (scene.chat.drafts[name] != nil)
    }

    /// How many stand beyond the edge, and what of them needs the reader.
    private static func drawMore(
        _ isAbove: Bool, _ people: Range<Int>, _ rooms: [Int], _ row: Int, _ scene: Scene, _ canvas: inout Canvas
    ) {
        let order = scene.ui.roster
        // Those in between are here and have no conversation.
        let parts = [0..<order.recent.count, order.awayStart..<order.roomStart].map { people.clamped(to: $0) }
        let names = (parts.flatMap { Array($0) } + rooms).compactMap { order[$0] }
        let count = people.count + rooms.count
        let waiting = names.count { scene.ui.wait($0, scene.now) != nil }
        let unseen = names.reduce(0) { $0 + (scene.chat.conversations[$1]?.unseen ?? 0) }
        let columns = canvas.columns - 5
        let badge = unseen > 0 ? RosterNotes.badge(unseen) : ""
        let waits = waiting > 0 ? [" more, \(waiting) waiting", ", \(waiting) waiting", ", \(waiting) wait"] : []
        let besideBadge = columns - (badge.isEmpty ? 0 : TextWidth.of(badge) + 1)
        // Who is waiting goes before the count of what is unseen.
        let choices =
            waits.map { ($0, besideBadge) } + waits.map { ($0, columns) } + [(" more", besideBadge), ("", columns)]
        let choice = choices.first { TextWidth.of("\(count)\($0.0)") <= $0.1 } ?? ("", columns)
        if choice.1 == besideBadge { canvas.put(badge, endingAt: canvas.columns - 2, row, role: .unseenBadge) }
        canvas.put(isAbove ? scene.glyphs.upArrow : scene.glyphs.downArrow, at: 1, row, role: .dim)
        canvas.put(
            "\(count)\(choice.0)", at: 3, row, role: waiting > 0 ? .notice : .dim, limit: max(0, canvas.columns - 3))
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
        var part = (top..<min(all, top + shown)).map { $0 < people ? line($0) : others[$0 - people] }
        guard shown >= 4 else { return head + part + pinned }
        // The marks take the first and the last row; the cursor is in neither.
        func entry(_ line: Line) -> Int? { if case .entry(let index) = line { index } else { nil } }
        let otherIndexes = others.compactMap(entry)
        if top > 0, let first = part.dropFirst().lazy.compactMap(entry).first {
            part[0] = .more(
                isAbove: true, 0..<min(first, order.roomStart), rooms: otherIndexes.filter { $0 < first })
        }
        if top + shown < all, let last = part.dropLast().reversed().lazy.compactMap(entry).first {
            part[part.count - 1] = .more(
                isAbove: false, min(last + 1, order.roomStart)..<order.roomStart,
                rooms: otherIndexes.filter { $0 > last })
        }
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
