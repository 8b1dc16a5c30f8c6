package import Chat
import Screen

/// Writing: the input line of the open conversation, its draft, its history, completion.
extension UIState {
    /// Changes the input; what follows from a change (draft, typing indicator) follows.
    mutating func edit(_ chat: ChatState, _ now: Moment, _ body: (inout InputLine) -> Void) -> [UIEffect] {
        completion = nil
        return rewrite(chat, now, body)
    }

    mutating func cut(
        _ chat: ChatState, _ now: Moment, _ body: (inout InputLine, inout KillRing) -> Void
    ) -> [UIEffect] {
        var ring = killRing
        let effects = edit(chat, now) { body(&$0, &ring) }
        killRing = ring
        return effects
    }

    /// Moves the cursor.
    mutating func move(_ chat: ChatState, _ body: (inout InputLine) -> Void) {
        completion = nil
        change(chat.open) { body(&$0.input) }
    }

    private mutating func rewrite(_ chat: ChatState, _ now: Moment, _ body: (inout InputLine) -> Void) -> [UIEffect] {
        let old = view(chat.open).input.text
        change(chat.open) { body(&$0.input) }
        let new = view(chat.open).input.text
        guard new != old, let name = chat.open else { return [] }
        draftDue[name] = now.uptime + settings.draftDelay
        guard settings.sendsTyping else { return [] }
        // A command is nobody's business.
        let isTyping = !new.isEmpty && new != "/" && (SlashCommand.Call(new).map { $0.word == "me" } ?? true)
        return isTyping || new.isEmpty ? [.chat(.typing(name, isTyping))] : []
    }

    /// Text from the clipboard lands in the input and is never sent by itself.
    mutating func paste(_ text: String, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        if case .switcher(var switcher) = overlay {
            switcher.insert(InputLine.withoutControls(text))
            switcher.search(chat, keys: keys)
            overlay = .switcher(switcher)
            return []
        }
        guard overlay == nil else { return [] }
        if focus == .messages { leaveMessages(chat) }
        if focus == .list { leaveList(chat) }
        change(chat.open) { $0.search = nil }
        var fits = true
        let effects = edit(chat, now) { fits = $0.paste(text) }
        if !fits {
            let size = Words.count(text.unicodeScalars.count, "character", "characters")
            say("the clipboard holds \(size), more than the input takes; nothing was put in", isError: true, now: now)
        }
        return effects
    }

    /// What the external editor left.
    package mutating func editorReturned(_ text: String, chat: ChatState, now: Moment) -> [UIEffect] {
        guard let name = editing else { return [] }
        editing = nil
        var kept = InputLine.withoutControls(text)
        while kept.last == "\n" { kept.removeLast() }
        change(name) { $0.input.replace(with: kept) }
        draftDue[name] = now.uptime
        return saveDraft(name)
    }

    mutating func saveDraft(_ name: ConversationName) -> [UIEffect] {
        guard draftDue.removeValue(forKey: name) != nil else { return [] }
        return [.chat(.saveDraft(name, view(name).input.text))]
    }

    // MARK: Sending

    mutating func submit(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let text = Self.trimmed(view(chat.open).input.text)
        guard !text.isEmpty else {
            if chat.open == nil { enterList(chat) }
            return []
        }
        if let call = SlashCommand.Call(text), call.word.lowercased() != "me" { return run(call, chat, now) }
        guard let name = chat.open else {
            say("no conversation is open; choose a name in the list and press Enter", now: now)
            return []
        }
        let message = text.hasPrefix("//") ? String(text.dropFirst()) : text
        if let refusal = InputLine.refusal(of: message) {
            say(refusal, isError: true, now: now)
            return []
        }
        if message == "/me" {
            say("what do you do? /me TEXT", isError: true, now: now)
            return []
        }
        remember(text, chat)
        change(name) { view in
            view.input = InputLine()
            view.anchor = .end
        }
        draftDue[name] = nil
        completion = nil
        return [.chat(.send(name, text: message, clientID: ""))]
    }

