import Chat
import Screen

/// Selecting a message and doing something with it.
extension UIState {
    mutating func enterMessages(_ chat: ChatState) {
        guard let name = chat.open else { return }
        let flow = flow(chat, name)
        guard let last = (0..<flow.count).last(where: flow.isMessage) else { return }
        let height = max(1, layout(chat).messages.rows)
        let onScreen = flow.window(view(name).anchor, height: height).map(\.block).last(where: flow.isMessage)
        focus = .messages
        change(name) { $0.selection = flow.id(onScreen ?? last) }
    }

    mutating func leaveMessages(_ chat: ChatState) {
        focus = .input
        change(chat.open) { $0.selection = nil }
    }

    mutating func toggleCode(_ chat: ChatState, _ now: Moment) {
        guard let name = chat.open else { return }
        change(name) { $0.cutsCode.toggle() }
        say(view(name).cutsCode ? "lines of code stay whole" : "lines of code are wrapped", now: now)
    }

    @discardableResult
    mutating func moveSelection(_ step: Int, _ chat: ChatState) -> [UIEffect] {
        guard let name = chat.open else { return [] }
        let flow = flow(chat, name)
        guard let low = (0..<flow.count).first(where: flow.isMessage),
            let high = (0..<flow.count).last(where: flow.isMessage)
        else {
            leaveMessages(chat)
            return []
        }
        let from = view(name).selection.flatMap(flow.index(of:)) ?? high
        var target = min(max(low, from + step), high)
        while target > low, target < high, !flow.isMessage(target) { target += step < 0 ? -1 : 1 }
        let height = max(1, layout(chat).messages.rows)
        let anchor = flow.showing(target, view(name).anchor, height: height)
        let each = chat.shown(name)
        change(name) { view in
            view.selection = flow.id(target)
            if view.anchor == .end, anchor != .end { view.leftAt = each.heldThrough }
            view.anchor = anchor
        }
        guard step < 0, target <= low + height, each.isLoaded, !each.reachesStart else { return [] }
        return [.chat(.loadOlder(name))]
    }

    mutating func actOnSelection(_ command: UICommand, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let name = chat.open, let id = view(name).selection else { return [] }
        let flow = flow(chat, name)
        guard let index = flow.index(of: id) else {
            say("this message is no longer here", now: now)
            return []
        }
        let text: String
        var failed: OutgoingMessage?
        switch flow.block(index) {
        case .message(let message): text = message.text ?? ""
        case .outgoing(let message):
            text = message.text
            if case .failed = message.state { failed = message }
        case .start, .gap: return []
        }
        switch command {
        case .copyMessage: return [.copy(text)]
        case .openLink:
            guard let link = Links.first(in: text).flatMap(LinkAddress.of) else {
                say("there is no link in this message", now: now)
                return []
            }
            return [.openLink(link)]
        default: break
        }
        guard let failed else {
            say("only a message that could not be sent can be retried, edited or discarded", now: now)
            return []
        }
        switch command {
        case .retryMessage:
            leaveMessages(chat)
            return [.chat(.retry(clientID: failed.clientID))]
        case .editMessage: return takeBack(failed, name, chat, now)
        case .discardMessage:
            overlay = .question(.discard(clientID: failed.clientID))
            return []
        default: return []
        }
    }

    private mutating func takeBack(
        _ message: OutgoingMessage, _ name: ConversationName, _ chat: ChatState, _ now: Moment
    ) -> [UIEffect] {
        guard view(name).input.isEmpty else {
            say("the input is not empty; send or clear it first", now: now)
            return []
        }
        leaveMessages(chat)
        change(name) { $0.input = InputLine(message.text) }
        draftDue[name] = now.uptime
        // The draft is on disk before the message is gone.
        return saveDraft(name) + [.chat(.discard(clientID: message.clientID))]
    }
}
