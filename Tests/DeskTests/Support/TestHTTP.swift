import Chat
import ChannelsProtocol
import Foundation
import Testing

@testable import Desk

/// An HTTP answer as it came.
struct TestAnswer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: String

    /// Null where the body is no JSON.
    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var code: String? { json["error"]?["code"]?.string }
}

extension RawConnection {
    /// One request on this connection, and its answer.
    func call(
        _ method: String, _ path: String, token: String? = nil, body: String? = nil, host: String = "desk",
        headers: [String] = []
    ) async throws -> TestAnswer {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        for header in headers { text += header + "\r\n" }
        if let body, !headers.contains(where: { $0.lowercased().hasPrefix("content-length") }) {
            text += "Content-Length: \(body.utf8.count)\r\n"
        }
        try await send(text + "\r\n" + (body ?? ""))
        return try await answer()
    }

    func answer() async throws -> TestAnswer {
        var bytes: [UInt8] = []
        let gap = Array("\r\n\r\n".utf8)
        while true {
            if let end = bytes.firstRange(of: gap) {
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let halves = line.split(separator: ":", maxSplits: 1)
                    headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
                }
                let length = Int(headers["content-length"] ?? "0") ?? 0
                if bytes.count - end.upperBound >= length {
                    let status = Int(lines[0].split(separator: " ")[1]) ?? 0
                    let body = bytes[end.upperBound..<(end.upperBound + length)]
                    return TestAnswer(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
                }
            }
            let more = try await receive()
            guard !more.isEmpty else { throw Failure.closed }
            bytes += more
        }
    }
}

/// A desk for one test, with accounts, on a port of its own and in a folder of its own.
struct TestDesk: Sendable {
    let folder: TemporaryFolder
    let server: DeskServer
    let tokens: [String: String]
    /// Nil: in the folder.
    var store: PostgresURL?

    var port: Int { server.port ?? 0 }

    func token(_ user: String) -> String { tokens[user] ?? "local:" + user }

    func connect() throws -> RawConnection {
        if let port = server.port { return try RawConnection(port: port) }
        return try RawConnection(socketPath: server.socketPath)
    }

    /// By the socket in the folder, as its owner.
    func owner() throws -> RawConnection { try RawConnection(socketPath: LocalDesk.socket(folder.path).path) }

    /// A request as `user`; nobody where that is nil.
    func call(_ user: String?, _ method: String, _ path: String, _ body: String? = nil) async throws -> TestAnswer {
        try await connect().call(method, path, token: user.map(token), body: body)
    }

    @discardableResult
    func say(_ user: String, to peer: String, _ text: String, clientID: String? = nil) async throws -> TestAnswer {
        let body: JSON = ["client_id": .string(clientID ?? UUID().uuidString), "text": .string(text)]
        let place = peer.hasPrefix("#") ? "rooms/\(peer.dropFirst())" : "conversations/" + HTTPQuery.encode(peer)
        return try await call(user, "POST", "/api/\(place)/messages", body.text)
    }

    /// Comes back when so many calls are held, or after 20 seconds.
    func waits(_ count: Int) async {
        let limit = ContinuousClock.now + .seconds(20)
        while server.waiters.count < count, .now < limit { await Task.yield() }
        #expect(server.waiters.count == count)
    }

    func authorize(_ user: String, _ channel: String, _ socketID: String) async throws -> TestAnswer {
        let form: HTTPQuery = ["socket_id": socketID, "channel_name": channel]
        return try await call(user, "POST", "/pusher/auth", form.text)
    }

    /// A WebSocket that has been greeted; of the desk's own app unless another's key is given.
    func socket(over connection: RawConnection? = nil, key: String? = nil) async throws -> TestSocket {
        let socket = try await unanswered(over: connection, key: key)
        try await socket.greet()
        return socket
    }

    /// A WebSocket that has not looked at its first frame yet.
    func unanswered(over connection: RawConnection? = nil, key: String? = nil) async throws -> TestSocket {
        let path = "/app/\(key ?? server.app.key)?protocol=7&client=test&version=1.0"
        return try await TestSocket(connection ?? connect(), path: path)
    }

    /// A signed call of the engine's HTTP API; of the desk's own app unless another is given.
    func engine(
        _ method: String, _ path: String, _ body: String = "", app: AppCredentials? = nil, age: Int = 0,
        spoil: Bool = false, over connection: RawConnection? = nil
    ) async throws -> TestAnswer {
        let app = app ?? server.app
        let signer = Signer(key: app.key, secret: app.secret)
        let halves = path.split(separator: "?", maxSplits: 1)
        let request = APIRequest(
            method: method, path: "/apps/\(app.id)/\(halves[0])",
            query: HTTPQuery(decoding: halves.count > 1 ? halves[1] : ""), body: Array(body.utf8))
        let signed = signer.signed(request, timestamp: Int(Date().timeIntervalSince1970) - age)
        return try await (connection ?? connect()).call(
            method, request.path + "?" + signed.query.text, body: spoil ? body + " " : body.isEmpty ? nil : body)
    }

    /// A WebSocket of `user`, subscribed to the channels.
    func socket(_ user: String, in channels: String...) async throws -> TestSocket {
        try await socket(over: connect(), user, in: channels)
    }

    func socket(over connection: RawConnection, _ user: String, in channels: [String]) async throws -> TestSocket {
        let socket = try await socket(over: connection)
        for channel in channels {
            let auth = try await authorize(user, channel, socket.id)
            try await socket.subscribe(channel, auth.json)
        }
        return socket
    }
}

/// Runs a desk that serves `users` on a TCP port and on its socket.
func withDesk(
    _ users: [String] = ["alice", "bob", "carol"], eventLoops: Int = 1,
    configure: (inout DeskConfiguration) -> Void = { _ in },
    _ test: (TestDesk) async throws -> Void
) async throws {
    let folder = try TemporaryFolder()
    let store = try StoreKind.current.place()
    let accounts = try Accounts(folder: folder.path, store: store)
    var tokens: [String: String] = [:]
    for user in users { tokens[user] = try accounts.add(.init(validating: user), name: user.capitalized) }
    accounts.close()
    var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
    configuration.store = store
    configuration.eventLoops = eventLoops
    configuration.hosts = ["desk"]
    configure(&configuration)
    let server = try await DeskServer.start(configuration)
    do {
        try await test(TestDesk(folder: folder, server: server, tokens: tokens, store: store))
    } catch {
        await server.drain()
        throw error
    }
    await server.drain()
}

/// Runs a local desk, on its socket only.
func withLocalDesk(_ test: (TestDesk) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    guard let lock = try LocalDesk.tryHost(folder.path) else { throw RawConnection.Failure.closed }
    let server = try await lock.serve()
    do {
        try await test(TestDesk(folder: folder, server: server, tokens: [:]))
    } catch {
        await server.drain()
        throw error
    }
    await server.drain()
    lock.release()
}
