package import Chat
import Screen

/// Canned replies: read again whenever one is wanted, put in at the cursor.
extension UIState {
    /// The folder was read; `problem` says what could not be.
    ///
    /// - Parameter insistsOnName: the reply wanted is the one of exactly that name: nobody can look at it before it is sent.
    package mutating func cannedLoaded(
        _ replies: [CannedReply], problem: String?, insistsOnName: Bool = false, chat: ChatState, now: Moment
    ) -> [UIEffect] {
        canned = replies
        if let problem { say(problem, isError: true, now: now) }
        if case .canned(var picker) = overlay {
            picker.take(replies)
            overlay = .canned(picker)
        }
        guard let name = wantedReply else { return [] }
        wantedReply = nil
        let exact = replies.first { $0.name == name }
        guard let reply = exact ?? (insistsOnName ? nil : CannedPicker.found(name, in: replies).first) else {
            let near = Nearest.word(to: name, in: replies.map(\.name)).map { "; did you mean \($0)?" }
            say("there is no canned reply \(name)" + (near ?? ""), isError: true, now: now)
            return []
        }
        return put(reply, chat, now)
    }

    mutating func press(_ key: Key, in picker: CannedPicker, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        var picker = picker
        switch key {
        case .escape, "Ctrl-C", "Ctrl-G":
            overlay = nil
            return []
        case .enter, .tab:
            overlay = nil
            return picker.chosen.map { put($0, chat, now) } ?? []
        case .down, "Ctrl-N": picker.move(by: 1)
        case .up, "Ctrl-P": picker.move(by: -1)
        case .pageDown: picker.move(by: 10)
        case .pageUp: picker.move(by: -10)
        default:
            var ring = killRing
            guard picker.query.edit(key, keys, &ring) else { return [] }
            killRing = ring
            picker.search()
        }
        overlay = .canned(picker)
        return []
    }

    /// The reply stands at the cursor; where it has fill-ins the cursor stands before the first of them.
    private mutating func put(_ reply: CannedReply, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let name = chat.open else {
            say("open a conversation first", now: now)
            return []
        }
        let peer = chat.me.flatMap(name.peer(of:))
        var values = ["me": chat.me?.text ?? "", "my_name": chat.myName]
        if let peer {
            values["id"] = peer.text
            values["name"] = chat.roster.name(of: peer)
        }
        let text = InputLine.withoutControls(reply.filled(with: values))
        var fits = true
        let effects = edit(chat, now) { line in
            let length = line.text.utf8.count
            fits = line.insert(text)
            guard fits, FillIn.first(in: text[...]) != nil else { return }
            line.move(bytes: length - line.text.utf8.count)
            if FillIn.first(in: line.after[...])?.lowerBound != line.after.startIndex { line.moveToFillIn() }
        }
        if !fits { say("the input cannot hold this reply as well", isError: true, now: now) }
        return effects
    }
}
