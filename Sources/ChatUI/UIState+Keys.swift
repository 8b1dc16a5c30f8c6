package import Chat
package import Screen

extension UIState {
    /// Takes a key in.
    package mutating func handle(_ key: Key, chat: ChatState, size: ScreenSize, now: Moment) -> [UIEffect] {
        self.size = size
        var effects: [UIEffect]
        switch key {
        case .focusGained:
            gainFocus()
            effects = noteActivity(chat, now)
        case .focusLost:
            isFocused = false
            presence.unfocusedAt = now.uptime
            effects = tellActivity(now)
        case .ground: effects = []
        case .resize(let size):
            self.size = size
            settle(chat)
            effects = []
        case .paste(let text): effects = noteActivity(chat, now) + paste(text, chat, now)
        case .mouse(let mouse): effects = noteActivity(chat, now) + self.mouse(mouse, chat, now)
        case .character, .named:
            // Keys go to what has the focus, whatever was reported.
            gainFocus()
            effects = noteActivity(chat, now) + press(key, chat, now)
        }
        followLooking(chat)
        watch(chat, now)
        return effects
    }

    private mutating func gainFocus() {
        isFocused = true
        presence.unfocusedAt = nil
    }

    var place: CommandPlace {
        switch focus {
        case .input: .input
        case .list: .list
        case .messages: .messages
        }
    }

    private mutating func press(_ key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        // Only two in a row ask whether to quit.
        if keys.command(for: [key], in: place) != .interrupt { interruptedAt = nil }
        if overlay != nil { return pressInOverlay(key, chat, now) }
        if let first = pendingKey {
            pendingKey = nil
            if let command = keys.command(for: [first, key], in: place) { return perform(command, key, chat, now) }
            if key != .escape { say("\(first.name) \(key.name) means nothing", now: now) }
            return []
        }
        if focus == .input, view(chat.open).search != nil, let effects = pressInSearch(key, chat, now) {
            return effects
        }
        if let command = keys.command(for: [key], in: place) { return perform(command, key, chat, now) }
        if keys.isPrefix(key, in: place) {
            pendingKey = key
            return []
        }
        guard let character = key.typed else { return [] }
        return type(character, chat, now)
    }

    /// A character that is bound to nothing.
    private mutating func type(_ character: Character, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        switch focus {
        case .input:
            guard chat.open != nil || character == "/" || !loose.input.isEmpty else {
                return find(character, chat, now)
            }
            return edit(chat, now) {
                $0.deleteFillInForward()
                $0.insert(String(character))
            }
        case .list:
            guard character == "/" else { return find(character, chat, now) }
            focus = .input
            return edit(chat, now) { $0.insert("/") }
        case .messages:
            if character == "?" { overlay = .help(scroll: 0) }
            if character == "/" { openSearch(in: chat.open, "", chat, now) }
            return []
        }
    }

    /// Where nothing can be written, letters find a name.
    private mutating func find(_ character: Character, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        if character == "?" {
            overlay = .help(scroll: 0)
        } else if !character.isWhitespace {
            openSwitcher(String(character), chat, now)
        }
        return []
    }

    // MARK: Overlays

    private mutating func pressInOverlay(_ key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        // These work whatever lies over the screen.
        switch keys.command(for: [key], in: .anywhere) {
        case .redraw: return [.redraw]
        case .suspend: return leaveNothing(chat) + [.suspend]
        case .quit: return leaveNothing(chat) + [.quit]
        default: break
        }
        switch overlay {
        case .help(let scroll): scrollOverlay(key, scroll) { .help(scroll: $0) }
        case .page(let title, let lines, let scroll):
            scrollOverlay(key, scroll) { .page(title: title, lines: lines, scroll: $0) }
        case .links(let links): return press(key, in: links, chat, now)
        case .switcher(let switcher): return press(key, in: switcher, chat, now)
        case .search(let box): return press(key, in: box, chat, now)
        case .canned(let picker): return press(key, in: picker, chat, now)
        case .question(let question): return answer(key, question, chat, now)
        case nil: break
        }
        return []
    }

    private mutating func scrollOverlay(_ key: Key, _ scroll: Int, _ make: (Int) -> Overlay) {
        let page = max(1, size.rows - 4)
        switch key {
        case .down, "j": overlay = make(scroll + 1)
        case .up, "k": overlay = make(max(0, scroll - 1))
        case .pageDown, "Space": overlay = make(scroll + page)
        case .pageUp: overlay = make(max(0, scroll - page))
        case .home, "g": overlay = make(0)
        case .end, "G": overlay = make(10_000)
        default: overlay = nil
        }
        clampOverlay()
    }

    /// Scrolled no further than the last line.
    mutating func clampOverlay() {
        switch overlay {
        case .help(let scroll): overlay = .help(scroll: min(scroll, HelpOverlay.maxScroll(self, size)))
        case .page(let title, let lines, let scroll):
            overlay = .page(title: title, lines: lines, scroll: min(scroll, HelpOverlay.maxScroll(lines.count, size)))
        case .links, .switcher, .search, .canned, .question, nil: break
        }
    }

    private mutating func press(_ key: Key, in switcher: Switcher, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        var switcher = switcher
        switch key {
        case .escape, "Ctrl-C", "Ctrl-G":
            overlay = nil
            return []
        case .enter:
            overlay = nil
            switch switcher.chosen?.target {
            case .conversation(let name): return open(name, chat, now)
            case .action(let command): return perform(command, key, chat, now)
            case .slash(let command): return run(command, "", chat, now) ?? []
            case .account(let name): return account(name, now) ?? []
            case nil: return []
            }
        case .down, .tab, "Ctrl-N": switcher.move(by: 1)
        case .up, .backtab, "Ctrl-P": switcher.move(by: -1)
        case .pageDown: switcher.move(by: 10)
        case .pageUp: switcher.move(by: -10)
        default:
            var ring = killRing
            guard switcher.edit(key, keys, &ring) else { return [] }
            killRing = ring
            switcher.search(chat, keys: keys, waits: waits(now), accounts: accounts.others)
        }
        overlay = .switcher(switcher)
        return []
    }

    private mutating func answer(_ key: Key, _ question: Question, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        overlay = nil
        let isYes: Bool
        switch key {
        case "y", "Y", .enter: isYes = true
        case "Ctrl-C", "Ctrl-Q": isYes = question == .quit
        case "n", "N", .escape: isYes = false
        // Whoever goes on writing has said no, and means what they write.
        default: return press(key, chat, now)
        }
        guard isYes else { return [] }
        switch question {
        case .quit: return leaveNothing(chat) + [.quit]
        case .send:
            switchedAt = nil
            return submit(chat, now)
        case .sendParts: return sendParts(chat, now)
        case .discard(let clientID):
            change(chat.open) { $0.selection = nil }
            focus = .input
            return [.chat(.discard(clientID: clientID))]
        }
    }
}
