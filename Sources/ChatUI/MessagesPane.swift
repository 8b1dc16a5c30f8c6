import Chat
import Screen

/// What was said in the open conversation.
enum MessagesPane {
    static func draw(_ scene: Scene, on canvas: inout Canvas) {
        guard let name = scene.chat.open else { return draw(EmptyPane.withoutConversation(scene), scene, on: &canvas) }
        let view = scene.ui.view(name)
        let flow = MessageFlow(
            scene.chat, name, hiddenThrough: view.hiddenThrough, width: canvas.columns, zone: scene.ui.zone,
            settings: scene.settings)
        guard !flow.isEmpty else { return draw(EmptyPane.withoutMessages(name, scene), scene, on: &canvas) }
        let rows = flow.window(view.anchor, height: canvas.rows)
        let selected = scene.ui.focus == .messages ? view.selection.flatMap(flow.index(of:)) : nil
        for (offset, row) in rows.enumerated() {
            switch row.content {
            case .rule(let rule): draw(rule, offset, view, flow, scene, &canvas)
            case .start: put(startText(flow, scene), offset, .dim, flow, scene, &canvas)
            case .gap: put(gapText(flow, scene), offset, .unseenRule, flow, scene, &canvas)
            case .text(let text): draw(text, row, offset, flow, scene, &canvas)
            case .failure(let text): canvas.put(text, at: flow.columns.textColumn, offset, role: .failed)
            }
            guard row.block == selected, row.line >= 0 else { continue }
            canvas.restyle(Rect(column: 0, row: offset, columns: canvas.columns, rows: 1), role: .selected)
            canvas.put(">", at: 0, offset, role: .selected)
            if row.line == 0 { canvas.placeCursor(at: 0, offset) }
        }
    }

    private static func draw(
        _ text: Substring, _ row: MessageFlow.Row, _ offset: Int, _ flow: MessageFlow, _ scene: Scene,
        _ canvas: inout Canvas
    ) {
        let columns = flow.columns
        let isMine = flow.sender(row.block)?.user == scene.chat.me
        if row.line == 0, let sender = flow.sender(row.block) {
            let isRepeated = offset > 0 && continues(row.block, flow)
            if columns.time > 0, !isRepeated {
                let time = Words.clock(flow.calendar(sender.at), uses24Hours: scene.settings.uses24Hours)
                canvas.put(time, at: columns.timeColumn, offset, role: .timestamp)
            }
            if flow.isAction(row.block) {
                canvas.put("*", at: columns.nameColumn, offset, role: isMine ? .ownName : .peerName)
            } else if !isRepeated {
                let name = scene.chat.roster.name(of: sender.user)
                canvas.put(
                    TextWidth.truncated(name, columns: columns.name, ellipsis: scene.glyphs.ellipsis),
                    at: columns.nameColumn, offset,
                    role: isMine ? .ownName : isMention(row.block, flow, scene) ? .mention : .peerName)
            }
        }
        let role: Role = isMine ? .ownMessage : .plain
        canvas.put(text, at: columns.textColumn, offset, role: role)
        var place = text.startIndex
        var column = columns.textColumn
        for link in Links.ranges(in: text) {
            column += TextWidth.of(text[place..<link.lowerBound])
            column += canvas.put(text[link], at: column, offset, role: .link)
            place = link.upperBound
        }
        if isMine, isEnd(row, flow), let mark = mark(row.block, flow, scene) {
            canvas.put(mark.text, endingAt: columns.markEnd, offset, role: mark.role)
        }
    }

    /// Whether somebody in a room names the reader.
    private static func isMention(_ block: Int, _ flow: MessageFlow, _ scene: Scene) -> Bool {
        guard flow.conversation.name.isRoom, let me = scene.chat.me, case .message(let message) = flow.block(block),
            let text = message.text, text.utf8.count >= me.text.utf8.count
        else { return false }
        let name = me.text.lowercased()
        return text.lowercased().split { !($0.isLetter || $0.isNumber || "_-=".contains($0)) }.contains { $0 == name }
    }

