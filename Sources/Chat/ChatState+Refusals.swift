/// Conversations that the desk refuses.
extension ChatState {
    /// While the first page of a conversation is on its way, the page tells whether there is such a user at all.
    mutating func watchRefused(_ name: ConversationName, _ reason: String) -> [ChatRequest] {
        if !name.isRoom {
            guard watched.contains(name) else { return [] }
            let each = conversation(name)
            if !each.isLoaded, !each.loading.isEmpty {
                refusals[name] = reason
                return []
            }
        }
        return [.notice(.warning("\(title(of: name)): \(reason)"))]
    }

    /// Closes the conversation where it holds nothing: an account may have been removed after it was used.
    mutating func peerUnknown(_ name: ConversationName, now: Moment) -> [ChatRequest] {
        guard let me, let peer = name.peer(of: me) else { return [] }
        refusals[name] = nil
        let each = conversation(name)
        guard each.messages.isEmpty, each.outbox.isEmpty, each.lastSeq == 0 else {
            return [.notice(.unknownUser(peer))]
        }
        return [.notice(.unknownUser(peer))] + perform(.close(name), now: now)
    }
}
