package import Chat
import Screen

/// The same commands without a screen.
extension UIState {
    /// A whole line as linear mode reads it: sent to the open conversation, or done where it is a command. Nothing of it
    /// stays in the input: a line that could not be used is told of in `noticeText` and typed again.
    ///
    /// - Parameter keepsControls: the line comes from a program and is sent as it is, not from a keyboard.
    package mutating func submit(line: String, keepsControls: Bool = false, chat: ChatState, now: Moment) -> [UIEffect]
    {
        focus = .input
        overlay = nil
        notice = nil
        let line = keepsControls ? line : InputLine.withoutControls(line)
        let call = SlashCommand.Call(Self.trimmed(line))
        if let command = call.flatMap({ SlashCommand.named($0.word) }), command.needsScreen {
            say("/\(command.name.rawValue) needs the full screen", isError: true, now: now)
            return []
        }
        if chat.open == nil, call == nil || call?.word.lowercased() == "me", !Self.trimmed(line).isEmpty {
            say("no conversation is open; /query NAME opens one", isError: true, now: now)
            return []
        }
        change(chat.open) { $0.input = InputLine(line) }
        var effects = noteActivity(chat, now) + submit(chat, now)
        if case .question(.sendParts(let count)) = overlay {
            overlay = nil
            effects += sendParts(chat, now)
            say("too long for one message: sent in \(count) parts", now: now)
        } else if effects.contains(where: { if case .chat(.send) = $0 { true } else { false } }), !complains {
            // The line that says so comes with the answer of the desk.
            notice = nil
        }
        change(chat.open) { $0.input = InputLine() }
        return effects
    }

    /// What was put into the input by a command, to be sent where nobody can look at it first.
    package mutating func submitInput(chat: ChatState, now: Moment) -> [UIEffect] {
        let text = view(chat.open).input.text
        guard !text.isEmpty else { return [] }
        return submit(line: text, chat: chat, now: now)
    }

    /// Whether the desk was asked for something that is printed when the answer comes.
    package var awaitsAnswer: Bool {
        if case .search(let box) = overlay { box.isAsking } else { false }
    }

    /// The page a command like `/who` showed, to be printed instead; it is closed.
    package mutating func takePage(_ chat: ChatState, now: Moment) -> [String]? {
        switch overlay {
        case .page(_, let lines, _):
            overlay = nil
            return lines
        case .help:
            overlay = nil
            return SlashCommand.all.filter { !$0.needsScreen }.map { "\($0.usage): \($0.lineHelp ?? $0.help)" }
        case .links(let links):
            overlay = nil
            return links.items.isEmpty ? ["no links in what is at hand here"] : links.items.reversed().map(\.address)
        case .search(let box):
            guard !box.isAsking else { return nil }
            overlay = nil
            if let failure = box.failure { return [failure] }
            let today = CalendarTime(now.date, offsetSeconds: zone.offsetSeconds(now.date))
            let text = LinearText(zone: zone)
            return box.found.isEmpty
                ? ["nothing found"] : box.found.map { text.found($0, chat: chat, currentYear: today.year) }
        case .canned(let picker):
            overlay = nil
            return picker.items.isEmpty
                ? ["there are no canned replies"]
                : picker.items.map {
                    "\($0.name): \($0.text.split(whereSeparator: \.isNewline).joined(separator: " | "))"
                }
        case .switcher, .question, nil: return nil
        }
    }
}
