package import Chat

/// Reads the list of conversations to its end, page by page.
///
/// A conversation that gets a message meanwhile moves to the top, past the pages that follow. So a list of several pages is
/// looked at once more from the top, until a page brings nothing new.
package struct ConversationPages: Equatable, Sendable {
    /// The newest first.
    package private(set) var all: [ConversationSummary] = []
    /// The page to ask for; nil when all have been read.
    package private(set) var next: DeskCall? = .conversations(limit: DeskCall.maxPage)
    private var known: Set<ConversationName> = []
    private var isSecondLook = false

    package init() {}

    /// Takes the answer to `next`.
    package mutating func append(_ page: [ConversationSummary]) {
        let new = page.filter { known.insert($0.name).inserted }
        all += new
        if page.count >= DeskCall.maxPage, let last = page.last, !(isSecondLook && new.isEmpty) {
            next = .conversations(limit: DeskCall.maxPage, before: last.name)
        } else if !isSecondLook, all.count > DeskCall.maxPage {
            isSecondLook = true
            next = .conversations(limit: DeskCall.maxPage)
        } else {
            next = nil
        }
    }
}
