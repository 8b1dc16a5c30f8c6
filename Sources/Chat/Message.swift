/// A message as the desk stored it. Two messages are the same only by `id`.
package struct Message: Equatable, Sendable {
    package var id: String
    /// Counts from 1 without holes in each conversation.
    package var seq: Int
    package var conversation: ConversationName
    package var from: UserID
    /// Nil where the event was too large to carry it and it has to be fetched.
    package var text: String?
    package var at: Timestamp
    /// The sender's own id for it, made when Enter was pressed; empty where the desk tells none.
    package var clientID: String
    /// Sent by a script; it never counts as a human answer.
    package var isAutomated: Bool
    /// Handed on to whoever was there, in a room where nobody in particular could confirm it.
    package var isRelayed: Bool
    /// Where it asks for one of some choices.
    package var question: Question?
    /// Where it answers such a question.
    package var answer: GivenAnswer?

    package init(
        id: String, seq: Int, conversation: ConversationName, from: UserID, text: String?, at: Timestamp,
        clientID: String = "", isAutomated: Bool = false, isRelayed: Bool = false, question: Question? = nil,
        answer: GivenAnswer? = nil
    ) {
        self.id = id
        self.seq = seq
        self.conversation = conversation
        self.from = from
        self.text = text
        self.at = at
        self.clientID = clientID
        self.isAutomated = isAutomated
        self.isRelayed = isRelayed
        self.question = question
        self.answer = answer
    }
}

/// A message the desk has not confirmed yet.
package struct OutgoingMessage: Equatable, Sendable {
    package var clientID: String
    package var conversation: ConversationName
    package var text: String
    /// When Enter was pressed, by this machine's clock.
    package var at: Timestamp
    package var state: State
    /// Where it answers a question; whether it is late only the desk can say.
    package var answer: GivenAnswer?

    /// How far a message got. It moves down this list and never up; `failed` leaves it only by the user's own retry.
    package enum State: Equatable, Sendable {
        /// Not on this machine's disk yet.
        case accepted
        /// On this machine's disk, waiting for the desk.
        case queued
        /// Handed to the desk, no answer yet. Stays so over a reconnect: the same `clientID` is asked again.
        case sending
        /// Where no desk keeps it: the engine handed it on, and nobody has confirmed it.
        case relayed
        /// The desk will not take it as it is.
        case failed(reason: String)
    }

    package init(
        clientID: String, conversation: ConversationName, text: String, at: Timestamp, state: State,
        answer: GivenAnswer? = nil
    ) {
        self.answer = answer
        self.clientID = clientID
        self.conversation = conversation
        self.text = text
        self.at = at
        self.state = state
    }
}

/// What the sender is shown beside a message of their own that has left them.
package enum DeliveryState: Equatable, Sendable {
    case relayed, sent, seen
}
