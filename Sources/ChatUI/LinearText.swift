package import Chat
import Screen

/// What linear mode and `tail` print: every event one line, once, the sender in words, nothing that moves the cursor.
package struct LinearText: Sendable {
    private let zone: LocalZone
    private var lastDay: [Int] = []
    /// Messages of ours that were told: they come twice, as sent and as messages, and either may be first.
    private var told: Set<String> = []
    private static let mostTold = 1_000
    private var hasBeenOnline = false
    /// The connection was said to be lost, and no attempt has succeeded since.
    private var isOffline = false
    /// Who was said to be gone, so that they are back when they come again.
    private var gone: Set<UserID> = []
    /// More people than this are summed up.
    private static let fewPeople = 3
    /// Why we are not let in, as it was told last.
    private var toldReason: String?

    package init(zone: LocalZone) { self.zone = zone }

    /// The lines of a notice; empty for what needs no words.
    package mutating func lines(for notice: ChatNotice, chat: ChatState) -> [String] {
        switch notice {
        case .message(let message):
            guard message.from == chat.me else {
                return dayLine(message.at) + [self.message(message, chat: chat, state: "")]
            }
            return sent(message, chat: chat)
        case .sent(let message): return sent(message, chat: chat)
        case .failed(let message, let reason):
            return [
                "Not sent to \(title(message.conversation, chat)): \(safe(message.text)). Reason: \(safe(reason)). "
                    + (message.conversation == chat.open
                        ? "Type" : "Type /query \(address(message.conversation, chat)), then")
                    + " /retry, /edit TEXT or /discard."
            ]
        case .typing(let name, let user, let isTyping):
            let place = name.isRoom ? " in \(title(name, chat))" : ""
            return isTyping ? ["\(self.name(user, chat)) is typing\(place)."] : []
        case .presence(let user, let isOnline): return people([user], isOnline: isOnline, chat: chat)
        case .returned(let users): return people(users, isOnline: true, chat: chat, areBack: true)
        case .membership(let room, let user, let isHere): return people([user], isHere: isHere, in: room, chat: chat)
        case .availability(let user, let new):
            let text = new.text.isEmpty ? "" : ": \(safe(new.text))"
            return ["\(name(user, chat)) is \(new.state.rawValue)\(text)."]
        case .seen(let conversation, let user, _):
            return user == chat.me
                ? []
                : [
                    "\(name(user, chat)) has seen your messages\(conversation.isRoom ? " in \(title(conversation, chat))" : "")."
                ]
        case .link(.connecting(let attempt)):
            return attempt > 1 || isOffline ? [] : [self.link(.connecting(attempt: attempt))]
        case .link(.doubtful): return []
        case .link(.notAdmitted(let reason, _)):
            // Every attempt is refused; the reason is told once.
            defer { toldReason = reason }
            return reason == toldReason ? [] : [self.link(.notAdmitted(reason: reason, retryAt: nil))]
        case .link(let link):
            if link.isOnline { toldReason = nil }
            defer {
                hasBeenOnline = hasBeenOnline || link.isOnline
                isOffline = !link.isOnline
            }
            // Each attempt that fails tells again why.
            if isOffline, case .offline = link { return [] }
            return [self.link(link)]
        case .gap(let name, let from, let through):
            let count = through - from + 1
            return ["\(count) missed in \(title(name, chat)), fetching."]
        case .sessionOpened(let session):
            return ["\(safe(Words.opened(session))). The command parley sessions shows and ends it."]
        case .unknownUser(let user):
            // Said with the message that was not sent.
            let isSaid = chat.me.flatMap { ConversationName($0, user) }.map { !chat.conversation($0).outbox.isEmpty }
            return isSaid == true ? [] : ["\(safe(Words.unknown(user))).".capitalizedFirst]
        case .refused(let channel, let refusal): return [safe(TroubleText.sentence(channel, refusal, chat)) + "."]
        case .admitted(.inbox): return ["New messages come live again."]
        case .admitted(.conversation(let name)):
            return [name.isRoom ? "In \(title(name, chat)) now." : "Live with \(title(name, chat)) again."]
        // A warning beside it says what is wrong.
        case .desk(let fault): return fault == nil ? ["The desk is in order again."] : []
        case .storeChanged: return ["The desk was restored from a copy; reading everything again."]
        case .warning(let text): return [safe(text)]
        }
    }

    /// Who came and went, in one line where they are many.
    package mutating func people(
        _ users: [UserID], isOnline: Bool, chat: ChatState, areBack: Bool = false
    ) -> [String] {
        let areBack = isOnline && (areBack || gone.isSuperset(of: users))
        if isOnline { gone.subtract(users) } else { gone.formUnion(users) }
        let state = areBack ? "back" : isOnline ? "online" : "offline"
        guard users.count > Self.fewPeople else { return users.map { "\(name($0, chat)) is \(state)." } }
        return ["\(users.count) people are \(state)."]
    }

    package func people(_ users: [UserID], isHere: Bool, in room: ConversationName, chat: ChatState) -> [String] {
        let what = "\(isHere ? "entered" : "left") \(title(room, chat))."
        guard users.count > Self.fewPeople else { return users.map { "\(name($0, chat)) \(what)" } }
        return ["\(users.count) people \(what)"]
    }

    /// A message that was searched for, with its day.
    package func found(_ message: Message, chat: ChatState, currentYear: Int) -> String {
        let time = CalendarTime(message.at, offsetSeconds: zone.offsetSeconds(message.at))
        return "\(Words.date(time, currentYear: currentYear)) \(self.message(message, chat: chat, state: ""))"
    }

    /// What was said before, told when a conversation is opened: what is unseen, or else the last few.
    package mutating func earlier(_ messages: [Message], unseen: Int, chat: ChatState) -> [String] {
        guard let first = messages.first else { return [] }
        let place = title(first.conversation, chat)
        let heading = unseen > 0 ? "\(unseen) unseen in \(place):" : "Before, in \(place):"
        var lines = [heading]
        for message in messages {
            let state = message.from == chat.me ? Self.state(of: message, chat) : ""
            lines += dayLine(message.at) + [self.message(message, chat: chat, state: state)]
        }
        return lines
    }

    /// What waits at the start, in words; empty where nothing does.
    package func waiting(_ chat: ChatState) -> [String] {
        let waiting = chat.conversations.values.filter { $0.unseen > 0 }.sorted { $0.name.channel < $1.name.channel }
        guard !waiting.isEmpty else { return ["Nothing is unseen."] }
        return waiting.map { each in
            let peer = title(each.name, chat)
            return "\(each.unseen) unseen in \(peer). Type /query \(address(each.name, chat)) to read."
        }
    }

    private mutating func sent(_ message: Message, chat: ChatState) -> [String] {
        guard told.remove(message.id) == nil else { return [] }
        // Those written elsewhere come once only, and would be remembered for ever.
        if told.count >= Self.mostTold { told = [] }
        told.insert(message.id)
        return dayLine(message.at) + [
            self.message(message, chat: chat, state: message.isRelayed ? " (relayed)" : " (sent)")
        ]
    }

    private static func state(of message: Message, _ chat: ChatState) -> String {
        switch chat.conversation(message.conversation).deliveryState(of: message) {
        case .relayed: " (relayed)"
        case .sent: " (sent)"
        case .seen: " (seen)"
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
        let question = safe(QuestionLines.inWords(message, isMine: isMine))
        return "\(clock) \(from)\(place): \(safe(message.text ?? "(text not loaded)"))\(question)\(state)"
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
        case .polling:
            "No live connection gets through: asking the desk. Messages come; typing is not shown, who comes and goes is"
                + " shown late, and others see you offline."
        case .offline(let reason, _) where !hasBeenOnline:
            "Cannot connect: \(safe(reason)). Trying again; what you write is kept."
        case .offline(let reason, _): "Connection lost: \(safe(reason)). Trying again; what you write is kept."
        case .notAdmitted(let reason, _): "Not let in: \(safe(reason)). Trying again; what you write is kept."
        case .refused(let reason): "Refused: \(safe(reason)). Not trying again by itself; type /reconnect."
        case .hostStopped(let pid): "The desk's host (pid \(pid)) is stopped. What you write is kept."
        }
    }

    private func name(_ user: UserID, _ chat: ChatState) -> String { safe(chat.roster.label(of: user)) }
    private func title(_ name: ConversationName, _ chat: ChatState) -> String { safe(chat.title(of: name)) }
    /// What a command takes: the peer's id, because names need not be unique, or the room.
    private func address(_ name: ConversationName, _ chat: ChatState) -> String {
        chat.me.flatMap(name.peer(of:))?.text ?? title(name, chat)
    }
    /// Line breaks of a message are kept apart from the next event by a bar.
    private func safe(_ text: String) -> String {
        Printable.block(text).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " | ")
    }
}

extension String {
    /// As a sentence begins.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
