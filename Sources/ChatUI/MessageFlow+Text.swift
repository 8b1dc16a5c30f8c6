import Chat
import Screen

// The words of a message as lines of the pane.

extension MessageFlow {
    /// How a text that says what its sender does begins.
    static let actionPrefix = "/me "

    func isAction(_ index: Int) -> Bool { text(index)?.hasPrefix(Self.actionPrefix) ?? false }

    /// What was said; nil for what is no message, and for a text that is not here.
    func text(_ index: Int) -> String? {
        switch block(index) {
        case .message(let message): message.text
        case .outgoing(let message): message.text
        case .start, .gap: nil
        }
    }

    /// The same as it is shown: an act begins with who does it.
    func shownText(_ index: Int) -> String? {
        guard let text = text(index), text.hasPrefix(Self.actionPrefix), let user = sender(index)?.user else {
            return text(index)
        }
        return roster.label(of: user) + " " + text.dropFirst(Self.actionPrefix.count)
    }

    func lines(_ index: Int) -> [Line] {
        switch block(index) {
        case .start: return [.start]
        case .gap: return [.gap]
        case .message, .outgoing:
            let lines = shownText(index).map(wrapped) ?? [.text("(a long message, fetching it)")]
            if case .message(let message) = block(index) {
                // Once for those that stand together. A question says by its form what it is.
                let isMarked = message.isAutomated && message.question == nil && !continues(index)
                let notes =
                    (isMarked ? ["(automated)"] : [])
                    + QuestionLines.notes(message, conversation, me: me) { calendar($0) }
                return lines + notes.flatMap { TextWrap.wrap($0, columns.text).map { .question($0) } }
            }
            guard case .outgoing(let message) = block(index), case .failed(let reason) = message.state else {
                return lines
            }
            let note = "not sent: \(reason) (Esc, then r retry, e edit, d discard)"
            return lines + TextWrap.wrap(note, columns.text).map { .failure($0) }
        }
    }

    private func wrapped(_ text: String) -> [Line] {
        var lines: [Line] = []
        let tables = TextTables(text)
        for part in CodeFence.parts(text) {
            if !part.isCode, !tables.isEmpty {
                for line in part.text.lines {
                    let isRow = tables.expanded(line, columns: columns.text) != nil
                    lines += (isRow ? [line] : TextWrap.wrap(line, columns.text)).map { .text($0) }
                }
            } else if !part.isCode {
                lines += TextWrap.wrap(part.text, columns.text).map { .text($0) }
            } else if cutsCode {
                lines.append(.code(part.text))
            } else {
                lines += TextWrap.fold(String(part.text), columns.text).map { .code($0) }
            }
        }
        return lines
    }

    /// Whether a message goes on where the one above it ended: same sender, soon after, no rule between.
    func continues(_ index: Int) -> Bool {
        guard index > 0, let this = sender(index), let last = sender(index - 1), this.user == last.user,
            rules(index).isEmpty, !isAction(index), !isAction(index - 1), isAutomated(index) == isAutomated(index - 1)
        else { return false }
        return abs(this.at.milliseconds - last.at.milliseconds) <= Self.togetherMilliseconds
    }

    private func isAutomated(_ index: Int) -> Bool {
        if case .message(let message) = block(index) { message.isAutomated } else { false }
    }

    /// Within this time what one person says stands below their name once.
    private static let togetherMilliseconds: Int64 = 5 * 60_000
}
