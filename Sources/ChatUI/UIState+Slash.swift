import Chat
import Screen

/// What is typed with a slash in front.
extension UIState {
    mutating func run(_ call: SlashCommand.Call, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let command = SlashCommand.named(call.word) else {
            say(SlashCommand.refusal(of: call.word), isError: true, now: now)
            return []
        }
        let done = run(command.name, call.rest, chat, now)
        guard let done else { return [] }
        remember(Self.trimmed(view(chat.open).input.text), chat)
        change(chat.open) { $0.input = InputLine() }
        completion = nil
        // Neither as typed nor as kept meanwhile is the command a draft.
        if let open = chat.open, draftDue[open] != nil || chat.drafts[open] != nil {
            draftDue[open] = now.uptime
            return saveDraft(open) + done
        }
        return done
    }

    /// Nil where it could not be done: the input stays as it is, to be put right.
    mutating func run(
        _ name: SlashCommand.Name, _ rest: String, _ chat: ChatState, _ now: Moment
    ) -> [UIEffect]? {
        switch name {
        case .msg: return message(rest, chat, now)
        case .query:
            guard let (conversation, _) = target(rest, chat, usage: "/query NAME", now) else { return nil }
            return open(conversation, chat, now)
        case .close: return close(chat, now)
        case .clear:
            guard let open = chat.open else { return [] }
            let held = chat.conversation(open).heldThrough
            change(open) { view in
                view.hiddenThrough = held
                view.anchor = .end
            }
            return []
        case .me: return []
        case .answer: return answerTyped(rest, chat, now)
        case .decline: return declineTyped(chat, now)
        case .who:
            guard let room = room(rest, chat, now) else { return nil }
            overlay = .page(title: "who is online", lines: who(room, chat), scroll: 0)
            return []
        case .waiting:
            overlay = .page(title: "waiting for your reply", lines: waitingPage(chat, now), scroll: 0)
            return []
        case .done:
            guard rest.isEmpty else {
                guard let (conversation, _) = target(rest, chat, usage: "/done NAME", now) else { return nil }
                return settle(conversation, chat, now)
            }
            return settle(waiting: chat, now)
        case .whois:
            guard let (conversation, _) = target(rest, chat, usage: "/whois NAME", now) else { return nil }
            overlay = .page(title: "who is that", lines: about(conversation, chat, now), scroll: 0)
            return []
        case .links:
            showLinks(chat, now)
            return []
        case .retry, .edit, .discard: return mend(name, rest, chat, now)
        case .enter:
            guard let room = room(rest, chat, now) else { return nil }
            let title = Words.room(room, chat)
            if let refusal = chat.refusal(of: room) {
                say("trying to enter \(title) again; it was refused: \(refusal.reason)", isError: true, now: now)
            } else {
                say(chat.isIn(room) ? "you are in \(title)" : "entering \(title)", now: now)
            }
            let opened = rest.isEmpty ? [] : open(room, chat, now)
            return [.chat(.enter(room))] + opened
        case .leave:
            guard let room = room(rest, chat, now) else { return nil }
            let title = Words.room(room, chat)
            let back = room == chat.lobby || room == chat.open ? "/enter" : "/enter \(chat.title(of: room))"
            say(chat.isIn(room) ? "you left \(title); \(back) brings you back" : "you are not in \(title)", now: now)
            return [.chat(.leave(room))]
        case .search:
            guard chat.open != nil else {
                say("no conversation is open; /find searches everywhere", isError: true, now: now)
                return nil
            }
            openSearch(in: chat.open, rest, chat, now)
            return tickSearch(now)
        case .find:
            openSearch(in: nil, rest, chat, now)
            return tickSearch(now)
        case .r:
            guard chat.open != nil else {
                say("open a conversation first", isError: true, now: now)
                return nil
            }
            guard !rest.isEmpty else {
                overlay = .canned(CannedPicker(canned))
                return [.loadCanned]
            }
            wantedReply = rest
            return [.loadCanned]
        case .set: return set(rest, now)
        case .away: return say(.away, rest, chat, now)
        case .back: return say(.available, "", chat, now)
        case .busy: return say(.busy, rest, chat, now)
        case .account: return account(rest, now)
        case .help:
            overlay = .help(scroll: 0)
            return []
        case .reconnect: return [.reconnectNow]
        case .quit: return [.quit]
        }
    }

