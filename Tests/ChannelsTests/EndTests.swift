import Testing

@testable import Channels

@Suite("the end", .timeLimit(.minutes(1)))
struct EndTests {
    @Test("of a connection ends everything that waits for it, and leaves nothing running")
    func close() async throws {
        try await withDesk { desk in
            let never = Authorizer { _, _ in
                try await Task.sleep(for: .seconds(3_600))
                throw AuthorizationFailure.unreachable(message: "never")
            }
            let connection = ChannelsConnection(desk.here, authorizer: never)
            try await connection.connect()
            let channel = connection.subscribe("private-a")
            let (updates, about, statuses) = (channel.updates, connection.updates, connection.statuses)
            let confirmed = Task { _ = try await channel.subscribed() }
            let signedIn = Task { _ = try await connection.signIn() }
            let all = Task {
                for await _ in updates {}
                for await _ in about {}
                for await _ in statuses {}
            }
            #expect(connection.driver.remains.sockets == 1)
            await connection.close()
            await #expect(throws: ChannelsError.closed) { try await confirmed.value }
            await #expect(throws: ChannelsError.closed) { try await signedIn.value }
            await all.value
            #expect(connection.driver.remains == (0, 0, 0))
            for await _ in channel.updates { Issue.record("a sequence of a closed connection is empty") }
        }
    }

    @Test("of a task ends its waiting and nothing else")
    func cancellation() async throws {
        try await withDesk { desk in
            try await withClient(desk.here) { client in
                let news = client.subscribe("news")
                try await news.subscribed()
                let reading = Task { for await _ in news.events(named: "never") {} }
                let waiting = Task { try await client.channel("not-wished-for").subscribed() }
                reading.cancel()
                waiting.cancel()
                await reading.value
                await #expect(throws: CancellationError.self) { try await waiting.value }
                #expect(client.status.socketID != nil)
                #expect(news.state == .subscribed)
            }
        }
    }

    @Test("of the waiting for a server that is not there leaves the attempts going")
    func cancelledConnect() async throws {
        try await withDesk { desk in
            await desk.drain()
            let connection = ChannelsConnection(desk.socket)
            let waiting = Task { try await connection.connect() }
            _ = try await connection.statuses.first { if case .waiting = $0 { true } else { nil } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(connection.status != .stopped)
            await connection.close()
            #expect(connection.driver.remains == (0, 0, 0))
        }
    }

    @Test("comes to a connection nobody has any more")
    func dropped() async throws {
        try await withDesk { desk in
            weak var driver: Driver?
            try await withClient(desk.here, desk.authorizer(as: "bob")) { bob in
                let lobby = bob.subscribe("presence-lobby")
                let updates = lobby.updates
                try await lobby.subscribed()
                do {
                    let connection = ChannelsConnection(desk.here, authorizer: desk.authorizer(as: "alice"))
                    driver = connection.driver
                    try await connection.connect()
                    try await connection.subscribe("presence-lobby").subscribed()
                }
                let gone = try await updates.first { update in
                    if case .memberRemoved(let id) = update { id } else { nil }
                }
                #expect(gone == "alice")
            }
            #expect(driver == nil)
        }
    }

    @Test("of a sequence takes its buffer away")
    func droppedSequence() async throws {
        let connection = ChannelsConnection(.init(host: "127.0.0.1", port: 1, isSecure: false, key: "k"))
        do {
            let sequences = (connection.updates, connection.statuses, connection.channel("a").updates)
            #expect(connection.driver.remains.consumers == 3)
            _ = sequences
        }
        #expect(connection.driver.remains.consumers == 0)
        await connection.close()
    }
}
