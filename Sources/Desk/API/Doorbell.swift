import Chat
import Synchronization

/// Who was told that a conversation was opened: at most once a minute per pair, and never in answer to a bell.
///
/// Both rules are one: a pair is quiet for a minute after a bell, whichever of the two opens the conversation then.
final class Doorbell: Sendable {
    static let quiet: Duration = .seconds(60)
    /// Beyond this, pairs whose minute is over are forgotten.
    private static let crowd = 4_096

    private let rung = Mutex<[String: Duration]>([:])

    /// Whether opening this conversation rings now.
    func rings(_ conversation: ConversationName, now: Duration) -> Bool {
        rung.withLock { rung in
            if let last = rung[conversation.channel], now - last < Self.quiet { return false }
            if rung.count >= Self.crowd { rung = rung.filter { now - $0.value < Self.quiet } }
            rung[conversation.channel] = now
            return true
        }
    }
}
