/// What one signed-in user knows of their chat: the single value behind every face of the program.
///
/// It changes in two ways only: by what happened (`apply`) and by what the user wants (`perform`); both return what is to be
/// asked of the world. It knows no wire, no disk, no screen and no clock. Add a thing people can say in `ChatVocabulary` first.
package struct ChatState: Equatable, Sendable {
    package internal(set) var me: UserID?
    package internal(set) var myName = ""
    /// The lobby first; the others as the desk has them.
    package internal(set) var rooms = [ChatRoom.lobby()]
    package var lobby: ConversationName { rooms[0].conversation }
    package internal(set) var link = Link.connecting(attempt: 1)
    /// Nil while the desk does what is asked of it.
    package internal(set) var deskFault: DeskFault?
    /// The channels that are closed to us.
    package internal(set) var refusals: [RefusedChannel: Refusal] = [:]
    package internal(set) var roster = Roster()
    /// Who is in the rooms we are in, other than the lobby.
    package internal(set) var members: [ConversationName: Set<UserID>] = [:]
    /// Who is in the lobby and the rooms we are in and cannot be written to, by id.
    package internal(set) var strangers: [ConversationName: [String: Stranger]] = [:]
    package internal(set) var typing = TypingTable()
    package internal(set) var conversations: [ConversationName: Conversation] = [:]
    package internal(set) var open: ConversationName?
    /// Whether the user wants to be seen in the presence channel.
    package internal(set) var wantsLobby: Bool
    /// Drafts as they were kept on disk; the input line of a conversation begins with its draft.
    package internal(set) var drafts: [ConversationName: String] = [:]
    /// Nothing was ever kept of this user on this machine before this run.
    package internal(set) var isFirstStart = false

    /// What was searched for last, and what came of it.
    package internal(set) var search: Search?
    /// The part of a conversation one looks at beside its newest messages.
    package internal(set) var visited: VisitedPlace?

    /// Where conversations were scrolled to when this machine was last left.
    package internal(set) var scrollMarks: [ConversationName: ScrollMark] = [:]

    /// Up to where no reply is needed, where this user said so.
    var settled: [ConversationName: Int] = [:]
    /// Conversations whose mark in `settled` the desk may not have.
    var untold: Set<ConversationName> = []

    /// Nobody keeps what was said before this program began to listen.
    package internal(set) var isLiveOnly = false
    /// The engine cannot read conversations of two.
    package internal(set) var isEncrypted = false

    /// The rooms entered (true) and left (false), the lobby aside; the others are entered when they are opened.
    var wishes: [ConversationName: Bool] = [:]
    /// Rooms whose channel was asked for since we wanted to be in them: what is unseen there was not counted.
    var entering: Set<ConversationName> = []
    /// Whether the desk told which rooms there are.
    var knowsRooms = false
    /// Whether this is a person's program: what they were in they are in again.
    let entersRooms: Bool

    var own = OwnAvailability()
    var store = ""
    /// Whether the list of conversations was loaded once: before that, messages are old news.
    package internal(set) var hasBaseline = false
    var throttle = TypingThrottle()
    /// Chat channels held, least recently used first.
    var watched: [ConversationName] = []
    /// When a channel nobody looks at is left, because its peer is gone.
    var leaveAt: [ConversationName: Duration] = [:]
    var listIsLoading = false
    /// Something happened while the list was on its way that it may not have.
    var listIsStale = false
    /// Whether the list of conversations held all there are; one that is not in it may be an old one.
    var listIsComplete = true
    var contradictions = Contradictions()
    /// Why the channel of a conversation was refused, until its page tells whether there is such a conversation at all.
    var heldRefusals: [ConversationName: Refusal] = [:]
    /// This user's connections that are no news, by where they come from and which run of a program they are.
    var knownSessions: Set<String> = []
    static let maxSessions = 10_000
    /// How far each conversation was held when the list on its way was asked for: it may be older than what came since,
    /// but not older than that.
    var heldWhenAsked: [ConversationName: Int] = [:]

    /// How many chat channels a client holds at most.
    package static let maxWatched = 100
    /// How long a chat channel outlives its peer's presence while nobody looks at it.
    package static let idleLeave: Duration = .seconds(300)

    /// How many conversations are heard of; a desk that names more is not believed.
    package static let maxConversations = 20_000
    /// How many messages one page is asked for.
    package static let pageSize = 100
    /// How many missed messages are fetched one page after the other; where more are missing a reader is shown the newest,
    /// and listeners are told of the gap.
    package static let maxCatchUp = 1_000

    /// Whether every missed message is wanted, however many: somebody listens who cannot page back.
    let missesNothing: Bool
    /// Whether the conversation that was open last is opened again, and the one that is open now the next time.
    let keepsOpen: Bool

    package init(wantsLobby: Bool = true, missesNothing: Bool = false, keepsOpen: Bool = true) {
        self.wantsLobby = wantsLobby
        self.keepsOpen = keepsOpen
        entersRooms = wantsLobby
        self.missesNothing = missesNothing
    }

    package func conversation(_ name: ConversationName) -> Conversation {
        conversations[name] ?? Conversation(name: name)
    }

    func saveOpen(_ name: ConversationName?) -> [ChatRequest] { keepsOpen ? [.save(.saveOpen(name))] : [] }

    /// Whether one more conversation may be heard of; what a person opens always is.
    func hasRoom(for name: ConversationName) -> Bool {
        conversations[name] != nil || conversations.count < Self.maxConversations
    }

    /// All unseen messages, and in how many conversations.
    package var unseenTotal: (messages: Int, conversations: Int) {
        conversations.values.reduce(into: (0, 0)) { sum, each in
            guard each.unseen > 0 else { return }
            sum.0 += each.unseen
            sum.1 += 1
        }
    }

    /// Messages accepted here that the desk has not confirmed, failed ones left out.
    package var waitingToBeSent: Int {
        conversations.values.reduce(0) { sum, each in
            sum
                + each.outbox.count {
                    if case .failed = $0.state { false } else { true }
                }
        }
    }

    /// The chat channels held now, for whoever wants to check that none is held in vain.
    package var watchedConversations: [ConversationName] { watched }

    /// How a conversation is called: the peer's name, with the id where it needs one, or the room's name after a `#`.
    package func title(of name: ConversationName) -> String {
        switch name {
        case .room: "#" + (room(name)?.name ?? name.roomName)
        case .chat(let low, let high):
            if let peer = me.flatMap(name.peer(of:)) { roster.label(of: peer) } else { "\(low) and \(high)" }
        }
    }

    /// The next moment at which `tick` has something to do.
    package var deadline: Duration? {
        var next = typing.deadline
        if link.isOnline, wantsLobby, let time = own.due { next = min(next ?? time, time) }
        for time in leaveAt.values { next = min(next ?? time, time) }
        if let time = roster.missedUntil { next = min(next ?? time, time) }
        for each in conversations.values {
            if let time = each.retryAt { next = min(next ?? time, time) }
            if let time = each.seenRetryAt { next = min(next ?? time, time) }
        }
        return next
    }

    /// Does what time asks for.
    package mutating func tick(now: Moment) -> [ChatRequest] {
        var asked: [ChatRequest] = []
        for (conversation, user) in typing.expire(now: now.uptime) {
            asked.append(.notice(.typing(conversation, user, false)))
        }
        asked += sayAvailability(now: now)
        asked += presence(roster.takeMissed(at: now.uptime), false) + returned()
        for (name, time) in leaveAt where time <= now.uptime {
            leaveAt[name] = nil
            if name != open { asked += unwatch(name) }
        }
        for (name, each) in conversations where each.retryAt.map({ $0 <= now.uptime }) ?? false {
            conversations[name]?.retryAt = nil
            asked += deliverNext(in: name, now: now)
        }
        for (name, each) in conversations where each.seenRetryAt.map({ $0 <= now.uptime }) ?? false {
            conversations[name]?.seenRetryAt = nil
            // With the next connection the list tells whether the desk knows.
            if link.isOnline { asked.append(.tellSeen(name, through: each.seenByMe)) }
        }
        return asked
    }

    // MARK: Channels held

    mutating func watch(_ name: ConversationName) -> [ChatRequest] {
        guard !name.isRoom else { return [] }
        leaveAt[name] = nil
        if let index = watched.firstIndex(of: name) {
            watched.remove(at: index)
            watched.append(name)
            return []
        }
        watched.append(name)
        var asked: [ChatRequest] = [.watch(name)]
        if watched.count > Self.maxWatched, let oldest = watched.first(where: { $0 != open && $0 != name }) {
            asked += unwatch(oldest)
        }
        return asked
    }

    mutating func unwatch(_ name: ConversationName) -> [ChatRequest] {
        leaveAt[name] = nil
        refusals[.conversation(name)] = nil
        guard let index = watched.firstIndex(of: name) else { return [] }
        watched.remove(at: index)
        return [.unwatch(name)]
    }

    // MARK: Pages

    /// Asks for a page unless the same is on its way.
    mutating func load(_ name: ConversationName, _ query: PageQuery) -> [ChatRequest] {
        guard link.isOnline, me != nil else { return [] }
        guard conversations[name, default: Conversation(name: name)].loading.insert(query).inserted else { return [] }
        return [.loadPage(name, query)]
    }

    /// Asks for whatever is missing after the window; where there is none, after what listeners were told.
    mutating func catchUp(_ name: ConversationName) -> [ChatRequest] {
        let each = conversation(name)
        let isHeld = each.isLoaded && !each.messages.isEmpty
        let known = isHeld ? each.heldThrough : each.announcedThrough
        let missing = each.lastSeq - known
        // One page of the newest holds them all, and what stands before them.
        if !isHeld, !hasBaseline || missing <= Self.pageSize { return load(name, .newest) }
        return load(name, missing <= Self.maxCatchUp || missesNothing ? .after(known) : .newest)
    }

    mutating func loadList() -> [ChatRequest] {
        guard link.isOnline, !listIsLoading else { return [] }
        listIsLoading = true
        listIsStale = false
        heldWhenAsked = conversations.mapValues(\.heldThrough)
        return [.loadConversations]
    }
}
