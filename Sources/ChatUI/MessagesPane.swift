import Chat
import Screen

/// What was said in the open conversation.
enum MessagesPane {
    static func draw(_ scene: Scene, on canvas: inout Canvas) {
        guard let name = scene.chat.open else { return draw(EmptyPane.withoutConversation(scene), scene, on: &canvas) }
        let view = scene.ui.view(name)
        let flow = MessageFlow(
            scene.chat, name, hiddenThrough: view.hiddenThrough, width: canvas.columns, zone: scene.ui.zone,
            settings: scene.settings, cutsCode: view.cutsCode, ruleAfter: scene.ui.ruleAfter(scene.chat, name))
        guard !flow.isEmpty else { return draw(EmptyPane.withoutMessages(name, scene), scene, on: &canvas) }
        let rows = flow.window(view.anchor, height: canvas.rows)
        let selected = scene.ui.focus == .messages ? view.selection.flatMap(flow.index(of:)) : nil
        var links = MessageLinks()
        for (offset, row) in rows.enumerated() {
            switch row.content {
            case .rule(let rule): draw(rule, offset, view, flow, scene, &canvas)
            case .start: put(startText(flow, scene), offset, .dim, flow, scene, &canvas)
            case .gap: put(gapText(flow, scene), offset, .unseenRule, flow, scene, &canvas)
            case .text(let text):
                drawHead(row, offset, flow, scene, &canvas)
                drawText(text, row, offset, flow, scene, &links, &canvas)
                drawMark(row, offset, flow, scene, &canvas)
            case .code(let code):
                drawHead(row, offset, flow, scene, &canvas)
                drawCode(code, offset, flow, scene, &canvas)
                drawMark(row, offset, flow, scene, &canvas)
            case .failure(let text): canvas.put(text, at: flow.columns.textColumn, offset, role: .failed)
            case .question(let text): canvas.put(text, at: flow.columns.textColumn, offset, role: .notice)
            }
            guard row.block == selected, row.line >= 0 else { continue }
            canvas.restyle(Rect(column: 0, row: offset, columns: canvas.columns, rows: 1), role: .selected)
            canvas.put(">", at: 0, offset, role: .selected)
            if row.line == 0 { canvas.placeCursor(at: 0, offset) }
        }
    }

    /// Time and name, where they are not those of the line above.
    private static func drawHead(
        _ row: MessageFlow.Row, _ offset: Int, _ flow: MessageFlow, _ scene: Scene, _ canvas: inout Canvas
    ) {
        guard row.line == 0, let sender = flow.sender(row.block) else { return }
        let columns = flow.columns
        let isMine = sender.user == scene.chat.me
        let isRepeated = offset > 0 && flow.continues(row.block)
        let isSameMinute = isRepeated && minute(flow.sender(row.block - 1)?.at) == minute(sender.at)
        if columns.time > 0, !isSameMinute {
            let time = Words.clock(flow.calendar(sender.at), uses24Hours: scene.settings.uses24Hours)
            canvas.put(time, at: columns.timeColumn, offset, role: .timestamp)
        }
        if flow.isAction(row.block) {
            canvas.put("*", at: columns.nameColumn, offset, role: isMine ? .ownName : role(of: sender.user, flow))
        } else if !isRepeated {
            let name = PersonName.fit(
                sender.user, scene.chat.roster, columns: columns.name, ellipsis: scene.glyphs.ellipsis)
            let isMention = isMention(row.block, flow, scene)
            canvas.put(
                name, at: columns.nameColumn, offset,
                role: isMine ? .ownName : isMention ? .mention : role(of: sender.user, flow))
        }
    }

    private static func minute(_ at: Timestamp?) -> Int64? { at.map { $0.milliseconds / 60_000 } }

    /// In a room everybody has a colour of their own, as far as there are any.
    private static func role(of user: UserID, _ flow: MessageFlow) -> Role {
        guard flow.conversation.name.isRoom else { return .peerName }
        let sum = user.text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return Role.persons[Int(sum >> 8) % Role.persons.count]
    }

