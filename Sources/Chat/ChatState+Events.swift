extension ChatState {
    /// Takes in what happened outside.
    package mutating func apply(_ event: ChatEvent, now: Moment) -> [ChatRequest] {
        switch event {
        case .restored(let saved): return restore(saved, now: now)
        case .kept(let clientID): return kept(clientID, now: now)
        case .notKept(let clientID, let reason): return notKept(clientID, reason: reason, now: now)
        case .linkChanged(let link): return linkChanged(to: link, now: now)
        case .signedIn(let identity): return signedIn(identity, now: now)
        case .usersLoaded(let users):
            for user in users { roster.learn(user.id, name: user.name ?? user.id.text) }
            return []
        case .conversationsLoaded(let list, let isComplete): return listLoaded(list, isComplete, now: now)
        case .conversationsFailed:
            listIsLoading = false
            return []
        case .inboxReady:
            // A list asked for earlier may be older than the inbox.
            listIsLoading = false
            return loadList() + (link.isOnline ? [.loadSessions] : []) + askForActivity(now: now)
        case .inboxSubscribed: return admitted(.inbox)
        case .sessionsLoaded(let sessions):
            sessions.prefix(Self.maxSessions).forEach { knownSessions.insert($0.key) }
            own.hasToAsk = sessions.count > 1
            return askAvailability()
        case .sessionOpened(let session):
            // Whoever reconnects is no news; one of another place is, whatever run it claims to be.
            guard knownSessions.count < Self.maxSessions, knownSessions.insert(session.key).inserted else { return [] }
            return [.notice(.sessionOpened(session))]
        case .pageLoaded(let name, let query, let page): return pageLoaded(name, query, page, now: now)
        case .pageFailed(let name, let query, let reason):
            conversations[name]?.loading.remove(query)
            conversations[name]?.failure = reason
            return []
        case .messageReceived(let message):
            var asked: [ChatRequest] = []
            if typing.hear(message.from, false, in: message.conversation, now: now.uptime) {
                asked.append(.notice(.typing(message.conversation, message.from, false)))
            }
            guard message.text != nil else {
                // Told without its text: it is fetched before anybody hears of it.
                let note = InboxNote(
                    kind: .newMessage, conversation: message.conversation, by: message.from, seq: message.seq)
                return asked + inboxRang(note, now: now)
            }
            return asked + receive(message, now: now)
        case .inboxRang(let note): return inboxRang(note, now: now)
        case .seenReceived(let name, let user, let through): return seen(name, by: user, through: through)
        case .seenStored(let name, let through):
            conversations[name]?.confirmSeen(through)
            // Only now the list knows of our mark.
            return conversations[name]?.isMiscounted == true ? loadList() : []
        case .seenFailed(let name):
            conversations[name]?.retrySeen(now: now.uptime)
            return []
        case .settledOnDesk(let name, let through): return settledOnDesk(name, through: through)
        case .typingReceived(let name, let user, let isTyping):
            guard user != me, typing.hear(user, isTyping, in: name, now: now.uptime) else { return [] }
            return [.notice(.typing(name, user, isTyping))]
        case .rosterReplaced(let members): return rosterReplaced(members, now: now)
        case .memberAdded(let member): return memberAdded(member, now: now)
        case .memberRemoved(let user): return memberRemoved(user, now: now)
        case .roomEntered(let room, let people): return roomEntered(room, people)
        case .roomMemberAdded(let room, let member): return roomMember(room, member, isHere: true)
        case .roomMemberRemoved(let room, let user): return roomMember(room, NamedUser(user), isHere: false)
        case .strangersHere(let room, let here):
            strangersHere(room, here)
            return []
        case .strangerCame(let room, let stranger):
            strangerCame(room, stranger)
            return []
        case .strangerWent(let room, let id):
            strangers[room]?[id] = nil
            return []
        case .rosterLost:
            roster.lose()
            strangers[lobby] = nil
            return []
        case .watching(let name):
            if name == lobby { own.othersCame(me: me, now: now.uptime) }
            let wanted = conversations[name]?.isLoaded == true || name == open
            let isNew = entering.remove(name) != nil
            var asked = admitted(.conversation(name)) + (wanted ? catchUp(name) : [])
            guard name.isRoom, !wanted || isNew else { return asked }
            // A room has no inbox: what was said in it since the list was loaded is known only by loading it again.
            // A list on its way may be older than this.
            if listIsLoading { listIsStale = true } else if hasBaseline { asked += loadList() }
            return asked
        case .peerUnknown(let name): return peerUnknown(name, now: now)
        case .subscriptionRefused(let channel, let reason, let isRetried):
            return refused(channel, reason, isRetried: isRetried, now: now)
        case .availabilityReceived(let user, let new): return heard(new, from: user, now: now)
        case .activityReceived(let session, let span, let asks):
            return heardActivity(session, for: span, asks: asks, now: now)
        case .availabilityAsked:
            own.othersCame(me: me, now: now.uptime)
            return []
        case .searchAnswered(let query, let found): return searchEnded(query, .found(found))
        case .searchFailed(let query, let reason): return searchEnded(query, .failed(reason))
        case .placeLoaded(let name, let query, let page): return placeLoaded(name, query, page, now: now)
        case .placeFailed(let name, let query, let reason):
            visited?.failed(name, query, reason)
            return []
        case .delivered(let clientID, let message): return delivered(clientID, message, now: now)
        case .relayed(let clientID):
            if let (name, index) = outgoing(clientID), conversations[name]?.outbox[index].state == .sending {
                conversations[name]?.outbox[index].state = .relayed
            }
            return []
        case .deskFailed(let reason, let isStoring): return deskFailed(reason, isStoring: isStoring, now: now)
        case .deskAnswered(let isStoring): return deskAnswered(isStoring: isStoring, now: now)
        case .deliveryFailed(let clientID, let failure): return deliveryFailed(clientID, failure, now: now)
        }
    }

    private mutating func restore(_ saved: SavedState, now: Moment) -> [ChatRequest] {
        isFirstStart = isFirstStart || saved.isFirst
        drafts.merge(saved.drafts) { mine, _ in mine }
        scrollMarks.merge(saved.scroll) { mine, _ in mine }
        restoreSettled(saved.settled)
        var asked = restoreRooms(saved.rooms)
        // What an earlier run left goes before what was written meanwhile.
        for var message in saved.outbox.reversed() where outgoing(message.clientID) == nil {
            if message.state == .sending { message.state = .queued }
            conversations[message.conversation, default: Conversation(name: message.conversation)].outbox.insert(
                message, at: 0)
        }
        if keepsOpen, open == nil, let last = saved.open, !last.isRoom || entersRooms && isDeclared(last) {
            asked += perform(.open(last), now: now)
        }
        return asked + deliverAll(now: now)
    }

    private mutating func linkChanged(to new: Link, now: Moment) -> [ChatRequest] {
        guard new != link else { return [] }
        let wasOnline = link.isOnline
        link = new
        var asked: [ChatRequest] = [.notice(.link(new))]
        guard wasOnline != new.isOnline else { return asked }
        listIsLoading = false
        visited?.conversation.loading = []
        for name in conversations.keys { conversations[name]?.loading = [] }
        deskFault = nil
        refusals = [:]
        heldRefusals = [:]
        guard new.isOnline else {
            roster.lose(remembers: true)
            members = [:]
            strangers = [:]
            throttle = TypingThrottle()
            // Nobody can say any more that they stopped.
            return asked + typing.forgetAll().map { .notice(.typing($0, $1, false)) }
        }
        if knowsRooms { asked += watchedRooms.map { .watch($0) } } else if wantsLobby { asked.append(.watch(lobby)) }
        asked.append(.loadUsers)
        if let open {
            asked += watch(open)
            asked += catchUp(open)
        }
        return asked + deliverAll(now: now)
    }

    private mutating func signedIn(_ identity: SignedIn, now: Moment) -> [ChatRequest] {
        let isOther = !store.isEmpty && store != identity.store
        me = identity.me
        myName = identity.name
        roster.learn(NamedUser(identity.me, name: identity.name))
        if lobby != identity.lobby { rooms[0] = .lobby(identity.lobby) }
        isLiveOnly = identity.isLiveOnly
        isEncrypted = identity.isEncrypted
        store = identity.store
        if conversations[lobby] == nil { conversations[lobby] = Conversation(name: lobby) }
        let asked = identity.rooms.map { roomsTold($0) } ?? []
        return asked + (isOther ? forgetPositions() : [])
    }

    /// What the desk says now cannot be true beside what it said before: it was restored from a copy, and is read again.
    /// One that goes on contradicting itself is not followed round and round.
    mutating func contradicted(now: Moment) -> [ChatRequest] {
        switch contradictions.add(now: now.uptime) {
        case .believed: forgetPositions()
        case .last: [.notice(.warning("the desk contradicts itself again and again; what it says so is left aside"))]
        case .ignored: []
        }
    }

    /// The desk's messages are not the ones we knew: positions go, drafts and what waits to be sent stay.
    private mutating func forgetPositions() -> [ChatRequest] {
        visited = nil
        let unsaved = untold.sorted { $0.channel < $1.channel }
        (settled, untold) = ([:], [])
        for name in conversations.keys { conversations[name]?.forget() }
        hasBaseline = false
        listIsLoading = false
        var asked: [ChatRequest] = [.notice(.storeChanged)] + loadList()
        asked += unsaved.map { .save(.saveSettled($0, through: nil)) }
        if let open { asked += load(open, .newest) }
        return asked
    }

    private mutating func listLoaded(
        _ list: [ConversationSummary], _ isComplete: Bool, now: Moment
    ) -> [ChatRequest] {
        listIsLoading = false
        listIsComplete = isComplete
        var asked: [ChatRequest] = []
        for summary in list where hasRoom(for: summary.name) {
            var each = conversation(summary.name)
            let last = summary.last?.seq ?? 0
            if hasBaseline, last < heldWhenAsked[summary.name] ?? 0 { return asked + contradicted(now: now) }
            // What is said in a room we are not in is not for us to have seen.
            let isOurs = concerns(summary.name)
            each.unseen = isOurs ? summary.unseen + each.unseenSince(last) : 0
            if hasBaseline, summary.seenByPeer > each.seenByPeer, let peer = me.flatMap(summary.name.peer(of:)) {
                asked.append(.notice(.seen(summary.name, by: peer, through: summary.seenByPeer)))
            }
            each.seenByPeer = max(each.seenByPeer, summary.seenByPeer)
            each.seenByMe = max(each.seenByMe, summary.seenByMe ?? 0)
            each.lastSeq = max(each.lastSeq, last)
            asked += followClock(summary, &each)
            each.countedThrough = max(each.countedThrough, last)
            each.isMiscounted = false
            if let known = summary.seenByMe { each.confirmSeen(known) }
            if isOurs, let me, let known = summary.seenByMe, known < each.seenByMe {
                // The desk has not heard yet up to where we have seen: our own mark counts, and is told again.
                each.isMiscounted = !each.recount(me: me)
                asked.append(.tellSeen(summary.name, through: each.seenByMe))
            }
            if let at = summary.last?.at { each.lastAt = max(each.lastAt ?? at, at) }
            if !hasBaseline || isForeign(summary.name) { each.announcedThrough = max(each.announcedThrough, last) }
            conversations[summary.name] = each
            if summary.name == open, each.ruleAfter == nil { placeRule(in: summary.name) }
            if isOurs, each.announcedThrough < last || each.gap != nil { asked += catchUp(summary.name) }
        }
        hasBaseline = true
        return asked + (listIsStale ? loadList() : [])
    }

    private mutating func pageLoaded(
        _ name: ConversationName, _ query: PageQuery, _ page: Page, now: Moment
    ) -> [ChatRequest] {
        guard var each = conversations.removeValue(forKey: name) else { return [] }
        each.loading.remove(query)
        each.failure = nil
        let outcome = each.merge(page, for: query)
        conversations[name] = each
        switch outcome {
        case nil:
            conversations[name]?.failure = "the desk sent a page that does not fit"
            if case .after = query { return load(name, .newest) }
            return []
        case .contradicted: return contradicted(now: now)
        case .ahead: return []
        case .joined(let joined):
            var asked = joinedWindow(joined, name)
            if let held = heldRefusals.removeValue(forKey: name) {
                asked += refused(.conversation(name), held.reason, isRetried: held.isRetried, now: now)
            }
            // What was seen is not known before the list: it places the rule then.
            if name == open, hasBaseline, conversations[name]?.ruleAfter == nil, query == .newest {
                placeRule(in: name)
            }
            // A page may not reach the end: go on until nothing is missing, unless it brought nothing.
            if conversation(name).gap != nil, !joined.isEmpty { asked += catchUp(name) }
            return asked
        }
    }

    /// Takes a message in, from whatever side it came.
    mutating func receive(_ message: Message, now: Moment) -> [ChatRequest] {
        let name = message.conversation
        guard hasRoom(for: name) else { return [] }
        // Taken out and put back: held in two places, all its messages would be copied for each one that comes.
        var each = conversations.removeValue(forKey: name) ?? Conversation(name: name)
        if isFirstHeardOf(each) { each.announcedThrough = message.seq - 1 }
        let outcome = each.receive(message)
        conversations[name] = each
        switch outcome {
        case .contradicted: return contradicted(now: now)
        case .joined(let joined):
            return joinedWindow(joined, name)
        case .ahead:
            var asked: [ChatRequest] = []
            if let gap = each.gap { asked.append(.notice(.gap(name, from: gap.lowerBound, through: gap.upperBound))) }
            return asked + catchUp(name)
        }
    }

    /// Counts and announces what joined a window, each message once.
    private mutating func joinedWindow(_ joined: [Message], _ name: ConversationName) -> [ChatRequest] {
        guard var each = conversations.removeValue(forKey: name) else { return [] }
        var asked: [ChatRequest] = []
        var isCounted = true
        if let me, !name.isRoom { each.clock.take(joined, me: me, settled: settledMark(name)) }
        for message in joined {
            isCounted = each.count(seq: message.seq, isMine: message.from == me) && isCounted
            let next = each.announcedThrough + 1
            guard message.seq >= next else { continue }
            each.announcedThrough = message.seq
            guard hasBaseline, !isForeign(name) else { continue }
            // What is not fetched one by one is named: nothing is passed over in silence.
            if message.seq > next { asked.append(.notice(.gap(name, from: next, through: message.seq - 1))) }
            asked.append(.notice(.message(message)))
        }
        if !joined.isEmpty { each.trim(to: name == open ? .open : .aside) }
        conversations[name] = each
        return asked + (isCounted || !hasBaseline ? [] : loadList())
    }

    /// Whether this is an old conversation that the list of the newest did not hold: only what comes now is news.
    private func isFirstHeardOf(_ each: Conversation) -> Bool {
        hasBaseline && !listIsComplete && each.lastSeq == 0 && each.announcedThrough == 0
    }

    private mutating func inboxRang(_ note: InboxNote, now: Moment) -> [ChatRequest] {
        guard hasRoom(for: note.conversation) else { return [] }
        switch note.kind {
        case .conversationOpened: return watch(note.conversation)
        case .messageSeen: return seen(note.conversation, by: note.by, through: note.seq)
        case .settled: return note.by == me ? settledOnDesk(note.conversation, through: note.seq) : []
        case .newMessage:
            var each = conversation(note.conversation)
            guard note.seq > each.heldThrough, each.ahead[note.seq] == nil else { return [] }
            if isFirstHeardOf(each) { each.announcedThrough = note.seq - 1 }
            each.lastSeq = max(each.lastSeq, note.seq)
            each.lastAt = max(each.lastAt ?? now.date, now.date)
            let isCounted = each.count(seq: note.seq, isMine: note.by == me)
            conversations[note.conversation] = each
            var asked = watch(note.conversation)
            if !isCounted { asked += loadList() }
            return asked + catchUp(note.conversation)
        }
    }

    private mutating func seen(_ name: ConversationName, by user: UserID, through: Int) -> [ChatRequest] {
        guard let me, var each = conversations[name], name.includes(user) else { return [] }
        let mark = min(through, max(each.lastSeq, each.heldThrough))
        var asked: [ChatRequest] = []
        if user == me {
            each.confirmSeen(mark)
            guard mark > each.seenByMe else {
                conversations[name] = each
                return []
            }
            if !each.markSeen(through: mark, me: me) { asked += loadList() }
        } else {
            guard mark > each.seenByPeer else { return [] }
            each.seenByPeer = mark
        }
        conversations[name] = each
        return asked + [.notice(.seen(name, by: user, through: mark))]
    }
}

extension OwnSession {
    fileprivate var key: String { "\(from)\n\(run)" }
}
