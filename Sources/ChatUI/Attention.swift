package import Chat

/// Something a person who looks elsewhere should know.
package struct Alert: Equatable, Sendable {
    package enum Step: Int, Sendable {
        case message, waiting, waitingTooLong
    }

    package let conversation: ConversationName
    package let step: Step
    /// Who, as the screen calls them.
    package let title: String
    /// What they said, or how long they wait.
    package let text: String

    package init(conversation: ConversationName, step: Step, title: String, text: String) {
        self.conversation = conversation
        self.step = step
        self.title = title
        self.text = text
    }
}

/// The one place that decides what is worth a bell or a notification: nothing that is before the reader's eyes, nothing
/// while they do not want to be disturbed, and nobody twice for the same: not again before they were looked at, and once
/// more when they wait long and when they wait too long.
struct Attention: Equatable, Sendable {
    /// Who was told of since they were last looked at.
    private var told: Set<ConversationName> = []
    private var levels: [ConversationName: UIState.WaitLevel] = [:]
    /// How long somebody waited before this program was started is no news.
    private var isPrimed = false

    /// - Parameters:
    ///   - looksAt: the conversation before the reader's eyes.
    ///   - waits: those shown as waiting.
    mutating func follow(
        _ chat: ChatState, messages: [Message], waits: [UIState.ShownWait], looksAt: ConversationName?, isQuiet: Bool
    ) -> [Alert] {
        guard let me = chat.me, chat.hasBaseline else { return [] }
        told = told.filter { chat.conversations[$0].map { $0.unseen > 0 } ?? false && $0 != looksAt }
        let waiting = Set(waits.map(\.name))
        levels = levels.filter { waiting.contains($0.key) }
        var alerts: [Alert] = []
        for message in messages where message.from != me && message.conversation != looksAt && !isQuiet {
            guard told.insert(message.conversation).inserted else { continue }
            let name = message.conversation
            let text = message.text ?? "a long message"
            let who =
                name.isRoom ? "\(chat.roster.label(of: message.from)) in \(chat.title(of: name))" : chat.title(of: name)
            alerts.append(Alert(conversation: name, step: .message, title: who, text: text))
        }
        for wait in waits where wait.level > levels[wait.name] ?? .calm {
            guard isPrimed else {
                levels[wait.name] = wait.level
                continue
            }
            guard !isQuiet, wait.name != looksAt else { continue }
            levels[wait.name] = wait.level
            alerts.removeAll { $0.conversation == wait.name }
            alerts.append(
                Alert(
                    conversation: wait.name, step: wait.level == .tooLong ? .waitingTooLong : .waiting,
                    title: chat.title(of: wait.name), text: wait.long))
        }
        isPrimed = true
        return alerts
    }
}
