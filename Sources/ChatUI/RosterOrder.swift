import Chat

/// The list of conversations and people, in the order it is shown: those who are to stand first; who is here, by last
/// message; then those who are away; then those who cannot be written to; then those who are not here but have history;
/// the rooms last. Here is the room that is open, otherwise the lobby.
///
/// Kept between frames, because putting 10,000 people in order takes longer than drawing forty of them. While the list
/// has the focus the order is frozen: nothing moves under the cursor, who is new stands at the end of their part.
struct RosterOrder: Equatable, Sendable {
    /// One line of the list.
    enum Entry: Hashable, Sendable {
        case conversation(ConversationName)
        /// By id.
        case stranger(String)
    }

    /// With a conversation and here, newest first; then everybody else here, by name; who is away, by name; not here but
    /// with history; rooms.
    private(set) var recent: [ConversationName] = []
    private(set) var online: [UserID] = []
    private(set) var away: [UserID] = []
    private(set) var strangers: [Stranger] = []
    private(set) var offline: [ConversationName] = []
    private(set) var rooms: [ConversationName] = []

    private var me: UserID?
    /// Whose people are here.
    private var room = ConversationName.lobby
    /// Those here who have a conversation and stand above.
    private var above: Set<UserID> = []
    /// What the order of the conversations came from, to know when it cannot have changed.
    private var print = Print()
    /// Something changed while nothing was to move: all of it is put in order when it may.
    private var isStale = false

    private struct Print: Equatable, Sendable {
        var online = -1
        var peers = -1
        var conversations = -1
        var open: ConversationName?
        var rooms = 0
        var times: Int64 = 0
        var away: Set<UserID> = []
        var strangers: [String: Stranger]?
        var first: [ConversationName] = []
    }

    var count: Int { offlineStart + offline.count + rooms.count }
    /// The first entry of those away, of those who cannot be written to, and of those offline.
    var awayStart: Int { recent.count + online.count }
    var strangerStart: Int { awayStart + away.count }
    var offlineStart: Int { strangerStart + strangers.count }
    var roomStart: Int { offlineStart + offline.count }

    /// What stands at a place in the list.
    func entry(at index: Int) -> Entry? {
        if let stranger = stranger(at: index) { return .stranger(stranger.id) }
        return self[index].map { .conversation($0) }
    }

    func stranger(at index: Int) -> Stranger? {
        (strangerStart..<offlineStart).contains(index) ? strangers[index - strangerStart] : nil
    }

    func index(of entry: Entry) -> Int? {
        switch entry {
        case .conversation(let name): index(of: name)
        case .stranger(let id): strangers.firstIndex { $0.id == id }.map { strangerStart + $0 }
        }
    }

    /// The conversation at a place in the list; nil where none can be opened there.
    subscript(index: Int) -> ConversationName? {
        if index < 0 { return nil }
        if index < recent.count { return recent[index] }
        if index < strangerStart {
            let user = index < awayStart ? online[index - recent.count] : away[index - awayStart]
            return me.flatMap { ConversationName($0, user) }
        }
        if index < offlineStart { return nil }
        if index < roomStart { return offline[index - offlineStart] }
        return index < count ? rooms[index - roomStart] : nil
    }

    func index(of name: ConversationName) -> Int? {
        if let index = recent.firstIndex(of: name) { return index }
        if let peer = me.flatMap(name.peer(of:)), let index = online.firstIndex(of: peer) {
            return recent.count + index
        }
        if let peer = me.flatMap(name.peer(of:)), let index = away.firstIndex(of: peer) { return awayStart + index }
        if let index = offline.firstIndex(of: name) { return offlineStart + index }
        return rooms.firstIndex(of: name).map { roomStart + $0 }
    }

    init() {}

    /// As it is while nobody's room is open.
    init(lobbyOf chat: ChatState, first: [ConversationName]) {
        follow(chat, in: chat.lobby, first: first, isFrozen: false)
    }

    /// Follows the chat.
    ///
    /// - Parameters:
    ///   - changed: those whose presence changed since the last time, where that is known.
    ///   - first: the conversations that stand first, in their order, wherever their peers are.
    mutating func follow(
        _ chat: ChatState, presence changed: [UserID] = [], first: [ConversationName] = [], isFrozen: Bool
    ) {
        follow(chat, in: chat.shownRoom, presence: changed, first: first, isFrozen: isFrozen)
    }

