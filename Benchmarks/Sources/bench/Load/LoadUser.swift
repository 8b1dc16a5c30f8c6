import ChannelsClient
import ChannelsProtocol

/// One connected user: the program's own client core, a WebSocket, and what is known of the one conversation.
///
/// The roster is counted and not kept: of so many clients in one process nobody could hold all of them.
final class LoadUser {
    static let lobby: ChannelName = "presence-lobby"
    private static let roster = Array(
        #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby""#.utf8)
    private static let change = Array(#"{"event":"pusher_internal:member_"#.utf8)
    private static let emptyRoster = ServerEvent.subscriptionSucceeded(
        lobby, presence: PresenceSnapshot(members: [])
    ).text

    let id: String
    let token: String
    private let chat: ChannelName
    private unowned let crowd: Crowd
    private var connection: Connection
    private var wire: Wire?
    private var attempt = 0
    private var isUpgraded = false
    /// Bytes of a frame that has not come whole.
    private var rest: [UInt8] = []
    /// Since when it wants to be connected and is not in all its channels.
    private(set) var waitsSince: Double?
    private(set) var isHere = false
    var conversation: LoadConversation

    init(_ id: String, peer: String, token: String, seed: Int, _ crowd: Crowd) {
        self.id = id
        self.token = token
        self.crowd = crowd
        chat = ChannelName(wire: "private-chat-\(min(id, peer))-\(max(id, peer))")
        conversation = LoadConversation(peer: peer)
        connection = Connection(seed: UInt64(seed))
        for channel in [Self.lobby, ChannelName(wire: "private-user-\(id)"), chat] {
            perform(connection.subscribe(channel, now: .zero))
        }
    }

    /// The socket in use as the desk knows it.
    var socketID: SocketID? { connection.status.socketID }

    func come() {
        isHere = true
        waitsSince = now()
        perform(connection.start(now: moment()))
    }

    func leave() {
        isHere = false
        waitsSince = nil
        perform(connection.stop(now: moment()))
    }

    /// The network is gone, without a word.
    func cut() {
        guard isHere else { return }
        drop()
        waitsSince = now()
        perform(connection.socketClosed(attempt: attempt, code: nil, reason: "cut", now: moment()))
    }

    func tick(_ time: Duration) {
        if let deadline = connection.deadline, deadline <= time { perform(connection.tick(now: time)) }
    }

    private func moment() -> Duration { .nanoseconds(Int(now() * 1e9)) }

    private func perform(_ outputs: [ConnectionOutput]) {
        for output in outputs {
            switch output {
            case .open(let attempt): open(attempt)
            case .send(let text): wire?.send(EngineServer.frame(text))
            case .close(_, let code):
                wire?.send([0x88, 0x82, 0, 0, 0, 0, UInt8(code >> 8), UInt8(code & 255)])
                drop()
            case .authorize(let channel, let socketID): authorize(channel, socketID)
            case .notice(let notice): note(notice)
            case .authenticateUser: break
            }
        }
    }

    private func note(_ notice: ChannelNotice) {
        switch notice {
        case .subscribed(let channel, _):
            if channel == chat { crowd.fetch(self) }
            guard let since = waitsSince,
                connection.channels.allSatisfy({ connection.subscription($0) == .subscribed })
            else { return }
            crowd.tally.ready.append(now() - since)
            waitsSince = nil
        case .event(chat, name: "new_message", let data, _): conversation.hear(data, into: &crowd.tally)
        case .subscriptionFailed(_, let reason, _): crowd.tally.count("not subscribed: \(reason)")
        case .status(.refused(let reason)): crowd.tally.count("refused: \(reason)")
        case .error(let code, _): crowd.tally.count("engine error \(code ?? 0)")
        default: break
        }
    }

    private func authorize(_ channel: ChannelName, _ socketID: SocketID) {
        let form: HTTPQuery = ["socket_id": socketID.text, "channel_name": channel.text]
        crowd.authorizations.call(
            "POST", "/pusher/auth", token: token, type: "application/x-www-form-urlencoded", body: form.text
        ) { [self] answer in
            let result: Result<Authorization, AuthorizationFailure>
            if let auth = answer?.body["auth"]?.string {
                result = .success(Authorization(auth: auth, channelData: answer?.body["channel_data"]?.string))
            } else {
                let status = answer?.status ?? 0
                result = .failure(.refused(status: status == 0 ? 503 : status, message: "POST /pusher/auth \(status)"))
            }
            perform(connection.authorized(channel, socketID: socketID, result, now: moment()))
        }
    }
}

extension LoadUser {
    private func open(_ attempt: Int) {
        self.attempt = attempt
        isUpgraded = false
        do {
            wire = try crowd.wires.connect { [unowned self] in heard($0) }
            wire?.send(crowd.server.handshake)
        } catch {
            lost(nil, "\(error)")
        }
    }

    private func drop() {
        if let wire { crowd.wires.close(wire) }
        wire = nil
        rest = []
    }

    private func lost(_ code: UInt16?, _ why: String) {
        drop()
        crowd.tally.count(why)
        if waitsSince == nil { waitsSince = now() }
        perform(connection.socketClosed(attempt: attempt, code: code, reason: why, now: moment()))
    }

    private func heard(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes else { return lost(nil, "socket lost") }
        crowd.tally.bytes += bytes.count
        connection.socketActive(attempt: attempt, now: moment())
        var whole = rest
        rest = []
        whole += bytes
        let socket = wire
        let used = whole.withUnsafeBytes { take($0, from: socket) }
        if wire === socket, used < whole.count { rest = Array(whole[used...]) }
    }

    /// Reads whole frames, as long as the socket is in use; how many bytes they were.
    private func take(_ bytes: UnsafeRawBufferPointer, from socket: Wire?) -> Int {
        var index = 0
        if !isUpgraded {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return 0 }
            isUpgraded = true
            index = end.upperBound
            perform(connection.socketOpened(attempt: attempt, now: moment()))
        }
        while wire === socket, index + 2 <= bytes.count {
            var size = Int(bytes[index + 1])
            var start = index + 2
            if size >= 126 {
                start += size == 126 ? 2 : 8
                guard start <= bytes.count else { break }
                size = bytes[(index + 2)..<start].reduce(0) { $0 << 8 | Int($1) }
            }
            guard start + size <= bytes.count else { break }
            take(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + size)]), kind: bytes[index] & 15)
            index = start + size
        }
        return index
    }

    private func take(_ frame: UnsafeRawBufferPointer, kind: UInt8) {
        if kind == 8 {
            let code = frame.count < 2 ? nil : UInt16(frame[0]) << 8 | UInt16(frame[1])
            return lost(code, "closed with \(code ?? 0)")
        }
        guard kind == 1 else { return }
        crowd.tally.frames += 1
        if frame.starts(Self.change) { return }
        let text = frame.starts(Self.roster) ? Self.emptyRoster : String(decoding: frame, as: UTF8.self)
        perform(connection.received(text, attempt: attempt, now: moment()))
    }
}
