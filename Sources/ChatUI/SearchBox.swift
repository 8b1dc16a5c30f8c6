import Chat
import Screen

/// The words looked for, where, and what was found last.
struct SearchBox: Equatable, Sendable {
    /// How long after the last key the desk is asked.
    static let delay: Duration = .milliseconds(150)
    /// Fewer letters find everything; one sign, such as an emoji or a Chinese character, is enough.
    static let leastLetters = 2

    var query: InputLine
    /// Nil is everywhere.
    var place: ConversationName?
    /// Where Tab leads back to.
    let here: ConversationName?
    private(set) var due: Duration?
    private(set) var asked: SearchQuery?
    private(set) var found: [Message] = []
    /// What `found` answers.
    private(set) var answered: SearchQuery?
    private(set) var failure: String?
    private(set) var index = 0

    init(place: ConversationName?, here: ConversationName?, text: String) {
        self.place = place
        self.here = here
        query = InputLine(text)
    }

    var chosen: Message? { found.indices.contains(index) ? found[index] : nil }
    /// The words, folded, as they are looked for in a text.
    var words: [String] { query.text.split(whereSeparator: \.isWhitespace).map { Folding.fold($0) } }
    var isAsking: Bool { due != nil || (asked != nil && asked != answered && failure == nil) }

    private var wanted: SearchQuery? {
        let text = UIState.trimmed(query.text)
        guard text.count >= Self.leastLetters || SearchText(text).hasSign, text.utf8.count <= SearchQuery.maxBytes
        else { return nil }
        return SearchQuery(text, in: place)
    }

    /// Whether what is shown answers what is typed.
    func isCurrent(_ chat: ChatState) -> Bool { wanted != nil && wanted == answered }

    mutating func plan(_ now: Duration, isAtOnce: Bool) {
        guard let wanted else {
            due = nil
            asked = nil
            if UIState.trimmed(query.text).isEmpty { found = [] }
            answered = nil
            failure = nil
            return
        }
        guard wanted != asked || failure != nil else {
            due = nil
            return
        }
        due = isAtOnce ? now : now + Self.delay
    }

    mutating func take() -> SearchQuery? {
        due = nil
        failure = nil
        asked = wanted
        return asked
    }

    mutating func follow(_ chat: ChatState) {
        guard let search = chat.search, search.query == asked, answered != asked || failure != nil else { return }
        switch search.state {
        case .asking: break
        case .found(let messages):
            found = messages
            index = 0
            answered = search.query
            failure = nil
        case .failed(let reason): failure = reason
        }
    }

    mutating func move(by step: Int) {
        guard !found.isEmpty else { return }
        index = min(max(0, index + step), found.count - 1)
    }
}
