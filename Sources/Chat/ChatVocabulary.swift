// The page to read first: everything that can be said to the chat, and everything it asks for in turn.
// Events are past tense, commands and requests imperative. The chat knows no wire, no disk and no screen.

/// What a user asked for.
package enum ChatCommand: Equatable, Sendable {
    /// Look at a conversation; nil looks at none.
    case open(ConversationName?)
    /// Take a conversation out of sight and leave its channel.
    case close(ConversationName)
    /// `clientID` is made when Enter is pressed and is the same on every retry.
    case send(ConversationName, text: String, clientID: String)
    /// Choose one of the choices of a question, named by its message's id; nil declines.
    case answer(ConversationName, question: String, choice: String?, clientID: String)
    case retry(clientID: String)
    case discard(clientID: String)
    /// The input of a conversation holds something, or nothing any more.
    case typing(ConversationName, Bool)
    /// Everything up to `through` was in front of the reader's eyes.
    case markSeen(ConversationName, through: Int)
    case loadOlder(ConversationName)
    /// Only of a place that is visited: the window always reaches the newest.
    case loadNewer(ConversationName)
    /// Listen to a conversation, beginning with what is stored after `after`; nil begins with what comes.
    case follow(ConversationName, after: Int?)
    case saveDraft(ConversationName, String)
    case saveScroll(ConversationName, ScrollMark?)
    /// No reply is needed to what the peer said up to `through`.
    case settle(ConversationName, through: Int)
    /// Be in a room, or no longer.
    case enter(ConversationName)
    case leave(ConversationName)
    case setAvailability(Availability)
    /// This terminal is in use until then, on the monotonic clock, if no further key comes.
    case active(until: Duration)
    /// Ask the desk for messages with these words, in one conversation or in all; nil ends the search.
    case search(SearchQuery?)
    /// Look at the part of a conversation around a message, beside what is held of it; nil looks at the newest again.
    case visit(ConversationName, around: Int?)
}

/// What happened outside.
package enum ChatEvent: Equatable, Sendable {
    case restored(SavedState)
    /// The disk has what `putOutbox` asked for, or says why not.
    case kept(clientID: String)
    case notKept(clientID: String, reason: String)
    case linkChanged(Link)
    /// The desk could not do what was asked, for a reason of its own that may pass; or it did.
    case deskFailed(reason: String, isStoring: Bool)
    case deskAnswered(isStoring: Bool)
    case signedIn(SignedIn)
    case usersLoaded([NamedUser])
    /// The newest conversations; `isComplete` where there are no others.
    case conversationsLoaded([ConversationSummary], isComplete: Bool = true)
    case conversationsFailed(reason: String)
    /// Our inbox is (again) subscribed: whatever comes after the list is loaded now will be heard of.
    case inboxReady
    /// Our inbox is subscribed; `inboxReady` follows, and also where there is no inbox to wait for.
    case inboxSubscribed
    case pageLoaded(ConversationName, PageQuery, Page)
    case pageFailed(ConversationName, PageQuery, reason: String)
    /// The desk has no user of that name on the other side of a conversation.
    case peerUnknown(ConversationName)
    case messageReceived(Message)
    case inboxRang(InboxNote)
    /// This user's connections to the desk, ours among them.
    case sessionsLoaded([OwnSession])
    case sessionOpened(OwnSession)
    case seenReceived(ConversationName, by: UserID, through: Int)
    /// The desk has our mark; or could not take it, and is told again.
    case seenStored(ConversationName, through: Int)
    case seenFailed(ConversationName)
    /// The desk has it that no reply is needed up to `through`.
    case settledOnDesk(ConversationName, through: Int)
    case typingReceived(ConversationName, from: UserID, Bool)
    case rosterReplaced([NamedUser])
    case memberAdded(NamedUser)
    case memberRemoved(UserID)
    /// We are in a room other than the lobby, with these people.
    case roomEntered(ConversationName, [NamedUser])
    case roomMemberAdded(ConversationName, NamedUser)
    case roomMemberRemoved(ConversationName, UserID)
    /// Those in a room, the lobby too, whose ids are none here: all of them, or one who came or went.
    case strangersHere(ConversationName, [Stranger])
    case strangerCame(ConversationName, Stranger)
    case strangerWent(ConversationName, id: String)
    /// We are no longer in the presence channel.
    case rosterLost
    /// The chat or presence channel is (again) subscribed: from here on nothing live is missed.
    case watching(ConversationName)
    /// A channel was refused; `isRetried` where the next attempt comes by itself.
    case subscriptionRefused(RefusedChannel, reason: String, isRetried: Bool)
    case delivered(clientID: String, Message)
    /// It was handed on, and nobody has confirmed it yet.
    case relayed(clientID: String)
    case deliveryFailed(clientID: String, DeliveryFailure)
    case availabilityReceived(from: UserID, Availability)
    /// Another terminal of this user is in use for so long if no further key comes there; `asks` wants to be told the same.
    case activityReceived(session: String, for: Duration, asks: Bool)
    /// Somebody came whom nobody was told of: a further terminal of one who is here.
    case availabilityAsked
    case searchAnswered(SearchQuery, [Message])
    case searchFailed(SearchQuery, reason: String)
    case placeLoaded(ConversationName, PageQuery, Page)
    case placeFailed(ConversationName, PageQuery, reason: String)
}

