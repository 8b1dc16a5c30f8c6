import Chat
import Screen

/// Going somewhere by typing some of its name: conversations and people, or actions after `>`.
struct Switcher: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        var title: String
        var detail: String
        var target: Target
    }

    enum Target: Equatable, Sendable {
        case conversation(ConversationName)
        case action(UICommand)
    }

    static let limit = 100

    private(set) var query: InputLine
    private(set) var items: [Item] = []
    private(set) var index = 0

    init(_ chat: ChatState, query: String, keys: KeyMap = .standard) {
        self.query = InputLine(query)
        search(chat, keys: keys)
    }

    var chosen: Item? { items.indices.contains(index) ? items[index] : nil }

    mutating func move(by step: Int) {
        guard !items.isEmpty else { return }
        index = abs(step) == 1 ? (index + step + items.count) % items.count : min(max(0, index + step), items.count - 1)
    }

    mutating func insert(_ text: String) { query.insert(text) }

    /// Edits the query by the keys of the input; false for a key that edits nothing.
    mutating func edit(_ key: Key, _ keys: KeyMap, _ ring: inout KillRing) -> Bool {
        if let character = key.typed { return query.insert(String(character)) }
        switch keys.command(for: [key], in: .input) {
        case .left: query.moveLeft()
        case .right: query.moveRight()
        case .wordLeft: query.moveWordLeft()
        case .wordRight: query.moveWordRight()
        case .lineStart: query.moveToLineStart()
        case .lineEnd: query.moveToLineEnd()
        case .deleteBackward: query.deleteBackward()
        case .deleteForward: query.deleteForward()
        case .killToEnd: query.killToLineEnd(into: &ring)
        case .killToStart: query.killToLineStart(into: &ring)
        case .killBlankWord: query.killBlankWordBackward(into: &ring)
        case .killWordBackward: query.killWordBackward(into: &ring)
        case .killWordForward: query.killWordForward(into: &ring)
        case .yank: query.yank(from: &ring)
        case .undo: query.undo()
        default: return false
        }
        return true
    }

    /// Looks again for what the query says.
    mutating func search(_ chat: ChatState, keys: KeyMap) {
        index = 0
        let text = query.text
        if text.hasPrefix(">") {
            items = Self.actions(UIState.trimmed(String(text.dropFirst())), keys)
        } else {
            items = Self.conversations(UIState.trimmed(text), chat)
        }
    }

    private static func actions(_ query: String, _ keys: KeyMap) -> [Item] {
        let offered = CommandTable.all.filter { $0.place == .anywhere && $0.command != .jump && $0.command != .palette }
        let fuzzy = Fuzzy(query)
        let found = offered.compactMap { info -> (Int, Item)? in
            let name = info.command.rawValue.split(separator: "-").joined(separator: " ")
            guard let score = fuzzy.score(name) ?? fuzzy.score(info.help).map({ $0 - 50 }) else { return nil }
            return (score, Item(title: name, detail: keys.names(of: info.command), target: .action(info.command)))
        }
        return query.isEmpty ? found.map(\.1) : found.sorted { $0.0 > $1.0 }.map(\.1)
    }

    private struct Candidate {
        let score: Int
        let title: String
        let name: ConversationName
        let peer: UserID?
    }

    private static func conversations(_ query: String, _ chat: ChatState) -> [Item] {
        guard let me = chat.me else { return [] }
        let fuzzy = Fuzzy(query)
        var found: [Candidate] = []
        var taken: Set<UserID> = [me]
        for each in chat.conversations.values {
            let peer = each.name.peer(of: me)
            if let peer { taken.insert(peer) }
            if query.isEmpty, each.name == chat.open { continue }
            if peer != nil, !RosterOrder.hasHistory(each, open: chat.open) && query.isEmpty { continue }
            let title = chat.title(of: each.name)
            guard let score = fuzzy.score(title, or: peer?.text) else { continue }
            // Unseen first, then the most recent, where the text says no more.
            let recency =
                each.lastAt.map { min(9, max(0, Int(($0.milliseconds - 1_700_000_000_000) / 20_000_000_000))) } ?? 0
            let waits = each.unseen > 0 ? 40 : 0
            found.append(Candidate(score: score * 4 + waits + recency, title: title, name: each.name, peer: peer))
        }
        for peer in chat.roster.all where !taken.contains(peer.id) {
            guard let score = fuzzy.score(peer.name, or: peer.id.text), let name = ConversationName(me, peer.id)
            else { continue }
            let presence = peer.isOnline ? -2 : -4
            found.append(Candidate(score: score * 4 + presence, title: peer.name, name: name, peer: peer.id))
        }
        found.sort { $0.score != $1.score ? $0.score > $1.score : $0.title < $1.title }
        var items = found.prefix(limit).map { item($0.name, $0.peer, chat) }
        if let stranger = UserID(query), chat.roster[stranger] == nil, let name = ConversationName(me, stranger),
            !items.contains(where: { $0.target == .conversation(name) })
        {
            items.append(Item(title: query, detail: "write to this id", target: .conversation(name)))
        }
        return items
    }

    private static func item(_ name: ConversationName, _ peer: UserID?, _ chat: ChatState) -> Item {
        let title = chat.title(of: name)
        let unseen = chat.conversations[name]?.unseen ?? 0
        let presence = peer.map { chat.roster.isOnline($0) ? "online" : "offline" } ?? "room"
        let id = peer.map { $0.text == title ? "" : "\($0.text)  " } ?? ""
        return Item(
            title: title, detail: id + (unseen > 0 ? "(\(unseen))  " : "") + presence, target: .conversation(name))
    }
}
