/// Conversations that the desk refuses.
extension ChatState {
    /// The refusal of a room's channel, or of a conversation's; nil where there is none.
    package func refusal(of name: ConversationName) -> Refusal? { refusals[.conversation(name)] }

    mutating func refused(_ channel: RefusedChannel, _ reason: String, isRetried: Bool, now: Moment) -> [ChatRequest] {
        let known = refusals[channel]
        // Every attempt is refused: the first one is news, and so is another reason.
        let refusal = Refusal(reason: reason, isRetried: isRetried, since: known?.since ?? now.date)
        guard refusal != known else { return [] }
        if case .conversation(let name) = channel, !name.isRoom {
            guard watched.contains(name) else { return [] }
            let each = conversation(name)
            // While the first page is on its way, the page tells whether there is such a user at all.
            if !each.isLoaded, !each.loading.isEmpty {
                heldRefusals[name] = refusal
                return []
            }
        }
        refusals[channel] = refusal
        return [.notice(.refused(channel, refusal))]
    }

    mutating func admitted(_ channel: RefusedChannel) -> [ChatRequest] {
        if case .conversation(let name) = channel { heldRefusals[name] = nil }
        return refusals.removeValue(forKey: channel) == nil ? [] : [.notice(.admitted(channel))]
    }

    /// Closes the conversation where it holds nothing: an account may have been removed after it was used.
    mutating func peerUnknown(_ name: ConversationName, now: Moment) -> [ChatRequest] {
        guard let me, let peer = name.peer(of: me) else { return [] }
        heldRefusals[name] = nil
        refusals[.conversation(name)] = nil
        let each = conversation(name)
        guard each.messages.isEmpty, each.outbox.isEmpty, each.lastSeq == 0 else {
            return [.notice(.unknownUser(peer))]
        }
        return [.notice(.unknownUser(peer))] + perform(.close(name), now: now)
    }
}
