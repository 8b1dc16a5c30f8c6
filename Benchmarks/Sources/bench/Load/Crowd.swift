import ChannelsProtocol

/// All users on this one thread, with what they are going to do.
final class Crowd {
    enum Act {
        case come, leave, say
    }

    typealias Plan = [(at: Double, user: Int, act: Act)]

    /// Of a call that was not answered well.
    private static let patience = 1.0

    let server: EngineServer
    let wires: Wires
    let authorizations: CallPool
    private let messages: CallPool
    private(set) var users: [LoadUser] = []
    private var again: [(at: Double, work: () -> Void)] = []
    private var said = 0
    var tally = Tally()

    /// - Parameter count: an even number; two and two talk.
    init(_ server: EngineServer, users count: Int) throws {
        self.server = server
        wires = Wires(port: server.port)
        authorizations = CallPool(wires, seats: 64)
        messages = CallPool(wires, seats: 64)
        let ids = (0..<count).map { "user\(100_000 + $0)" }
        let tokens = try server.addUsers(ids)
        users = (0..<count).map { LoadUser(ids[$0], peer: ids[$0 ^ 1], token: tokens[$0], seed: $0, self) }
    }

    /// Nobody waits to be in their channels.
    var isReady: Bool { users.allSatisfy { $0.waitsSince == nil } }

    /// Of all users together: messages that were stored and have not reached them.
    var missing: Int {
        users.indices.reduce(0) { sum, index in
            let (mine, other) = (users[index].conversation, users[index ^ 1].conversation)
            return sum + mine.acknowledged + other.acknowledged - mine.count
        }
    }

    /// Does what is planned, and all that comes of it, until `isOver`, which is asked twenty times a second, or until the
    /// time is up.
    func follow(_ plan: Plan, atMost seconds: Double, until isOver: () -> Bool = { false }) throws {
        let start = now()
        var rest = plan.sorted { $0.at < $1.at }[...]
        var ticked = 0.0
        while true {
            let time = now()
            while let next = rest.first, start + next.at <= time {
                rest.removeFirst()
                act(next.act, users[next.user])
            }
            if time - ticked >= 0.05 {
                ticked = time
                try server.process.expectRunning()
                for user in users { user.tick(.nanoseconds(Int(time * 1e9))) }
                let due = again.prefix { $0.at <= time }
                again.removeFirst(due.count)
                for each in due { each.work() }
                if time - start >= seconds || isOver() { return }
            }
            wires.turn(atMost: min(rest.first.map { start + $0.at } ?? .infinity, ticked + 0.05) - time)
        }
    }

    /// Until everybody is ready and has everything that was said, ten seconds at most.
    func settle() throws {
        try follow([], atMost: 10) { isReady && messages.open == 0 && again.isEmpty && missing == 0 }
    }

    private func act(_ act: Act, _ user: LoadUser) {
        switch act {
        case .come: user.come()
        case .leave: user.leave()
        case .say where user.isHere:
            said += 1
            post(LoadConversation.text(at: now()), "load-\(said)", user)
        case .say: break
        }
    }

    /// Until it is stored, with the same `client_id` each time.
    private func post(_ text: String, _ clientID: String, _ user: LoadUser) {
        let began = now()
        var members: [(String, JSON)] = [("client_id", .string(clientID)), ("text", .string(text))]
        if let socket = user.socketID { members.append(("socket_id", .string(socket.text))) }
        messages.call(
            "POST", "/api/conversations/\(user.conversation.peer)/messages", token: user.token,
            body: JSON.object(JSONObject(members)).text
        ) { [self] answer in
            guard let answer, 200...201 ~= answer.status, let seq = answer.body["seq"]?.int else {
                return fail("POST", answer) { [self] in post(text, clientID, user) }
            }
            tally.posts.append(now() - began)
            tally.messages += 1
            user.conversation.acknowledge(seq)
        }
    }

    /// What was said while the user was not there.
    func fetch(_ user: LoadUser) {
        messages.call(
            "GET", "/api/conversations/\(user.conversation.peer)/messages?after=\(user.conversation.upTo)&limit=200",
            token: user.token
        ) { [self] answer in
            guard let page = answer?.body["messages"]?.array else {
                return fail("GET", answer) { [self] in fetch(user) }
            }
            user.conversation.read(page)
        }
    }

    private func fail(_ what: String, _ answer: CallPool.Answer?, _ work: @escaping () -> Void) {
        tally.count(answer.map { "\(what) \($0.status)" } ?? "\(what) lost")
        again.append((now() + Self.patience, work))
    }
}
