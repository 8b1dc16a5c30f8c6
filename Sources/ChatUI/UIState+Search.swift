import Chat
import Screen

/// Searching, going to what was found, and coming back.
extension UIState {
    /// Where a search led to, and the way back.
    struct Visit: Equatable, Sendable {
        var name: ConversationName
        var seq: Int
        var origin: ConversationName?
        var anchor: ScrollAnchor
        /// The message is not held yet.
        var isAwaited = true
    }

    mutating func openSearch(in place: ConversationName?, _ text: String, _ chat: ChatState, _ now: Moment) {
        if focus == .messages, visit == nil { leaveMessages(chat) }
        var box = SearchBox(place: place, here: chat.open, text: text)
        box.plan(now.uptime, isAtOnce: true)
        overlay = .search(box)
    }

    mutating func press(_ key: Key, in box: SearchBox, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        var box = box
        switch key {
        case .escape, "Ctrl-C", "Ctrl-G":
            overlay = nil
            return [.chat(.search(nil))]
        case .enter:
            guard box.isCurrent(chat), let message = box.chosen else {
                box.plan(now.uptime, isAtOnce: true)
                overlay = .search(box)
                return tickSearch(now)
            }
            overlay = nil
            return [.chat(.search(nil))] + go(to: message, chat, now)
        case .tab, .backtab:
            guard box.here != nil else { return [] }
            box.place = box.place == nil ? box.here : nil
            box.plan(now.uptime, isAtOnce: true)
        case .down, "Ctrl-N": box.move(by: 1)
        case .up, "Ctrl-P": box.move(by: -1)
        case .pageDown: box.move(by: 10)
        case .pageUp: box.move(by: -10)
        default:
            var ring = killRing
            guard box.query.edit(key, keys, &ring) else { return [] }
            killRing = ring
            box.plan(now.uptime, isAtOnce: false)
        }
        overlay = .search(box)
        return tickSearch(now)
    }

    /// Asks when the typing has paused.
    mutating func tickSearch(_ now: Moment) -> [UIEffect] {
        guard case .search(var box) = overlay, let due = box.due, due <= now.uptime else { return [] }
        let query = box.take()
        overlay = .search(box)
        return [.chat(.search(query))]
    }

    var searchDue: Duration? {
        guard case .search(let box) = overlay else { return nil }
        return box.due
    }

    /// Takes what was found; an answer to what was asked before is none.
    mutating func followSearch(_ chat: ChatState) {
        guard case .search(var box) = overlay else { return }
        box.follow(chat)
        overlay = .search(box)
    }

    // MARK: Going there and coming back

    mutating func go(to message: Message, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let name = message.conversation
        let origin = visit?.origin ?? chat.open
        let anchor = visit?.anchor ?? view(chat.open).anchor
        let effects = open(name, chat, now)
        visit = Visit(name: name, seq: message.seq, origin: origin, anchor: anchor)
        return effects + [.chat(.visit(name, around: message.seq))]
    }

    /// Shows the message as soon as it is held, selected.
    mutating func followVisit(_ chat: ChatState) {
        guard let going = visit, going.isAwaited, going.name == chat.open else { return }
        let flow = flow(chat, going.name)
        guard let index = flow.index(of: .message(seq: going.seq)) else { return }
        visit?.isAwaited = false
        let height = max(1, layout(chat).messages.rows)
        let top = flow.move(FlowPosition(block: index, row: 0), by: -height / 3)
        let anchor = flow.anchor(at: top, height: height)
        let held = chat.conversation(going.name).heldThrough
        focus = .messages
        change(going.name) { view in
            view.wantsUnseen = false
            view.selection = .message(seq: going.seq)
            if view.anchor == .end, anchor != .end { view.leftAt = held }
            view.anchor = anchor
        }
    }

    mutating func comeBack(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let going = visit else { return [] }
        visit = nil
        leaveMessages(chat)
        let leaving: [UIEffect] = [.chat(.visit(going.name, around: nil))]
        guard let origin = going.origin else {
            change(going.name) { $0.anchor = .end }
            return leaving + [.chat(.open(nil))]
        }
        change(going.name) { $0.anchor = .end }
        change(origin) { $0.anchor = going.anchor }
        return leaving + open(origin, chat, now)
    }

    /// The newest messages are looked at again.
    mutating func leavePlace(_ chat: ChatState) -> [UIEffect] {
        visit = nil
        guard let place = chat.visited else { return [] }
        return [.chat(.visit(place.name, around: nil))]
    }
}