    static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }

    // MARK: History

    /// Own messages of this conversation, so that `↑` works after a restart too.
    mutating func seedHistory(_ chat: ChatState) {
        guard !view(chat.open).history.isSeeded else { return }
        let mine = chat.open.map { chat.conversation($0).messages.reversed() }?.lazy
            .filter { $0.from == chat.me }.compactMap(\.text).prefix(InputHistory.limit)
        change(chat.open) { $0.history.seed(mine.map { Array($0).reversed() } ?? []) }
    }

    mutating func remember(_ text: String, _ chat: ChatState) {
        seedHistory(chat)
        change(chat.open) { $0.history.add(text) }
    }

    /// Up or down a row of the input; from its first or last row into what was sent before.
    mutating func moveInHistory(_ step: Int, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let width = InputPane.textWidth(layout(chat).input.columns)
        var moved = false
        move(chat) { moved = $0.moveRow(by: step, width: width) }
        guard !moved else { return [] }
        if chat.open == nil, loose.input.isEmpty {
            enterList(chat)
            return []
        }
        seedHistory(chat)
        let current = view(chat.open).input.text
        var line: String?
        change(chat.open) { line = step < 0 ? $0.history.older(than: current) : $0.history.newer() }
        guard let line else { return [] }
        return edit(chat, now) { $0.replace(with: line) }
    }

    /// A key while a search through the history goes on; nil ends the search and lets the key do what it does.
    mutating func pressInSearch(_ key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect]? {
        guard var search = view(chat.open).search else { return nil }
        let history = view(chat.open).history
        switch key {
        case .escape, "Ctrl-G", "Ctrl-C":
            change(chat.open) { $0.search = nil }
            return []
        case "Ctrl-R":
            let older = history.search(search.query, before: search.found)
            search.failed = older == nil
            search.found = older ?? search.found
        case .backspace, "Ctrl-H":
            guard !search.query.isEmpty else {
                change(chat.open) { $0.search = nil }
                return []
            }
            search.query.removeLast()
            search.found = history.search(search.query, before: nil)
            search.failed = search.found == nil && !search.query.isEmpty
        default:
            guard let character = key.typed else {
                // Enter takes the line into the input and does not send it.
                change(chat.open) { $0.search = nil }
                guard let found = search.found, history.entries.indices.contains(found) else {
                    return key == .enter ? [] : nil
                }
                let effects = edit(chat, now) { $0.replace(with: history.entries[found]) }
                return key == .enter ? effects : effects + press(again: key, chat, now)
            }
            search.query.append(character)
            let end = search.found.map { $0 + 1 }
            let found = history.search(search.query, before: end)
            search.failed = found == nil
            search.found = found ?? search.found
        }
        change(chat.open) { $0.search = search }
        return []
    }

    private mutating func press(again key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let command = keys.command(for: [key], in: .input) else { return [] }
        return perform(command, key, chat, now)
    }

    // MARK: Completion

    mutating func complete(_ step: Int, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let input = view(chat.open).input
        if input.isEmpty {
            enterList(chat)
            return []
        }
        if var going = completion {
            going.index = (going.index + step + going.offers.count) % going.offers.count
            return take(going, chat, now)
        }
        let offers = Completer.offers(for: input, chat: chat)
        guard !offers.isEmpty else {
            say("nothing to complete here", now: now)
            return []
        }
        let length = input.wordBeforeCursor.count
        return take(Completion(offers: offers, index: step > 0 ? 0 : offers.count - 1, length: length), chat, now)
    }

    private mutating func take(_ completion: Completion, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let offer = completion.offers[completion.index]
        let effects = rewrite(chat, now) { $0.replaceBefore(completion.length, with: offer) }
        var going = completion
        going.length = offer.count
        // One offer is no choice.
        self.completion = going.offers.count > 1 ? going : nil
        return effects
    }
}

/// What could stand for the word before the cursor.
enum Completer {
    static let limit = 100

    static func offers(for input: InputLine, chat: ChatState) -> [String] {
        let word = String(input.wordBeforeCursor)
        let head = input.before.dropLast(word.count)
        guard !word.isEmpty || head.hasPrefix("/") else { return [] }
        if head.isEmpty, word.hasPrefix("/"), input.after.isEmpty {
            let begun = word.dropFirst().lowercased()
            return SlashCommand.all.map(\.name.rawValue).filter { $0.hasPrefix(begun) }.map { "/\($0) " }
        }
        if head.hasPrefix("/"), let command = SlashCommand.Call(String(head)), command.rest.isEmpty {
            guard SlashCommand.named(command.word)?.takesName ?? true else { return [] }
            return ids(word, chat).map { "\($0) " }
        }
        if word.count > 1, word.hasPrefix(":") {
            let name = word.dropFirst().prefix { $0 != ":" }
            return EmojiNames.beginning(with: name.lowercased())
        }
        let isFirst = head.allSatisfy(\.isWhitespace)
        return ids(word, chat).map { isFirst ? "\($0): " : "\($0) " }
    }

    /// Those who have said something lately first, then who is online, then everybody.
    private static func ids(_ word: String, _ chat: ChatState) -> [String] {
        let at = word.hasPrefix("@") ? "@" : ""
        let begun = word.dropFirst(at.count).lowercased()
        let speakers = chat.open.map { chat.conversation($0).messages.suffix(200).reversed().map(\.from) } ?? []
        let known = chat.roster.all.filter {
            $0.id.text.lowercased().hasPrefix(begun) || $0.name.lowercased().hasPrefix(begun)
        }
        let ordered = known.sorted { $0.isOnline != $1.isOnline ? $0.isOnline : $0.id.text < $1.id.text }.map(\.id)
        var seen: Set<UserID> = chat.me.map { [$0] } ?? []
        return (speakers.filter { $0.text.lowercased().hasPrefix(begun) } + ordered)
            .filter { seen.insert($0).inserted }.prefix(limit).map { at + $0.text }
    }
}
