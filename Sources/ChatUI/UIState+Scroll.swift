import Chat
import Screen

/// Where each conversation was scrolled to, over restarts.
extension UIState {
    /// How many pages are fetched to get back to where one was; further back it is the newest that is shown.
    private static let maxScrollPages = 20

    /// Tells the disk where a conversation stands, if that is not known there.
    mutating func saveScroll(_ name: ConversationName) -> [UIEffect] {
        let view = view(name)
        guard view.wantedScroll == nil, visit?.name != name else { return [] }
        var mark: ScrollMark?
        if case .at(.message(let seq), let line) = view.anchor { mark = ScrollMark(seq: seq, line: line) }
        guard mark != view.savedScroll else { return [] }
        change(name) { $0.savedScroll = mark }
        return [.chat(.saveScroll(name, mark))]
    }

    /// Goes back to where the open conversation stood when it was last left.
    mutating func followScroll(_ chat: ChatState) -> [UIEffect] {
        guard let name = chat.open, let mark = view(name).wantedScroll else { return [] }
        let each = chat.conversation(name)
        guard view(name).anchor == .end else {
            change(name) { $0.wantedScroll = nil }
            return []
        }
        guard each.isLoaded, let first = each.messages.first?.seq else { return [] }
        guard mark.seq < first, !each.reachesStart, view(name).scrollPages < Self.maxScrollPages else {
            change(name) { view in
                view.wantedScroll = nil
                guard mark.seq >= first, mark.seq <= each.heldThrough else { return }
                view.anchor = .at(.message(seq: mark.seq), line: mark.line)
                view.leftAt = each.heldThrough
                view.wantsUnseen = false
            }
            settle(chat)
            return []
        }
        guard each.loading.isEmpty, chat.link.isOnline else { return [] }
        change(name) { $0.scrollPages += 1 }
        return [.chat(.loadOlder(name))]
    }
}
