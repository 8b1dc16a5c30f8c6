package import Chat
import Screen

/// The same commands without a screen.
extension UIState {
    /// A whole line as linear mode reads it: sent to the open conversation, or done where it is a command. Nothing of it
    /// stays in the input: a line that could not be used is told of in `noticeText` and typed again.
    package mutating func submit(line: String, chat: ChatState, now: Moment) -> [UIEffect] {
        focus = .input
        overlay = nil
        notice = nil
        change(chat.open) { $0.input = InputLine(InputLine.withoutControls(line)) }
        let effects = noteActivity(chat, now) + submit(chat, now)
        change(chat.open) { $0.input = InputLine() }
        return effects
    }

    /// The page a command like `/who` showed, to be printed instead; it is closed.
    package mutating func takePage() -> [String]? {
        switch overlay {
        case .page(_, let lines, _):
            overlay = nil
            return lines
        case .help:
            overlay = nil
            return SlashCommand.all.map { "\($0.usage): \($0.help)" }
        case .links(let links):
            overlay = nil
            return links.items.isEmpty ? ["no links in what is at hand here"] : links.items.reversed().map(\.address)
        case .search(let box):
            guard !box.isAsking else { return nil }
            overlay = nil
            if let failure = box.failure { return [failure] }
            return box.found.isEmpty
                ? ["nothing found"] : box.found.map { "\($0.at.rfc3339) \($0.from): \($0.text ?? "")" }
        case .switcher, .canned, .question, nil: return nil
        }
    }
}
