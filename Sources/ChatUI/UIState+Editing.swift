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
        editedAt = now.uptime
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
            switcher.search(chat, keys: keys, waits: waits(now), accounts: accounts.others)
            overlay = .switcher(switcher)
            return []
        }
        if case .search(var box) = overlay {
            box.query.insert(InputLine.withoutControls(text).split(whereSeparator: \.isNewline).joined(separator: " "))
            box.plan(now.uptime, isAtOnce: false)
            overlay = .search(box)
            return []
        }
        if case .canned(var picker) = overlay {
            picker.query.insert(
                InputLine.withoutControls(text).split(whereSeparator: \.isNewline).joined(separator: " "))
            picker.search()
            overlay = .canned(picker)
            return []
        }
        if case .question = overlay {
            say("nothing was pasted: the question comes first", isError: true, now: now)
            return []
        }
        // What is only read gives way.
        overlay = nil
        interruptedAt = nil
        if focus == .messages { leaveMessages(chat) }
        if focus == .list { leaveList(chat) }
        change(chat.open) { $0.search = nil }
        var fits = true
        let effects = edit(chat, now) {
            $0.deleteFillInForward()
            fits = $0.paste(text)
        }
        warnOfLength(chat, now)
        if !fits {
            let size = Words.count(text.unicodeScalars.count, "character", "characters")
            say("the clipboard holds \(size), more than the input takes; nothing was put in", isError: true, now: now)
        }
        return effects
    }

    /// What the external editor left; nil where it left nothing.
    package mutating func editorReturned(_ text: String?, chat: ChatState, now: Moment) -> [UIEffect] {
        guard let name = editing else { return [] }
        editing = nil
        guard let text else { return [] }
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
        if let refusal = refusalToWrite(in: name, chat) {
            refuse(refusal, now)
            return []
        }
        let message = text.hasPrefix("//") ? String(text.dropFirst()) : text
        if let refusal = InputLine.emptyFillIn(in: message) {
            refuse(refusal, now)
            return []
        }
        if let refusal = InputLine.refusal(of: message) {
            let parts = InputLine.parts(of: message).count
            if parts <= InputLine.maxParts {
                overlay = .question(.sendParts(parts))
            } else {
                complain(refusal, .badInput, now)
            }
            return []
        }
        if let time = switchedAt, now.uptime - time < Self.startle {
            overlay = .question(.send(to: chat.title(of: name)))
            return []
        }
        if message == "/me" {
            say("what do you do? /me TEXT", isError: true, now: now)
            return []
        }
        remember(text, chat)
        clearAfterSending(name)
        completion = nil
        // What stood in the way no longer does.
        if let inputRefusal, notice?.text == inputRefusal { notice = nil }
        inputRefusal = nil
        return leavePlace(chat) + [.chat(.send(name, text: message, clientID: ""))]
    }

    private mutating func clearAfterSending(_ name: ConversationName) {
        change(name) { view in
            view.input = InputLine()
            view.anchor = .end
            view.ruleAfter = nil
        }
        draftDue[name] = nil
        editedAt = nil
    }

    /// Says why what is written cannot be sent yet; gone when it is sent.
    private mutating func refuse(_ text: String, _ now: Moment) {
        inputRefusal = text
        say(text, isError: true, now: now)
    }

    /// So soon after another conversation came under the fingers nobody means to send there.
    static let startle: Duration = .milliseconds(300)

    /// What is too long for one message, after it was asked for.
    mutating func sendParts(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let name = chat.open else { return [] }
        let parts = InputLine.parts(of: Self.trimmed(view(name).input.text))
        guard parts.count <= InputLine.maxParts else { return [] }
        clearAfterSending(name)
        return leavePlace(chat) + parts.map { .chat(.send(name, text: $0, clientID: "")) }
    }

    /// A text that is too long is said to be so before anybody tries to send it.
    private mutating func warnOfLength(_ chat: ChatState, _ now: Moment) {
        let text = view(chat.open).input.text
        guard InputLine.refusal(of: text) != nil else { return }
        let count = InputLine.parts(of: Self.trimmed(text)).count
        let advice = count <= InputLine.maxParts ? "Enter asks whether to send it in \(count) parts" : "shorten it"
        let editor = keys.firstName(of: .editor)
        say(
            "too long for one message (\(text.unicodeScalars.count) characters of \(InputLine.maxScalars)): \(advice)"
                + (editor.isEmpty ? "" : ", \(editor) edits it"), isError: true, now: now)
    }

    static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }

    // MARK: Completion

    mutating func complete(_ step: Int, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let input = view(chat.open).input
        if input.isEmpty {
            enterList(chat)
            return []
        }
        if step > 0, input.hasFillIn {
            move(chat) { $0.moveToFillIn() }
            return []
        }
        if var going = completion {
            going.index = (going.index + step + going.offers.count) % going.offers.count
            return take(going, chat, now)
        }
        let offers = Completer.offers(for: input, chat: chat, canned: canned, accounts: accounts.others)
        guard !offers.isEmpty else {
            say("nothing to complete here", now: now)
            return []
        }
        let length = input.wordBeforeCursor.utf8.count
        return take(Completion(offers: offers, index: step > 0 ? 0 : offers.count - 1, length: length), chat, now)
    }

    private mutating func take(_ completion: Completion, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let offer = completion.offers[completion.index]
        let effects = rewrite(chat, now) { $0.replaceBefore(bytes: completion.length, with: offer) }
        var going = completion
        going.length = offer.utf8.count
        // One offer is no choice.
        self.completion = going.offers.count > 1 ? going : nil
        return effects
    }
}
