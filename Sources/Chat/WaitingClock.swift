/// How long the other sides of all conversations have been waiting for a reply; see `ReplyClock`.
package struct WaitingClock: Equatable, Sendable {
    package struct Wait: Equatable, Sendable {
        package var name: ConversationName
        package var since: Timestamp
        /// False where the wait may have begun before.
        package var isExact: Bool
        /// The newest message the clock knows of.
        package var through: Int

        /// Whole minutes until `now`.
        package func minutes(at now: Timestamp) -> Int {
            Int(max(0, now.milliseconds - since.milliseconds) / 60_000)
        }
    }

    private var waits: [ConversationName: Wait] = [:]

    package init() {}

    /// The longest wait first; of equal ones always in the same order.
    package var all: [Wait] {
        waits.values.sorted {
            $0.since != $1.since ? $0.since < $1.since : $0.name.channel < $1.name.channel
        }
    }

    package subscript(name: ConversationName) -> Wait? { waits[name] }

    /// Follows the chat.
    package mutating func follow(_ chat: ChatState) {
        waits = [:]
        for (name, each) in chat.conversations {
            guard let start = each.clock.start, !name.isRoom, !each.isAnswering else { continue }
            waits[name] = Wait(
                name: name, since: start.since, isExact: start.isExact, through: each.clock.through)
        }
    }
}

extension Conversation {
    /// Whether a message written just now is on its way: it stops the clock also before the desk has it.
    fileprivate var isAnswering: Bool {
        outbox.contains { if case .failed = $0.state { false } else { true } }
    }
}
