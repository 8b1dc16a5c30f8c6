import Chat
import ChannelsClient
import ChannelsProtocol

/// The other programs of this account on this machine that live off this session's connection.
///
/// To each of them the session is a server of the Channels protocol: it greets, subscribes on their behalf and passes on
/// what comes. What they would say to others is dropped: whoever sits before this session speaks for the user.
struct Relay: Equatable, Sendable {
    /// A verb follows one conversation beside the inbox and the presence channel.
    static let maxChannels = 20

    struct Line: Equatable, Sendable {
        /// It knows the socket id. Before that nothing else is said to it.
        var isGreeted = false
        /// What it asked for.
        var wanted: Set<ChannelName> = []
        /// What it was told to be in.
        var joined: Set<ChannelName> = []
    }

    var lines: [Int: Line] = [:]

    func wants(_ channel: ChannelName) -> Bool { lines.values.contains { $0.wanted.contains(channel) } }
}

/// Why a line is ended here; codes of the range in which a client comes back at once.
package enum LineEnd: UInt16, Sendable {
    /// The connection it lived off is lost or given up: another may be there in a moment.
    case comeBack = 4200
    /// It is better off with a connection of its own.
    case standAlone = 4290
}

extension Session {
    mutating func lineOpened(_ line: Int, now: Moment) {
        relay.lines[line] = Relay.Line()
        switch connection.status {
        case .connected(let socketID): greet(line, socketID)
        // Each asks the desk for itself then.
        case .connecting where polling.isOn, .waiting where polling.isOn: endLine(line, .standAlone, now: now)
        case .connecting: break
        // Whoever asks for a connection does not want to wait for the next attempt.
        case .waiting: run(connection.reconnectNow(now: now.uptime), now: now)
        case .idle, .refused, .stopped: endLine(line, .standAlone, now: now)
        }
    }

    mutating func lineClosed(_ line: Int, now: Moment) {
        guard let gone = relay.lines.removeValue(forKey: line) else { return }
        for channel in gone.wanted.sorted() { release(channel, now: now) }
    }

    mutating func lineSaid(_ line: Int, _ text: String, now: Moment) {
        guard let known = relay.lines[line] else { return }
        guard known.isGreeted, let frame = try? ClientFrame(decoding: text) else {
            effects.append(.log("a program beside this one said what is no frame; it is cut off"))
            return endLine(line, .standAlone, now: now)
        }
        switch frame {
        case .ping: say(.pong, to: line)
        case .subscribe(let channel, _, _): join(line, channel, now: now)
        case .unsubscribe(let channel):
            guard relay.lines[line]?.wanted.remove(channel) != nil else { return }
            relay.lines[line]?.joined.remove(channel)
            release(channel, now: now)
        case .pong, .event, .signIn, .unsupported: break
        }
    }

    private mutating func join(_ line: Int, _ channel: ChannelName, now: Moment) {
        guard let known = relay.lines[line], !known.wanted.contains(channel) else { return }
        guard mayJoin(channel) else {
            return refuse(line, channel, "is no channel of this account", status: 403)
        }
        guard known.wanted.count < Relay.maxChannels else {
            return refuse(line, channel, "a line has at most \(Relay.maxChannels) channels", status: 429)
        }
        relay.lines[line]?.wanted.insert(channel)
        if connection.subscription(channel) == .subscribed {
            joined(line, channel, connection.members(of: channel))
        } else {
            run(connection.subscribe(channel, now: now.uptime), now: now)
        }
    }

    private func mayJoin(_ channel: ChannelName) -> Bool {
        guard let me = chat.me else { return false }
        if let owner = ConversationName.inboxOwner(channel: channel.description) { return owner == me }
        guard let name = conversation(of: channel) else { return false }
        return name.isRoom ? chat.room(name) != nil : name.includes(me)
    }