    private static func drawText(
        _ text: Substring, _ row: MessageFlow.Row, _ offset: Int, _ flow: MessageFlow, _ scene: Scene,
        _ links: inout MessageLinks, _ canvas: inout Canvas
    ) {
        let isMine = flow.sender(row.block)?.user == scene.chat.me
        let role: Role = isMine ? .ownMessage : .plain
        links.read(row.block, flow, &canvas)
        let direction = links.direction(of: text)
        if let row = links.tables.expanded(text, columns: flow.columns.text) {
            let numbers = links.spans(in: text).map(\.link)
            let spans = zip(Links.ranges(in: row[...]), numbers).map { Span($0, role: .link, link: $1) }
            canvas.put(row[...], at: flow.columns.textColumn, offset, role: role, spans: spans, direction: direction)
            return
        }
        canvas.put(
            text, at: flow.columns.textColumn, offset, role: role, spans: links.spans(in: text), direction: direction)
    }

    private static func drawCode(
        _ code: Substring, _ offset: Int, _ flow: MessageFlow, _ scene: Scene, _ canvas: inout Canvas
    ) {
        let columns = flow.columns
        guard TextWidth.of(code) > columns.text else {
            canvas.put(code, at: columns.textColumn, offset, role: .code)
            return
        }
        let width = columns.text - TextWidth.of(scene.glyphs.ellipsis)
        canvas.put(code, at: columns.textColumn, offset, role: .code, limit: width)
        canvas.put(scene.glyphs.ellipsis, at: columns.textColumn + width, offset, role: .mark)
    }

    private static func drawMark(
        _ row: MessageFlow.Row, _ offset: Int, _ flow: MessageFlow, _ scene: Scene, _ canvas: inout Canvas
    ) {
        guard flow.sender(row.block)?.user == scene.chat.me, isEnd(row, flow) else { return }
        if let mark = mark(row.block, flow, scene) {
            canvas.put(mark.text, endingAt: flow.columns.markEnd, offset, role: mark.role)
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
        switch flow.block(row.block) {
        case .outgoing(let message): guard case .failed = message.state else { return false }
        // What is told below it: that a script sent it, a question's choices.
        case .message: break
        case .start, .gap: return false
        }
        let own = flow.lines(row.block).prefix { line in
            switch line {
            case .failure, .question: false
            case .rule, .text, .code, .start, .gap: true
            }
        }
        return row.line == own.count - 1
    }

    private static func mark(_ block: Int, _ flow: MessageFlow, _ scene: Scene) -> Segment? {
        let glyphs = scene.glyphs
        switch flow.block(block) {
        case .message(let message):
            return switch flow.conversation.deliveryState(of: message) {
            case .seen: Segment(glyphs.seen, .delivered)
            case .sent: Segment(glyphs.sent, .delivered)
            case .relayed: Segment(glyphs.relayed, .sending)
            }
        case .outgoing(let message):
            return switch message.state {
            case .failed: Segment(glyphs.failed, .failed)
            case .relayed: Segment(glyphs.relayed, .sending)
            case .accepted, .queued, .sending: Segment(glyphs.sending, .sending)
            }
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
        if each.reachesStart { return scene.chat.isLiveOnly ? "live only from here" : "the beginning" }
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

/// The links of the message being drawn: each is one however many rows it takes.
private struct MessageLinks {
    private var block = -1
    private var text = ""
    private var mayNeedOrder = false
    private(set) var tables = TextTables("")
    private var links: [(range: Range<String.Index>, number: Int)] = []

    mutating func read(_ block: Int, _ flow: MessageFlow, _ canvas: inout Canvas) {
        guard block != self.block else { return }
        self.block = block
        text = flow.shownText(block) ?? ""
        tables = TextTables(text)
        mayNeedOrder = TextOrder.mayNeedOrder(text[...])
        links = Links.ranges(in: text[...]).map { ($0, canvas.link(to: String(text[$0]))) }
    }

    func spans(in line: Substring) -> [Span] {
        guard !links.isEmpty, line.base == text else { return [] }
        return links.compactMap { link in
            let range = link.range.clamped(to: line.startIndex..<line.endIndex)
            return range.isEmpty ? nil : Span(range, role: .link, link: link.number)
        }
    }

    /// A line goes the way its paragraph goes, which may have begun lines before.
    func direction(of line: Substring) -> TextOrder.Direction {
        guard mayNeedOrder else { return .leftToRight }
        let bytes = line.base.utf8
        let start = bytes[..<line.startIndex].lastIndex(of: 0x0A).map(bytes.index(after:)) ?? line.base.startIndex
        return TextOrder.direction(of: line.base[start..<line.endIndex])
    }
}
