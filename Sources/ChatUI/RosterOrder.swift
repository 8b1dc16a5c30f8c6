import Chat

/// The list of conversations and people, in the order it is shown: online first, then by last message; then those who
/// are offline but have history; the lobby last.
///
/// Kept between frames, because putting 10,000 people in order takes longer than drawing forty of them. While the list
/// has the focus the order is frozen: nothing moves under the cursor, who is new stands at the end of their part.
struct RosterOrder: Equatable, Sendable {
    /// With a conversation and online, newest first; then everybody else online, by name; offline with history; rooms.
    private(set) var recent: [ConversationName] = []
    private(set) var online: [UserID] = []
    private(set) var offline: [ConversationName] = []
    private(set) var rooms: [ConversationName] = []

    private var me: UserID?
    private var onlineCount = -1
    private var peerCount = -1

    var count: Int { recent.count + online.count + offline.count + rooms.count }
    /// The first entry of those offline.
    var offlineStart: Int { recent.count + online.count }
    var roomStart: Int { offlineStart + offline.count }

    /// The conversation at a place in the list.
    subscript(index: Int) -> ConversationName? {
        if index < 0 { return nil }
        if index < recent.count { return recent[index] }
        if index < offlineStart {
            return me.flatMap { ConversationName($0, online[index - recent.count]) }
        }
        if index < roomStart { return offline[index - offlineStart] }
        return index < count ? rooms[index - roomStart] : nil
    }

    func index(of name: ConversationName) -> Int? {
        if let index = recent.firstIndex(of: name) { return index }
        if let peer = me.flatMap(name.peer(of:)), let index = online.firstIndex(of: peer) {
            return recent.count + index
        }
        if let index = offline.firstIndex(of: name) { return offlineStart + index }
        return rooms.firstIndex(of: name).map { roomStart + $0 }
    }

    /// Follows the chat. `arrivals` are those whose presence changed since the last time, where that is known.
    mutating func follow(_ chat: ChatState, presence changed: [UserID] = [], isFrozen: Bool) {
        guard let me = chat.me else {
            self = RosterOrder()
            return
        }
        let isOther = me != self.me
        self.me = me
        followConversations(chat, me: me, isFrozen: isFrozen && !isOther)
        followPresence(chat, me: me, changed: changed, isFrozen: isFrozen && !isOther, isOther: isOther)
    }

    private mutating func followConversations(_ chat: ChatState, me: UserID, isFrozen: Bool) {
        let known = chat.conversations.values.filter { each in
            each.name.peer(of: me) != nil && Self.hasHistory(each, open: chat.open)
        }
        guard !isFrozen else {
            let held = Set(recent).union(offline)
            let new = known.map(\.name).filter { !held.contains($0) }
            recent += new.filter { name in
                name.peer(of: me).map { chat.roster.isOnline($0) && !online.contains($0) } ?? false
            }
            offline += new.filter { name in
                name.peer(of: me).map { !chat.roster.isOnline($0) && !online.contains($0) } ?? false
            }
            return
        }
        let ordered = known.sorted { a, b in
            let (x, y) = (a.lastAt?.milliseconds ?? .min, b.lastAt?.milliseconds ?? .min)
            return x != y ? x > y : a.name.channel < b.name.channel
        }
        recent = ordered.filter { $0.name.peer(of: me).map(chat.roster.isOnline) ?? false }.map(\.name)
        offline = ordered.filter { !($0.name.peer(of: me).map(chat.roster.isOnline) ?? false) }.map(\.name)
        let others = chat.conversations.keys.filter { $0.isRoom && $0 != chat.lobby }.sorted { $0.channel < $1.channel }
        rooms = others + [chat.lobby]
    }

    private mutating func followPresence(
        _ chat: ChatState, me: UserID, changed: [UserID], isFrozen: Bool, isOther: Bool
    ) {
        if rooms.isEmpty { rooms = [chat.lobby] }
        guard !isFrozen else {
            let held = Set(online).union(recent.compactMap { $0.peer(of: me) }).union(
                offline.compactMap { $0.peer(of: me) })
            // A snapshot of the whole roster names nobody in particular.
            let others = chat.roster.onlineCount - (chat.roster.isOnline(me) ? 1 : 0)
            let isSnapshot = changed.isEmpty && others > online.count + recent.count
            let candidates = isSnapshot ? chat.roster.all.map(\.id).sorted() : changed
            online += candidates.filter { chat.roster.isOnline($0) && !held.contains($0) && $0 != me }
            onlineCount = -1
            return
        }
        let withConversation = Set(recent.compactMap { $0.peer(of: me) })
        let isFew = changed.count <= 200 && onlineCount >= 0 && !isOther
        if isFew {
            for user in Set(changed) where user != me {
                place(user, chat, isShownAbove: withConversation.contains(user))
            }
            if isRight(chat, me: me, above: withConversation) { return note(chat) }
        }
        online = chat.roster.all
            .filter { $0.isOnline && $0.id != me && !withConversation.contains($0.id) }
            .map { (name: $0.name.lowercased(), id: $0.id) }
            .sorted { $0.name != $1.name ? $0.name < $1.name : $0.id < $1.id }
            .map(\.id)
        note(chat)
    }

    private func isRight(_ chat: ChatState, me: UserID, above: Set<UserID>) -> Bool {
        let others = chat.roster.onlineCount - (chat.roster.isOnline(me) ? 1 : 0)
        guard online.count == others - above.count, chat.roster.all.count >= peerCount else { return false }
        // Whoever has a conversation now stands above.
        return above.count > online.count || !above.contains { self.find($0, chat).isThere }
    }

    private mutating func note(_ chat: ChatState) {
        onlineCount = chat.roster.onlineCount
        peerCount = chat.roster.all.count
    }

    private mutating func place(_ user: UserID, _ chat: ChatState, isShownAbove: Bool) {
        let (index, isThere) = find(user, chat)
        let belongs = chat.roster.isOnline(user) && !isShownAbove
        if belongs, !isThere { online.insert(user, at: index) }
        if !belongs, isThere { online.remove(at: index) }
    }

    /// Where somebody stands, or would stand, among those online without a conversation.
    private func find(_ user: UserID, _ chat: ChatState) -> (index: Int, isThere: Bool) {
        let name = chat.roster.name(of: user).lowercased()
        var low = 0
        var high = online.count
        while low < high {
            let middle = (low + high) / 2
            let other = chat.roster.name(of: online[middle]).lowercased()
            if other < name || (other == name && online[middle] < user) { low = middle + 1 } else { high = middle }
        }
        return (low, low < online.count && online[low] == user)
    }

    /// Whether a conversation belongs in the list while its peer is offline.
    static func hasHistory(_ each: Conversation, open: ConversationName?) -> Bool {
        each.name == open || each.lastSeq > 0 || !each.messages.isEmpty || !each.outbox.isEmpty || each.unseen > 0
    }
}
