/// What somebody looks for: words, in one conversation or in all of theirs.
package struct SearchQuery: Hashable, Sendable {
    package var text: String
    /// Nil searches all of them.
    package var place: ConversationName?

    /// The most messages that are asked for.
    package static let maxFound = 50
    /// What the desk takes, in bytes of UTF-8.
    package static let maxBytes = 256

    package init(_ text: String, in place: ConversationName?) {
        self.text = text
        self.place = place
    }
}

/// A search and what came of it.
package struct Search: Equatable, Sendable {
    package enum State: Equatable, Sendable {
        case asking
        /// As the desk orders them: the best of the newest first.
        case found([Message])
        case failed(String)
    }

    package var query: SearchQuery
    package var state: State
}

/// A part of a conversation around one message, apart from the window of the newest ones: looking far back neither
/// empties that window nor leaves a hole in it.
package struct VisitedPlace: Equatable, Sendable {
    package let name: ConversationName
    /// The `seq` that was asked for.
    package let around: Int
    /// Only messages, without a hole; what waits to be sent stands in the conversation itself.
    package internal(set) var conversation: Conversation

    /// How many messages before the one asked for come with it.
    static let lead = 40
    static let maxHeld = 1_000

    init(_ name: ConversationName, around: Int) {
        self.name = name
        self.around = around
        conversation = Conversation(name: name)
    }

    mutating func failed(_ name: ConversationName, _ query: PageQuery, _ reason: String) {
        guard name == self.name, conversation.loading.remove(query) != nil else { return }
        conversation.failure = reason
    }
}

extension ChatState {
    /// What is shown of a conversation: the place being visited, or its newest part.
    package func shown(_ name: ConversationName) -> Conversation {
        if let visited, visited.name == name { return visited.conversation }
        return conversation(name)
    }

    mutating func search(for query: SearchQuery?) -> [ChatRequest] {
        guard let query else {
            search = nil
            return []
        }
        guard query != search?.query || search?.state != .asking else { return [] }
        guard link.isOnline else {
            search = Search(query: query, state: .failed("not connected; searching needs the desk"))
            return []
        }
        search = Search(query: query, state: .asking)
        return [.search(query)]
    }

    /// An answer to another question than the last one is of no interest any more.
    mutating func searchEnded(_ query: SearchQuery, _ state: Search.State) -> [ChatRequest] {
        if search?.query == query { search?.state = state }
        return []
    }

    mutating func visit(_ name: ConversationName, around: Int?) -> [ChatRequest] {
        guard let around else {
            if visited?.name == name { visited = nil }
            return []
        }
        let each = conversation(name)
        if each.isLoaded, let first = each.messages.first?.seq, (first...each.heldThrough).contains(around) {
            visited = nil
            return []
        }
        visited = VisitedPlace(name, around: around)
        return loadPlace(.after(max(0, around - VisitedPlace.lead - 1)))
    }

    /// More of the place: older messages, or newer ones until it meets the window.
    mutating func extendPlace(older: Bool) -> [ChatRequest] {
        guard let each = visited?.conversation, let first = each.messages.first?.seq else { return [] }
        if older { return each.reachesStart ? [] : loadPlace(.before(first)) }
        return loadPlace(.after(each.heldThrough))
    }

    private mutating func loadPlace(_ query: PageQuery) -> [ChatRequest] {
        guard var place = visited else { return [] }
        place.conversation.failure = link.isOnline ? nil : "not connected; search again when it is back"
        defer { visited = place }
        guard link.isOnline, place.conversation.loading.insert(query).inserted else { return [] }
        return [.loadPlace(place.name, query)]
    }

    mutating func placeLoaded(
        _ name: ConversationName, _ query: PageQuery, _ page: Page, now: Moment
    ) -> [ChatRequest] {
        guard var place = visited, place.name == name, place.conversation.loading.remove(query) != nil else {
            return []
        }
        place.conversation.failure = nil
        let outcome = place.conversation.merge(page, for: query)
        if outcome == nil { place.conversation.failure = "the desk sent a page that does not fit" }
        if outcome == .contradicted { return contradicted(now: now) }
        // What lies beyond is not missing here: it is somewhere else.
        place.conversation.lastSeq = place.conversation.heldThrough
        place.conversation.ahead = [:]
        place.conversation.seenByPeer = conversation(name).seenByPeer
        place.conversation.trimEnd(query, limit: VisitedPlace.maxHeld)
        visited = place
        return meetWindow(name, now: now)
    }

    /// A place that has grown as far as the window is a part of it.
    private mutating func meetWindow(_ name: ConversationName, now: Moment) -> [ChatRequest] {
        guard let place = visited?.conversation, let each = conversations[name], each.isLoaded,
            let start = each.messages.first?.seq, let end = place.messages.last?.seq, end >= start - 1
        else { return [] }
        let older = Page(messages: place.messages.filter { $0.seq < start }, first: place.first, last: each.lastSeq)
        guard conversations[name]?.merge(older, for: .before(start)) != .contradicted else {
            return contradicted(now: now)
        }
        visited = nil
        return []
    }
}

extension Conversation {
    /// Lets messages go on the side that was not asked for.
    fileprivate mutating func trimEnd(_ query: PageQuery, limit: Int) {
        guard messages.count > limit else { return }
        if case .before = query {
            messages.removeLast(messages.count - limit)
            lastSeq = heldThrough
        } else {
            messages.removeFirst(messages.count - limit)
        }
    }
}
