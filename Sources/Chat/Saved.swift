/// Where a conversation is scrolled to: this line of this message stands in the top row; rules above it are -1, -2.
package struct ScrollMark: Equatable, Sendable {
    package var seq: Int
    package var line: Int

    package init(seq: Int, line: Int) {
        self.seq = seq
        self.line = line
    }
}

/// What one user's terminals keep on this machine between two runs.
package struct SavedState: Equatable, Sendable {
    /// Oldest first.
    package var outbox: [OutgoingMessage]
    package var drafts: [ConversationName: String]
    package var open: ConversationName?
    /// Of conversations that were not left at their end.
    package var scroll: [ConversationName: ScrollMark]
    /// Up to which message no reply is needed, where the desk may not know it yet.
    package var settled: [ConversationName: Int]
    /// The rooms entered (true) and left (false).
    package var rooms: [ConversationName: Bool]
    /// Nothing was ever kept here: this user is new on this machine.
    package var isFirst: Bool

    package init(
        outbox: [OutgoingMessage] = [], drafts: [ConversationName: String] = [:], open: ConversationName? = nil,
        scroll: [ConversationName: ScrollMark] = [:], settled: [ConversationName: Int] = [:],
        rooms: [ConversationName: Bool] = [:], isFirst: Bool = false
    ) {
        self.outbox = outbox
        self.drafts = drafts
        self.open = open
        self.scroll = scroll
        self.settled = settled
        self.rooms = rooms
        self.isFirst = isFirst
    }
}

/// One change to what is kept. Writes are done in the order they were asked for.
package enum StoreWrite: Equatable, Sendable {
    /// Inserts, or replaces the row with this `clientID`.
    case putOutbox(OutgoingMessage)
    case removeOutbox(clientID: String)
    /// An empty text removes the draft.
    case saveDraft(ConversationName, String)
    case saveOpen(ConversationName?)
    /// Nil stands at the end, as one does where nothing is kept.
    case saveScroll(ConversationName, ScrollMark?)
    /// Nil when the desk has it.
    case saveSettled(ConversationName, through: Int?)
    case saveRoom(ConversationName, isEntered: Bool)
}
