import Chat
import Screen

/// What was sent before, one line at a time or by some of its text.
extension UIState {
    /// Own messages of this conversation, so that `↑` works after a restart too.
    mutating func seedHistory(_ chat: ChatState) {
        guard !view(chat.open).history.isSeeded else { return }
        let mine = chat.open.map { chat.conversation($0).messages.reversed() }?.lazy
            .filter { $0.from == chat.me }.compactMap(\.text).prefix(InputHistory.limit)
        change(chat.open) { $0.history.seed(mine.map { Array($0).reversed() } ?? []) }
    }

    mutating func remember(_ text: String, _ chat: ChatState) {
        seedHistory(chat)
        change(chat.open) { $0.history.add(text) }
    }

    /// Up or down a row of the input; from its first or last row into what was sent before.
    mutating func moveInHistory(_ step: Int, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let width = InputPane.textWidth(layout(chat).input.columns)
        var moved = false
        move(chat) { moved = $0.moveRow(by: step, width: width) }
        guard !moved else { return [] }
        if chat.open == nil, loose.input.isEmpty {
            enterList(chat)
            return []
        }
        seedHistory(chat)
        let current = view(chat.open).input.text
        var line: String?
        change(chat.open) { line = step < 0 ? $0.history.older(than: current) : $0.history.newer(than: current) }
        guard let line else { return [] }
        return edit(chat, now) { $0.replace(with: line) }
    }

    /// A key while a search through the history goes on; nil ends the search and lets the key do what it does.
    mutating func pressInSearch(_ key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect]? {
        guard var search = view(chat.open).search else { return nil }
        let history = view(chat.open).history
        switch key {
        case .escape, "Ctrl-G", "Ctrl-C":
            change(chat.open) { $0.search = nil }
            return []
        case _ where keys.command(for: [key], in: .input) == .historySearch:
            let older = history.search(search.query, before: search.found)
            search.failed = older == nil
            search.found = older ?? search.found
        case _ where Self.deletes(keys.command(for: [key], in: .input)):
            guard !search.query.isEmpty else {
                change(chat.open) { $0.search = nil }
                return []
            }
            search.query.removeLast()
            search.found = history.search(search.query, before: nil)
            search.failed = search.found == nil && !search.query.isEmpty
        default:
            guard let character = key.typed else {
                // Enter takes the line into the input and does not send it.
                change(chat.open) { $0.search = nil }
                guard let found = search.found, history.entries.indices.contains(found) else {
                    return key == .enter ? [] : nil
                }
                let effects = edit(chat, now) { $0.replace(with: history.entries[found]) }
                return key == .enter ? effects : effects + press(again: key, chat, now)
            }
            search.query.append(character)
            let end = search.found.map { $0 + 1 }
            let found = history.search(search.query, before: end)
            search.failed = found == nil
            search.found = found ?? search.found
        }
        change(chat.open) { $0.search = search }
        return []
    }

    private static func deletes(_ command: UICommand?) -> Bool {
        command == .deleteBackward || command == .killWordBackward
    }

    private mutating func press(again key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let command = keys.command(for: [key], in: .input) else { return [] }
        return perform(command, key, chat, now)
    }
}
