import Chat
import Desk
import Foundation
import Transport
import Synchronization
import Testing

@testable import Channels

/// A desk with its engine on loopback, in a folder of its own.
final class TestDesk: Sendable {
    let folder: String
    let configuration: DeskConfiguration
    let app: AppCredentials
    private let server: Mutex<DeskServer?>

    private init(_ folder: String, _ configuration: DeskConfiguration, _ server: DeskServer) {
        self.folder = folder
        self.configuration = configuration
        self.server = Mutex(server)
        app = server.app
    }

    var port: Int { server.withLock { $0?.port } ?? 0 }
    var signer: Signer { Signer(key: app.key, secret: app.secret) }

    /// Over TCP.
    var here: ChannelsConfiguration { .init(host: "127.0.0.1", port: port, isSecure: false, key: app.key) }

    /// Over the folder's socket, which is the same when the desk comes back.
    var socket: ChannelsConfiguration { .init(unixSocket: folder + "/desk.sock", key: app.key) }

    /// Everybody may enter everything; in presence channels as `user`.
    func authorizer(as user: String, masterKey: [UInt8] = []) -> Authorizer {
        let signer = signer
        return Authorizer { channel, socketID in
            if channel.kind.isPresence {
                let data = Member(id: user, info: ["name": .string(user.capitalized)]).json.text
                let auth = signer.channel(channel, socketID: socketID, channelData: data)
                return Authorization(auth: auth, channelData: data)
            }
            let cipher = channel.kind.isEncrypted ? ChannelCipher(masterKey: masterKey, channel: channel) : nil
            return Authorization(
                auth: signer.channel(channel, socketID: socketID), sharedSecret: cipher?.sharedSecret)
        } user: { socketID in
            let data: JSON = ["id": .string(user)]
            return UserAuthentication(auth: signer.user(socketID: socketID, userData: data.text), userData: data.text)
        }
    }

    /// As a server library would.
    func publish(_ name: String, on channel: ChannelName, _ data: String) async throws {
        let body: JSON = ["name": .string(name), "channel": .string(channel.text), "data": .string(data)]
        try await post("events", body)
    }

    func post(_ call: String, _ body: JSON) async throws {
        let caller = HTTPCaller(.tcp(host: "127.0.0.1", port: port, isSecure: false))
        defer { caller.shutdown() }
        let path = "/apps/\(app.id)/\(call)"
        let request = signer.signed(
            APIRequest(method: "POST", path: path, body: body.text), timestamp: Int(Date().timeIntervalSince1970))
        let answer = try await caller.call(
            "POST", "\(path)?\(request.query.text)", contentType: "application/json", body: body.text)
        #expect(answer.status == 200, "\(answer.body)")
    }

    func drain() async { await server.withLock { $0.take() }?.drain() }

    /// Another process would start like this.
    func comeBack() async throws {
        let new = try await DeskServer.start(configuration)
        server.withLock { $0 = new }
    }

    static func run(users: [String] = [], _ test: (TestDesk, [String: String]) async throws -> Void) async throws {
        var template = Array((NSTemporaryDirectory() + "/channels-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw POSIXError(.EIO) }
        let folder = String(cString: made)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let accounts = try Accounts(folder: folder)
        var tokens: [String: String] = [:]
        for user in users { tokens[user] = try accounts.add(.init(validating: user), name: nil) }
        accounts.close()
        let configuration = DeskConfiguration(folder: folder, listen: ("127.0.0.1", 0))
        let desk = TestDesk(folder, configuration, try await DeskServer.start(configuration))
        do {
            try await test(desk, tokens)
        } catch {
            await desk.drain()
            throw error
        }
        await desk.drain()
    }
}

/// Runs a desk that knows nobody.
func withDesk(_ test: (TestDesk) async throws -> Void) async throws {
    try await TestDesk.run { desk, _ in try await test(desk) }
}

/// A connected client, closed again; nothing of it is left then.
func withClient(
    _ configuration: ChannelsConfiguration, _ authorizer: Authorizer = .none,
    _ test: (ChannelsConnection) async throws -> Void
) async throws {
    let connection = ChannelsConnection(configuration, authorizer: authorizer)
    do {
        try await connection.connect()
        try await test(connection)
    } catch {
        await connection.close()
        throw error
    }
    await connection.close()
    #expect(connection.driver.remains == (0, 0, 0))
}

extension Updates {
    /// The first that `wanted` makes something of.
    func first<Found>(_ wanted: (Element) -> Found?) async throws -> Found {
        for await element in self {
            if let found = wanted(element) { return found }
        }
        throw CancellationError()
    }
}

extension Updates<ChannelUpdate> {
    /// The next event of that name.
    func event(_ name: String) async throws -> ChannelEvent {
        try await first { update in
            if case .event(let event) = update, event.name == name { event } else { nil }
        }
    }
}

/// A number several tasks count in.
final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }

    @discardableResult
    func increment() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
