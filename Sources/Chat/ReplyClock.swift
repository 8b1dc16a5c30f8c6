/// Since when the other side of one conversation has been waiting for a reply.
///
/// A message that a person wrote, or a question, starts the clock; a message that this user wrote stops it, and so does
/// "needs no reply". Automated messages change nothing. The desk tells with the list of conversations where the clock
/// stands, and the messages heard of after that move it, so it is right however little of a conversation is loaded.
struct ReplyClock: Equatable, Sendable {
    struct Start: Equatable, Sendable {
        var seq: Int
        var since: Timestamp
        /// False where the desk does not tell and earlier messages are not known: the wait may have begun before.
        var isExact = true
    }

    /// Nil while nobody is waiting.
    private(set) var start: Start?
    /// Every message up to this `seq` is taken into account.
    private(set) var through = 0

    /// Moves the clock by the next messages of the conversation; those known already change nothing.
    ///
    /// - Parameter settled: up to this `seq` no reply is needed.
    mutating func take(_ messages: some Sequence<Message>, me: UserID, settled: Int) {
        for message in messages where message.seq > through {
            through = message.seq
            if message.from == me {
                if !message.isAutomated { start = nil }
            } else if start == nil, message.seq > settled, message.startsClock {
                start = Start(seq: message.seq, since: message.at)
            }
        }
    }

    /// Puts the clock where the desk says it stood after the message `last`, then takes what is held after that.
    mutating func set(_ told: ToldClock, last: Int, held: some Sequence<Message>, me: UserID, settled: Int) {
        through = last
        start = told.start.map { Start(seq: $0.seq, since: $0.since) }
        take(held, me: me, settled: settled)
        settle(settled, held: held, me: me)
    }

    /// A desk of an earlier version tells the last message alone: somebody waits at least since then.
    mutating func guess(from last: Message, me: UserID, settled: Int) {
        guard last.seq > through else { return }
        through = last.seq
        guard last.from != me, last.seq > settled, last.startsClock else {
            if last.from == me, !last.isAutomated { start = nil }
            return
        }
        if start == nil { start = Start(seq: last.seq, since: last.at, isExact: last.seq == 1) }
    }

    /// No reply is needed up to `settled`; the next message held after it that starts a clock does so.
    mutating func settle(_ settled: Int, held: some Sequence<Message>, me: UserID) {
        guard let old = start, old.seq <= settled else { return }
        start = nil
        for message in held where message.seq > settled && message.seq <= through {
            if message.from == me {
                if !message.isAutomated { start = nil }
            } else if start == nil, message.startsClock {
                start = Start(seq: message.seq, since: message.at)
            }
        }
    }
}

/// What the list of conversations tells of a waiting clock.
package struct ToldClock: Equatable, Sendable {
    package struct Start: Equatable, Sendable {
        package var seq: Int
        package var since: Timestamp

        package init(seq: Int, since: Timestamp) {
            self.seq = seq
            self.since = since
        }
    }

    /// The first message without a reply; nil where nobody is waiting.
    package var start: Start?
    /// Up to where this user has said that no reply is needed.
    package var settled: Int

    package init(start: Start?, settled: Int) {
        self.start = start
        self.settled = settled
    }
}

extension Message {
    /// Whether it asks for a reply: a person wrote it, or it is a question.
    var startsClock: Bool { !isAutomated || question != nil }
}