/// What the chat wants done. The answer, where there is one, comes back as a `ChatEvent`.
package enum ChatRequest: Equatable, Sendable {
    case loadUsers
    case loadSessions
    case loadConversations
    case loadPage(ConversationName, PageQuery)
    case deliver(OutgoingMessage)
    case tellSeen(ConversationName, through: Int)
    case tellSettled(ConversationName, through: Int)
    case tellTyping(ConversationName, Bool)
    /// Hold the channel of a conversation; `unwatch` leaves it.
    case watch(ConversationName)
    case unwatch(ConversationName)
    /// Tell the lobby; a hint that is not worth saying later.
    case tellAvailability(Availability)
    /// Tell this user's other terminals for how long this one is in use if no further key comes; `asks` them the same.
    case tellActivity(for: Duration, asks: Bool)
    /// Ask the lobby who is not available.
    case askAvailability
    case search(SearchQuery)
    /// A page for `ChatState.visited`, never for the window of the conversation.
    case loadPlace(ConversationName, PageQuery)
    case save(StoreWrite)
    case notice(ChatNotice)
}

/// What somebody who only listens is told: linear mode, `tail`, the bell.
package enum ChatNotice: Equatable, Sendable {
    /// Each message once, in the order of its conversation.
    case message(Message)
    /// A message of ours is on the desk's disk.
    case sent(Message)
    case failed(OutgoingMessage, reason: String)
    case typing(ConversationName, UserID, Bool)
    case presence(UserID, isOnline: Bool)
    /// These were online when the connection was lost, and are online again after it was restored.
    case returned([UserID])
    /// In a room other than the lobby.
    case membership(ConversationName, UserID, isHere: Bool)
    case availability(UserID, Availability)
    case seen(ConversationName, by: UserID, through: Int)
    case link(Link)
    /// Messages `from`…`through` are missing and are being fetched.
    case gap(ConversationName, from: Int, through: Int)
    /// This user has connected from somewhere else, or somebody has who holds their token.
    case sessionOpened(OwnSession)
    /// A conversation was named whose other side has no account on this desk.
    case unknownUser(UserID)
    /// A channel is closed to us, and open again.
    case refused(RefusedChannel, Refusal)
    case admitted(RefusedChannel)
    /// What is wrong with the desk; nil when it is in order again.
    case desk(DeskFault?)
    /// What was known of this desk's messages no longer holds: it was restored from a copy.
    case storeChanged
    case warning(String)
}

/// The connection as a person understands it.
package enum Link: Equatable, Sendable {
    case connecting(attempt: Int)
    case online
    /// Something was asked and nothing came back yet.
    case doubtful
    /// Nothing live gets through to here. The desk is asked instead: messages come, presence comes late, and typing not.
    case polling
    /// `retryAt` is on the monotonic clock.
    case offline(reason: String, retryAt: Duration?)
    /// The engine is connected, and the application without a desk does not let us in yet.
    case notAdmitted(reason: String, retryAt: Duration?)
    /// No further attempt is made by itself.
    case refused(reason: String)
    /// The process that hosts the local desk is stopped; it still holds the desk.
    case hostStopped(pid: Int32)

    package var isOnline: Bool {
        switch self {
        case .online, .doubtful, .polling: true
        case .connecting, .offline, .notAdmitted, .refused, .hostStopped: false
        }
    }
}

