/// One conversation as this client holds it: a window of messages without holes, what came ahead of a hole,
/// what waits to be sent, and how much of it was seen by whom.
package struct Conversation: Equatable, Sendable {
    package let name: ConversationName
    /// Ascending, without holes; the newest part of what the desk has.
    package internal(set) var messages: [Message] = []
    /// Live messages beyond a hole, waiting for it to be filled.
    package internal(set) var ahead: [Int: Message] = [:]
    /// False until a page, or the very first message, told where the window stands.
    package internal(set) var isLoaded = false
    /// The first `seq` the desk still has; 0 while unknown or empty.
    package internal(set) var first = 0
    /// The greatest `seq` heard of.
    package internal(set) var lastSeq = 0
    package internal(set) var unseen = 0
    package internal(set) var seenByMe = 0
    package internal(set) var seenByPeer = 0
    /// The unseen rule stands after this `seq` while the conversation is open.
    package internal(set) var ruleAfter: Int?
    /// Oldest first.
    package internal(set) var outbox: [OutgoingMessage] = []
    /// Since when the peer has been waiting for a reply.
    var clock = ReplyClock()
    /// Pages asked for and not answered.
    package internal(set) var loading: Set<PageQuery> = []
    /// Why the last page did not come.
    package internal(set) var failure: String?
    /// What was answered, by the id of the question.
    package internal(set) var answers: [String: GivenAnswer] = [:]
    /// Whether a question was ever among the messages.
    var hasQuestions = false
    /// When something last happened here, for the order of the list.
    package internal(set) var lastAt: Timestamp?

    /// Up to which `seq` the unseen count is right.
    var countedThrough = 0
    /// A list older than our own mark told the count, and what is held does not tell a better one.
    var isMiscounted = false
    /// What was counted last, ascending: a list on its way may be older than that.
    var counted: [Counted] = []

    struct Counted: Equatable {
        var seq: Int
        var isMine: Bool
    }

    /// More than comes while a list is on its way.
    static let maxCounted = 1_000
    /// Up to which `seq` listeners were told.
    var announcedThrough = 0
    /// Up to where the desk knows that we have seen, and when to tell it again if it could not take it.
    var seenConfirmed = 0
    var seenRetryAt: Duration?
    var seenRetries = 0
    /// The outgoing message the desk was asked to take, and when to ask again if it could not.
    var inFlight: String?
    var retryAt: Duration?
    var retries = 0
    /// Roughly what the window takes.
    private(set) var heldBytes = 0

    /// How many live messages are kept beyond a hole; more are fetched again instead.
    static let maxAhead = 1_000
    /// How much a window keeps; the oldest are let go and fetched again when wanted.
    struct Room: Equatable {
        var messages: Int
        var bytes: Int

        static let open = Room(messages: 20_000, bytes: 32 << 20)
        static let aside = Room(messages: 2_000, bytes: 1 << 20)
    }

    init(name: ConversationName) { self.name = name }

    /// The last `seq` of the window; 0 when it is empty.
    package var heldThrough: Int { messages.last?.seq ?? 0 }

    /// Whether nothing older than the window exists.
    package var reachesStart: Bool { isLoaded && (messages.first.map { $0.seq <= max(1, first) } ?? (lastSeq == 0)) }

    /// What is known to be missing after the window.
    package var gap: ClosedRange<Int>? {
        guard isLoaded else { return nil }
        let next = heldThrough + 1
        let end = ahead.keys.min().map { $0 - 1 } ?? lastSeq
        return end >= next ? next...end : nil
    }

    /// What stands beyond the gap, ascending.
    package var beyondGap: [Message] { ahead.values.sorted { $0.seq < $1.seq } }

    /// The state of a stored message of ours.
    package func deliveryState(of message: Message) -> DeliveryState {
        message.isRelayed ? .relayed : message.seq <= seenByPeer ? .seen : .sent
    }

    /// What taking something in led to.
    enum Outcome: Equatable {
        /// These joined the window, in order. Empty: it was known already.
        case joined([Message])
        /// It stands ahead of a hole.
        case ahead
        /// A known `seq` came with another id: the desk's store is not the one we knew.
        case contradicted
    }

    /// Takes a live message in.
    mutating func receive(_ message: Message) -> Outcome {
        noteQuestions(message)
        lastSeq = max(lastSeq, message.seq)
        lastAt = max(lastAt ?? message.at, message.at)
        if !isLoaded, message.seq == 1 {
            isLoaded = true
            first = 1
        }
        guard isLoaded else {
            keepAhead(message)
            return .ahead
        }
        let next = heldThrough + 1
        if message.seq == next {
            hold(message)
            return .joined([message] + drainAhead())
        }
        guard message.seq < next else {
            keepAhead(message)
            return .ahead
        }
        guard let start = messages.first?.seq, message.seq >= start else { return .joined([]) }
        let index = message.seq - start
        guard messages[index].id == message.id else { return .contradicted }
        fillTexts(from: [message])
        return .joined([])
    }

    /// Takes a page in; nil where it does not fit what was asked (it has holes or stands elsewhere).
    mutating func merge(_ page: Page, for query: PageQuery) -> Outcome? {
        let new = page.messages
        guard zip(new, new.dropFirst()).allSatisfy({ $0.seq + 1 == $1.seq }), new.allSatisfy({ $0.seq > 0 }) else {
            return nil
        }
        if let contradicted = contradiction(in: new), contradicted { return .contradicted }
        new.forEach { noteQuestions($0) }
        first = page.first
        lastSeq = max(lastSeq, page.last)
        if let at = new.last?.at { lastAt = max(lastAt ?? at, at) }
        switch query {
        case .before:
            guard let start = messages.first?.seq else { return nil }
            let older = new.filter { $0.seq < start }
            guard older.isEmpty || older.last?.seq == start - 1 else { return nil }
            messages.insert(contentsOf: older, at: 0)
            for message in older { heldBytes += Self.size(message) }
            fillTexts(from: new)
            return .joined([])
        case .newest, .after:
            let wasLoaded = isLoaded
            isLoaded = true
            fillTexts(from: new)
            let held = heldThrough
            let newer = new.filter { $0.seq > held }
            if wasLoaded, !messages.isEmpty, let start = newer.first?.seq, start > held + 1 {
                guard query == .newest else { return nil }
                // The hole is larger than a page: the window moves to the newest part and the rest is paged in on demand.
                messages = []
                heldBytes = 0
            }
            newer.forEach { hold($0) }
            return .joined(newer + drainAhead())
        }
    }

    private func contradiction(in new: [Message]) -> Bool? {
        guard let start = messages.first?.seq else { return nil }
        return new.contains { message in
            let index = message.seq - start
            return messages.indices.contains(index) && messages[index].id != message.id
        }
    }

    private mutating func fillTexts(from new: [Message]) {
        guard let start = messages.first?.seq else { return }
        for message in new where messages.indices.contains(message.seq - start) {
            guard messages[message.seq - start].text == nil else { continue }
            messages[message.seq - start].text = message.text
            heldBytes += message.text?.utf8.count ?? 0
        }
    }

    private mutating func keepAhead(_ message: Message) {
        if ahead.count < Self.maxAhead { ahead[message.seq] = message }
    }

    private mutating func drainAhead() -> [Message] {
        var joined: [Message] = []
        while let next = ahead.removeValue(forKey: heldThrough + 1) {
            hold(next)
            joined.append(next)
        }
        let held = heldThrough
        if !ahead.isEmpty { ahead = ahead.filter { $0.key > held } }
        return joined
    }

    private mutating func hold(_ message: Message) {
        messages.append(message)
        heldBytes += Self.size(message)
    }

    private static func size(_ message: Message) -> Int { 200 + (message.text?.utf8.count ?? 0) }

    func isFull(_ room: Room) -> Bool { messages.count >= room.messages || heldBytes >= room.bytes }

    /// Lets the oldest messages go when the window grew past its room, but never the newest of them.
    mutating func trim(to room: Room) {
        guard messages.count > room.messages || heldBytes > room.bytes else { return }
        var gone = 0
        while gone < messages.count - 1,
            messages.count - gone > room.messages * 3 / 4 || heldBytes > room.bytes / 4 * 3
        {
            heldBytes -= Self.size(messages[gone])
            gone += 1
        }
        messages.removeFirst(gone)
    }

    /// Forgets every position and message; what is not sent yet stays.
    mutating func forget() {
        var fresh = Conversation(name: name)
        fresh.outbox = outbox
        fresh.lastAt = lastAt
        fresh.inFlight = inFlight
        self = fresh
    }
}

