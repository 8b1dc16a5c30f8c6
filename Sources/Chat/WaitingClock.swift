/// How long the other sides of conversations wait for a human answer.
///
/// The clock of a conversation starts at the first message of the peer that was not answered; what they write later does
/// not move it, what a script sends in our name does not stop it, our own answer does. It is worked out from what is held
/// of a conversation, so it is right after a restart and on every terminal of one user.
package struct WaitingClock: Equatable, Sendable {
    package struct Wait: Equatable, Sendable {
        package var name: ConversationName
        package var since: Timestamp
        /// False where what stands before is not held: they wait at least since then.
        package var isExact: Bool
        /// The newest message they wait with.
        package var through: Int

        /// Whole minutes until `now`.
        package func minutes(at now: Timestamp) -> Int {
            Int(max(0, now.milliseconds - since.milliseconds) / 60_000)
        }
    }

    /// What a conversation looked like when its wait was worked out.
    private struct Reading: Equatable, Sendable {
        var first: Int
        var held: Int
        var last: Int
        var answering: Int
        /// Up to where no answer is due.
        var settled: Int
    }

    private var waits: [ConversationName: Wait] = [:]
    private var readings: [ConversationName: Reading] = [:]

    package init() {}

    /// The longest wait first; of equal ones always in the same order.
    package var all: [Wait] {
        waits.values.sorted {
            $0.since != $1.since ? $0.since < $1.since : $0.name.channel < $1.name.channel
        }
    }

    package subscript(name: ConversationName) -> Wait? { waits[name] }

    /// Follows the chat.
    package mutating func follow(_ chat: ChatState) {
        guard let me = chat.me else { return self = WaitingClock() }
        for (name, each) in chat.conversations {
            guard let peer = name.peer(of: me) else { continue }
            let reading = Reading(
                first: each.messages.first?.seq ?? 0, held: each.heldThrough, last: each.lastInList?.seq ?? 0,
                answering: each.outbox.count { if case .failed = $0.state { false } else { true } },
                settled: chat.settled[name] ?? 0)
            let before = readings.updateValue(reading, forKey: name)
            guard before != reading else { continue }
            waits[name] = wait(each, peer: peer, me: me, before: before, now: reading)
        }
        if readings.count > chat.conversations.count {
            for name in readings.keys where chat.conversations[name] == nil {
                readings[name] = nil
                waits[name] = nil
            }
        }
    }

    private func wait(
        _ each: Conversation, peer: UserID, me: UserID, before: Reading?, now: Reading
    ) -> Wait? {
        // What was written just now is an answer, also before the desk has it.
        guard now.answering == 0 else { return nil }
        let mark = now.settled
        guard now.held > 0, now.held >= now.last else {
            guard let last = each.lastInList, last.from == peer, last.seq > mark else { return nil }
            return Wait(name: each.name, since: last.at, isExact: last.seq == 1, through: last.seq)
        }
        if let before, var old = waits[each.name], before.first == now.first, before.settled == now.settled,
            before.held > 0, before.answering == 0,
            before.held <= now.held, old.through <= before.held
        {
            // Nothing but new messages: an answer among them, or it goes on.
            let new = each.messages.suffix(now.held - before.held)
            if !new.contains(where: { $0.from == me && !$0.isAutomated }) {
                old.through = new.last { $0.from == peer }?.seq ?? old.through
                return old
            }
        }
        var start: Message?
        var through = 0
        for message in each.messages.reversed() {
            if message.seq <= mark || (message.from == me && !message.isAutomated) {
                return start.map { Wait(name: each.name, since: $0.at, isExact: true, through: through) }
            }
            guard message.from == peer else { continue }
            through = max(through, message.seq)
            start = message
        }
        return start.map { Wait(name: each.name, since: $0.at, isExact: each.reachesStart, through: through) }
    }
}
