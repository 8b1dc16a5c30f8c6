import Chat
import Screen

extension UIState {
    /// Opens what stands in the list, or says why it cannot be.
    mutating func open(_ entry: RosterOrder.Entry, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        switch entry {
        case .conversation(let name): return open(name, chat, now)
        case .stranger(let id):
            if let stranger = roster.strangers.first(where: { $0.id == id }) {
                say("\(stranger.name) cannot be written to: \(stranger.reason)", isError: true, now: now)
            }
            return []
        }
    }

    /// Opens a conversation and puts the cursor into its input.
    mutating func open(_ name: ConversationName, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        var effects: [UIEffect] = []
        if let open = chat.open, open != name {
            effects += saveDraft(open) + saveScroll(open)
            change(open) { $0.selection = nil }
        }
        if name != round?.origin, !(round?.visited.contains(name) ?? false) { round = nil }
        if visit?.name != name { visit = nil }
        prepare(name, chat)
        focus = .input
        listCursor = nil
        isListHeld = false
        guard name != chat.open else {
            followRoster(chat, isFrozen: false)
            return effects
        }
        return effects + [.chat(.open(name))]
    }

    /// A conversation's view exists and its draft stands in its input.
    mutating func prepare(_ name: ConversationName, _ chat: ChatState) {
        change(name) { view in
            guard !view.hasDraft else { return }
            view.hasDraft = true
            if view.input.isEmpty, let draft = chat.drafts[name] { view.input = InputLine(draft) }
        }
    }

    mutating func openNeighbour(_ step: Int, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        // The list of a room ends where one leaves it: whoever goes round by that order would miss somebody.
        let order = chat.shownRoom == chat.lobby ? roster : RosterOrder(lobbyOf: chat, first: listedFirst)
        let count = order.count
        guard count > 0 else { return [] }
        let place = chat.open.flatMap { order.index(of: $0) }
        var target = place.map { ($0 + step + count) % count } ?? (step > 0 ? 0 : count - 1)
        // Those who cannot be written to are stepped over.
        while target != place, order.stranger(at: target) != nil { target = (target + step + count) % count }
        guard let name = order[target], name != chat.open else { return [] }
        return open(name, chat, now)
    }

    /// The next conversation with something unseen in the order of the list; after the last, back to where it began.
    mutating func openNextUnseen(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        var turn = round ?? UnseenRound(origin: chat.open, visited: [])
        if let open = chat.open { turn.visited.insert(open) }
        let waiting = chat.conversations.values.filter { $0.unseen > 0 && !turn.visited.contains($0.name) }.map(\.name)
        let next = waiting.min { (roster.index(of: $0) ?? .max) < (roster.index(of: $1) ?? .max) }
        if let next {
            turn.visited.insert(next)
            round = turn
            return open(next, chat, now)
        }
        let origin = turn.origin
        round = nil
        guard let origin, origin != chat.open else {
            say("nothing unseen", now: now)
            return []
        }
        return open(origin, chat, now)
    }

    mutating func close(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let name = chat.open else {
            say("no conversation is open", now: now)
            return []
        }
        let effects = saveDraft(name) + saveScroll(name)
        enterList(chat)
        isListHeld = false
        return effects + [.chat(.close(name))]
    }

    // MARK: Scrolling

    var pageRows: Int { max(1, messageRows - 1) }
    var messageRows: Int { max(1, layout(inputRows: 1).messages.rows) }

    func layout(inputRows: Int) -> Layout {
        Layout(
            size: size, settings: settings, inputRows: inputRows, hidesRoster: hidesRoster, isBare: isBare,
            listHasScreen: focus == .list)
    }

    func layout(_ chat: ChatState) -> Layout {
        var asked = self
        if chat.open == nil {
            // The list is all there is to see.
            asked.focus = focus == .input ? .input : .list
            asked.hidesRoster = false
            asked.isBare = false
        }
        return asked.layout(inputRows: InputPane.rows(self, chat))
    }

    func flow(_ chat: ChatState, _ name: ConversationName) -> MessageFlow {
        MessageFlow(
            chat, name, hiddenThrough: view(name).hiddenThrough, width: layout(chat).messages.columns, zone: zone,
            settings: settings, cutsCode: view(name).cutsCode, ruleAfter: ruleAfter(chat, name))
    }

    mutating func scroll(by step: Int, _ chat: ChatState) -> [UIEffect] {
        guard let name = chat.open else { return [] }
        let height = max(1, layout(chat).messages.rows)
        var flow = flow(chat, name)
        let isVisiting = chat.visited?.name == name
        let was = view(name).anchor
        var anchor = flow.scrolled(was, by: step, height: height)
        let reachedTop = step < 0 && flow.top(of: anchor, height: height) == FlowPosition(block: 0, row: 0)
        if reachedTop, view(name).hiddenThrough > 0 {
            // What was cleared comes back.
            change(name) { $0.hiddenThrough = 0 }
            let first = flow.isEmpty ? nil : flow.id(0)
            flow = self.flow(chat, name)
            anchor = flow.scrolled(first.map { .at($0, line: 0) } ?? .end, by: max(step, -height), height: height)
        }
        let each = chat.shown(name)
        // More may come below a place that is visited: it is not to move what is read.
        if isVisiting, anchor == .end { anchor = flow.fixed(flow.topOfEnd(height: height)) }
        change(name) { view in
            if view.anchor == .end, anchor != .end { view.leftAt = chat.conversation(name).heldThrough }
            view.anchor = anchor
            view.wantsUnseen = false
        }
        if step > 0, isVisiting, flow.move(flow.top(of: anchor, height: height), by: 2 * height).block >= flow.count - 1
        {
            return [.chat(.loadNewer(name))]
        }
        guard step < 0, !each.reachesStart, each.isLoaded else { return [] }
        // Ask before the top is reached, so that it rarely has to be waited for.
        let top = flow.isEmpty ? 0 : flow.top(of: anchor, height: height).block
        return top <= height ? [.chat(.loadOlder(name))] : []
    }

    mutating func showUnseen(_ chat: ChatState, _ now: Moment) {
        guard let name = chat.open, scrollToRule(chat, name, always: true) else {
            say("nothing was unseen here", now: now)
            return
        }
    }

    /// Puts the unseen rule at the top of the pane; unless `always`, only where it would not be on the screen.
    @discardableResult
    mutating func scrollToRule(_ chat: ChatState, _ name: ConversationName, always: Bool) -> Bool {
        let each = chat.conversation(name)
        guard let after = ruleAfter(chat, name), let first = each.messages.first?.seq else { return false }
        let flow = flow(chat, name)
        let height = max(1, layout(chat).messages.rows)
        guard let block = flow.index(of: .message(seq: max(first, after + 1))) else { return false }
        let rules = flow.rules(block)
        let row = rules.firstIndex(of: .unseen) ?? 0
        let position = FlowPosition(block: block, row: row)
        if !always, position >= flow.topOfEnd(height: height) { return true }
        let anchor = flow.anchor(at: position, height: height)
        change(name) { view in
            if view.anchor == .end, anchor != .end { view.leftAt = each.heldThrough }
            view.anchor = anchor
        }
        return true
    }

    /// After the size changed: whoever sees the end again follows it again.
    mutating func settle(_ chat: ChatState) {
        clampOverlay()
        guard let name = chat.open, view(name).anchor != .end else { return }
        let flow = flow(chat, name)
        let height = max(1, layout(chat).messages.rows)
        if flow.isEmpty || flow.top(of: view(name).anchor, height: height) >= flow.topOfEnd(height: height) {
            change(name) { $0.anchor = .end }
        }
    }
}
