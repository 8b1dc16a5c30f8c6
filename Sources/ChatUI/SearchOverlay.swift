import Chat
import Screen

/// The box in which one searches, with what was found.
enum SearchOverlay {
    static func draw(_ scene: Scene, _ box: SearchBox, on canvas: inout Canvas) {
        let size = scene.layout.size
        let isFramed = size.columns >= 20 && size.rows >= 5
        let area = Rect(column: 0, row: 0, columns: size.columns, rows: size.rows)
        canvas.fill(area)
        if isFramed {
            canvas.box(area, scene.glyphs, role: .focusedBorder)
            let place = box.place.map { "in " + scene.chat.title(of: $0) } ?? "everywhere"
            canvas.put(" Search \(place) ", at: 2, 0, role: .title, limit: size.columns - 4)
            let other = box.here == nil ? "" : box.place == nil ? "Tab here only, " : "Tab everywhere, "
            canvas.put(
                firstThatFits: [
                    " \(other)Enter goes there, Esc closes ", " Enter goes there, Esc closes ", " Esc closes ",
                ], endingAt: size.columns - 2, size.rows - 1, room: size.columns - 4, role: .dim)
        }
        canvas.draw(in: isFramed ? area.inset(columns: 2, rows: 1) : area) { pane in
            pane.put(box.query.text, at: 0, 0, role: .input)
            let cursor = InputRows(box.query, width: 10_000).cursor.column
            let (note, role) = note(box, scene)
            if cursor + TextWidth.of(note) + 2 < pane.columns { pane.put(note, endingAt: pane.columns, 0, role: role) }
            drawFound(box, scene, &pane)
            pane.placeCursor(at: min(cursor, pane.columns - 1), 0)
        }
    }

    private static func note(_ box: SearchBox, _ scene: Scene) -> (String, Role) {
        if let failure = box.failure { return (failure, .error) }
        if box.isAsking { return ("searching\(scene.glyphs.ellipsis)", .notice) }
        guard box.answered != nil else { return ("at least \(SearchBox.leastLetters) letters", .dim) }
        guard !box.found.isEmpty else { return ("nothing found", .dim) }
        let isCut = box.found.count >= SearchQuery.maxFound
        return ((isCut ? "first " : "") + Words.count(box.found.count, "message", "messages"), .dim)
    }

    private static func drawFound(_ box: SearchBox, _ scene: Scene, _ pane: inout Canvas) {
        let room = pane.rows - 1
        guard room > 0 else { return }
        let top = min(max(0, box.index - room + 1), max(0, box.found.count - room))
        for (offset, message) in box.found.dropFirst(top).prefix(room).enumerated() {
            let row = offset + 1
            var column = 2
            for (text, width, role) in heads(message, box, scene, pane.columns) {
                let shown = TextWidth.truncated(text, columns: width, ellipsis: scene.glyphs.ellipsis)
                pane.put(shown, at: column, row, role: role)
                column += width + 1
            }
            let line = Printable.line(
                (message.text ?? "").split(whereSeparator: \.isNewline).joined(separator: " "))
            let snippet = Snippet(line, words: box.words, columns: pane.columns - column)
            for part in snippet.isOneOrder ? snippet.parts : [(snippet.text, false)] {
                column += pane.put(part.text, at: column, row, role: part.isMatch ? .match : .plain)
            }
            if top + offset == box.index {
                pane.restyle(Rect(column: 0, row: row, columns: pane.columns, rows: 1), role: .selected)
                pane.put(">", at: 0, row, role: .selected)
            }
        }
    }

    /// When, where and who, as far as there is room.
    private static func heads(
        _ message: Message, _ box: SearchBox, _ scene: Scene, _ columns: Int
    ) -> [(text: String, width: Int, role: Role)] {
        guard columns >= 40 else { return [] }
        let time = scene.calendar(message.at)
        let now = scene.calendar(scene.now.date)
        let isToday = (time.day, time.month, time.year) == (now.day, now.month, now.year)
        let clock = Words.clock(time, uses24Hours: scene.settings.uses24Hours)
        var heads: [(text: String, width: Int, role: Role)] = [
            (isToday ? clock : Words.date(time, currentYear: now.year), 11, .timestamp)
        ]
        if box.place == nil { heads.append((scene.chat.title(of: message.conversation), 10, .peerName)) }
        if box.place != nil || message.conversation.isRoom || message.from == scene.chat.me {
            let isMine = message.from == scene.chat.me
            heads.append((isMine ? "you" : scene.chat.roster.label(of: message.from), 8, isMine ? .ownName : .peerName))
        }
        return heads
    }
}

/// A line cut so that the first word looked for is in it, in parts that match and parts that do not.
struct Snippet {
    private(set) var parts: [(text: String, isMatch: Bool)] = []

    var text: String { parts.reduce("") { $0 + $1.text } }
    /// Whether the parts stand from left to right: right-to-left text is ordered as a whole line or not at all.
    var isOneOrder: Bool { !TextOrder.mayNeedOrder(text[...]) }

    /// - Parameter words: folded.
    init(_ line: String, words: [String], columns: Int) {
        guard columns > 0 else { return }
        let characters = Array(line)
        let folded = characters.map { Array(Folding.fold(String($0)).unicodeScalars) }
        let wanted = words.map { Array($0.unicodeScalars) }.filter { !$0.isEmpty }
        func length(at index: Int) -> Int? {
            wanted.lazy.compactMap { word -> Int? in
                var left = word[...]
                for end in index..<folded.count {
                    guard !folded[end].isEmpty, left.starts(with: folded[end]) else { return nil }
                    left = left.dropFirst(folded[end].count)
                    if left.isEmpty { return end + 1 - index }
                }
                return nil
            }.first
        }
        let first = characters.indices.first { length(at: $0) != nil } ?? 0
        // Enough before it to see what it is about.
        var index = first + 12 > columns ? max(0, first - 12) : 0
        var left = columns
        if index > 0 {
            parts.append(("..", false))
            left -= 2
        }
        while index < characters.count, left > 0 {
            let count = length(at: index) ?? 1
            let text = String(characters[index..<index + count])
            let width = TextWidth.of(text)
            guard width <= left else { return }
            let isMatch = length(at: index) != nil
            if let last = parts.last, last.isMatch == isMatch {
                parts[parts.count - 1].text += text
            } else {
                parts.append((text, isMatch))
            }
            left -= width
            index += count
        }
    }
}
