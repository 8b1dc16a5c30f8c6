import Chat
import Screen

/// The lines around the panes, and what is written on them: who is here, whose conversation this is, who is typing.
enum FramePane {
    static func draw(_ scene: Scene, on canvas: inout Canvas) {
        let layout = scene.layout
        let glyphs = scene.glyphs
        guard let separator = layout.separator else { return }
        let width = layout.size.columns
        canvas.box(Rect(layout.size), glyphs)
        canvas.junction(glyphs.teeRight, at: 0, separator)
        canvas.horizontalLine(at: 1, separator, columns: width - 2, glyphs)
        canvas.junction(glyphs.teeLeft, at: width - 1, separator)
        let roster = layout.roster
        if !roster.isEmpty {
            canvas.junction(glyphs.teeDown, at: roster.endColumn, 0)
            canvas.verticalLine(at: roster.endColumn, 1, rows: separator - 1, glyphs)
            canvas.junction(glyphs.teeUp, at: roster.endColumn, separator)
            label(rosterTitle(scene), in: roster, 0, glyphs, &canvas)
        }
        label(title(scene), in: layout.messages, 0, glyphs, &canvas)
        var labelled = Rect(
            column: layout.messages.column, row: separator, columns: layout.messages.columns, rows: 1)
        let new = newBelow(scene)
        if !new.isEmpty {
            let room = TextWidth.of(new) + 3
            if labelled.columns > room {
                canvas.put(" \(new) ", endingAt: labelled.endColumn - 1, separator, role: .unseenBadge)
                labelled = labelled.split(right: room).rest
            }
        }
        label(typing(scene), in: labelled, separator, glyphs, &canvas)
    }

    /// The same without lines: a title row and a line between list and messages.
    static func drawPlain(_ scene: Scene, on canvas: inout Canvas) {
        let layout = scene.layout
        if !layout.roster.isEmpty, !layout.listCovers {
            canvas.verticalLine(
                at: layout.roster.endColumn, layout.roster.row, rows: layout.roster.rows, scene.glyphs)
        }
        guard !layout.title.isEmpty else { return }
        canvas.fill(layout.title, role: .title)
        var segments = layout.listCovers ? rosterTitle(scene) : title(scene)
        let typing = typing(scene)
        if !typing.isEmpty, !layout.listCovers { segments = typing }
        let new = newBelow(scene)
        let end = new.isEmpty || layout.listCovers ? layout.title.columns : layout.title.columns - TextWidth.of(new) - 1
        canvas.put(
            Segment.fitted(segments, columns: end, scene.glyphs), at: 0, layout.title.row, end: end, scene.glyphs)
        if end < layout.title.columns {
            canvas.put(new, endingAt: layout.title.columns, layout.title.row, role: .unseenBadge)
        }
    }

    /// A text on a line, with a blank on both sides.
    private static func label(
        _ segments: [Segment], in rect: Rect, _ row: Int, _ glyphs: Glyphs, _ canvas: inout Canvas
    ) {
        guard !segments.isEmpty, rect.columns >= 4 else { return }
        canvas.put(" ", at: rect.column, row)
        let fitted = Segment.fitted(segments, columns: rect.columns - 2, glyphs)
        let end = canvas.put(fitted, at: rect.column + 1, row, end: rect.endColumn - 1, glyphs)
        canvas.put(" ", at: end, row)
    }

    // MARK: What is said

    static func rosterTitle(_ scene: Scene) -> [Segment] {
        let chat = scene.chat
        let room = chat.shownRoom
        let role: Role = scene.ui.focus == .list ? .key : .title
        let isLobby = room == chat.lobby
        if !chat.isIn(room) { return [Segment(isLobby ? "Lobby left" : "\(chat.title(of: room)) left", role)] }
        guard chat.isKnown(room) else { return [Segment("Conversations", role)] }
        return [Segment("\(isLobby ? "Online" : "In \(chat.title(of: room))") \(chat.count(in: room))", role)]
    }

