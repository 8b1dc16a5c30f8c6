import ChannelsProtocol
import Chat
import ChatSession
import Dispatch
import Glibc
import Synchronization
import Transport

/// What those pay who ask a desk whether there is anything new: the same desk, and messages that are stored there.
struct PollingBench {
    let client: DeskClient
    let identity: Identity
    let peer: UserID
    /// How often each asks, and how many ask.
    let clients: Int

    /// The time from a message's being sent to the answer that holds it, for every message and client.
    ///
    /// - Parameters:
    ///   - interval: from one question to the next of the same client; the clients' questions are spread over it. Nil is
    ///     long polling: the desk holds each question until there is something, and the next follows at once.
    ///   - messages: sent one after the other at moments that fall anywhere in the interval.
    func run(every interval: Duration?, messages: Int, _ progress: (Int) -> Void) throws(Failure) -> Latencies {
        guard let name = ConversationName(identity.id, peer) else { throw Failure(.usage, "bench: PEER is yourself") }
        let place = Place.peer(peer)
        let start = try client.ask(.page(place, .newest, limit: 1)) { status, body throws(DeskFailure) in
            try DeskReply.page(status: status, body: body, in: name).last
        }
        let board = Board()
        let pollers = (0..<clients).map { index in
            Poller(
                client.target, place, name, after: start, board, interval: interval,
                offset: (interval ?? .zero) * index / clients)
        }
        defer { pollers.forEach { $0.stop() } }
        pollers.forEach { $0.start() }
        // Until those who are held are: what was sent before would only measure how they connect.
        if interval == nil { _ = client.pause(.seconds(1)) }
        let clientID = Send.newID()
        for index in 0..<messages {
            let at = Now.uptime
            board.sent.withLock { $0[start + index + 1] = at }
            let id = clientID.dropLast(4) + String(String(10_000 + index).suffix(4))
            try client.ask(
                .send(
                    place, text: "bench \(index + 1) of \(messages)", clientID: String(id), socketID: nil,
                    marks: .automated(true))
            ) { status, body throws(DeskFailure) in try DeskReply.message(status: status, body: body, in: name) }
            // A step that shares no factor with the interval meets every part of it.
            let gap = (interval ?? .milliseconds(80)) * 37 / 100 + .milliseconds(7)
            guard client.pause(gap) else { throw Failure(.tryAgain, "bench: the comparison took too long") }
            progress(index + 1)
        }
        _ = client.pause((interval ?? .zero) + .milliseconds(300))
        return Latencies(board.latencies.withLock { $0 })
    }

    final class Board: Sendable {
        let sent = Mutex<[Int: Duration]>([:])
        let latencies = Mutex<[Double]>([])

        func saw(_ seqs: [Int], at now: Duration) {
            let found = sent.withLock { sent in seqs.compactMap { sent[$0] } }
            latencies.withLock { $0 += found.map { (now - $0) / .milliseconds(1) } }
        }
    }

    /// One client that asks, on a thread of the network's.
    final class Poller: Sendable {
        private let caller: HTTPCaller
        private let place: Place
        private let name: ConversationName
        private let board: Board
        private let interval: Duration?
        private let offset: Duration
        private let after: Mutex<Int>
        private let isStopped = Mutex(false)

        init(
            _ target: Target, _ place: Place, _ name: ConversationName, after: Int, _ board: Board, interval: Duration?,
            offset: Duration
        ) {
            caller = target.caller()
            self.place = place
            self.name = name
            self.board = board
            self.interval = interval
            self.offset = offset
            self.after = Mutex(after)
        }

        func start() { ask(in: offset) }

        func stop() {
            isStopped.withLock { $0 = true }
            caller.shutdown()
        }

        private func ask(in wait: Duration) {
            let parts = wait.components
            let nanoseconds = Int(parts.seconds) * 1_000_000_000 + Int(parts.attoseconds / 1_000_000_000)
            DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [self] in
                guard !isStopped.withLock({ $0 }) else { return }
                let call = DeskCall.page(place, .after(after.withLock { $0 }), limit: DeskCall.maxPage)
                let path = call.request.path + (interval == nil ? "&wait=20" : "")
                caller.call("GET", path, timeout: .seconds(30)) { [self] result in
                    let now = Now.uptime
                    if case .success(let answer) = result,
                        let page = try? DeskReply.page(status: answer.status, body: answer.body, in: name)
                    {
                        board.saw(page.messages.map(\.seq), at: now)
                        if let last = page.messages.last?.seq { after.withLock { $0 = last } }
                    }
                    // A desk that does not answer is not asked without a pause.
                    if case .failure = result { return ask(in: interval ?? .milliseconds(100)) }
                    ask(in: interval ?? .zero)
                }
            }
        }
    }
}
