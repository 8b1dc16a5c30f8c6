package import Chat
import Screen

extension UIState {
    /// Does what time asks for.
    package mutating func tick(chat: ChatState, now: Moment) -> [UIEffect] {
        var effects: [UIEffect] = []
        if let notice, notice.until <= now.uptime { self.notice = nil }
        if let notice, notice.frontUntil <= now.uptime { self.notice?.isBehind = true }
        let due = draftDue.filter { $0.value <= now.uptime }.keys
        for name in due.sorted(by: { $0.channel < $1.channel }) { effects += saveDraft(name) }
        effects += goAwayWhenDue(chat, now) + tickSearch(now)
        if let minuteAt, minuteAt <= now.uptime {
            effects += attend(chat, [], now)
            followRoster(chat, isFrozen: focus == .list && isListHeld)
        }
        watch(chat, now)
        if let seen = dwell.last(where: { $0.since + settings.seenDwell <= now.uptime }), chat.link.isOnline {
            dwell.removeAll { $0.through <= seen.through }
            marked = seen
            effects.append(.chat(.markSeen(seen.name, through: seen.through)))
        }
        return effects
    }

    /// The next moment at which `tick` has something to do.
    package func deadline(chat: ChatState) -> Duration? {
        var next = notice.map { $0.isBehind ? $0.until : min($0.frontUntil, $0.until) }
        for time in draftDue.values { next = min(next ?? time, time) }
        for time in [minuteAt, awayAt(chat), searchDue].compactMap(\.self) { next = min(next ?? time, time) }
        if let first = dwell.first, chat.link.isOnline {
            let time = first.since + settings.seenDwell
            next = min(next ?? time, time)
        }
        return next
    }

    /// Notes what is before the reader's eyes. A message is seen when its last line has been on the screen, in the open
    /// conversation, with the terminal focused, for half a second.
    mutating func watch(_ chat: ChatState, _ now: Moment) {
        guard let name = chat.open, let each = chat.conversations[name], each.unseen > 0,
            let through = visibleThrough(chat, name)
        else {
            dwell = []
            return
        }
        dwell.removeAll { $0.name != name || $0.through > through || $0.through <= each.seenByMe }
        guard through > max(dwell.last?.through ?? 0, each.seenByMe) else { return }
        if let marked, marked.name == name, marked.through >= through { return }
        // In a flood the newest share their half second; the older ones' goes on.
        if dwell.count >= Self.maxDwells { dwell.removeLast() }
        dwell.append(Dwell(name: name, through: through, since: now.uptime))
    }

    private static let maxDwells = 32

    /// The last message that is on the screen to its end; nil where nothing can be seen.
    private func visibleThrough(_ chat: ChatState, _ name: ConversationName) -> Int? {
        guard isLooking(chat) else { return nil }
        let layout = layout(chat)
        guard layout.messages.rows > 0, !layout.listCovers else { return nil }
        let each = chat.conversation(name)
        guard let first = each.messages.first?.seq else { return nil }
        let view = view(name)
        guard view.anchor != .end else { return each.heldThrough }
        let flow = flow(chat, name)
        let seen = flow.window(view.anchor, height: layout.messages.rows).last { row in
            guard case .message(let message) = flow.block(row.block) else { return false }
            return row.isLast && message.seq <= each.heldThrough
        }
        guard let seen, case .message(let message) = flow.block(seen.block), message.seq >= first else { return nil }
        return message.seq
    }
}