extension Conversation {
    /// Counts a message heard of: once each, in order. Returns false where one in between is not known of.
    mutating func count(seq: Int, isMine: Bool) -> Bool {
        guard seq > countedThrough else { return true }
        guard seq == countedThrough + 1 else { return false }
        countedThrough = seq
        if counted.count >= Self.maxCounted { counted.removeFirst(Self.maxCounted / 2) }
        counted.append(Counted(seq: seq, isMine: isMine))
        // Whoever answers has seen what they answer.
        if !isMine, seq > seenByMe { unseen += 1 }
        return true
    }

    /// What was counted after `seq` and is not seen: a list that ends there does not have it.
    mutating func unseenSince(_ seq: Int) -> Int {
        counted.removeAll { $0.seq <= seq }
        return counted.count { !$0.isMine && $0.seq > seenByMe }
    }

    /// Raises the mark up to which we have seen; returns false where the count cannot be known from what is held.
    mutating func markSeen(through seq: Int, me: UserID) -> Bool {
        guard seq > seenByMe else { return true }
        seenByMe = seq
        return recount(me: me)
    }

    mutating func confirmSeen(_ seq: Int) {
        seenConfirmed = max(seenConfirmed, seq)
        guard seenConfirmed >= seenByMe else { return }
        seenRetryAt = nil
        seenRetries = 0
    }

    /// A second after the first failure, then twice as long each time, up to a minute.
    mutating func retrySeen(now: Duration) {
        guard seenConfirmed < seenByMe else { return }
        seenRetryAt = now + min(.seconds(60), .seconds(1 << min(seenRetries, 6)))
        seenRetries += 1
    }

    /// Counts what stands after our own mark; returns false where that cannot be known from what is held.
    mutating func recount(me: UserID) -> Bool {
        if seenByMe >= countedThrough, seenByMe >= lastSeq {
            unseen = 0
            return true
        }
        guard isLoaded, let start = messages.first?.seq, seenByMe >= start - 1 else { return false }
        unseen = messages.reversed().prefix { $0.seq > seenByMe }.count { $0.from != me }
        // Just what is held is in this count; the rest is counted when it joins.
        countedThrough = heldThrough
        return true
    }

    /// Where the unseen rule belongs: before the first unseen message held.
    func unseenBoundary(me: UserID) -> Int? {
        guard unseen > 0 else { return nil }
        if seenByMe > 0 { return seenByMe }
        var left = unseen
        for message in messages.reversed() where message.from != me {
            left -= 1
            if left == 0 { return message.seq - 1 }
        }
        return messages.first.map { $0.seq - 1 }
    }
}
