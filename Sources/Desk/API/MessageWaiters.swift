import Chat
import HTTPTypes
import Synchronization

/// Those who asked for what comes next, in a conversation or in all of theirs, and wait for it: long polling, for networks
/// that let no WebSocket through.
final class MessageWaiters: Sendable {
    /// The longest a call is held, in seconds: less than proxies wait for an answer.
    static let longest = 25
    /// Calls that are held at a time. A further one takes the place of one of the user who holds most.
    static let limit = 10_000
    /// Of one user; further ones are refused.
    static let limitForUser = 64

    /// One call's place in the row.
    struct Ticket {
        fileprivate let user: UserID
        fileprivate let bells: [String]
        fileprivate let number: Int
        fileprivate let rung: AsyncStream<Void>
    }

    fileprivate struct State {
        var waiting: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
        /// The same by the user who waits.
        var users: [UserID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var last = 0
        var count = 0
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int = MessageWaiters.limit) { self.limit = limit }

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
    /// Throws 429 where the user holds as many calls as one may.
    func join(_ bells: [String], as user: UserID) throws(APIError) -> Ticket? {
        let result = state.withLock { state -> Result<Ticket?, APIError> in
            guard !state.isClosed else { return .success(nil) }
            let own = state.users[user]?.count ?? 0
            guard own < Self.limitForUser else {
                return .failure(
                    APIError(
                        .tooManyRequests, "too_many_waits",
                        "\(user): \(own) calls with wait are held already, which is the most for one user",
                        retryAfter: 5))
            }
            if state.count >= limit { state.makeRoom(besides: own) }
            guard state.count < limit else { return .success(nil) }
            state.last += 1
            state.count += 1
            let (rung, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            for name in bells { state.waiting[name, default: [:]][state.last] = bell }
            state.users[user, default: [:]][state.last] = bell
            return .success(Ticket(user: user, bells: bells, number: state.last, rung: rung))
        }
        return try result.get()
    }

    func leave(_ ticket: Ticket) {
        state.withLock { state in
            for name in ticket.bells {
                state.waiting[name]?.removeValue(forKey: ticket.number)
                if state.waiting[name]?.isEmpty == true { state.waiting[name] = nil }
            }
            state.giveUp(ticket.number, of: ticket.user)
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

    /// Lets the calls of a user go.
    func release(_ user: UserID) {
        state.withLock { $0.users[user]?.values.forEach { $0.finish() } }
    }

    /// Lets everybody go, and nobody wait any more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            for bells in state.waiting.values { bells.values.forEach { $0.finish() } }
        }
    }
}

extension MessageWaiters.State {
    /// Ends one wait and gives its place up; one that was ended before has none.
    fileprivate mutating func giveUp(_ number: Int, of user: UserID) {
        guard let bell = users[user]?.removeValue(forKey: number) else { return }
        bell.finish()
        count -= 1
        if users[user]?.isEmpty == true { users[user] = nil }
    }

    /// Ends the oldest wait of the user who holds most, if that is more than `own`.
    fileprivate mutating func makeRoom(besides own: Int) {
        guard let (user, waits) = users.max(by: { $0.value.count < $1.value.count }), waits.count > own + 1,
            let oldest = waits.keys.min()
        else { return }
        giveUp(oldest, of: user)
    }
}
