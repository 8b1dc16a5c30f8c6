import ChannelsEngine
import ChannelsProtocol

/// One engine, raw clients with names, a virtual clock, and what each of them has been sent.
struct Room {
    var engine: Engine
    var now: Duration = .zero
    private(set) var heard: [Socket: [String]] = [:]
    private(set) var closed: [Socket: UInt16] = [:]
    private(set) var webhooks: [WebhookEvent] = []
    private var lastSocket: Socket = 0

    static let key = "278d425bdf160c739803"
    static let secret = "7ad3773142a6692b25b8"
    let signer = Signer(key: key, secret: secret)

    init(_ change: (inout Limits, inout EngineApp.Features) -> Void = { _, _ in }) {
        var limits = Limits()
        // Tests let minutes pass in which nobody says anything.
        limits.activityTimeout = .seconds(120)
        var features = EngineApp.Features()
        change(&limits, &features)
        engine = Engine(
            app: EngineApp(id: "3", key: Room.key, secret: Room.secret, limits: limits, features: features), seed: 1)
    }

    mutating func perform(_ outputs: [EngineOutput]) {
        for output in outputs {
            switch output {
            case .send(let text, let sockets): for socket in sockets { heard[socket, default: []].append(text) }
            case .close(let socket, let code, _): closed[socket] = code
            case .webhook(let event): webhooks.append(event)
            }
        }
    }

    /// What a socket was sent since the last time it was asked.
    mutating func take(_ socket: Socket) -> [String] { heard.removeValue(forKey: socket) ?? [] }

    mutating func events(_ socket: Socket) -> [ServerEvent] {
        take(socket).map { (try? ServerEvent(decoding: $0)) ?? .unknown(name: $0) }
    }

    mutating func takeWebhooks() -> [WebhookEvent] {
        defer { webhooks = [] }
        return webhooks
    }

    mutating func connect() -> Socket {
        lastSocket += 1
        perform(engine.connect(lastSocket, now: now))
        return lastSocket
    }

    /// A connected socket whose greeting has been read.
    mutating func client() -> Socket {
        let socket = connect()
        _ = take(socket)
        return socket
    }

    mutating func say(_ frame: ClientFrame, _ socket: Socket) { say(frame.text, socket) }

    mutating func say(_ text: String, _ socket: Socket) { perform(engine.receive(text, from: socket, now: now)) }

    func id(_ socket: Socket) -> SocketID { engine.socketID(of: socket)! }

    mutating func subscribe(_ socket: Socket, _ channel: ChannelName, data: String? = nil) {
        let auth =
            channel.kind.needsAuthorization
            ? signer.channel(channel, socketID: id(socket), channelData: data) : nil
        say(.subscribe(channel, auth: auth, channelData: data), socket)
    }

    mutating func enter(_ socket: Socket, _ channel: ChannelName, as id: String, info: JSON? = nil) {
        subscribe(socket, channel, data: Member(id: id, info: info).json.text)
    }

    mutating func signIn(_ socket: Socket, _ userData: String) {
        say(.signIn(auth: signer.user(socketID: id(socket), userData: userData), userData: userData), socket)
    }

    mutating func leave(_ socket: Socket) { perform(engine.disconnect(socket, now: now)) }

    mutating func publish(
        _ name: String, _ data: String, on channels: [ChannelName], excluding: SocketID? = nil
    ) throws {
        let event = PublishedEvent(name: name, data: data, channels: channels, excluding: excluding)
        perform(try engine.trigger(event, now: now))
    }

    /// Lets time pass and everything happen that falls due in it.
    mutating func advance(_ time: Duration) {
        let end = now + time
        while let due = engine.deadline, due <= end {
            now = max(now, due)
            perform(engine.tick(now: now))
        }
        now = end
        perform(engine.tick(now: now))
    }

    /// Answers a signed request to the HTTP API.
    mutating func ask(
        _ method: String, _ path: String, query: HTTPQuery = [:], body: String = ""
    ) -> (status: Int, body: String) {
        let request = signer.signed(
            APIRequest(method: method, path: path, query: query, body: body), timestamp: 1_000)
        let answer = engine.answer(request, unixTime: 1_000, now: now)
        perform(answer.outputs)
        return (answer.status, answer.body)
    }
}

func success(_ channel: ChannelName) -> ServerEvent { .subscriptionSucceeded(channel, presence: nil) }

func roster(_ channel: ChannelName, _ members: Member...) -> ServerEvent {
    .subscriptionSucceeded(channel, presence: PresenceSnapshot(members: members))
}

/// The message of the only event, if it is an error.
func message(_ events: [ServerEvent]) -> String? {
    guard events.count == 1, case .error(_, let message, nil) = events[0] else { return nil }
    return message
}
