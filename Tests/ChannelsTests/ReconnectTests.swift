import Testing

@testable import Channels

@Suite("after a loss", .timeLimit(.minutes(1)))
struct ReconnectTests {
    @Test("a client is back in its channels when the server is, with new authorizations, and signed in")
    func serverRestarts() async throws {
        try await withDesk { desk in
            var configuration = desk.socket
            configuration.times.backoffBase = .milliseconds(50)
            configuration.times.backoffCap = .milliseconds(100)
            let asked = Counter()
            let signing = desk.authorizer(as: "alice")
            let counting = Authorizer {
                asked.increment()
                return try await signing.channel($0, $1)
            } user: {
                try await signing.user($0)
            }
            try await withClient(configuration, counting) { client in
                let lobby = client.subscribe("presence-lobby")
                let (updates, about) = (lobby.updates, client.updates)
                try await lobby.subscribed()
                try await client.signIn()
                let first = client.status.socketID
                let statuses = client.statuses

                await desk.drain()
                _ = try await statuses.first { if case .waiting = $0 { true } else { nil } }
                #expect(lobby.members == nil)
                #expect(throws: TriggerError.notConnected) { try lobby.trigger("client-a", [:]) }
                try await desk.comeBack()
                client.reconnectNow()

                let confirmed = updates.filter { if case .subscribed = $0 { true } else { false } }
                var iterator = confirmed.makeAsyncIterator()
                for _ in 0..<2 { #expect(await iterator.next() != nil) }
                #expect(lobby.members.map { Array($0.ids) } == ["alice"])
                #expect(client.status.socketID != first)
                #expect(asked.count == 2)
                let signedIn = about.filter { $0 == .signedIn(userID: "alice") }
                var users = signedIn.makeAsyncIterator()
                for _ in 0..<2 { #expect(await users.next() != nil) }
            }
        }
    }

    @Test("attempts go on while nobody listens, and one that waits can be ended at once")
    func attemptsGoOn() async throws {
        try await withDesk { desk in
            await desk.drain()
            var configuration = desk.socket
            configuration.times.backoffBase = .milliseconds(20)
            configuration.times.backoffCap = .milliseconds(20)
            let connection = ChannelsConnection(configuration)
            let connecting = Task { try await connection.connect() }
            _ = try await connection.statuses.first { if case .waiting(_, 5, _) = $0 { true } else { nil } }
            try await desk.comeBack()
            connection.reconnectNow()
            try await connecting.value
            #expect(connection.status.socketID != nil)
            await connection.close()
        }
    }

    @Test("a server that refused is asked again only when told to")
    func refusedThenAgain() async throws {
        try await withDesk { desk in
            var configuration = desk.here
            configuration.key = "unknown"
            let connection = ChannelsConnection(configuration)
            let statuses = connection.statuses
            await #expect(throws: ChannelsError.self) { try await connection.connect() }
            connection.checkNow()
            guard case .refused = connection.status else {
                Issue.record("\(connection.status)")
                return
            }
            _ = try await statuses.first { if case .refused = $0 { true } else { nil } }
            connection.reconnectNow()
            _ = try await statuses.first { if case .refused = $0 { true } else { nil } }
            await connection.close()
        }
    }
}
