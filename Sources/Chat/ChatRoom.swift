/// A room as the desk declares it: a presence channel where several people talk.
package struct ChatRoom: Hashable, Sendable {
    /// What stands after the `#`.
    package var name: String
    package var conversation: ConversationName
    /// What it is for, in a few words; empty where nobody said.
    package var title: String

    /// How many rooms a desk has at most, beside the lobby.
    package static let limit = 50
    /// Unicode scalars of a title; more is cut.
    package static let maxTitle = 120

    package init(_ name: String, _ conversation: ConversationName, title: String = "") {
        self.name = name
        self.conversation = conversation
        self.title = String(String.UnicodeScalarView(title.unicodeScalars.prefix(Self.maxTitle)))
    }

    /// The room of a desk with that name.
    package init(_ name: UserID, title: String = "") {
        self.init(name.text, .room(ConversationName.roomPrefix + name.escaped), title: title)
    }

    /// The room everybody is in, whatever its channel is called.
    package static func lobby(_ conversation: ConversationName = .lobby) -> ChatRoom {
        ChatRoom(lobbyName, conversation)
    }

    /// Under this name it is known in every address; no other room has it.
    package static let lobbyName = "lobby"
}

extension ChatState {
    package func room(_ name: ConversationName) -> ChatRoom? { rooms.first { $0.conversation == name } }

    /// Whether we are in a room, or want to be.
    package func isIn(_ room: ConversationName) -> Bool { room == lobby ? wantsLobby : wishes[room] ?? false }

    /// Whether we left a room, and have not come back.
    package func hasLeft(_ room: ConversationName) -> Bool { room == lobby ? !wantsLobby : wishes[room] == false }

    /// Whether news of a conversation is news for us: it is not in a room we are not in.
    func concerns(_ name: ConversationName) -> Bool { !name.isRoom || isIn(name) }

    /// Whether it is a room we never were in: what is said there before we are is no news.
    func isForeign(_ name: ConversationName) -> Bool { name.isRoom && name != lobby && wishes[name] == nil }

    /// The room whose people stand in the list: the one that is open, otherwise the lobby.
    package var shownRoom: ConversationName {
        guard let open, open.isRoom else { return lobby }
        return open
    }

    /// Whether it is known who is in a room.
    package func isKnown(_ room: ConversationName) -> Bool { room == lobby ? roster.isKnown : members[room] != nil }

    package func isHere(_ user: UserID, in room: ConversationName) -> Bool {
        room == lobby ? roster.isOnline(user) : members[room]?.contains(user) ?? false
    }

    package func count(in room: ConversationName) -> Int {
        room == lobby ? roster.onlineCount : members[room]?.count ?? 0
    }

    /// Everybody in a room, in no order.
    package func people(in room: ConversationName) -> [UserID] {
        guard room == lobby else { return members[room].map(Array.init) ?? [] }
        return roster.all.filter(\.isOnline).map(\.id)
    }

    /// - Parameter isKept: also after this run.
    mutating func enter(_ room: ConversationName, isKept: Bool = true) -> [ChatRequest] {
        // Asked for again where the engine refused it.
        guard !isIn(room) else { return link.isOnline && refusal(of: room) != nil ? [.watch(room)] : [] }
        guard isDeclared(room) else { return [noRoom(room)] }
        entering.insert(room)
        if room == lobby {
            wantsLobby = true
            return link.isOnline ? [.watch(room)] : []
        }
        wishes[room] = true
        let kept: [ChatRequest] = isKept ? [.save(.saveRoom(room, isEntered: true))] : []
        guard link.isOnline, knowsRooms else { return kept }
        // Nobody says then that its channel stands.
        return kept + [.watch(room)] + (link == .polling ? loadList() : [])
    }

    mutating func leave(_ room: ConversationName) -> [ChatRequest] {
        guard isIn(room) else { return [] }
        strangers[room] = nil
        refusals[.conversation(room)] = nil
        if room == lobby {
            wantsLobby = false
            roster.lose()
            own.left()
            return [.unwatch(room)]
        }
        wishes[room] = false
        members[room] = nil
        conversations[room]?.unseen = 0
        return [.save(.saveRoom(room, isEntered: false)), .unwatch(room)]
    }

    /// Before the desk told its rooms any may be there.
    func isDeclared(_ room: ConversationName) -> Bool { !knowsRooms || self.room(room) != nil }

    func noRoom(_ room: ConversationName) -> ChatRequest {
        .notice(.warning("there is no room \(title(of: room)) here"))
    }

    /// The rooms we are in, the lobby first.
    package var watchedRooms: [ConversationName] {
        rooms.map(\.conversation).filter { isIn($0) }
    }

    /// The rooms that an earlier run of a person's program was in.
    mutating func restoreRooms(_ saved: [ConversationName: Bool]) -> [ChatRequest] {
        guard entersRooms else { return [] }
        let new = saved.filter { wishes[$0.key] == nil }
        wishes.merge(new) { mine, _ in mine }
        guard link.isOnline, knowsRooms else { return [] }
        return rooms.map(\.conversation).filter { new[$0] == true }.map { .watch($0) }
    }

    /// The desk said which rooms there are. One that is gone is no place to be.
    mutating func roomsTold(_ told: [ChatRoom]) -> [ChatRequest] {
        let isFirst = !knowsRooms
        let before = Set(watchedRooms)
        rooms = [rooms[0]] + told.filter { $0.conversation != lobby }.prefix(ChatRoom.limit)
        knowsRooms = true
        for room in rooms where conversations[room.conversation] == nil {
            conversations[room.conversation] = Conversation(name: room.conversation)
        }
        let declared = Set(rooms.map(\.conversation))
        var asked: [ChatRequest] = before.subtracting(declared).map { .unwatch($0) }
        members = members.filter { declared.contains($0.key) }
        strangers = strangers.filter { declared.contains($0.key) }
        for (name, each) in conversations where name.isRoom && !declared.contains(name) && each.outbox.isEmpty {
            conversations[name] = nil
        }
        if let open, open.isRoom, !declared.contains(open) {
            asked += [noRoom(open)] + saveOpen(nil)
            self.open = nil
            visited = nil
        } else if isFirst, let open, isForeign(open) {
            asked += enter(open)
        }
        if link.isOnline { asked += watchedRooms.filter { !before.contains($0) || isFirst }.map { .watch($0) } }
        return asked
    }

    mutating func roomEntered(_ room: ConversationName, _ people: [NamedUser]) -> [ChatRequest] {
        guard isIn(room), room != lobby else { return [] }
        let before = members[room]
        var now: Set<UserID> = []
        now.reserveCapacity(min(people.count, Roster.limit))
        for member in people.prefix(Roster.limit) {
            now.insert(member.id)
            roster.learn(member)
        }
        members[room] = now
        guard let before else { return [] }
        return now.subtracting(before).map { .notice(.membership(room, $0, isHere: true)) }
            + before.subtracting(now).map { .notice(.membership(room, $0, isHere: false)) }
    }

    mutating func roomMember(_ room: ConversationName, _ user: NamedUser, isHere: Bool) -> [ChatRequest] {
        guard members[room] != nil else { return [] }
        if isHere {
            guard members[room, default: []].count < Roster.limit, members[room, default: []].insert(user.id).inserted
            else { return [] }
            roster.learn(user)
        } else {
            guard members[room, default: []].remove(user.id) != nil else { return [] }
        }
        return [.notice(.membership(room, user.id, isHere: isHere))]
    }
}