/// Somebody, and what they call themselves where that is known.
package struct NamedUser: Equatable, Sendable {
    package var id: UserID
    package var name: String?

    package init(_ id: UserID, name: String? = nil) {
        self.id = id
        self.name = name
    }
}

package struct SignedIn: Equatable, Sendable {
    package var me: UserID
    package var name: String
    /// An id that every restore of the desk makes new; empty where there is no desk.
    package var store: String
    package var lobby: ConversationName
    /// The rooms beside the lobby; nil while the desk has not told.
    package var rooms: [ChatRoom]?
    /// Nothing is kept anywhere: what is heard is all there is.
    package var isLiveOnly: Bool
    /// The engine carries conversations of two without being able to read them.
    package var isEncrypted: Bool

    package init(
        me: UserID, name: String, store: String, lobby: ConversationName, rooms: [ChatRoom]? = nil,
        isLiveOnly: Bool = false, isEncrypted: Bool = false
    ) {
        self.rooms = rooms
        self.isLiveOnly = isLiveOnly
        self.isEncrypted = isEncrypted
        self.me = me
        self.name = name
        self.store = store
        self.lobby = lobby
    }
}

package struct ConversationSummary: Equatable, Sendable {
    package var name: ConversationName
    package var last: Message?
    package var unseen: Int
    /// Up to where this user has seen it; nil where the desk does not tell.
    package var seenByMe: Int?
    package var seenByPeer: Int
    /// Whether the peer is waiting for a reply; nil in a room, and where the desk does not tell.
    package var clock: ToldClock?

    package init(
        name: ConversationName, last: Message?, unseen: Int, seenByMe: Int? = nil, seenByPeer: Int,
        clock: ToldClock? = nil
    ) {
        self.clock = clock
        self.name = name
        self.last = last
        self.unseen = unseen
        self.seenByMe = seenByMe
        self.seenByPeer = seenByPeer
    }
}

/// Which part of a conversation is asked for. Bounds exclude.
package enum PageQuery: Hashable, Sendable {
    case newest
    case before(Int)
    case after(Int)
}

/// `first` and `last` are those of the whole conversation, 0 and 0 when nothing is there.
package struct Page: Equatable, Sendable {
    /// Ascending, without holes.
    package var messages: [Message]
    package var first: Int
    package var last: Int

    package init(messages: [Message], first: Int, last: Int) {
        self.messages = messages
        self.first = first
        self.last = last
    }
}

/// One of this user's own connections.
package struct OwnSession: Hashable, Sendable {
    /// An address, or `this machine`.
    package var from: String
    /// What the program there calls itself; empty where it says nothing.
    package var client: String
    /// The same after a reconnect of the same program.
    package var run: String

    package init(from: String, client: String, run: String) {
        self.from = String(from.unicodeScalars.prefix(100))
        self.client = String(client.unicodeScalars.prefix(100))
        self.run = String(run.unicodeScalars.prefix(100))
    }
}

/// What the inbox said of a conversation that may not be open here.
package struct InboxNote: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case conversationOpened = "conversation_opened"
        case newMessage = "new_message"
        case messageSeen = "message_seen"
        case settled
    }
    package var kind: Kind
    package var conversation: ConversationName
    package var by: UserID
    package var seq: Int

    package init(kind: Kind, conversation: ConversationName, by: UserID, seq: Int) {
        self.kind = kind
        self.conversation = conversation
        self.by = by
        self.seq = seq
    }
}

package enum DeliveryFailure: Equatable, Sendable {
    /// Not reached, or the desk is busy: the same `clientID` is tried again, not before `after` where the desk says so.
    case tryAgain(after: Duration?, reason: String)
    /// The desk will not take it.
    case rejected(reason: String)
}