    static func title(_ scene: Scene) -> [Segment] {
        let chat = scene.chat
        guard let name = chat.open else { return [Segment("parley", .title)] }
        guard let peer = chat.me.flatMap(name.peer(of:)) else {
            let title = Segment(chat.title(of: name), .title, givesWay: 0)
            let here = chat.isIn(name) ? chat.isKnown(name) ? "\(chat.count(in: name)) here" : "" : "left"
            let topic = chat.room(name)?.title ?? ""
            return [title, Segment(" \(here)", .dim)]
                + (topic.isEmpty ? [] : [Segment(" \(scene.glyphs.separator) \(topic)", .dim, givesWay: 2)])
        }
        let known = chat.roster[peer]
        let title = Segment(chat.roster.name(of: peer), .title, givesWay: 0)
        let isPlain = known.map { $0.name == peer.text } ?? true
        let needsID = chat.roster.needsID(peer)
        let id = Segment(isPlain && !needsID ? "" : " (\(peer.text))", .dim, givesWay: needsID ? nil : 1)
        let waits = waits(name, scene) + encrypted(scene)
        guard chat.roster.isKnown else { return [title, id] + waits }
        if let known, known.isOnline {
            let state = RosterPane.state(known, scene.glyphs)
            return [title, id, Segment(" \(state.glyph)", state.role)]
                + said(known, state.role, scene) + waits
        }
        let age = known?.since.map { " " + Words.age(from: $0, to: scene.now.date) } ?? ""
        return [title, id, Segment(" \(scene.glyphs.offline) offline\(age)", .offline)]
            + waits
    }

    /// `online`, `away 5 min: lunch`.
    private static func said(_ peer: Roster.Peer, _ role: Role, _ scene: Scene) -> [Segment] {
        guard let told = peer.availability, told.state != .available else {
            return [Segment(" online", role, givesWay: -1)]
        }
        let age = Words.age(from: told.since, to: scene.now.date)
        let state = Segment(" \(told.state.rawValue)" + (age == "now" ? "" : " \(age)"), role)
        return told.text.isEmpty ? [state] : [state, Segment(": \(told.text)", role, givesWay: 2)]
    }

    /// Parted from what stands before it by a piece of the line it is written on.
    private static func waits(_ name: ConversationName, _ scene: Scene) -> [Segment] {
        guard let wait = scene.ui.wait(name, scene.now) else { return [] }
        return [
            Segment(" \(line(scene)) ", .border),
            Segment(scene.layout.messages.columns < 40 ? wait.short : wait.long, wait.level.role),
        ]
    }

    /// The engine cannot read this conversation.
    private static func encrypted(_ scene: Scene) -> [Segment] {
        guard scene.chat.isEncrypted else { return [] }
        return [Segment(" \(line(scene)) ", .border), Segment("encrypted", .dim)]
    }

    private static func line(_ scene: Scene) -> String {
        scene.layout.style == .framed
            ? String(repeating: scene.glyphs.horizontal, count: 2) : scene.glyphs.separator
    }

    static func typing(_ scene: Scene) -> [Segment] {
        guard scene.settings.showsTyping, let name = scene.chat.open else { return [] }
        let typists = scene.chat.typing.typists(in: name).filter { $0 != scene.chat.me }
        guard !typists.isEmpty else { return [] }
        let names = Words.list(typists.map(scene.chat.roster.label(of:)))
        return [Segment("\(names) \(typists.count == 1 ? "is" : "are") typing\(scene.glyphs.ellipsis)", .typing)]
    }

    /// What came while the reader was reading further up.
    static func newBelow(_ scene: Scene) -> String {
        guard let name = scene.chat.open, scene.layout.style != .bare else { return "" }
        let view = scene.ui.view(name)
        guard view.anchor != .end else { return "" }
        let new = max(0, scene.chat.conversation(name).heldThrough - view.leftAt)
        let key = scene.ui.keys.firstName(of: .scrollEnd)
        if scene.layout.style == .plain { return new > 0 ? "\(scene.glyphs.downArrow) \(new)" : scene.glyphs.downArrow }
        return new > 0 ? "\(scene.glyphs.downArrow) \(new) new \(key)" : "\(scene.glyphs.downArrow) \(key)"
    }
}
