import ChannelsProtocol
import Foundation
import Synchronization
import Transport

@testable import Desk

/// A server that answers the HTTP API as one of the engines does, with what is peculiar to it, and keeps what was published.
final class TestEngine: Sendable {
    enum Kind: String, CaseIterable, Sendable { case soketi, reverb, sockudo }

    struct State {
        var events: [DeskEvent] = []
        /// The next answers, whatever is asked; 0 hangs up.
        var statuses: [Int] = []
        /// The next answers with the status 200, whatever is asked.
        var bodies: [String] = []
        /// Every call is hung up on.
        var isAway = false
        var hasBatches = true
        /// An event in whose data this stands is not taken.
        var poison: String?
        var users: JSON?
        /// What was asked, as method and path.
        var calls: [String] = []
        var problems: [String] = []
        var prefix = ""
        /// Bytes of the longest request.
        var longest = 0
    }

    let port: Int
    let app = AppCredentials(id: "1", key: "testkey", secret: "testsecret")
    let state = Mutex(State())
    /// Of those who wait; rung after every call.
    private let bells = Mutex<[AsyncStream<Void>.Continuation]>([])
    private let kind: Kind
    private let descriptor: Int32

    init(_ kind: Kind) throws {
        self.kind = kind
        let (listening, port) = try TestReceiver.listen()
        descriptor = listening
        self.port = port
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(listening, nil, nil), connection >= 0 {
                guard let engine = self else { return }
                Thread.detachNewThread {
                    engine.serve(connection)
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// How the desk finds it.
    func place(_ path: String = "") -> ExternalEngine {
        ExternalEngine(
            api: .tcp(host: "127.0.0.1", port: port, isSecure: false), apiPath: path,
            client: ("ws.example.org", 443, true), clientPath: path)
    }

    /// The texts of the messages published to a channel, in order.
    func texts(_ channel: String) -> [String] {
        state.withLock { $0.events }.filter { $0.channel == channel && $0.name == "new_message" }
            .map { (try? JSON(parsing: $0.data))?["text"]?.string ?? "(left out)" }
    }

    /// Waits until so many messages were published to the channel.
    func wait(for count: Int, in channel: String) async throws {
        try await wait { _ in self.texts(channel).count >= count }
    }

    /// Waits until what was asked and published is as wanted; the time limit of the suite is its bound.
    func wait(until isThere: (State) -> Bool) async throws {
        let (calls, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        bells.withLock { $0.append(bell) }
        if isThere(state.withLock { $0 }) { return }
        for await _ in calls where isThere(state.withLock { $0 }) { return }
        throw RawConnection.Failure.closed
    }

    private func serve(_ connection: Int32) {
        while let call = TestReceiver.read(connection) {
            let answered = answer(call)
            bells.withLock { $0 }.forEach { $0.yield() }
            guard let (status, body) = answered else { return }
            let text =
                "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            _ = send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL))
            // Reverb hangs up after every answer and does not say so before.
            if kind == .reverb { return }
        }
    }

    private func answer(_ call: TestReceiver.Call) -> (Int, String)? {
        let words = call.line.split(separator: " ")
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = HTTPQuery(decoding: target.count > 1 ? target[1] : "")
        let size = call.line.utf8.count + call.headers.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 4 }
        return state.withLock { state in
            let path = String(target[0].dropFirst(state.prefix.utf8.count))
            state.longest = max(state.longest, size + call.body.utf8.count)
            state.calls.append("\(words[0]) \(path)")
            if let next = state.statuses.first {
                state.statuses.removeFirst()
                return next == 0 ? nil : (next, #"{"error":"scripted","code":\#(next)}"#)
            }
            if state.isAway { return nil }
            if let next = state.bodies.first {
                state.bodies.removeFirst()
                return (200, next)
            }
            if let problem = refusal(String(words[0]), path, query, call.body, state) {
                state.problems.append(problem)
                return (401, "\"\(problem)\"")
            }
            if kind == .reverb, size + call.body.utf8.count > 10_000 { return (413, "Payload too large.") }
            return act(String(words[0]), path, call.body, &state)
        }
    }

    /// Soketi and Reverb reckon the digest anew and look at no clock; sockudo compares, and wants none of an empty body.
    private func refusal(
        _ method: String, _ path: String, _ query: HTTPQuery, _ body: String, _ state: State
    ) -> String? {
        let signer = Signer(key: app.key, secret: app.secret)
        // Soketi signs with what it sees; Reverb leaves out a prefix of its own.
        var request = APIRequest(
            method: method, path: (kind == .soketi ? state.prefix : "") + path, query: query, body: Array(body.utf8))
        if kind == .sockudo, body.isEmpty, query["body_md5"] != nil { return "body_md5 of nothing" }
        if kind == .soketi, method == "POST", body.isEmpty { request.body = Array("{}".utf8) }
        do {
            try signer.check(
                request, now: Int(Date().timeIntervalSince1970), window: kind == .sockudo ? 600 : 1_000_000_000)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func act(_ method: String, _ path: String, _ body: String, _ state: inout State) -> (Int, String) {
        let json = try? JSON(parsing: body)
        switch (method, path) {
        case ("GET", "/apps/1/channels"): return (200, #"{"channels":{}}"#)
        case ("GET", "/apps/1/channels/presence-lobby/users"):
            guard let users = state.users else {
                return kind == .reverb ? (404, "{}") : (200, #"{"users":[]}"#)
            }
            return (200, JSON.object(JSONObject([("users", users)])).text)
        case ("POST", "/apps/1/events"): return publish([json ?? .null], &state)
        case ("POST", "/apps/1/batch_events") where state.hasBatches:
            let answer = publish(json?["batch"]?.array ?? [], &state)
            return answer.0 == 200 && kind == .reverb ? (200, #"{"batch":{}}"#) : answer
        case ("POST", let path) where path.hasSuffix("/terminate_connections"):
            return json?.object == nil ? (400, "no body") : (200, "{}")
        default: return (404, "not found")
        }
    }

    private func publish(_ entries: [JSON], _ state: inout State) -> (Int, String) {
        guard (1...10).contains(entries.count) else { return (400, "batch") }
        var events: [DeskEvent] = []
        for entry in entries {
            guard let name = entry["name"]?.string, let data = entry["data"]?.string, !data.isEmpty,
                let channel = entry["channel"]?.string ?? entry["channels"]?.array?.first?.string
            else { return (kind == .reverb ? 422 : 400, "event") }
            if let poison = state.poison, data.contains(poison) { return (kind == .reverb ? 422 : 400, "poison") }
            events.append(
                DeskEvent(
                    name: name, channel: channel, data: data,
                    excluding: entry["socket_id"]?.string.flatMap { SocketID($0) }))
        }
        state.events += events
        return (200, kind == .reverb ? "{}" : #"{"ok":true}"#)
    }
}
