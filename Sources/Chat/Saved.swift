/// What one user's terminals keep on this machine between two runs.
package struct SavedState: Equatable, Sendable {
    /// Oldest first.
    package var outbox: [OutgoingMessage]
    package var drafts: [ConversationName: String]
    package var open: ConversationName?

    package init(
        outbox: [OutgoingMessage] = [], drafts: [ConversationName: String] = [:], open: ConversationName? = nil
    ) {
        self.outbox = outbox
        self.drafts = drafts
        self.open = open
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
}