    /// Leaves a channel that neither this session nor a line wants any more.
    mutating func release(_ channel: ChannelName, now: Moment) {
        guard !ownChannels.contains(channel), !relay.wants(channel) else { return }
        run(connection.unsubscribe(channel, now: now.uptime), now: now)
    }

    // MARK: What the connection said

    /// Passes on to the lines what concerns them.
    mutating func pass(_ notice: ChannelNotice, now: Moment) {
        guard !relay.lines.isEmpty else { return }
        switch notice {
        case .status(let status): passStatus(status, now: now)
        case .subscribed(let channel, let members):
            for (line, known) in relay.lines where known.wanted.contains(channel) { joined(line, channel, members) }
        case .subscriptionFailed(let channel, let reason, let status):
            // What is tried again here is to be tried again there.
            let isRetried = if case .retrying = connection.subscription(channel) { true } else { false }
            for (line, known) in relay.lines where known.wanted.contains(channel) {
                refuse(line, channel, reason, status: status ?? (isRetried ? 503 : nil))
                relay.lines[line]?.wanted.remove(channel)
                relay.lines[line]?.joined.remove(channel)
            }
            release(channel, now: now)
        case .memberAdded(let channel, let member), .memberChanged(let channel, let member):
            say(.memberAdded(channel, member), in: channel)
        case .memberRemoved(let channel, let id): say(.memberRemoved(channel, id: id), in: channel)
        case .event(let channel, let name, let data, let userID):
            // A line has a key of its own.
            let data = channel.kind.isEncrypted ? connection.sealed(data, for: channel, nonce: ids.nonce()) : data
            guard let data else { return }
            say(.event(ChannelEvent(channel: channel, name: name, data: data, userID: userID)), in: channel)
        case .subscriptionCount, .cacheMiss, .undecryptable, .signedIn, .signInFailed, .watchlist, .error, .doubtful,
            .alive, .ignored:
            break
        }
    }

    private mutating func passStatus(_ status: ConnectionStatus, now: Moment) {
        switch status {
        case .connected(let socketID):
            for line in relay.lines.keys.sorted() { greet(line, socketID) }
        case .connecting, .waiting, .idle:
            // What they believe to be in is gone. Those who were not greeted yet wait on.
            for line in relay.lines.keys.sorted() where relay.lines[line]?.isGreeted == true {
                endLine(line, .comeBack, now: now)
            }
        case .refused, .stopped:
            endLines(status == .stopped ? .comeBack : .standAlone, now: now)
        }
    }

    mutating func endLines(_ end: LineEnd, now: Moment) {
        for line in relay.lines.keys.sorted() { endLine(line, end, now: now) }
    }

    private mutating func greet(_ line: Int, _ socketID: SocketID) {
        guard relay.lines[line]?.isGreeted == false else { return }
        relay.lines[line]?.isGreeted = true
        say(.connectionEstablished(socketID: socketID, activityTimeout: nil), to: line)
    }

    private mutating func joined(_ line: Int, _ channel: ChannelName, _ members: PresenceMembers?) {
        guard relay.lines[line]?.joined.insert(channel).inserted == true else { return }
        say(.subscriptionSucceeded(channel, presence: members.map { PresenceSnapshot(members: $0.all) }), to: line)
    }

    private mutating func refuse(_ line: Int, _ channel: ChannelName, _ reason: String, status: Int?) {
        say(.subscriptionError(channel, kind: "RelayError", message: reason, status: status), to: line)
    }

    private mutating func endLine(_ line: Int, _ end: LineEnd, now: Moment) {
        effects.append(.endLine(line, end))
        lineClosed(line, now: now)
    }

    private mutating func say(_ event: ServerEvent, in channel: ChannelName) {
        let listeners = relay.lines.filter { $0.value.joined.contains(channel) }.keys
        guard !listeners.isEmpty else { return }
        let text = event.text
        for line in listeners { effects.append(.sendLine(line, text)) }
    }

    private mutating func say(_ event: ServerEvent, to line: Int) { effects.append(.sendLine(line, event.text)) }
}
