import Chat
import Screen

extension UIState {
    /// Does what a key or an action in the palette stands for.
    mutating func perform(_ command: UICommand, _ key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        if command != .complete, command != .completeBack { completion = nil }
        switch command {
        case .nextUnseen: return openNextUnseen(chat, now)
        case .nextWaiting: return openNextWaiting(chat, now)
        case .settle: return settle(waiting: chat, now)
        case .waitingFirst: toggleWaitingFirst(chat, now)
        case .nextConversation: return openNeighbour(1, chat, now)
        case .previousConversation: return openNeighbour(-1, chat, now)
        case .jump:
            guard let index = keys.index(of: key, for: .jump) else { return [] }
            guard let name = roster[index] else {
                say("the list has no \(index + 1). conversation", now: now)
                return []
            }
            return open(name, chat, now)
        case .lastConversation:
            guard let before else {
                say("there is no conversation you were in before", now: now)
                return []
            }
            return open(before, chat, now)
        case .switcher: openSwitcher("", chat, now)
        case .palette: openSwitcher(">", chat, now)
        case .focusList: focus == .list ? leaveList(chat) : enterList(chat)
        case .closeConversation: return close(chat, now)

        case .pageUp: return scroll(by: -pageRows, chat)
        case .pageDown: return scroll(by: pageRows, chat)
        case .scrollTop: return scroll(by: -10_000_000, chat)
        case .scrollEnd:
            change(chat.open) { $0.anchor = .end }
            return leavePlace(chat)
        case .firstUnseen: showUnseen(chat, now)
        case .selectMessages: enterMessages(chat)
        case .links: showLinks(chat, now)
        case .wholeCode: toggleCode(chat, now)
        case .searchHere: openSearch(in: chat.open, "", chat, now)
        case .searchAll: openSearch(in: nil, "", chat, now)
        case .showQuestion: showQuestion(chat, now)

        case .send: return submit(chat, now)
        case .newline: return edit(chat, now) { $0.insert("\n") }
        case .historyOlder: return moveInHistory(-1, chat, now)
        case .historyNewer: return moveInHistory(1, chat, now)
        case .historySearch:
            seedHistory(chat)
            change(chat.open) { $0.search = HistorySearch() }
        case .complete, .completeBack: return complete(command == .complete ? 1 : -1, chat, now)
        case .editor:
            guard let name = chat.open else {
                say("open a conversation first", now: now)
                return []
            }
            editing = name
            return saveDraft(name) + [.openEditor(draft: view(name).input.text)]

        case .canned:
            guard chat.open != nil else {
                say("open a conversation first", now: now)
                return []
            }
            overlay = .canned(CannedPicker(canned))
            return [.loadCanned]

        case .left: move(chat) { $0.moveLeft() }
        case .right: move(chat) { $0.moveRight() }
        case .wordLeft: move(chat) { $0.moveWordLeft() }
        case .wordRight: move(chat) { $0.moveWordRight() }
        case .lineStart: move(chat) { $0.moveToLineStart() }
        case .lineEnd: move(chat) { $0.moveToLineEnd() }
        case .deleteBackward: return edit(chat, now) { if !$0.deleteFillInBackward() { $0.deleteBackward() } }
        case .deleteForward: return edit(chat, now) { if !$0.deleteFillInForward() { $0.deleteForward() } }
        case .killToEnd:
            guard !view(chat.open).input.isAtEnd else {
                openSwitcher("", chat, now)
                return []
            }
            return cut(chat, now) { $0.killToLineEnd(into: &$1) }
        case .killToStart: return cut(chat, now) { $0.killToLineStart(into: &$1) }
        case .killBlankWord: return cut(chat, now) { $0.killBlankWordBackward(into: &$1) }
        case .killWordBackward: return cut(chat, now) { $0.killWordBackward(into: &$1) }
        case .killWordForward: return cut(chat, now) { $0.killWordForward(into: &$1) }
        case .yank: return cut(chat, now) { $0.yank(from: &$1) }
        case .yankNext: return cut(chat, now) { $0.yankNext(from: &$1) }
        case .transpose: return edit(chat, now) { $0.transpose() }
        case .undo: return edit(chat, now) { $0.undo() }

        case .selectDown: moveSelection(1, chat)
        case .selectUp: return moveSelection(-1, chat)
        case .selectFirst: return moveSelection(-10_000_000, chat)
        case .selectLast: moveSelection(10_000_000, chat)
        case .copyMessage, .openLink, .retryMessage, .editMessage, .discardMessage:
            return actOnSelection(command, chat, now)
        case .chooseAnswer: return choose(key, chat, now)
        case .decline: return answerSelected(nil, chat, now)
        case .leaveSelection:
            if key == .escape, visit != nil { return comeBack(chat, now) }
            leaveMessages(chat)

        case .listDown: moveListCursor(1)
        case .listUp: moveListCursor(-1)
        case .listFirst: moveListCursor(-10_000_000)
        case .listLast: moveListCursor(10_000_000)
        case .listOpen:
            guard let entry = listCursor ?? roster.entry(at: 0) else { return [] }
            return open(entry, chat, now)
        case .leaveList: leaveList(chat)

        case .help: overlay = .help(scroll: 0)
        case .toggleRoster:
            hidesRoster.toggle()
            if hidesRoster, focus == .list { leaveList(chat) }
        case .bareView: isBare.toggle()
        case .reconnect: return [.reconnectNow]
        case .redraw: return [.redraw]
        case .suspend: return leaveNothing(chat) + [.suspend]
        case .interrupt: return interrupt(chat, now)
        case .quit: return leaveNothing(chat) + [.quit]
        }
        return []
    }

    /// Clears the input; the second time within two seconds it asks whether to quit.
    private mutating func interrupt(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        if let last = interruptedAt, now.uptime - last <= settings.interruptWindow {
            interruptedAt = nil
            overlay = .question(.quit)
            return []
        }
        interruptedAt = now.uptime
        if focus == .messages { leaveMessages(chat) }
        guard !view(chat.open).input.isEmpty else {
            say("\(keys.firstName(of: .interrupt)) again to quit", now: now)
            return []
        }
        say("cleared; \(keys.firstName(of: .undo)) brings it back", now: now)
        return cut(chat, now) { $0.killAll(into: &$1) }
    }

    /// Everything that has to be on disk before the screen goes away.
    mutating func leaveNothing(_ chat: ChatState) -> [UIEffect] {
        draftDue.keys.sorted { $0.channel < $1.channel }.flatMap { saveDraft($0) }
            + (chat.open.map { saveScroll($0) } ?? [])
    }

    mutating func openSwitcher(_ query: String, _ chat: ChatState, _ now: Moment) {
        waiting.follow(chat)
        overlay = .switcher(Switcher(chat, query: query, keys: keys, waits: waits(now), accounts: accounts.others))
    }

    // MARK: The list

    mutating func enterList(_ chat: ChatState) {
        if focus == .messages { leaveMessages(chat) }
        hidesRoster = false
        isBare = false
        focus = .list
        isListHeld = true
        listCursor = chat.open.map { .conversation($0) } ?? listCursor ?? roster.entry(at: 0)
    }

    mutating func leaveList(_ chat: ChatState) {
        focus = .input
        listCursor = nil
        isListHeld = false
        followRoster(chat, isFrozen: false)
    }

    mutating func moveListCursor(_ step: Int) {
        let count = roster.count
        guard count > 0 else { return }
        isListHeld = true
        let place = listCursor.flatMap { roster.index(of: $0) } ?? (step > 0 ? -1 : count)
        listCursor = roster.entry(at: min(max(0, place + step), count - 1))
    }
}
