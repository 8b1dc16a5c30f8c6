import ChannelsProtocol
import Chat
import ChatSession
import Dispatch
import Synchronization
import Transport

/// A presence channel of its own with many connections of one account in it, each of which sends in its turn while all
/// others listen. Nothing is stored and nobody else is in it.
final class BenchRoom: Sendable {
    private let channel: ChannelName
    private let count: Int
    private let state: Mutex<State>
    private let changed = DispatchSemaphore(value: 0)
    private let sockets = Mutex<[WebSocketConnection]>([])

    struct State: Sendable {
        var ids: [Int: SocketID] = [:]
        var subscribed: Set<Int> = []
        var problem: String?
        /// The turn that is measured, when it was sent, and what came.
        var turn = 0
        var sentAt: Duration = .zero
        var came: [Duration] = []
        var refused: String?
    }

    init(count: Int, name: String) {
        self.count = count
        channel = ChannelName(wire: "presence-bench-\(name)")
        state = Mutex(State())
    }

    /// Connects all and takes them into the room.
    func open(_ client: DeskClient, _ identity: Identity, within limit: Duration, _ progress: (Int) -> Void)
        throws(Failure)
    {
        let endpoint = try client.target.engine(of: identity)
        let end = Now.uptime + limit
        for index in 0..<count {
            let socket = WebSocketConnection.open(endpoint, timeout: limit) { [self] in hear($0, index) }
            sockets.withLock { $0.append(socket) }
        }
        for index in 0..<count {
            try wait(until: end, "\(index) of \(count) clients could connect") { $0.ids[index] != nil }
            guard let id = state.withLock({ $0.ids[index] }) else { continue }
            let auth = try client.ask(.authorize(channel, id)) { status, body throws(DeskFailure) in
                try DeskReply.done(status: status, body: body)
                return (try? JSON(parsing: body)) ?? .null
            }
            let frame = ClientFrame.subscribe(
                channel, auth: auth["auth"]?.string, channelData: auth["channel_data"]?.string)
            sockets.withLock { $0[index] }.send(frame.text)
            try wait(until: end, "\(index) of \(count) clients came into the room") { $0.subscribed.contains(index) }
            progress(index + 1)
        }
    }

    /// One client sends; returns after how long each of the others had it. Fewer than all where some were lost.
    func turn(_ number: Int, by index: Int, within limit: Duration) throws(Failure) -> [Duration] {
        let data: JSON = ["turn": JSON(number)]
        state.withLock { state in
            state.turn = number
            state.came = []
            state.refused = nil
            state.sentAt = Now.uptime
        }
        let frame = ClientFrame.event(name: "client-bench", channel: channel, data: data)
        sockets.withLock { $0[index] }.send(frame.text)
        let end = Now.uptime + limit
        while true {
            let (came, sentAt, problem) = state.withLock { ($0.came, $0.sentAt, $0.problem ?? $0.refused) }
            if let problem { throw Failure(.unavailable, problem) }
            if came.count >= count - 1 || Now.uptime >= end { return came.map { $0 - sentAt } }
            pause(until: end)
        }
    }

    func close() { sockets.withLock { $0.forEach { $0.close() } } }

    private func wait(until end: Duration, _ what: String, _ isDone: (State) -> Bool) throws(Failure) {
        while true {
            let (done, problem) = state.withLock { (isDone($0), $0.problem ?? $0.refused) }
            if let problem { throw Failure(.unavailable, "bench: \(problem)") }
            if done { return }
            guard Now.uptime < end else { throw Failure(.tryAgain, "bench: only \(what) in time") }
            pause(until: end)
        }
    }

    private func pause(until end: Duration) {
        let left = (end - Now.uptime).components
        let nanoseconds = Int(left.seconds) * 1_000_000_000 + Int(left.attoseconds / 1_000_000_000)
        _ = changed.wait(timeout: .now() + .nanoseconds(max(1, nanoseconds)))
    }

    private func hear(_ event: TransportEvent, _ index: Int) {
        switch event {
        case .opened, .control: return
        case .closed(let code, let reason):
            state.withLock {
                $0.problem = "a connection was closed (\(code.map(String.init) ?? "-") \(Text.shown(reason)))"
            }
        case .failed(let reason), .refused(_, let reason): state.withLock { $0.problem = reason }
        case .text(let text):
            let now = Now.uptime
            guard let event = try? ServerEvent(decoding: text) else { return }
            let isWaitedFor = state.withLock { state in
                switch event {
                case .connectionEstablished(let id, _): state.ids[index] = id
                case .subscriptionSucceeded: state.subscribed.insert(index)
                case .event(let event):
                    guard event.data["turn"]?.int == state.turn else { return false }
                    state.came.append(now)
                    return state.came.count == count - 1
                case .error(let code, let message, _):
                    state.refused = "the engine refused (\(code.map(String.init) ?? "-")): \(Text.shown(message))"
                case .subscriptionError(_, _, let message, _): state.refused = Text.shown(message)
                default: return false
                }
                return true
            }
            guard isWaitedFor else { return }
        }
        changed.signal()
    }
}