    /// What becomes of the message that failed last in the open conversation, never in another.
    private mutating func mend(
        _ name: SlashCommand.Name, _ rest: String, _ chat: ChatState, _ now: Moment
    ) -> [UIEffect]? {
        func lastFailed(_ each: Conversation) -> OutgoingMessage? {
            each.outbox.last { if case .failed = $0.state { true } else { false } }
        }
        guard let open = chat.open else {
            say("no conversation is open; open the one whose message failed", isError: true, now: now)
            return nil
        }
        guard let failed = lastFailed(chat.conversation(open)) else {
            let others = chat.conversations.values.filter { lastFailed($0) != nil }
                .sorted { $0.name.channel < $1.name.channel }.map { chat.title(of: $0.name) }
            let hint = others.isEmpty ? "" : "; \(Words.list(others)): a message failed there, open it first"
            say("no message failed in \(chat.title(of: open))\(hint)", isError: true, now: now)
            return nil
        }
        switch name {
        case .retry: return [.chat(.retry(clientID: failed.clientID))]
        case .discard:
            say("discarded: \(failed.text)", now: now)
            return [.chat(.discard(clientID: failed.clientID))]
        default:
            guard !rest.isEmpty else {
                say("it was: \(failed.text); /edit TEXT sends TEXT in its place", now: now)
                return nil
            }
            if let refusal = InputLine.refusal(of: rest) {
                say(refusal, isError: true, now: now)
                return nil
            }
            return [
                .chat(.discard(clientID: failed.clientID)),
                .chat(.send(failed.conversation, text: rest, clientID: "")),
            ]
        }
    }

    private mutating func message(_ rest: String, _ chat: ChatState, _ now: Moment) -> [UIEffect]? {
        guard let (conversation, text) = target(rest, chat, usage: "/msg NAME TEXT", now) else { return nil }
        guard !text.isEmpty else {
            say("what should be sent? /msg NAME TEXT", isError: true, now: now)
            return nil
        }
        if let refusal = InputLine.emptyFillIn(in: text) {
            say(refusal, isError: true, now: now)
            return nil
        }
        if let refusal = refusalToWrite(in: conversation, chat) {
            say(refusal, isError: true, now: now)
            return nil
        }
        let parts = InputLine.refusal(of: text) == nil ? [text] : InputLine.parts(of: text)
        guard parts.count <= InputLine.maxParts else {
            complain(InputLine.refusal(of: text) ?? "", .badInput, now)
            return nil
        }
        let inParts = parts.count > 1 ? " in \(parts.count) parts" : ""
        say("sent to \(chat.title(of: conversation))\(inParts)", now: now)
        // What is said in a room is shown to those who are in it.
        let entering: [UIEffect] =
            conversation.isRoom && !chat.isIn(conversation) ? [.chat(.enter(conversation))] : []
        return entering + parts.map { .chat(.send(conversation, text: $0, clientID: "")) }
    }

    /// Why nothing can be written to a conversation; nil where it can.
    func refusalToWrite(in name: ConversationName, _ chat: ChatState) -> String? {
        guard name.isRoom, chat.hasLeft(name) else { return nil }
        let enter = name == chat.lobby || name == chat.open ? "/enter" : "/enter \(chat.title(of: name))"
        return "you left \(Words.room(name, chat)) and cannot write there; \(enter) brings you back"
    }

    /// The conversation named first in `rest`, and what follows.
    private mutating func target(
        _ rest: String, _ chat: ChatState, usage: String, _ now: Moment
    ) -> (ConversationName, String)? {
        var word = String(rest.prefix { !$0.isWhitespace })
        let text = Self.trimmed(String(rest.dropFirst(word.count)))
        guard !word.isEmpty else {
            say("who? \(usage)", isError: true, now: now)
            return nil
        }
        if word.hasPrefix("#") { return known(room: word, chat, now).map { ($0, text) } }
        while let last = word.last, ":,".contains(last), UserID(word).map({ chat.roster[$0] == nil }) ?? true {
            word.removeLast()
        }
        if word.first == "@" { word.removeFirst() }
        guard let me = chat.me else {
            say("not signed in yet", isError: true, now: now)
            return nil
        }
        do throws(UserIDError) {
            let peer = try UserID(validating: word)
            guard let name = ConversationName(me, peer) else {
                say("that is you; a conversation has two sides", isError: true, now: now)
                return nil
            }
            return (name, text)
        } catch {
            let folded = Folding.fold(word)
            let named = chat.roster.all.filter { Folding.fold($0.name) == folded && $0.id != me }.map(\.id).sorted()
            if named.count > 1 {
                let ids = Words.list(named.map(\.text))
                say("several people are called \(word): \(ids); use the id", isError: true, now: now)
                return nil
            }
            if let peer = named.first, let name = ConversationName(me, peer) { return (name, text) }
            say(error.description, isError: true, now: now)
            return nil
        }
    }

