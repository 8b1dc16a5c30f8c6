/// "Needs no reply", on all terminals of this user.
extension ChatState {
    /// Up to which message of a conversation no reply is needed.
    func settledMark(_ name: ConversationName) -> Int { settled[name] ?? 0 }

    /// The user said so here: kept on this machine until the desk has it.
    mutating func settle(_ name: ConversationName, through seq: Int) -> [ChatRequest] {
        guard seq > settledMark(name) else { return [] }
        settleHere(name, through: seq)
        untold.insert(name)
        return [.save(.saveSettled(name, through: seq))] + (link.isOnline ? [.tellSettled(name, through: seq)] : [])
    }

    /// Another terminal said so, or the desk has taken it.
    mutating func settledOnDesk(_ name: ConversationName, through seq: Int) -> [ChatRequest] {
        if seq > settledMark(name) { settleHere(name, through: seq) }
        guard seq >= settledMark(name), untold.remove(name) != nil else { return [] }
        return [.save(.saveSettled(name, through: nil))]
    }

    /// Moves the clock of a conversation to where the list tells it stands. Returns what the desk has to be told.
    mutating func followClock(_ summary: ConversationSummary, _ each: inout Conversation) -> [ChatRequest] {
        guard let me, let last = summary.last, !summary.name.isRoom else { return [] }
        guard let told = summary.clock else {
            each.clock.guess(from: last, me: me, settled: settledMark(summary.name))
            return []
        }
        var asked: [ChatRequest] = []
        if settledMark(summary.name) > last.seq, untold.contains(summary.name) {
            // Said of messages that are not on this desk: it was restored from a copy meanwhile.
            settled[summary.name] = nil
            untold.remove(summary.name)
            asked.append(.save(.saveSettled(summary.name, through: nil)))
        } else if untold.contains(summary.name), settledMark(summary.name) > told.settled {
            asked.append(.tellSettled(summary.name, through: settledMark(summary.name)))
        } else {
            asked += settledOnDesk(summary.name, through: told.settled)
        }
        each.clock.set(
            told, last: last.seq, held: each.messages, me: me, settled: max(told.settled, settledMark(summary.name)))
        return asked
    }

    /// What was kept of an earlier run: the desk did not have it then.
    mutating func restoreSettled(_ saved: [ConversationName: Int]) {
        for (name, seq) in saved where seq > settledMark(name) {
            settleHere(name, through: seq)
            untold.insert(name)
        }
    }

    private mutating func settleHere(_ name: ConversationName, through seq: Int) {
        settled[name] = seq
        guard let me, var each = conversations.removeValue(forKey: name) else { return }
        each.clock.settle(seq, held: each.messages, me: me)
        conversations[name] = each
    }
}
