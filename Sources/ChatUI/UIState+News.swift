package import Chat
package import Screen

extension UIState {
    /// Follows what happened in the chat. Once for any number of changes, before the next frame.
    package mutating func chatChanged(
        chat: ChatState, notices: [ChatNotice], size: ScreenSize, now: Moment
    ) -> [UIEffect] {
        self.size = size
        var effects: [UIEffect] = []
        var changed: [UserID] = []
        var messages: [Message] = []
        for notice in notices {
            switch notice {
            case .presence(let user, _): changed.append(user)
            case .membership(let room, let user, _): if room == chat.shownRoom { changed.append(user) }
            case .message(let message): messages.append(message)
            case .failed(let message, let reason):
                sayNews("not sent to \(chat.title(of: message.conversation)): \(reason)", isError: true, now: now)
            case .warning(let text): sayNews(text, isError: true, now: now)
            case .sessionOpened(let session):
                sayNews("\(Words.opened(session)); parley sessions shows and ends it", now: now)
            case .storeChanged:
                marked = nil
                dwell = []
                sayNews("the desk was restored from a copy; reading everything again", isError: true, now: now)
            case .unknownUser(let user): sayNews(Words.unknown(user), isError: true, now: now)
            case .refused(.conversation(let name), let refusal) where !name.isRoom:
                sayNews("\(chat.title(of: name)): \(refusal.reason)", isError: true, now: now)
            // The status line shows these for as long as they last.
            case .refused, .admitted, .desk: break
            case .sent, .returned, .typing, .availability, .seen, .link, .gap: break
            }
        }
        if presence.activeAt == nil {
            presence.activeAt = now.uptime
            effects += tellActivity(now)
        }
        effects += attend(chat, messages, now)
        followRoster(chat, presence: changed, isFrozen: focus == .list && isListHeld)
        // A conversation that came under the fingers while they were writing in another.
        let isUnderFingers =
            chat.open != shown && shown != nil && editedAt.map { now.uptime - $0 < .seconds(1) } ?? false
        if isUnderFingers { switchedAt = now.uptime }
        followOpen(chat)
        followSearch(chat)
        followVisit(chat)
        effects += followScroll(chat)
        followLooking(chat)
        watch(chat, now)
        return effects
    }

    /// What the reader has to be told of although they look elsewhere.
    mutating func attend(_ chat: ChatState, _ messages: [Message], _ now: Moment) -> [UIEffect] {
        followWaiting(chat, now)
        let alerts = attention.follow(
            chat, messages: messages, waits: waits(now), looksAt: looksAt(chat, now), isQuiet: isQuiet(chat))
        guard !alerts.isEmpty else { return [] }
        return (settings.ringsBell ? [.bell] : []) + alerts.map { .notify($0) }
    }

    /// Drafts and the open conversation came from disk.
    package mutating func restore(chat: ChatState) {
        for (name, draft) in chat.drafts {
            change(name) { view in
                if view.input.isEmpty, !view.hasDraft { view.input = InputLine(draft) }
                view.hasDraft = true
            }
            // What was typed before the disk answered stays; the draft is a Ctrl-Y away.
            if view(name).input.text != draft { killRing.keep(draft, joining: nil) }
        }
        for (name, mark) in chat.scrollMarks where view(name).anchor == .end {
            change(name) { view in
                view.wantedScroll = mark
                view.savedScroll = mark
            }
        }
        followRoster(chat, isFrozen: false)
        followOpen(chat)
    }

    private mutating func followOpen(_ chat: ChatState) {
        if chat.open != shown {
            before = shown ?? before
            if before == chat.open { before = shown }
            if let shown { change(shown) { $0.ruleAfter = nil } }
            shown = chat.open
            if let name = chat.open {
                prepare(name, chat)
                // Opened from elsewhere: restored, or by a flag at start.
                if focus == .list, !isListHeld { focus = .input }
                change(name) { $0.wantsUnseen = $0.anchor == .end }
            }
            dwell = []
        }
        guard let name = chat.open else {
            // Nothing to write into: the list is where to go on.
            if focus == .messages || (focus == .input && loose.input.isEmpty) { focus = .list }
            if !isListHeld || listCursor.flatMap({ roster.index(of: $0) }) == nil { listCursor = roster.entry(at: 0) }
            return
        }
        let each = chat.conversation(name)
        if ruleAfter(chat, name) == nil {
            change(name) { $0.unseenAtRule = 0 }
        } else if view(name).unseenAtRule == 0 {
            change(name) { $0.unseenAtRule = max(1, each.unseen) }
        }
        let isReady = each.isLoaded && !each.messages.isEmpty
        if isReady, view(name).wantsUnseen, visit?.name != name, view(name).wantedScroll == nil {
            change(name) { $0.wantsUnseen = false }
            if ruleAfter(chat, name) != nil { scrollToRule(chat, name, always: false) }
        }
        if let selection = view(name).selection, flow(chat, name).index(of: selection) == nil { leaveMessages(chat) }
    }
}
