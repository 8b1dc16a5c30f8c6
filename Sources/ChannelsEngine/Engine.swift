// ChannelsEngine: the server's half of the protocol for one app, as a state machine. Verbs in, outputs out.
// It knows no socket, no clock and no random source: sockets are the listener's numbers, `now` is any monotonic time.
// A new frame from clients: `ClientFrame` (ChannelsProtocol), then `Engine+Frames`. A new limit: `Limits`, and a refusal
// where it is met. A new answer of the HTTP API: `Engine+API`.

package import ChannelsProtocol

/// Who is connected, who is in which channel, and what everybody is told.
///
/// Within one call everything is one step: a joining member is announced to the others before its roster goes out, and
/// nobody hears of a channel before the frame that says they are in it. Give all calls of an app to one executor.
package struct Engine: Equatable, Sendable {
    package let app: EngineApp
    var sockets: [Socket: EngineSocket] = [:]
    var socketsByID: [SocketID: Socket] = [:]
    var channels: [ChannelName: EngineChannel] = [:]
    /// The sockets of each signed-in user.
    var users: [WireText: Set<Socket>] = [:]
    /// Who watches whom: by the watched user's id.
    var watchers: [WireText: Set<Socket>] = [:]
    var wheel = Wheel()
    var linger = Linger()
    /// Channels whose subscribers are to be told a count, and when.
    var countsDue: [ChannelName: Duration] = [:]
    var cacheSweepAt = 1_000
    var isDraining = false
    /// Who is still to be closed by a drain, the first last.
    var closing: [Closing] = []
    private var seed: UInt64

    struct Closing: Equatable, Sendable {
        let socket: Socket
        let due: Duration
    }

    var limits: Limits { app.limits }

    /// - Parameter seed: makes the socket ids; no two engines at one place may share it.
    package init(app: EngineApp, seed: UInt64) {
        self.app = app
        self.seed = seed
    }

    /// How many connections there are.
    package var connectionCount: Int { sockets.count }

    package func socketID(of socket: Socket) -> SocketID? { sockets[socket]?.id }

    package func socket(_ id: SocketID) -> Socket? { socketsByID[id] }

    /// A connection stands: it is greeted, or refused and closed.
    package mutating func connect(_ socket: Socket, now: Duration) -> [EngineOutput] {
        if isDraining { return refuse(socket, .reconnect, "the server is restarting") }
        guard app.features.isEnabled else { return refuse(socket, .appDisabled, "Application disabled") }
        if let limit = limits.connections, sockets.count >= limit {
            return refuse(socket, .overQuota, "Account over quota: \(limit) connections")
        }
        guard sockets[socket] == nil else { return [] }
        let id = newSocketID()
        sockets[socket] = EngineSocket(id: id, now: now)
        socketsByID[id] = socket
        let firstLook =
            app.features.requiresAuthorization
            ? min(limits.activityTimeout, limits.signInTimeout) : limits.activityTimeout
        wheel.insert(socket, at: now + firstLook)
        let greeting = ServerEvent.connectionEstablished(socketID: id, activityTimeout: limits.activityTimeout)
        return [.send(greeting.text, to: [socket])]
    }

    /// A connection is gone, for whatever reason.
    package mutating func disconnect(_ socket: Socket, now: Duration) -> [EngineOutput] {
        forget(socket, now: now)
    }

    /// A control frame came: a sign of life like any other frame, and counted like any other.
    package mutating func activity(_ socket: Socket, now: Duration) -> [EngineOutput] {
        guard sockets[socket] != nil else { return [] }
        sockets[socket]?.lastHeard = now
        sockets[socket]?.pingedAt = nil
        let limit = limits.framesPerSecond
        guard sockets[socket]?.frames.allows(limit, now: now) == true else {
            return close(socket, .overCapacity, "more than \(limit ?? 0) frames a second", now: now)
        }
        return []
    }

    /// The error frame and the close frame that carry a code to somebody who is not let in.
    package func refuse(_ socket: Socket, _ code: CloseCode, _ message: String) -> [EngineOutput] {
        [
            .send(ServerEvent.error(code: Int(code.rawValue), message: message, channel: nil).text, to: [socket]),
            .close(socket, code: code.rawValue, reason: message),
        ]
    }

    /// Every connection is closed with 4200 and new ones are turned away. Nobody is told of those who leave, and what
    /// they still say is not heard.
    ///
    /// - Parameter time: the closing is spread over it, by `tick`, so that not all come back in the same moment.
    package mutating func drain(now: Duration, over time: Duration = .zero) -> [EngineOutput] {
        isDraining = true
        let leaving = sockets.keys.sorted()
        for (index, socket) in leaving.enumerated() {
            closing.append(Closing(socket: socket, due: now + time * index / max(leaving.count, 1)))
        }
        closing.reverse()
        sockets.removeAll()
        socketsByID.removeAll()
        channels.removeAll()
        users.removeAll()
        watchers.removeAll()
        countsDue.removeAll()
        wheel = Wheel()
        linger = Linger()
        return closeDrained(now: now)
    }

    mutating func closeDrained(now: Duration) -> [EngineOutput] {
        var outputs: [EngineOutput] = []
        while let next = closing.last, next.due <= now {
            closing.removeLast()
            outputs.append(
                .close(
                    next.socket, code: CloseCode.reconnect.rawValue,
                    reason: "the server is restarting; please reconnect"))
        }
        return outputs
    }

    /// Ends a connection from this side, with everything that follows from it.
    mutating func close(_ socket: Socket, _ code: CloseCode, _ reason: String, now: Duration) -> [EngineOutput] {
        [.close(socket, code: code.rawValue, reason: reason)] + forget(socket, now: now)
    }

    /// Takes a socket out of everything, and tells who is to know. Every kind of exit comes by here.
    private mutating func forget(_ socket: Socket, now: Duration) -> [EngineOutput] {
        guard let gone = sockets.removeValue(forKey: socket) else { return [] }
        socketsByID[gone.id] = nil
        var outputs: [EngineOutput] = []
        for channel in gone.channels.sorted() { leave(channel, socket, now: now, into: &outputs) }
        signOut(socket, gone.user, into: &outputs)
        return outputs
    }

    private mutating func newSocketID() -> SocketID {
        while true {
            let id = SocketID(random() % 1_000_000_000 + 1, random() % 1_000_000_000 + 1)
            if socketsByID[id] == nil { return id }
        }
    }

    /// SplitMix64.
    private mutating func random() -> UInt64 {
        seed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = seed
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
