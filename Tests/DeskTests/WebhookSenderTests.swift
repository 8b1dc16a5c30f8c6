import ChannelsProtocol
import Foundation
import Transport
import Testing

@testable import Desk

@Suite("webhooks over HTTP")
struct WebhookSenderTests {
    private func withHooks(
        _ receivers: [TestReceiver], _ change: (inout AppRules.Webhook) -> Void = { _ in },
        _ test: (TestDesk) async throws -> Void
    ) async throws {
        try await withDesk(
            configure: {
                for receiver in receivers {
                    let address = ServerAddress.tcp(host: "127.0.0.1", port: receiver.port, isSecure: false)
                    var hook = AppRules.Webhook(address, path: "/hook?a=1")
                    hook.backoff = .milliseconds(20)
                    change(&hook)
                    $0.rules.webhooks.append(hook)
                }
            }, test)
    }

    private func names(_ call: TestReceiver.Call?) -> [String] {
        call?.json["events"]?.array?.compactMap { $0["name"]?.string } ?? []
    }

    @Test("who comes, what they say and who is gone is told, one event a call, signed")
    func tells() async throws {
        let receiver = try TestReceiver()
        try await withHooks([receiver]) { desk async throws in
            var calls = receiver.calls.makeAsyncIterator()
            var seen: [String] = []
            let signer = Signer(key: desk.server.app.key, secret: desk.server.app.secret)
            do {
                let alice = try await desk.socket("alice", in: "presence-lobby")
                try await alice.send([
                    "event": "client-typing", "channel": "presence-lobby", "data": ["from": "alice"],
                ])
                for _ in 0..<3 {
                    let call = try #require(await calls.next())
                    #expect(call.line == "POST /hook?a=1 HTTP/1.1")
                    #expect(call.headers["content-type"] == "application/json")
                    #expect(call.headers["x-pusher-key"] == desk.server.app.key)
                    #expect(call.headers["x-pusher-signature"] == signer.webhook(body: call.body))
                    #expect(abs((call.json["time_ms"]?.int ?? 0) / 1000 - Int(Date().timeIntervalSince1970)) < 60)
                    #expect(names(call).count == 1)
                    seen += names(call)
                    if names(call) == ["client_event"] {
                        #expect(call.json["events"]?.array?.first?["user_id"] == "alice")
                    }
                }
                #expect(seen == ["member_added", "channel_occupied", "client_event"])
                seen = []
            }
            // Gone, and after three seconds that is told.
            let clock = ContinuousClock()
            let start = clock.now
            for _ in 0..<2 { seen += names(await calls.next()) }
            #expect(seen == ["member_removed", "channel_vacated"])
            #expect(clock.now - start > .seconds(2.5))
        }
    }

    @Test("what is not taken is told again, the same bytes, and what came meanwhile follows together")
    func retries() async throws {
        let receiver = try TestReceiver(statuses: [500, 0, 301])
        try await withHooks([receiver], { $0.batch = 10 }) { desk async throws in
            var calls = receiver.calls.makeAsyncIterator()
            let socket = try await desk.socket("alice", in: "private-user-alice")
            var bodies = [try #require(await calls.next()).body]
            try await socket.subscribe(
                "private-chat-alice-bob", desk.authorize("alice", "private-chat-alice-bob", socket.id).json)
            for _ in 0..<3 { bodies.append(try #require(await calls.next()).body) }
            #expect(Set(bodies).count == 1)
            let next = try #require(await calls.next())
            #expect(names(next) == ["channel_occupied"])
            #expect(next.body.contains("private-chat-alice-bob"))
        }
    }

    @Test("events of one moment are one call where the batch allows it")
    func batches() async throws {
        let receiver = try TestReceiver()
        try await withHooks([receiver], { $0.batch = 10 }) { desk async throws in
            _ = try await desk.socket("alice", in: "presence-lobby")
            var calls = receiver.calls.makeAsyncIterator()
            #expect(names(await calls.next()) == ["member_added", "channel_occupied"])
        }
    }

    @Test("each webhook hears of the kinds it asked for, and one that is down keeps none from another")
    func kinds() async throws {
        let receiver = try TestReceiver()
        let down = try TestReceiver(statuses: Array(repeating: 503, count: 1_000))
        try await withHooks([down, receiver], { $0.kinds = ["member_added"] }) { desk async throws in
            let alice = try await desk.socket("alice", in: "presence-lobby")
            let bob = try await desk.socket("bob", in: "presence-lobby")
            var calls = receiver.calls.makeAsyncIterator()
            for id in ["alice", "bob"] {
                let call = await calls.next()
                #expect(names(call) == ["member_added"])
                #expect(call?.json["events"]?.array?.first?["user_id"]?.string == id)
            }
            _ = (alice, bob)
        }
    }
}