    /// The room named, else the one that is open, else the lobby.
    private mutating func room(_ word: String, _ chat: ChatState, _ now: Moment) -> ConversationName? {
        guard !word.isEmpty else { return chat.shownRoom }
        return known(room: word.hasPrefix("#") ? word : "#" + word, chat, now)
    }

    private mutating func known(room title: String, _ chat: ChatState, _ now: Moment) -> ConversationName? {
        let known = chat.rooms.map { chat.title(of: $0.conversation) }
        if let index = known.firstIndex(of: title) { return chat.rooms[index].conversation }
        let hint = Nearest.word(to: title, in: known).map { "did you mean \($0)?" } ?? "there are \(Words.list(known))"
        say("there is no room \(title); \(hint)", isError: true, now: now)
        return nil
    }

    private func who(_ room: ConversationName, _ chat: ChatState) -> [String] {
        let refusal = chat.refusal(of: room).map {
            ["you are not in \(Words.room(room, chat)): \($0.reason)", ""]
        }
        guard chat.isKnown(room) else {
            if let refusal { return refusal }
            let title = Words.room(room, chat)
            if chat.isIn(room) { return ["not known: not connected"] }
            let enter = room == chat.lobby ? "/enter" : "/enter \(chat.title(of: room))"
            return [
                chat.hasLeft(room) ? "you left \(title); \(enter) brings you back" : "you are not in \(title); \(enter)"
            ]
        }
        let here = chat.people(in: room).sorted()
        let lines = here.map { user in
            let name = chat.roster.name(of: user)
            return user.text + (name == user.text ? "" : "  \(name)") + (user == chat.me ? "  (you)" : "")
        }
        let place = room == chat.lobby ? "online" : "in \(chat.title(of: room))"
        let others = chat.strangers(in: room).map { $0.id + ($0.name == $0.id ? "" : "  \($0.name)") }
        return (refusal ?? []) + ["\(Words.count(here.count, "person is", "people are")) \(place)", ""] + lines
            + (others.isEmpty ? [] : ["", "here, but nobody can write to them:"] + others)
    }

    private static func availability(_ peer: Roster.Peer?, _ now: Moment) -> [String] {
        guard let peer, peer.isOnline, let told = peer.availability, told.state != .available else { return [] }
        let age = Words.age(from: told.since, to: now.date)
        return ["\(told.state.rawValue), since \(age)" + (told.text.isEmpty ? "" : ": \(told.text)")]
    }

    private func waiting(_ name: ConversationName, _ now: Moment) -> [String] {
        wait(name, now).map { ["\($0.long) for an answer of yours"] } ?? []
    }

    private func about(_ name: ConversationName, _ chat: ChatState, _ now: Moment) -> [String] {
        guard let peer = chat.me.flatMap(name.peer(of:)) else {
            let title = chat.room(name)?.title ?? ""
            let isIn = chat.isIn(name) && chat.refusal(of: name) == nil
            let here = isIn ? Words.count(chat.count(in: name), "is here", "are here") : "you are not in it"
            let kind = name == chat.lobby ? "the room for everybody" : "a room"
            return [chat.title(of: name), "\(kind); \(here)"] + (title.isEmpty ? [] : [title])
        }
        let known = chat.roster[peer]
        let age = known?.since.map { ", since " + Words.age(from: $0, to: now.date) } ?? ""
        let each = chat.conversation(name)
        return [
            peer.text + (known.map { $0.name == peer.text ? "" : "  \($0.name)" } ?? ""),
            known == nil ? "nobody of this name was heard of" : (known?.isOnline == true ? "online" : "offline") + age,
        ] + Self.availability(known, now) + waiting(name, now) + [
            each.lastSeq > 0 ? Words.count(each.lastSeq, "message", "messages") + " with you" : "no messages with you"
        ]
    }
}
