import Testing

@testable import Channels

@Suite("a client on a desk's own engine", .timeLimit(.minutes(1)))
struct ChannelsTests {
    @Test("is greeted, and says goodbye")
    func connects() async throws {
        try await withDesk { desk in
            let connection = ChannelsConnection(desk.here)
            #expect(connection.status == .idle)
            try await connection.connect()
            #expect(connection.status.socketID != nil)
            try await connection.connect()
            await connection.close()
            #expect(connection.status == .stopped)
            #expect(connection.driver.remains == (0, 0, 0))
            await #expect(throws: ChannelsError.closed) { try await connection.connect() }
            await connection.close()
        }
    }

    @Test("reaches it through a Unix socket too")
    func unixSocket() async throws {
        try await withDesk { desk in
            try await withClient(desk.socket) { #expect($0.status.socketID != nil) }
        }
    }

    @Test("hears what a server publishes on a public channel")
    func publicChannel() async throws {
        try await withDesk { desk in
            try await withClient(desk.here) { client in
                let news = client.subscribe("news")
                let updates = news.updates
                #expect(try await news.subscribed() == nil)
                try await desk.publish("headline", on: "news", #"{"text":"hé 🚀"}"#)
                let event = try await updates.event("headline")
                #expect(event.data["text"] == "hé 🚀")
                #expect(event.userID == nil)
                #expect(client.channels == ["news"])
            }
        }
    }

    @Test("is refused a private channel without an authorizer, for good")
    func refusedChannel() async throws {
        try await withDesk { desk in
            try await withClient(desk.here) { client in
                let channel = client.subscribe("private-a")
                await #expect(throws: ChannelsError.denied(reason: "nobody here signs private-a", status: 403)) {
                    try await channel.subscribed()
                }
                let first = try await channel.updates.first { $0 }
                #expect(
                    first
                        == .subscriptionFailed(reason: "nobody here signs private-a", status: 403, isFinal: true))
            }
        }
    }

    @Test("sends client events to the others of a private channel, not to itself")
    func clientEvents() async throws {
        try await withDesk { desk in
            try await withClient(desk.here, desk.authorizer(as: "alice")) { alice in
                try await withClient(desk.here, desk.authorizer(as: "bob")) { bob in
                    let mine = alice.subscribe("private-a")
                    let its = bob.subscribe("private-a")
                    let (heardByAlice, heardByBob) = (mine.updates, its.events(named: "client-typing"))
                    try await mine.subscribed()
                    try await its.subscribed()
                    try mine.trigger("client-other", ["n": 0])
                    try mine.trigger("client-typing", ["on": true])
                    #expect(try await heardByBob.event("client-typing").data == ["on": true])
                    try its.trigger("client-answer", [:])
                    let first = try await heardByAlice.first { update -> ChannelEvent? in
                        if case .event(let event) = update { event } else { nil }
                    }
                    #expect(first.name == "client-answer")
                }
            }
        }
    }

    @Test("sees members come and go, and who sent a client event")
    func presence() async throws {
        try await withDesk { desk in
            try await withClient(desk.here, desk.authorizer(as: "alice")) { alice in
                let lobby = alice.subscribe("presence-lobby")
                let updates = lobby.updates
                #expect(try await lobby.subscribed()?.me?.info == ["name": "Alice"])
                try await withClient(desk.here, desk.authorizer(as: "bob")) { bob in
                    let same = bob.subscribe("presence-lobby")
                    #expect(try await same.subscribed().map { $0.ids.sorted() } == ["alice", "bob"])
                    let came = try await updates.first { update in
                        if case .memberAdded(let member) = update { member } else { nil }
                    }
                    #expect(came == Member(id: "bob", info: ["name": "Bob"]))
                    #expect(lobby.members?.count == 2)
                    try same.trigger("client-wave", [:])
                    #expect(try await updates.event("client-wave").userID == "bob")
                }
                let gone = try await updates.first { update in
                    if case .memberRemoved(let id) = update { id } else { nil }
                }
                #expect(gone == "bob")
                #expect(lobby.members.map { Array($0.ids) } == ["alice"])
            }
        }
    }

    @Test("opens events of an encrypted channel")
    func encrypted() async throws {
        let masterKey = [UInt8](0..<32)
        try await withDesk { desk in
            try await withClient(desk.here, desk.authorizer(as: "alice", masterKey: masterKey)) { client in
                let channel = client.subscribe("private-encrypted-a")
                let updates = channel.updates
                try await channel.subscribed()
                let cipher = try #require(ChannelCipher(masterKey: masterKey, channel: channel.name))
                let sealed = try #require(cipher.seal(#"{"id":1,"text":"hé"}"#, nonce: [UInt8](100..<124)))
                try await desk.publish("secret", on: channel.name, sealed)
                #expect(try await updates.event("secret").data["text"] == "hé")
                try await desk.publish("secret", on: channel.name, #"{"nonce":"x","ciphertext":"y"}"#)
                let lost = try await updates.first { update in
                    if case .undecryptable(let event) = update { event } else { nil }
                }
                #expect(lost == "secret")
                #expect(throws: TriggerError.takesNone(channel.name)) { try channel.trigger("client-a", [:]) }
            }
        }
    }

    @Test("signs in and hears what the server says to the user")
    func signIn() async throws {
        try await withDesk { desk in
            try await withClient(desk.here, desk.authorizer(as: "alice")) { client in
                let me = try await client.signIn()
                #expect(client.userID == "alice")
                #expect(me.name == "#server-to-user-alice")
                let updates = me.updates
                try await me.subscribed()
                try await desk.publish("kicked", on: me.name, "{}")
                _ = try await updates.event("kicked")
                #expect(try await client.signIn().name == me.name)
            }
        }
    }

    @Test("stays away from a server that does not know its key")
    func unknownKey() async throws {
        try await withDesk { desk in
            var configuration = desk.here
            configuration.key = "nobody's"
            let connection = ChannelsConnection(configuration)
            let error = try await #require(throws: ChannelsError.self) { try await connection.connect() }
            guard case .refused(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("4001"))
            await connection.close()
            #expect(connection.driver.remains == (0, 0, 0))
        }
    }

    @Test("is told what the server refuses while the connection goes on")
    func refusedEvent() async throws {
        try await withDesk { desk in
            try await withClient(desk.here, desk.authorizer(as: "alice")) { client in
                let channel = client.subscribe("private-a")
                try await channel.subscribed()
                let updates = client.updates
                for number in 0..<30 { try channel.trigger("client-many", ["n": .init(number)]) }
                let code = try await updates.first { update in
                    if case .error(let code, _) = update { code } else { nil }
                }
                #expect(code == 4301)
                #expect(client.status.socketID != nil)
            }
        }
    }

    @Test("sends nothing where nothing can be sent")
    func triggerRefused() async throws {
        try await withDesk { desk in
            let connection = ChannelsConnection(desk.here, authorizer: desk.authorizer(as: "alice"))
            let channel = connection.channel("private-a")
            #expect(throws: TriggerError.notConnected) { try channel.trigger("client-a", [:]) }
            try await connection.connect()
            #expect(throws: TriggerError.notSubscribed("private-a")) { try channel.trigger("client-a", [:]) }
            #expect(throws: TriggerError.name("typing")) { try channel.trigger("typing", [:]) }
            #expect(throws: TriggerError.takesNone("news")) {
                try connection.channel("news").trigger("client-a", [:])
            }
            channel.subscribe()
            try await channel.subscribed()
            #expect(throws: TriggerError.self) {
                try channel.trigger("client-a", .string(String(repeating: "x", count: 20_000)))
            }
            await connection.close()
        }
    }
}