    /// Whether a row is the last of a message's own text.
    private static func isEnd(_ row: MessageFlow.Row, _ flow: MessageFlow) -> Bool {
        if row.isLast { return true }
        guard case .outgoing(let message) = flow.block(row.block), case .failed = message.state else { return false }
        return row.line == flow.lines(row.block).count { if case .text = $0 { true } else { false } } - 1
    }

    /// Whether a message goes on where the one above it ended: same sender, same minute, no rule between.
    private static func continues(_ block: Int, _ flow: MessageFlow) -> Bool {
        guard block > 0, let this = flow.sender(block), let last = flow.sender(block - 1), this.user == last.user,
            flow.rules(block).isEmpty, !flow.isAction(block), !flow.isAction(block - 1)
        else { return false }
        return this.at.milliseconds / 60_000 == last.at.milliseconds / 60_000
    }

    private static func mark(_ block: Int, _ flow: MessageFlow, _ scene: Scene) -> Segment? {
        let glyphs = scene.glyphs
        switch flow.block(block) {
        case .message(let message):
            return flow.conversation.deliveryState(of: message) == .seen
                ? Segment(glyphs.seen, .delivered) : Segment(glyphs.sent, .delivered)
        case .outgoing(let message):
            if case .failed = message.state { return Segment(glyphs.failed, .failed) }
            return Segment(glyphs.sending, .sending)
        case .start, .gap: return nil
        }
    }

    // MARK: Lines across the pane

    private static func draw(
        _ rule: MessageFlow.Rule, _ row: Int, _ view: ConversationView, _ flow: MessageFlow, _ scene: Scene,
        _ canvas: inout Canvas
    ) {
        switch rule {
        case .day(let day):
            put(Words.day(day, currentYear: scene.calendar(scene.now.date).year), row, .dayRule, flow, scene, &canvas)
        case .unseen: put("\(max(1, view.unseenAtRule)) unseen", row, .unseenRule, flow, scene, &canvas)
        }
    }

    private static func put(
        _ text: String, _ row: Int, _ role: Role, _ flow: MessageFlow, _ scene: Scene, _ canvas: inout Canvas
    ) {
        let pad = flow.columns.pad
        let width = canvas.columns - 2 * pad
        let label = " " + TextWidth.truncated(text, columns: max(0, width - 4), ellipsis: scene.glyphs.ellipsis) + " "
        canvas.horizontalLine(at: pad, row, columns: width, scene.glyphs, role: role)
        canvas.put(label, at: pad + max(0, (width - TextWidth.of(label)) / 2), row, role: role)
    }

    private static func startText(_ flow: MessageFlow, _ scene: Scene) -> String {
        let each = flow.conversation
        if each.reachesStart { return "the beginning" }
        if !each.loading.isEmpty { return "fetching older messages\(scene.glyphs.ellipsis)" }
        if let failure = each.failure { return "older messages did not come: \(failure)" }
        if !scene.chat.link.isOnline { return "older messages come when connected" }
        return scene.hint(.pageUp, "for older messages")
    }

    private static func gapText(_ flow: MessageFlow, _ scene: Scene) -> String {
        let each = flow.conversation
        let missed = "\(each.gap?.count ?? 0) missed"
        if !scene.chat.link.isOnline { return "\(missed), fetched when connected" }
        if each.loading.isEmpty, let failure = each.failure { return "\(missed): \(failure)" }
        return "\(missed), fetching"
    }

    private static func draw(_ lines: [Segment], _ scene: Scene, on canvas: inout Canvas) {
        let pad = canvas.columns >= 30 ? 2 : 0
        var row = canvas.rows > lines.count + 2 ? 1 : 0
        for line in lines {
            for part in TextWrap.wrap(line.text, max(1, canvas.columns - 2 * pad)) {
                canvas.put(part, at: pad, row, role: line.role)
                row += 1
            }
        }
    }
}
