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
        case slash(SlashCommand.Name)
        case account(String)
    }

    static let limit = 100

    private(set) var query: InputLine
    private(set) var items: [Item] = []
    private(set) var index = 0

    init(
        _ chat: ChatState, query: String, keys: KeyMap = .standard, waits: [UIState.ShownWait] = [],
        accounts: [String] = []
    ) {
        self.query = InputLine(query)
        search(chat, keys: keys, waits: waits, accounts: accounts)
    }

    var chosen: Item? { items.indices.contains(index) ? items[index] : nil }

    mutating func move(by step: Int) {
        guard !items.isEmpty else { return }
        index = abs(step) == 1 ? (index + step + items.count) % items.count : min(max(0, index + step), items.count - 1)
    }

    mutating func insert(_ text: String) { query.insert(text) }

    /// Edits the query by the keys of the input; false for a key that edits nothing.
    mutating func edit(_ key: Key, _ keys: KeyMap, _ ring: inout KillRing) -> Bool { query.edit(key, keys, &ring) }

    /// Looks again for what the query says.
    ///
    /// - Parameter accounts: those one may go on as.
    mutating func search(_ chat: ChatState, keys: KeyMap, waits: [UIState.ShownWait], accounts: [String]) {
        index = 0
        let text = query.text
        if text.hasPrefix(">") {
            items = Self.actions(UIState.trimmed(String(text.dropFirst())), keys, accounts)
        } else {
            items = Self.conversations(UIState.trimmed(text), chat, waits)
        }
    }

    /// What can be done from here: by key, and by commands that need nothing said with them.
    private static func actions(_ query: String, _ keys: KeyMap, _ accounts: [String]) -> [Item] {
        let fuzzy = Fuzzy(query)
        var found: [(score: Int, item: Item)] = []
        for info in CommandTable.all
        where (info.place == .anywhere || info.place == .input) && info.command != .jump && info.command != .palette {
            let name = info.command.rawValue.split(separator: "-").joined(separator: " ")
            guard let score = fuzzy.score(name) ?? fuzzy.score(info.help).map({ $0 - 50 }) else { continue }
            found.append(
                (score, Item(title: name, detail: keys.names(of: info.command), target: .action(info.command))))
        }
        for command in SlashCommand.all where command.arguments.isEmpty || command.arguments.hasPrefix("[") {
            guard let score = fuzzy.score(command.name.rawValue) ?? fuzzy.score(command.help).map({ $0 - 50 }) else {
                continue
            }
            let usage = "/" + command.name.rawValue
            found.append((score, Item(title: command.help, detail: usage, target: .slash(command.name))))
        }
        for name in accounts {
            let title = "go on as account \(name)"
            guard let score = fuzzy.score(title) else { continue }
            found.append((score, Item(title: title, detail: "/account \(name)", target: .account(name))))
        }
        guard !query.isEmpty else { return found.map(\.item) }
        return found.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element.item)
    }

    private struct Candidate {
        let score: Int
        /// Who waits, then what is unseen, then what has a history, then who is online, then the rest.
        let group: Int
        /// Less comes first in its group.
        let order: Int64
        let title: String
        let name: ConversationName
        let peer: UserID?

        static func comesBefore(_ a: Candidate, _ b: Candidate) -> Bool {
            if a.score != b.score { return a.score > b.score }
            if a.group != b.group { return a.group < b.group }
            return a.order != b.order ? a.order < b.order : a.title < b.title
        }
    }

    private static func conversations(_ query: String, _ chat: ChatState, _ waits: [UIState.ShownWait]) -> [Item] {
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
            let wait = waits.firstIndex { $0.name == each.name }
            found.append(
                Candidate(
                    score: score, group: wait != nil ? 0 : each.unseen > 0 ? 1 : each.lastAt != nil ? 2 : 3,
                    order: wait.map(Int64.init) ?? -(each.lastAt?.milliseconds ?? 0), title: title, name: each.name,
                    peer: peer))
        }
        for peer in chat.roster.all where !taken.contains(peer.id) {
            guard let score = fuzzy.score(peer.name, or: peer.id.text), let name = ConversationName(me, peer.id)
            else { continue }
            found.append(
                Candidate(
                    score: score, group: peer.isOnline ? 4 : 5, order: 0, title: chat.roster.label(of: peer.id),
                    name: name,
                    peer: peer.id))
        }
        found.sort(by: Candidate.comesBefore)
        var items = found.prefix(limit).map { each in
            item(each.name, each.peer, chat, waits.first { $0.name == each.name })
        }
        if let stranger = UserID(query), chat.roster[stranger] == nil, let name = ConversationName(me, stranger),
            !items.contains(where: { $0.target == .conversation(name) })
        {
            items.append(Item(title: query, detail: "write to this id", target: .conversation(name)))
        }
        return items
    }

    private static func item(
        _ name: ConversationName, _ peer: UserID?, _ chat: ChatState, _ wait: UIState.ShownWait?
    ) -> Item {
        let title = chat.title(of: name)
        let unseen = chat.conversations[name]?.unseen ?? 0
        let known = peer.flatMap { chat.roster[$0] }
        let state = known?.isOnline == true ? (known?.availability?.state ?? .available).rawValue : "offline"
        let parts = [
            peer.flatMap { $0.text == title ? nil : $0.text }, unseen > 0 ? "(\(unseen))" : nil, wait?.long,
            peer == nil ? "room" : state == "available" ? "online" : state,
        ]
        return Item(
            title: title, detail: parts.compactMap(\.self).joined(separator: "  "), target: .conversation(name))
    }
}