    private mutating func follow(
        _ chat: ChatState, in room: ConversationName, presence changed: [UserID] = [], first: [ConversationName],
        isFrozen: Bool
    ) {
        guard let me = chat.me else {
            self = RosterOrder()
            return
        }
        if me != self.me {
            self = RosterOrder()
            self.me = me
        }
        // Of another room it is other people altogether.
        if room != self.room { isStale = true }
        self.room = room
        let now = imprint(of: chat, first: first)
        guard now != print || !changed.isEmpty || (isStale && !isFrozen) else { return }
        guard !isFrozen else {
            append(chat, me: me, changed: changed)
            print = now
            isStale = true
            return
        }
        followConversations(chat, me: me, first: first)
        followPresence(chat, me: me, changed: changed)
        if now.strangers != print.strangers || isStale { strangers = chat.strangers(in: room) }
        print = now
        isStale = false
    }

    private func imprint(of chat: ChatState, first: [ConversationName]) -> Print {
        var times: Int64 = 0
        for each in chat.conversations.values {
            let mix = (each.lastAt?.milliseconds ?? 1) &* 0x9E37_79B9 &+ Int64(each.outbox.count)
            times &+= mix ^ (mix >> 29) &+ (each.lastSeq > 0 ? 7 : 0)
        }
        return Print(
            online: chat.count(in: room), peers: chat.roster.all.count, conversations: chat.conversations.count,
            open: chat.open, rooms: chat.rooms.count, times: times, away: chat.roster.away,
            strangers: chat.strangers[room], first: first)
    }

    private mutating func followConversations(_ chat: ChatState, me: UserID, first: [ConversationName]) {
        let isFirst = Set(first)
        let firstPeers = Set(first.compactMap { $0.peer(of: me) })
        var known: [(at: Int64, name: ConversationName, peer: UserID)] = []
        for (name, each) in chat.conversations {
            guard let peer = name.peer(of: me), Self.hasHistory(each, open: chat.open) else { continue }
            known.append((each.lastAt?.milliseconds ?? .min, name, peer))
        }
        known.sort { $0.at != $1.at ? $0.at > $1.at : $0.peer < $1.peer }
        let others = known.filter { !isFirst.contains($0.name) }
        recent =
            first.filter { chat.conversations[$0] != nil }
            + others.filter { chat.isHere($0.peer, in: room) && !chat.roster.away.contains($0.peer) }.map(\.name)
        offline = others.filter { !chat.isHere($0.peer, in: room) }.map(\.name)
        away = Self.byName(
            chat.roster.away.filter { $0 != me && chat.isHere($0, in: room) && !firstPeers.contains($0) }, chat)
        above = Set(known.map(\.peer).filter { chat.isHere($0, in: room) }).union(away)
        rooms = chat.rooms.map(\.conversation)
    }

    private mutating func followPresence(_ chat: ChatState, me: UserID, changed: [UserID]) {
        if changed.count <= 200, print.online >= 0, !isStale {
            for user in Set(changed) where user != me { place(user, chat) }
            for user in above {
                let (index, isThere) = find(user, chat)
                if isThere { online.remove(at: index) }
            }
            let others = chat.count(in: room) - (chat.isHere(me, in: room) ? 1 : 0) - above.count
            if online.count == others { return }
        }
        online = Self.byName(chat.people(in: room).filter { $0 != me && !above.contains($0) }, chat)
    }

    private static func byName(_ users: some Sequence<UserID>, _ chat: ChatState) -> [UserID] {
        users.map { (name: chat.roster.name(of: $0).lowercased(), id: $0) }
            .sorted { $0.name != $1.name ? $0.name < $1.name : $0.id < $1.id }
            .map(\.id)
    }

    /// Who is new stands at the end of their part, and nobody moves.
    private mutating func append(_ chat: ChatState, me: UserID, changed: [UserID]) {
        var held = Set(online).union(away).union(recent.compactMap { $0.peer(of: me) }).union(
            offline.compactMap { $0.peer(of: me) })
        for (name, each) in chat.conversations {
            guard let peer = name.peer(of: me), !held.contains(peer), Self.hasHistory(each, open: chat.open) else {
                continue
            }
            held.insert(peer)
            if chat.isHere(peer, in: room) { online.append(peer) } else { offline.append(name) }
        }
        let shown = Set(strangers.map(\.id))
        strangers += chat.strangers(in: room).filter { !shown.contains($0.id) }
        online += changed.filter { chat.isHere($0, in: room) && $0 != me && held.insert($0).inserted }
    }

    private mutating func place(_ user: UserID, _ chat: ChatState) {
        let (index, isThere) = find(user, chat)
        let belongs = chat.isHere(user, in: room) && !above.contains(user)
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
