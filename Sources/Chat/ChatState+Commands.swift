extension ChatState {
    /// Does what the user wants.
    package mutating func perform(_ command: ChatCommand, now: Moment) -> [ChatRequest] {
        switch command {
        case .open(let name): return show(name, now: now)
        case .close(let name): return close(name, now: now)
        case .send(let name, let text, let clientID): return send(text, in: name, clientID: clientID, now: now)
        case .answer(let name, let question, let choice, let clientID):
            return answer(question, choice, in: name, clientID: clientID, now: now)
        case .retry(let clientID): return retry(clientID, now: now)
        case .discard(let clientID): return discard(clientID, now: now)
        case .typing(let name, let isTyping):
            guard link.isOnline else { return [] }
            return throttle.typed(isTyping, in: name, now: now.uptime)
        case .markSeen(let name, let through): return markSeen(name, through: through)
        case .loadOlder(let name):
            if visited?.name == name { return extendPlace(older: true) }
            let each = conversation(name)
            guard each.isLoaded, !each.reachesStart, let start = each.messages.first?.seq else { return [] }
            guard !each.isFull(.open) else {
                return [
                    .notice(.warning("further back than this is not held here; search, or parley history, reach it"))
                ]
            }
            return load(name, .before(start))
        case .loadNewer(let name): return visited?.name == name ? extendPlace(older: false) : []
        case .follow(let name, let after): return follow(name, after: after)
        case .saveDraft(let name, let text):
            drafts[name] = text.isEmpty ? nil : text
            return [.save(.saveDraft(name, text))]
        case .settle(let name, let through): return settle(name, through: through)
        case .saveScroll(let name, let mark):
            scrollMarks[name] = mark
            return [.save(.saveScroll(name, mark))]
        case .enter(let room): return enter(room)
        case .leave(let room): return leave(room)
        case .setAvailability(let new): return setAvailability(new, now: now)
        case .active(let until): return setActive(until: until, now: now)
        case .search(let query): return search(for: query)
        case .visit(let name, let around): return visit(name, around: around)
        }
    }

    private mutating func show(_ name: ConversationName?, now: Moment) -> [ChatRequest] {
        guard name != open else { return [] }
        if let name, name.isRoom, !isDeclared(name) { return [noRoom(name)] }
        var asked: [ChatRequest] = []
        if let before = open {
            asked += throttle.typed(false, in: before, now: now.uptime)
            conversations[before]?.ruleAfter = nil
            if let peer = me.flatMap(before.peer(of:)), !roster.isOnline(peer), watched.contains(before) {
                leaveAt[before] = now.uptime + Self.idleLeave
            }
        }
        open = name
        visited = nil
        asked += saveOpen(name)
        guard let name else { return asked }
        if knowsRooms, isForeign(name) { asked += enter(name) }
        if conversations[name] == nil { conversations[name] = Conversation(name: name) }
        placeRule(in: name)
        guard link.isOnline else { return asked }
        asked += watch(name)
        asked += catchUp(name)
        return asked
    }

    private mutating func close(_ name: ConversationName, now: Moment) -> [ChatRequest] {
        var asked = name == open ? show(nil, now: now) : []
        asked += unwatch(name)
        if let each = conversations[name], each.messages.isEmpty, each.outbox.isEmpty, each.unseen == 0,
            each.lastSeq == 0
        {
            conversations[name] = nil
        }
        return asked
    }

    private mutating func follow(_ name: ConversationName, after: Int?) -> [ChatRequest] {
        var each = conversation(name)
        guard let after else {
            conversations[name] = each
            return listen(to: name)
        }
        each.messages = []
        each.isLoaded = false
        each.announcedThrough = after
        conversations[name] = each
        return listen(to: name) + load(name, .after(after))
    }

    private mutating func listen(to name: ConversationName) -> [ChatRequest] {
        name.isRoom ? enter(name, isKept: false) : watch(name)
    }

    private mutating func answer(
        _ questionID: String, _ choice: String?, in name: ConversationName, clientID: String, now: Moment
    ) -> [ChatRequest] {
        let each = conversation(name)
        guard let message = each.messages.last(where: { $0.id == questionID }), each.isOpenQuestion(message, me: me),
            choice.map({ message.question?.choices.contains($0) == true }) ?? true
        else { return [] }
        let answer = GivenAnswer(to: questionID, choice: choice)
        let draft = drafts[name]
        let asked = send(
            choice ?? GivenAnswer.declined, in: name, clientID: clientID, answering: answer, now: now)
        // What is being written there is not what was sent.
        drafts[name] = draft
        return asked.filter { $0 != .save(.saveDraft(name, "")) }
    }

    private mutating func send(
        _ text: String, in name: ConversationName, clientID: String, answering answer: GivenAnswer? = nil, now: Moment
    ) -> [ChatRequest] {
        let message = OutgoingMessage(
            clientID: clientID, conversation: name, text: text, at: now.date, state: .accepted, answer: answer)
        conversations[name, default: Conversation(name: name)].outbox.append(message)
        conversations[name]?.lastAt = now.date
        conversations[name]?.ruleAfter = nil
        drafts[name] = nil
        var kept = message
        kept.state = .queued
        let stopped = link.isOnline ? throttle.typed(false, in: name, now: now.uptime) : []
        return stopped + [.save(.putOutbox(kept)), .save(.saveDraft(name, ""))]
    }

    private mutating func retry(_ clientID: String, now: Moment) -> [ChatRequest] {
        guard let (name, index) = outgoing(clientID), case .failed = conversations[name]?.outbox[index].state else {
            return []
        }
        conversations[name]?.outbox[index].state = .accepted
        guard var kept = conversations[name]?.outbox[index] else { return [] }
        kept.state = .queued
        return [.save(.putOutbox(kept))]
    }

    private mutating func discard(_ clientID: String, now: Moment) -> [ChatRequest] {
        guard let (name, index) = outgoing(clientID), let each = conversations[name],
            case .failed = each.outbox[index].state
        else { return [] }
        conversations[name]?.outbox.remove(at: index)
        return [.save(.removeOutbox(clientID: clientID))]
    }

    private mutating func markSeen(_ name: ConversationName, through: Int) -> [ChatRequest] {
        guard let me, var each = conversations[name], through > each.seenByMe, through <= each.lastSeq, link.isOnline
        else { return [] }
        let isKnown = each.markSeen(through: through, me: me)
        conversations[name] = each
        return [.tellSeen(name, through: through)] + (isKnown ? [] : loadList())
    }

    /// Puts the unseen rule of the open conversation where it belongs.
    mutating func placeRule(in name: ConversationName) {
        guard let me, var each = conversations[name] else { return }
        each.ruleAfter = each.unseenBoundary(me: me)
        conversations[name] = each
    }

    func outgoing(_ clientID: String) -> (ConversationName, Int)? {
        for (name, each) in conversations {
            if let index = each.outbox.firstIndex(where: { $0.clientID == clientID }) { return (name, index) }
        }
        return nil
    }
}
