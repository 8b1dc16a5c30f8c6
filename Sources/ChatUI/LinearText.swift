package import Chat
import Screen

/// What linear mode and `tail` print: every event one line, once, the sender in words, nothing that moves the cursor.
package struct LinearText: Sendable {
    private let zone: LocalZone
    private var lastDay: [Int] = []
    /// Messages of ours that were told as sent and come once more as messages.
    private var told: Set<String> = []

    package init(zone: LocalZone) { self.zone = zone }

    /// The lines of a notice; empty for what needs no words.
    package mutating func lines(for notice: ChatNotice, chat: ChatState) -> [String] {
        switch notice {
        case .message(let message):
            guard told.remove(message.id) == nil else { return [] }
            return dayLine(message.at) + [self.message(message, chat: chat, state: "")]
        case .sent(let message):
            told.insert(message.id)
            return dayLine(message.at) + [self.message(message, chat: chat, state: " (sent)")]
        case .failed(let message, let reason):
            return ["Not sent to \(title(message.conversation, chat)): \(safe(message.text)). Reason: \(safe(reason))."]
        case .typing(let name, let user, let isTyping):
            let place = name.isRoom ? " in \(title(name, chat))" : ""
            return isTyping ? ["\(self.name(user, chat)) is typing\(place)."] : []
        case .presence(let user, let isOnline): return ["\(name(user, chat)) is \(isOnline ? "online" : "offline")."]
        case .seen(let conversation, let user, _):
            return user == chat.me
                ? []
                : [
                    "\(name(user, chat)) has seen your messages\(conversation.isRoom ? " in \(title(conversation, chat))" : "")."
                ]
        case .link(let link): return link == .online || !link.isOnline ? [self.link(link)] : []
        case .gap(let name, let from, let through):
            let count = through - from + 1
            return ["\(count) missed in \(title(name, chat)), fetching."]
        case .storeChanged: return ["The desk was restored from a copy; reading everything again."]
        case .warning(let text): return [safe(text)]
        }
    }

    private func message(_ message: Message, chat: ChatState, state: String) -> String {
        let time = CalendarTime(message.at, offsetSeconds: zone.offsetSeconds(message.at))
        let clock = Words.clock(time, uses24Hours: true)
        let isMine = message.from == chat.me
        let from = isMine ? "You" : name(message.from, chat)
        let place: String
        if message.conversation.isRoom {
            place = " in \(title(message.conversation, chat))"
        } else {
            place = isMine ? " to \(title(message.conversation, chat))" : ""
        }
        return "\(clock) \(from)\(place): \(safe(message.text ?? "(text not loaded)"))\(state)"
    }

    private mutating func dayLine(_ at: Timestamp) -> [String] {
        let time = CalendarTime(at, offsetSeconds: zone.offsetSeconds(at))
        let day = [time.year, time.month, time.day]
        guard day != lastDay else { return [] }
        lastDay = day
        return [Words.day(time, currentYear: 0)]
    }

    private func link(_ link: Link) -> String {
        switch link {
        case .connecting: "Connecting."
        case .online, .doubtful: "Connected."
        case .offline(let reason, _): "Connection lost: \(safe(reason)). Trying again; what you write is kept."
        case .refused(let reason): "Refused: \(safe(reason)). Not trying again by itself; type /reconnect."
        case .hostStopped(let pid): "The desk's host (pid \(pid)) is stopped. What you write is kept."
        }
    }

    private func name(_ user: UserID, _ chat: ChatState) -> String { safe(chat.roster.name(of: user)) }
    private func title(_ name: ConversationName, _ chat: ChatState) -> String { safe(chat.title(of: name)) }
    /// Line breaks of a message are kept apart from the next event by a bar.
    private func safe(_ text: String) -> String {
        Printable.block(text).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " | ")
    }
}
