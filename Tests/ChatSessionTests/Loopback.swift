import ChannelsEngine
import ChannelsProtocol
import Chat

@testable import ChatSession

/// Sessions, an engine and a desk of values in one room: no socket, no disk, and a clock of the test's own.
struct Loopback {
    struct Client {
        var session: Session
        var socket: Socket?
        var attempt = 0
        var notices: [ChatNotice] = []
        /// What the client's disk holds, oldest first.
        var outbox: [OutgoingMessage] = []
        /// Whether the network lets anything through.
        var isReachable = true

        /// The messages its listeners were told of since it was started.
        var heard: [String] {
            notices.compactMap { if case .message(let message) = $0 { message.id } else { nil } }
        }
    }

    var engine: Engine
    var desk = DeskModel()
    var clients: [UserID: Client] = [:]
    var now = Moment(uptime: .seconds(1000), date: Timestamp(milliseconds: 1_800_000_000_000))
    private var owner: [Socket: UserID] = [:]
    private var lastSocket: Socket = 0
    private var restarts: UInt64 = 0
    private var todo: [(UserID, SessionEvent)] = []

    init() {
        engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret"), seed: 7)
    }

    mutating func start(_ user: UserID, lobby: Bool = true) {
        let number = UInt64(clients.count + 1)
        clients[user] = Client(
            session: Session(settings: SessionSettings(joinsLobby: lobby), seed: (number, number &* 77)))
        post(user, .started(as: nil))
    }

    mutating func want(_ user: UserID, _ command: ChatCommand) { post(user, .command(command)) }

    mutating func say(_ user: UserID, _ text: String, to name: ConversationName) {
        want(user, .send(name, text: text, clientID: ""))
    }

    /// The connection breaks without a word, and nothing gets through until `mend`.
    mutating func cut(_ user: UserID) {
        clients[user]?.isReachable = false
        dropSocket(user, code: nil)
        settle()
    }

    /// The terminal is killed and started again; its disk stays.
    mutating func restart(_ user: UserID) {
        guard var client = clients[user] else { return }
        dropSocket(user, code: nil)
        todo.removeAll { $0.0 == user }
        restarts += 1
        let number = restarts &* 1_000
        client.session = Session(seed: (number &+ 5, number &* 31))
        client.socket = nil
        client.attempt = 0
        client.notices = []
        clients[user] = client
        post(user, .started(as: nil))
    }

    mutating func mend(_ user: UserID) { clients[user]?.isReachable = true }

    mutating func advance(by time: Duration) {
        let end = now.uptime + time
        while true {
            let next = ([engine.deadline] + clients.values.map(\.session.deadline)).compactMap(\.self).min() ?? end
            let step = max(.zero, min(next, end) - now.uptime)
            now.uptime += step
            now.date.milliseconds += Int64(step / .milliseconds(1))
            carry(engine.tick(now: now.uptime))
            for user in clients.keys.sorted() {
                let effects = clients[user]!.session.tick(now: now)
                perform(effects, of: user)
            }
            settle()
            if now.uptime >= end { return }
        }
    }

    func chat(_ user: UserID) -> ChatState { clients[user]!.session.chat }

    func texts(_ user: UserID, _ name: ConversationName) -> [String] {
        chat(user).conversation(name).messages.map { $0.text ?? "-" }
    }

    mutating func post(_ user: UserID, _ event: SessionEvent) {
        todo.append((user, event))
        settle()
    }

    private mutating func settle() {
        var steps = 0
        while !todo.isEmpty {
            steps += 1
            precondition(steps < 100_000, "the sessions never come to rest")
            let (user, event) = todo.removeFirst()
            guard clients[user] != nil else { continue }
            let effects = clients[user]!.session.handle(event, now: now)
            perform(effects, of: user)
        }
    }

    private mutating func perform(_ effects: [SessionEffect], of user: UserID) {
        for effect in effects {
            switch effect {
            case .openStore:
                todo.append(
                    (user, .restored(SavedState(outbox: clients[user]!.outbox))))
            case .save(let writes):
                for write in writes {
                    switch write {
                    case .putOutbox(let message):
                        let index = clients[user]!.outbox.firstIndex { $0.clientID == message.clientID }
                        if let index {
                            clients[user]!.outbox[index] = message
                        } else {
                            clients[user]!.outbox.append(message)
                        }
                    case .removeOutbox(let id): clients[user]!.outbox.removeAll { $0.clientID == id }
                    case .saveDraft, .saveOpen: break
                    }
                }
                todo.append((user, .saved(writes)))
            case .openSocket(let attempt, _): openSocket(user, attempt)
            case .sendText(let text):
                if let socket = clients[user]!.socket { carry(engine.receive(text, from: socket, now: now.uptime)) }
            case .closeSocket(_, let code): dropSocket(user, code: code)
            case .request(let id, let request): answer(user, id, request)
            case .notice(let notice): clients[user]!.notices.append(notice)
            case .log: break
            }
        }
    }

    private mutating func openSocket(_ user: UserID, _ attempt: Int) {
        clients[user]!.attempt = attempt
        guard clients[user]!.isReachable else {
            todo.append((user, .socketClosed(attempt: attempt, code: nil, reason: "no way through")))
            return
        }
        lastSocket += 1
        clients[user]!.socket = lastSocket
        owner[lastSocket] = user
        todo.append((user, .socketOpened(attempt: attempt)))
        carry(engine.connect(lastSocket, now: now.uptime))
    }

    private mutating func dropSocket(_ user: UserID, code: UInt16?) {
        guard let socket = clients[user]!.socket else { return }
        clients[user]!.socket = nil
        owner[socket] = nil
        carry(engine.disconnect(socket, now: now.uptime))
        todo.append((user, .socketClosed(attempt: clients[user]!.attempt, code: code, reason: "cut")))
    }

    private mutating func answer(_ user: UserID, _ id: Int, _ request: DeskRequest) {
        guard clients[user]!.isReachable else {
            todo.append((user, .unanswered(request: id, reason: "no way through")))
            return
        }
        let (status, body) = desk.answer(request, from: user, at: now.date)
        for event in desk.published {
            let published = PublishedEvent(
                name: event.name, data: event.data.text, channels: [ChannelName(wire: event.channel)],
                excluding: event.excluding.flatMap { SocketID($0) })
            if let outputs = try? engine.trigger(published, now: now.uptime) { carry(outputs) }
        }
        desk.published = []
        todo.append((user, .answered(request: id, status: status, retryAfter: nil, body: body)))
    }

    private mutating func carry(_ outputs: [EngineOutput]) {
        for output in outputs {
            switch output {
            case .send(let text, let sockets):
                for socket in sockets {
                    guard let user = owner[socket] else { continue }
                    todo.append((user, .socketText(attempt: clients[user]!.attempt, text)))
                }
            case .close(let socket, let code, let reason):
                guard let user = owner.removeValue(forKey: socket) else { continue }
                clients[user]!.socket = nil
                todo.append((user, .socketClosed(attempt: clients[user]!.attempt, code: code, reason: reason)))
            default: break
            }
        }
    }
}

let alice = UserID("alice")!
let bob = UserID("bob")!
let carol = UserID("carol")!
let aliceBob = ConversationName(alice, bob)!
