import Chat
import Synchronization

/// Those who asked for what comes next, in a conversation or in all of theirs, and wait for it: long polling, for networks
/// that let no WebSocket through.
final class MessageWaiters: Sendable {
    /// The longest a call is held, in seconds: less than proxies wait for an answer.
    static let longest = 25
    /// Further ones are answered at once.
    static let limit = 2_000

    /// One call's place in the row.
    struct Ticket {
        fileprivate let bells: [String]
        fileprivate let number: Int
        fileprivate let rung: AsyncStream<Void>
    }

    private struct State {
        var waiting: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
        var last = 0
        var count = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    /// What rings when something is said in a conversation.
    static func bells(of conversation: ConversationName) -> [String] {
        [conversation.channel] + inboxes(of: conversation)
    }

    static func inboxes(of conversation: ConversationName) -> [String] {
        guard case .chat(let low, let high) = conversation else { return [] }
        return [low, high].map(ConversationName.inbox(of:))
    }

    /// To be taken before one looks whether there is something; nil where nobody can wait any more. Any of the bells counts.
    func join(_ bells: [String]) -> Ticket? {
        state.withLock { state in
            guard !state.isClosed, state.count < Self.limit else { return nil }
            state.last += 1
            state.count += 1
            let (rung, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            for name in bells { state.waiting[name, default: [:]][state.last] = bell }
            return Ticket(bells: bells, number: state.last, rung: rung)
        }
    }

    func leave(_ ticket: Ticket) {
        state.withLock { state in
            var isKnown = false
            for name in ticket.bells {
                guard let bell = state.waiting[name]?.removeValue(forKey: ticket.number) else { continue }
                bell.finish()
                isKnown = true
                if state.waiting[name]?.isEmpty == true { state.waiting[name] = nil }
            }
            if isKnown { state.count -= 1 }
        }
    }

    /// Comes back when a bell was rung since `join`, when the time is up, or when the caller is gone.
    func wait(_ ticket: Ticket, atMost limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { for await _ in ticket.rung { break } }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Something is there.
    func ring(_ bells: [String]) {
        state.withLock { state in
            for name in bells { state.waiting[name]?.values.forEach { $0.yield() } }
        }
    }

    /// Something may be there, in any conversation.
    func ringAll() {
        state.withLock { state in
            for bells in state.waiting.values { bells.values.forEach { $0.yield() } }
        }
    }

    /// Lets everybody go, and nobody wait any more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            for bells in state.waiting.values { bells.values.forEach { $0.finish() } }
        }
    }
}
