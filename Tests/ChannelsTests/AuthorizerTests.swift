import Testing

@testable import Channels

@Suite("authorization", .timeLimit(.minutes(1)))
struct AuthorizerTests {
    @Test("by HTTP: the desk's own endpoint signs channels and users")
    func http() async throws {
        try await TestDesk.run(users: ["alice"]) { desk, tokens in
            let token = try #require(tokens["alice"])
            let endpoint = HTTPAuthorizer(host: "127.0.0.1", port: desk.port, isSecure: false) {
                [("Authorization", "Bearer \(token)")]
            }
            try await withClient(desk.here, endpoint.authorizer) { client in
                let members = try await client.subscribe("presence-lobby").subscribed()
                #expect(members?.myID == "alice")
                #expect(try await client.signIn().name == "#server-to-user-alice")
                let foreign = client.subscribe("private-inbox-bob")
                let error = await #expect(throws: ChannelsError.self) { try await foreign.subscribed() }
                guard case .denied(_, 403) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test("that is answered with 401 is asked once more, with the credential as it is then")
    func freshCredential() async throws {
        try await TestDesk.run(users: ["alice"]) { desk, tokens in
            let token = try #require(tokens["alice"])
            let asked = Counter()
            let endpoint = HTTPAuthorizer(host: "127.0.0.1", port: desk.port, isSecure: false) {
                [("Authorization", "Bearer \(asked.increment() == 1 ? "of yesterday" : token)")]
            }
            try await withClient(desk.here, endpoint.authorizer) { client in
                let members = try await client.subscribe("presence-lobby").subscribed()
                #expect(members?.myID == "alice")
                #expect(asked.count == 2)
            }
        }
    }

    @Test("that is answered with 401 twice is final: the person has to sign in again")
    func signedOut() async throws {
        try await TestDesk.run(users: ["alice"]) { desk, _ in
            let asked = Counter()
            let endpoint = HTTPAuthorizer(host: "127.0.0.1", port: desk.port, isSecure: false) {
                asked.increment()
                return [("Authorization", "Bearer of yesterday")]
            }
            try await withClient(desk.here, endpoint.authorizer) { client in
                let error = await #expect(throws: ChannelsError.self) {
                    try await client.subscribe("presence-lobby").subscribed()
                }
                guard case .denied(_, 401) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(asked.count == 2)
                await #expect(throws: ChannelsError.self) { try await client.signIn() }
            }
        }
    }

    @Test("that cannot be had now is tried again by itself")
    func unreachable() async throws {
        try await withDesk { desk in
            let asked = Counter()
            let signing = desk.authorizer(as: "alice")
            let flaky = Authorizer { channel, socketID in
                if asked.increment() == 1 { throw AuthorizationFailure.refused(status: 503, message: "busy") }
                return try await signing.channel(channel, socketID)
            }
            var configuration = desk.here
            configuration.times.backoffBase = .milliseconds(1)
            try await withClient(configuration, flaky) { client in
                let channel = client.channel("private-a")
                let updates = channel.updates
                channel.subscribe()
                #expect(
                    try await updates.first { $0 }
                        == .subscriptionFailed(reason: "busy", status: 503, isFinal: false))
                try await channel.subscribed()
                #expect(asked.count == 2)
            }
        }
    }

    @Test(
        "with an answer that is none is refused, not tried for ever",
        arguments: ["", "[]", "{", #"{"auth":7}"#, #"{"auth":""}"#, #"{"auth":"no colon"}"#])
    func malformed(auth: String) async throws {
        try await withDesk { desk in
            let json = try? JSON(parsing: auth)
            let authorizer = Authorizer { _, _ in Authorization(auth: json?["auth"]?.string ?? auth) }
            try await withClient(desk.here, authorizer) { client in
                await #expect(throws: ChannelsError.self) { try await client.subscribe("private-a").subscribed() }
                #expect(client.status.socketID != nil)
            }
        }
    }

    @Test("for an encrypted channel without a key is refused")
    func noKey() async throws {
        try await withDesk { desk in
            try await withClient(desk.here, desk.authorizer(as: "alice")) { client in
                await #expect(throws: ChannelsError.self) {
                    try await client.subscribe("private-encrypted-a").subscribed()
                }
            }
        }
    }

    @Test("may close the connection it is asked for")
    func closesFromWithin() async throws {
        try await withDesk { desk in
            let holder = Holder()
            let connection = ChannelsConnection(
                desk.here,
                authorizer: Authorizer { _, _ in
                    await holder.connection?.close()
                    throw AuthorizationFailure.unauthorized(message: "signed out")
                })
            await holder.hold(connection)
            try await connection.connect()
            await #expect(throws: ChannelsError.closed) { try await connection.subscribe("private-a").subscribed() }
            await connection.close()
            #expect(connection.driver.remains == (0, 0, 0))
            await holder.hold(nil)
        }
    }

    private actor Holder {
        var connection: ChannelsConnection?
        func hold(_ connection: ChannelsConnection?) { self.connection = connection }
    }
}
