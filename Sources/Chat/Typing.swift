/// Who is typing where, each believed for a while.
package struct TypingTable: Equatable, Sendable {
    /// How long an indicator is believed after the last event.
    package static let life: Duration = .seconds(6)

    /// In so many conversations, and so many people in each.
    static let limit = 1_000

    private var until: [ConversationName: [UserID: Duration]] = [:]

    package init() {}

    /// Those typing in a conversation, in the order of their ids.
    package func typists(in conversation: ConversationName) -> [UserID] {
        until[conversation].map { $0.keys.sorted() } ?? []
    }

    /// Whether anything changed for somebody who looks.
    mutating func hear(_ user: UserID, _ isTyping: Bool, in conversation: ConversationName, now: Duration) -> Bool {
        let was = until[conversation]?[user] != nil
        if isTyping {
            guard was || until.count < Self.limit && (until[conversation]?.count ?? 0) < Self.limit else {
                return false
            }
            until[conversation, default: [:]][user] = now + Self.life
        } else if was {
            until[conversation]?[user] = nil
            if until[conversation]?.isEmpty == true { until[conversation] = nil }
        }
        return was != isTyping
    }

    /// Forgets a user everywhere; returns where they were typing.
    mutating func forget(_ user: UserID) -> [ConversationName] {
        let places = until.compactMap { $0.value[user] == nil ? nil : $0.key }
        for place in places { _ = hear(user, false, in: place, now: .zero) }
        return places
    }

    /// Forgets everybody; returns who was typing where.
    mutating func forgetAll() -> [(ConversationName, UserID)] { expire(now: .seconds(Int64.max)) }

    /// Forgets what is no longer believed; returns it.
    mutating func expire(now: Duration) -> [(ConversationName, UserID)] {
        var gone: [(ConversationName, UserID)] = []
        for (conversation, users) in until {
            for (user, end) in users where end <= now { gone.append((conversation, user)) }
        }
        for (conversation, user) in gone { _ = hear(user, false, in: conversation, now: now) }
        return gone
    }

    package var deadline: Duration? { until.values.lazy.flatMap(\.values).min() }
}

/// How often we say that we are typing: at once, then at most every three seconds, and one `false` at the end. Lines sent
/// one after the other say it once a second at most: the engine counts what a client says, and drops what is too much.
package struct TypingThrottle: Equatable, Sendable {
    package static let interval: Duration = .seconds(3)
    package static let pause: Duration = .seconds(1)

    private struct Said: Equatable {
        var conversation: ConversationName
        var time: Duration
        /// Whether it still stands.
        var isTyping: Bool
    }

    private var said: Said?

    package init() {}

    /// What has to be said when the input of `conversation` changed to hold something (`true`) or nothing (`false`).
    mutating func typed(_ isTyping: Bool, in conversation: ConversationName, now: Duration) -> [ChatRequest] {
        var asked: [ChatRequest] = []
        if let last = said, last.isTyping, !isTyping || last.conversation != conversation {
            asked.append(.tellTyping(last.conversation, false))
            said?.isTyping = false
        }
        guard isTyping else { return asked }
        if let said, now - said.time < (said.isTyping ? Self.interval : Self.pause) { return asked }
        said = Said(conversation: conversation, time: now, isTyping: true)
        return asked + [.tellTyping(conversation, true)]
    }
}
