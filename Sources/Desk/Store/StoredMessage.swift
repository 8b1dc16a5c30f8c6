package import Chat

/// A message as it lies on the desk's disk.
package struct StoredMessage: Equatable, Sendable {
    /// Made by this desk, never used twice, also not by a restored copy of it.
    package let id: String
    /// The channel name of the conversation.
    package let conversation: String
    /// Counts from 1 without holes in each conversation.
    package let seq: Int
    package let from: String
    package let text: String
    package let at: Timestamp
    package let clientID: String
    package var isAutomated = false
    package var question: Question?
    package var answer: GivenAnswer?
}

/// Somebody with an account here.
package struct DeskUser: Equatable, Sendable {
    /// The row; never leaves the desk.
    let key: Int64
    package let id: UserID
    package let name: String
}

/// What became of a message that was handed in.
enum SendOutcome: Equatable, Sendable {
    case stored(StoredMessage)
    /// The same message came before; this is what was stored then.
    case repeated(StoredMessage)
    /// The sender used the client id for something else.
    case reused
    case refused(AnswerProblem)
}

/// Part of a conversation, ascending; `first` and `last` are the bounds of all there is, 0 where there is nothing.
struct MessagePage: Equatable, Sendable {
    var messages: [StoredMessage] = []
    var first = 0
    var last = 0
}

/// A line of somebody's list of conversations.
struct ConversationSummary: Equatable, Sendable {
    let conversation: String
    let last: StoredMessage?
    let unseen: Int
    let seen: Int
    let seenByPeer: Int
    /// Up to where the reader said that no reply is needed.
    let settled: Int
    /// Nil in rooms, and where nobody is waiting for the reader's reply.
    let waiting: DeskStore.ClockStart?
}
