import ChannelsClient
import ChannelsEngine
import ChannelsProtocol

/// Several connections and one engine, joined without a socket: frames arrive at once and in order, time is virtual,
/// and the authorization endpoint is a signer.
struct Loopback {
    struct User {
        let id: String
        var connection: Connection
        var notices: [ChannelNotice] = []
        /// The engine's number of the socket in use, and the connection's.
        var socket: Socket?
        var attempt = 0
    }

    var engine: Engine
    var users: [User] = []
    var now: Duration = .zero
    /// What the endpoint says; nil is a signature.
    var refusal: AuthorizationFailure?
    /// Whether new sockets can be opened.
    var isReachable = true
    private var lastSocket: Socket = 0
    private let signer = Signer(key: "key", secret: "secret")
    private let masterKey = [UInt8](repeating: 7, count: 32)
    private var seed: UInt64 = 100

    init(_ change: (inout Limits, inout EngineApp.Features) -> Void = { _, _ in }) {
        var limits = Limits()
        var features = EngineApp.Features()
        change(&limits, &features)
        engine = Engine(
            app: EngineApp(id: "1", key: "key", secret: "secret", limits: limits, features: features), seed: 9)
    }

    /// Adds a user who is connected; returns their place in `users`.
    mutating func join(_ id: String, _ channels: ChannelName...) -> Int {
        seed += 1
        users.append(User(id: id, connection: Connection(seed: seed)))
        let user = users.count - 1
        for channel in channels { subscribe(user, channel) }
        perform(user, users[user].connection.start(now: now))
        return user
    }

    mutating func subscribe(_ user: Int, _ channel: ChannelName) {
        perform(user, users[user].connection.subscribe(channel, now: now))
    }

    mutating func unsubscribe(_ user: Int, _ channel: ChannelName) {
        perform(user, users[user].connection.unsubscribe(channel, now: now))
    }

    mutating func trigger(_ user: Int, _ event: String, on channel: ChannelName, _ data: JSON) throws {
        perform(user, try users[user].connection.trigger(event, on: channel, data: data, now: now))
    }

    mutating func publish(_ name: String, _ data: String, on channel: ChannelName, excluding: SocketID? = nil) throws {
        let event = PublishedEvent(name: name, data: data, channels: [channel], excluding: excluding)
        perform(try engine.trigger(event, now: now))
    }

    /// What a user was told since the last time, in short.
    mutating func take(_ user: Int) -> [ChannelNotice] {
        defer { users[user].notices = [] }
        return users[user].notices
    }

    /// The network of one user goes away: neither side is told.
    mutating func cutSilently(_ user: Int) { users[user].socket = nil }

    /// The network of one user breaks: both sides see it.
    mutating func cut(_ user: Int) {
        guard let socket = users[user].socket else { return }
        users[user].socket = nil
        let attempt = users[user].attempt
        perform(engine.disconnect(socket, now: now))
        perform(user, users[user].connection.socketClosed(attempt: attempt, code: nil, reason: "", now: now))
    }

    mutating func advance(_ time: Duration) {
        let end = now + time
        while let due = ([engine.deadline] + users.map(\.connection.deadline)).compactMap({ $0 }).min(), due <= end {
            now = max(now, due)
            perform(engine.tick(now: now))
            for user in users.indices { perform(user, users[user].connection.tick(now: now)) }
        }
        now = end
    }

    func roster(_ user: Int, _ channel: ChannelName = "presence-lobby") -> [String] {
        users[user].connection.members(of: channel)?.ids.sorted() ?? []
    }

    mutating func perform(_ outputs: [EngineOutput]) {
        for output in outputs {
            switch output {
            case .send(let text, let sockets):
                for socket in sockets {
                    guard let user = users.firstIndex(where: { $0.socket == socket }) else { continue }
                    let attempt = users[user].attempt
                    perform(user, users[user].connection.received(text, attempt: attempt, now: now))
                }
            case .close(let socket, let code, let reason):
                guard let user = users.firstIndex(where: { $0.socket == socket }) else { continue }
                users[user].socket = nil
                let attempt = users[user].attempt
                perform(
                    user,
                    users[user].connection.socketClosed(attempt: attempt, code: code, reason: reason, now: now))
            case .webhook: break
            }
        }
    }

    mutating func perform(_ user: Int, _ outputs: [ConnectionOutput]) {
        for output in outputs {
            switch output {
            case .notice(let notice): users[user].notices.append(notice)
            case .send(let text):
                if let socket = users[user].socket { perform(engine.receive(text, from: socket, now: now)) }
            case .open(let attempt): open(user, attempt)
            case .close(let attempt, _):
                guard attempt == users[user].attempt, let socket = users[user].socket else { continue }
                users[user].socket = nil
                perform(engine.disconnect(socket, now: now))
            case .authorize(let channel, let socketID): authorize(user, channel, socketID)
            case .authenticateUser(let socketID):
                let data = (["id": .string(users[user].id)] as JSON).text
                let answer = UserAuthentication(auth: signer.user(socketID: socketID, userData: data), userData: data)
                perform(
                    user,
                    users[user].connection.userAuthenticated(socketID: socketID, .success(answer), now: now))
            }
        }
    }

    private mutating func open(_ user: Int, _ attempt: Int) {
        users[user].attempt = attempt
        guard isReachable else {
            perform(
                user,
                users[user].connection.socketClosed(
                    attempt: attempt, code: nil, reason: "connection refused", now: now))
            return
        }
        lastSocket += 1
        users[user].socket = lastSocket
        perform(user, users[user].connection.socketOpened(attempt: attempt, now: now))
        perform(engine.connect(lastSocket, now: now))
    }

    private mutating func authorize(_ user: Int, _ channel: ChannelName, _ socketID: SocketID) {
        let result: Result<Authorization, AuthorizationFailure>
        if let refusal {
            result = .failure(refusal)
        } else {
            let member = Member(id: users[user].id, info: ["name": .string("user \(users[user].id)")])
            let data = channel.kind.isPresence ? member.json.text : nil
            let cipher = channel.kind.isEncrypted ? ChannelCipher(masterKey: masterKey, channel: channel) : nil
            result = .success(
                Authorization(
                    auth: signer.channel(channel, socketID: socketID, channelData: data), channelData: data,
                    sharedSecret: cipher?.sharedSecret))
        }
        perform(user, users[user].connection.authorized(channel, socketID: socketID, result, now: now))
    }

    /// What an application server publishes on an encrypted channel.
    func sealed(_ text: String, for channel: ChannelName) -> String {
        ChannelCipher(masterKey: masterKey, channel: channel)?
            .seal(text, nonce: [UInt8](repeating: 3, count: 24)) ?? ""
    }
}
