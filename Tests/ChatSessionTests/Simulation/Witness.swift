import Chat

/// Looks at one terminal after everything that happens to it, for what must never be.
struct Witness {
    /// How far each message got, by its client id.
    private var ranks: [String: Int] = [:]
    private var marks: [ConversationName: (mine: Int, peers: Int, last: Int)] = [:]
    /// Those the user was told of as failed; a retry may take them back to the start.
    private var failed: Set<String> = []
    /// Everything this terminal took on: it was on its disk.
    private(set) var kept: [String: (conversation: ConversationName, text: String)] = [:]

    mutating func look(at chat: ChatState, found: (String) -> Void) {
        for (name, each) in chat.conversations {
            for message in each.outbox { look(at: message, found: found) }
            let before = marks[name] ?? (0, 0, 0)
            if each.seenByMe < before.mine { found("\(name): what we have seen went back") }
            if each.seenByPeer < before.peers { found("\(name): what the peer has seen went back") }
            if each.lastSeq < before.last { found("\(name): the last number went back") }
            marks[name] = (each.seenByMe, each.seenByPeer, each.lastSeq)
            look(at: each, found: found)
        }
    }

    private mutating func look(at message: OutgoingMessage, found: (String) -> Void) {
        let rank: Int
        switch message.state {
        case .accepted: rank = 0
        case .queued: rank = 1
        case .sending: rank = 2
        case .relayed: rank = 3
        case .failed:
            failed.insert(message.clientID)
            ranks[message.clientID] = nil
            return
        }
        if rank > 0 { kept[message.clientID] = (message.conversation, message.text) }
        if let before = ranks[message.clientID], rank < before {
            found("\(message.text): its state went back from \(before) to \(rank)")
        }
        if failed.contains(message.clientID), rank > 0, ranks[message.clientID] == nil {
            found("\(message.text): left its failure without the user's word")
        }
        ranks[message.clientID] = rank
    }

    private func look(at each: Conversation, found: (String) -> Void) {
        let held = each.messages
        if let first = held.first, let last = held.last, last.seq - first.seq + 1 != held.count {
            found("\(each.name): a window with a hole")
        }
        if each.isLoaded, each.lastSeq > each.heldThrough, each.gap == nil {
            found(
                "\(each.name): numbers up to \(each.lastSeq) are known, held through \(each.heldThrough), and no gap is shown"
            )
        }
        if each.unseen < 0 { found("\(each.name): fewer than no unseen messages") }
    }
}
