import Chat
import Screen

/// What came into the open conversation while nobody looked at it: the unseen rule stands before the first of it, and that
/// place stays in view until the reader is back. Scrolling on by itself would show it to nobody and count it as seen.
extension UIState {
    /// Whether the open conversation is before the reader's eyes.
    func isLooking(_ chat: ChatState) -> Bool {
        isFocused && overlay == nil && editing == nil && chat.visited == nil
            && !(focus == .list && layout(chat).listCovers)
    }

    /// Below which message the unseen rule stands; nil where there is none.
    func ruleAfter(_ chat: ChatState, _ name: ConversationName) -> Int? {
        view(name).ruleAfter ?? chat.conversation(name).ruleAfter
    }

    /// Follows whether the reader looks, and what comes while they do not.
    mutating func followLooking(_ chat: ChatState) {
        guard let name = chat.open, chat.conversation(name).isLoaded, !isLooking(chat) else {
            lookedAway = nil
            return
        }
        let each = chat.conversation(name)
        guard let away = lookedAway, away.name == name else {
            lookedAway = LookedAway(name: name, through: each.heldThrough)
            return
        }
        guard each.heldThrough > away.through else { return }
        let boundary = max(away.through, each.seenByMe)
        let missed = each.messages.reversed().prefix { $0.seq > boundary }.filter { $0.from != chat.me }
        guard let first = missed.last else { return }
        change(name) { view in
            view.ruleAfter = first.seq - 1
            view.unseenAtRule = missed.count
        }
        if view(name).anchor == .end { scrollToRule(chat, name, always: false) }
    }

    /// Where the reader of a conversation stopped looking.
    struct LookedAway: Equatable, Sendable {
        let name: ConversationName
        /// The last message held at that time.
        let through: Int
    }
}
