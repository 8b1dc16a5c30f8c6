import Chat
import Screen

/// Everything a messages pane could show, top to bottom, laid out only where it is asked for: the start of the history,
/// the messages held, a gap, what stands beyond it, what waits to be sent.
struct MessageFlow {
    let conversation: Conversation
    let me: UserID?
    let roster: Roster
    /// Whether lines of code stay whole and are cut at the edge.
    let cutsCode: Bool
    /// The unseen rule stands below this message.
    private let ruleAfter: Int?
    let columns: MessageColumns
    private let zone: LocalZone
    private let firstShown: Int
    private let beyond: [Message]
    private let hasGap: Bool
    private let hasStart: Bool

    enum Block {
        case start
        case message(Message)
        case gap
        case outgoing(OutgoingMessage)
    }

    /// A line across the pane above a message.
    enum Rule: Equatable { case day(CalendarTime), unseen }

    enum Line: Equatable {
        case rule(Rule)
        case text(Substring)
        case code(Substring)
        /// Why a message could not be sent, and what can be done.
        case failure(Substring)
        /// What can be answered to a question, or what became of it.
        case question(Substring)
        case start
        case gap
    }

    /// A row to be drawn.
    struct Row {
        let block: Int
        /// Counted from the first line of text.
        let line: Int
        let isLast: Bool
        let content: Line
    }

    init(
        _ chat: ChatState, _ name: ConversationName, hiddenThrough: Int, width: Int, zone: LocalZone,
        settings: UISettings, cutsCode: Bool, ruleAfter: Int?
    ) {
        conversation = chat.shown(name)
        me = chat.me
        roster = chat.roster
        self.cutsCode = cutsCode
        self.ruleAfter = ruleAfter
        self.zone = zone
        columns = MessageColumns(
            width: width, longestName: Self.longestName(chat, name), uses24Hours: settings.uses24Hours)
        let start = conversation.messages.first?.seq ?? 1
        firstShown = min(conversation.messages.count, max(0, hiddenThrough - start + 1))
        hasGap = conversation.gap != nil && !conversation.messages.isEmpty
        beyond = conversation.ahead.isEmpty ? [] : conversation.beyondGap
        // Where the whole of a conversation is a few lines, nobody asks where it begins.
        let isLong = chat.isLiveOnly || !conversation.reachesStart || conversation.messages.count >= 20
        hasStart = !conversation.messages.isEmpty && firstShown == 0 && isLong
    }

    private static func longestName(_ chat: ChatState, _ name: ConversationName) -> Int {
        guard let me = chat.me, let peer = name.peer(of: me) else { return 12 }
        return max(TextWidth.of(chat.roster.label(of: me)), TextWidth.of(chat.roster.label(of: peer)))
    }

    // MARK: Blocks

    private var startCount: Int { hasStart ? 1 : 0 }
    private var messageCount: Int { conversation.messages.count - firstShown }
    private var gapIndex: Int { startCount + messageCount }
    private var beyondStart: Int { gapIndex + (hasGap ? 1 : 0) }
    private var outboxStart: Int { beyondStart + beyond.count }

    var count: Int { outboxStart + conversation.outbox.count }
    var isEmpty: Bool { count == 0 }

    func block(_ index: Int) -> Block {
        if index < startCount { return .start }
        if index < gapIndex { return .message(conversation.messages[firstShown + index - startCount]) }
        if index < beyondStart { return .gap }
        if index < outboxStart { return .message(beyond[index - beyondStart]) }
        return .outgoing(conversation.outbox[index - outboxStart])
    }

    func id(_ index: Int) -> BlockID {
        switch block(index) {
        case .start: .start
        case .message(let message): .message(seq: message.seq)
        case .gap: .gap
        case .outgoing(let message): .outgoing(clientID: message.clientID)
        }
    }

    func index(of id: BlockID) -> Int? {
        switch id {
        case .start: return hasStart ? 0 : nil
        case .gap: return hasGap ? gapIndex : nil
        case .message(let seq):
            if let first = conversation.messages.first?.seq, seq >= first, seq <= conversation.heldThrough {
                let index = startCount + seq - first - firstShown
                return index >= startCount ? index : nil
            }
            return beyond.firstIndex { $0.seq == seq }.map { beyondStart + $0 }
        case .outgoing(let clientID):
            return conversation.outbox.firstIndex { $0.clientID == clientID }.map { outboxStart + $0 }
        }
    }

    /// Whether a block is something somebody said.
    func isMessage(_ index: Int) -> Bool {
        switch block(index) {
        case .message, .outgoing: true
        case .start, .gap: false
        }
    }

    func sender(_ index: Int) -> (user: UserID, at: Timestamp)? {
        switch block(index) {
        case .message(let message): (message.from, message.at)
        case .outgoing(let message): me.map { ($0, message.at) }
        case .start, .gap: nil
        }
    }

    // MARK: Lines

    func calendar(_ at: Timestamp) -> CalendarTime { CalendarTime(at, offsetSeconds: zone.offsetSeconds(at)) }

    /// The rules above a block.
    func rules(_ index: Int) -> [Rule] {
        guard let this = sender(index) else { return [] }
        var rules: [Rule] = []
        let day = calendar(this.at)
        let before = (index > 0 ? sender(index - 1) : nil) ?? (index > 1 ? sender(index - 2) : nil)
        let dayBefore = before.map { calendar($0.at) }
        if dayBefore.map({ ($0.day, $0.month, $0.year) != (day.day, day.month, day.year) }) ?? true {
            rules.append(.day(day))
        }
        if case .message(let message) = block(index), let after = ruleAfter {
            let isFirstHeld = index == startCount && message.seq > after
            if message.seq == after + 1 || (isFirstHeld && firstShown == 0) { rules.append(.unseen) }
        }
        return rules
    }

    func rows(_ index: Int) -> [Row] {
        let rules = rules(index)
        let lines = lines(index)
        var rows: [Row] = []
        rows.reserveCapacity(rules.count + lines.count)
        for (offset, rule) in rules.enumerated() {
            rows.append(Row(block: index, line: offset - rules.count, isLast: false, content: .rule(rule)))
        }
        for (offset, line) in lines.enumerated() {
            rows.append(Row(block: index, line: offset, isLast: offset == lines.count - 1, content: line))
        }
        return rows
    }
}
