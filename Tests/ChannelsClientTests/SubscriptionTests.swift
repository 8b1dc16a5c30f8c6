import ChannelsClient
import ChannelsProtocol
import Testing

@Suite("a subscription")
struct SubscriptionTests {
    let chat: ChannelName = "private-chat-3-17"

    @Test("goes from authorizing to pending to subscribed")
    func states() {
        var line = Line()
        line.subscribe(chat)
        #expect(line.connection.subscription(chat) == .idle)
        line.connect()
        #expect(line.connection.subscription(chat) == .authorizing)
        #expect(line.take().last == .authorize(chat, line.id))
        line.authorize(chat)
        #expect(line.connection.subscription(chat) == .pending)
        #expect(line.takeSent() == [.subscribe(chat, auth: "k:5f")])
        line.confirm(chat)
        #expect(line.connection.subscription(chat) == .subscribed)
        #expect(line.takeNotices() == [.subscribed(chat, nil)])
        #expect(line.connection.deadline == .seconds(30))
    }

    @Test("is one wish however often it is wished")
    func idempotent() {
        var line = Line.connected(to: chat)
        for _ in 0..<3 { line.subscribe(chat) }
        line.confirm(chat)
        #expect(line.take().isEmpty)
        #expect(line.connection.channels == [chat])
    }

    @Test("is authorized anew on every connection, and an answer for the old socket is thrown away")
    func reauthorization() {
        var line = Line.connected(to: chat, "news")
        line.close(1006)
        #expect(line.connection.subscription(chat) == .idle)
        line.waitForAttempt()
        let newID = SocketID("9.9")!
        line.greet(as: newID)
        let outputs = line.take()
        #expect(outputs.suffix(2) == [.send(ClientFrame.subscribe("news").text), .authorize(chat, newID)])
        line.authorize(chat)
        #expect(line.take().isEmpty)
        line.authorize(chat, as: newID)
        #expect(line.takeSent() == [.subscribe(chat, auth: "k:5f")])
        line.authorize(chat, as: newID)
        #expect(line.take().isEmpty)
    }

    @Test(
        "fails visibly and stays so when the endpoint says no",
        arguments: [
            (AuthorizationFailure.refused(status: 403, message: "not yours"), 403),
            (.unauthorized(message: "sign in again"), 401), (.refused(status: 404, message: "no endpoint"), 404),
        ])
    func refused(failure: AuthorizationFailure, status: Int) {
        var line = Line.connected()
        line.subscribe(chat)
        _ = line.take()
        line.refuse(chat, failure)
        let notices = line.takeNotices()
        guard case .subscriptionFailed(chat, let reason, status)? = notices.first, notices.count == 1 else {
            Issue.record("\(notices)")
            return
        }
        #expect(line.connection.subscription(chat) == .failed(reason: reason, status: status))
        line.advance(.seconds(29))
        #expect(line.take().isEmpty)
        line.subscribe(chat)
        #expect(line.take() == [.authorize(chat, line.id)])
        line.refuse(chat, failure)
        line.close(1006)
        line.waitForAttempt()
        line.greet()
        #expect(line.take().contains(.authorize(chat, line.id)))
    }

    @Test(
        "is tried again by itself, further and further apart, when the endpoint cannot answer",
        arguments: [
            AuthorizationFailure.unreachable(message: "no route"), .refused(status: 429, message: "slow down"),
            .refused(status: 503, message: "later"), .refused(status: 408, message: "timeout"),
        ])
    func retried(failure: AuthorizationFailure) {
        var line = Line.connected()
        line.subscribe(chat)
        for count in 0..<8 {
            _ = line.take()
            line.refuse(chat, failure)
            guard case .retrying(let at, _)? = line.connection.subscription(chat) else {
                Issue.record("not tried again")
                return
            }
            #expect(line.connection.deadline == at)
            let wait = at - line.now
            #expect(wait >= .milliseconds(500) && wait <= .milliseconds(500) + min(.seconds(1 << count), .seconds(30)))
            line.hear(.pong)
            line.advance(wait)
            #expect(line.take().last == .authorize(chat, line.id))
        }
        line.authorize(chat)
        line.confirm(chat)
        #expect(line.connection.subscription(chat) == .subscribed)
    }

    /// Limits of Pusher's protocol, of soketi, and of a server that says it in words.
    private static let passing = [
        #"{"event":"pusher:error","data":{"code":4100,"message":"Presence channel private-chat-3-17 has 100 members already, its limit"}}"#,
        #"{"event":"pusher:error","data":{"code":null,"message":"Presence channel private-chat-3-17 is over its member limit"}}"#,
        #"{"event":"pusher:subscription_error","channel":"private-chat-3-17","data":{"type":"LimitReached","error":"The maximum members per presence channel limit was reached","status":4100}}"#,
        #"{"event":"pusher:subscription_error","channel":"private-chat-3-17","data":{"type":"ServerError","error":"A server error has occured.","status":4302}}"#,
        #"{"event":"pusher:subscription_error","channel":"private-chat-3-17","data":{"error":"later","status":503}}"#,
        #"{"event":"pusher:subscription_error","channel":"private-chat-3-17","data":{"error":"slow down","status":429}}"#,
    ]

    @Test("is tried again by itself when a limit or trouble of the server refuses it", arguments: passing)
    func limited(frame: String) {
        var line = Line.connected()
        line.subscribe(chat)
        for _ in 0..<3 {
            line.authorize(chat)
            _ = line.take()
            line.hear(frame)
            guard case .retrying(let at, let reason)? = line.connection.subscription(chat) else {
                Issue.record("not tried again")
                return
            }
            #expect(!reason.isEmpty)
            #expect(line.takeNotices().last == .subscriptionFailed(chat, reason: reason, status: Self.status(frame)))
            line.hear(.pong)
            line.advance(at - line.now)
            #expect(line.take().last == .authorize(chat, line.id))
        }
        line.authorize(chat)
        line.confirm(chat)
        #expect(line.connection.subscription(chat) == .subscribed)
    }

    private static func status(_ frame: String) -> Int? {
        let data = (try? JSON(parsing: frame))?["data"]
        return data?["status"]?.int ?? data?["code"]?.int
    }

    @Test(
        "stays refused where the server says that it is not allowed, or that it is malformed",
        arguments: [
            #"{"type":"AuthError","error":"The connection is unauthorized.","status":401}"#,
            #"{"type":"LimitReached","error":"The channel name is longer than the allowed 200 characters.","status":4009}"#,
            #"{"type":"LimitReached","error":"The maximum size for a channel member is 2 KB.","status":4301}"#,
            #"{"error":"no","status":403}"#,
        ])
    func refusedForGood(data: String) {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        line.hear(#"{"event":"pusher:subscription_error","channel":"private-chat-3-17","data":\#(data)}"#)
        guard case .failed? = line.connection.subscription(chat) else {
            Issue.record("tried again")
            return
        }
    }

    @Test("that was refused is asked for at once by a reconnect that a person wants")
    func reconnectNow() {
        for failure in [
            AuthorizationFailure.refused(status: 403, message: "no"), .refused(status: 503, message: "later"),
        ] {
            var line = Line.connected(to: "news")
            line.subscribe(chat)
            line.refuse(chat, failure)
            _ = line.take()
            line.add(line.connection.reconnectNow(now: line.now))
            #expect(line.take() == [.send(ClientFrame.ping.text), .authorize(chat, line.id)])
        }
    }

    @Test("refused for its signature names what to look at, and not all that was signed")
    func signature() {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        line.hear(
            .error(
                code: nil,
                message: "Invalid signature: Expected HMAC SHA256 hex digest of 1.2:private-chat-3-17, but got k:5f",
                channel: nil))
        guard case .failed(let reason, nil)? = line.connection.subscription(chat) else {
            Issue.record("tried again")
            return
        }
        #expect(
            reason
                == "the server refuses the signature (Invalid signature); the authorization endpoint may use another key or secret"
        )
    }

    @Test("is tried again when the endpoint or the server never answers")
    func timeouts() {
        var line = Line.connected()
        line.subscribe(chat)
        line.advance(.seconds(30))
        guard case .retrying? = line.connection.subscription(chat) else {
            Issue.record("not tried again")
            return
        }
        line.advance(.seconds(2))
        line.hear(.pong)
        line.authorize(chat)
        _ = line.take()
        line.advance(.seconds(10))
        let outputs = line.take()
        #expect(outputs.first == .send(ClientFrame.unsubscribe(chat).text))
        guard case .retrying? = line.connection.subscription(chat) else {
            Issue.record("not tried again")
            return
        }
    }

    @Test("left while authorizing is never asked for")
    func leftWhileAuthorizing() {
        var line = Line.connected()
        line.subscribe(chat)
        line.unsubscribe(chat)
        _ = line.take()
        line.authorize(chat)
        #expect(line.take().isEmpty)
        #expect(line.connection.subscription(chat) == nil)
        #expect(line.connection.channels.isEmpty)
    }

    @Test("left while pending is left as soon as it is confirmed, silently")
    func leftWhilePending() {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        line.unsubscribe(chat)
        _ = line.take()
        #expect(line.connection.channels.isEmpty)
        line.hear(.event(.init(channel: chat, name: "e", data: [:])))
        line.confirm(chat)
        #expect(line.take() == [.send(ClientFrame.unsubscribe(chat).text)])
    }

    @Test("wished for again while it is being left is simply kept")
    func keptWhilePending() {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        line.unsubscribe(chat)
        line.subscribe(chat)
        _ = line.take()
        line.confirm(chat)
        #expect(line.take() == [.notice(.subscribed(chat, nil))])
    }

    @Test("left while pending does not come back to life with the next connection")
    func noResurrection() {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        line.unsubscribe(chat)
        line.close(1006)
        line.waitForAttempt()
        line.greet()
        #expect(line.takeSent() == [.subscribe(chat, auth: "k:5f")])
        #expect(line.connection.channels.isEmpty)
        line.advance(.seconds(20))
        #expect(line.takeSent().isEmpty)
    }

    @Test("left and wished for again at once waits a second")
    func rejoin() {
        var line = Line.connected(to: chat)
        line.unsubscribe(chat)
        #expect(line.takeSent() == [.unsubscribe(chat)])
        line.subscribe(chat)
        #expect(line.take().isEmpty)
        line.advance(.milliseconds(999))
        #expect(line.take().isEmpty)
        line.advance(.milliseconds(1))
        #expect(line.take() == [.authorize(chat, line.id)])
    }

    @Test("drops what still comes for a channel that was left")
    func late() {
        var line = Line.connected(to: chat, "presence-lobby")
        line.unsubscribe(chat)
        line.unsubscribe("presence-lobby")
        _ = line.take()
        line.hear(.event(.init(channel: chat, name: "e", data: [:])))
        line.hear(.memberAdded("presence-lobby", Member(id: "3")))
        line.confirm(chat)
        line.hear(.event(.init(channel: "never-wished", name: "e", data: [:])))
        #expect(line.take().isEmpty)
    }

    @Test("keeps what arrives before the confirmation, in order")
    func early() {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        _ = line.take()
        line.hear(.event(.init(channel: chat, name: "a", data: 1)))
        line.hear(.event(.init(channel: chat, name: "b", data: 2)))
        #expect(line.take().isEmpty)
        line.confirm(chat)
        #expect(
            line.takeNotices() == [
                .subscribed(chat, nil), .event(chat, name: "a", data: 1, userID: nil),
                .event(chat, name: "b", data: 2, userID: nil),
            ])
    }

    @Test(
        "fails at once with an error that can only mean it",
        arguments: [
            #"{"event":"pusher:error","data":{"code":null,"message":"Invalid signature: Expected HMAC SHA256 hex digest of 1.2:private-chat-3-17, but got x"}}"#,
            #"{"event":"pusher:error","data":"{\"code\":4009,\"message\":\"Connection is unauthorized\"}"}"#,
            #"{"event":"pusher:error","channel":"private-chat-3-17","data":{"code":4009,"message":"no"}}"#,
            #"{"event":"pusher:subscription_error","channel":"private-chat-3-17","data":{"type":"AuthError","error":"no","status":401}}"#,
            #"{"event":"pusher_internal:subscription_error","channel":"private-chat-3-17","data":{}}"#,
        ])
    func serverRefuses(frame: String) {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        _ = line.take()
        line.hear(frame)
        guard case .subscriptionFailed(chat, let reason, _)? = line.takeNotices().last else {
            Issue.record("not failed")
            return
        }
        #expect(!reason.isEmpty)
        #expect(line.connection.deadline == .seconds(30))
    }

    @Test(
        "is not blamed for an error that may mean another, or none",
        arguments: [
            (2, #"{"event":"pusher:error","data":{"code":4009,"message":"Connection is unauthorized"}}"#),
            (1, #"{"event":"pusher:error","data":{"code":4301,"message":"rate limit"}}"#),
            (
                1,
                #"{"event":"pusher:error","data":{"code":null,"message":"Cannot broadcast client event (connection not subscribed to channel x)"}}"#
            ),
            (
                1,
                #"{"event":"pusher:error","data":{"code":null,"message":"No current subscription to channel private-chat-3-17, or subscription in progress"}}"#
            ),
        ])
    func notBlamed(pending: Int, frame: String) {
        var line = Line.connected()
        for channel in [chat, "private-other"].prefix(pending) {
            line.subscribe(channel)
            line.authorize(channel)
        }
        line.hear(frame)
        #expect(line.connection.subscription(chat) == .pending)
    }

    @Test("picks the one of two that the error names")
    func named() {
        var line = Line.connected()
        for channel: ChannelName in ["private-chat-3-1", chat] {
            line.subscribe(channel)
            line.authorize(channel)
        }
        line.hear(.error(code: nil, message: "Invalid signature: … 1.2:private-chat-3-17, but got x", channel: nil))
        #expect(line.connection.subscription("private-chat-3-1") == .pending)
        guard case .failed? = line.connection.subscription(chat) else {
            Issue.record("not failed")
            return
        }
    }

    @Test("is left and asked for anew where the server still counts an older one")
    func existing() {
        var line = Line.connected()
        line.subscribe(chat)
        line.authorize(chat)
        _ = line.take()
        line.hear(.error(code: nil, message: "Existing subscription to channel \(chat)", channel: nil))
        #expect(line.takeSent() == [.unsubscribe(chat)])
        line.advance(.seconds(1))
        #expect(line.take() == [.authorize(chat, line.id)])
    }
}

@Suite("client events of ours")
struct TriggerTests {
    @Test("go out on a confirmed private or presence channel")
    func sent() throws {
        var line = Line.connected(to: "private-a")
        let outputs = try line.connection.trigger("client-typing", on: "private-a", data: ["on": true], now: line.now)
        #expect(outputs == [.send(#"{"event":"client-typing","channel":"private-a","data":{"on":true}}"#)])
    }

    @Test(
        "are refused, and never queued, where they cannot go out",
        arguments: [
            ("new_message", "private-a", TriggerError.name("new_message")),
            ("my-client-x", "private-a", .name("my-client-x")),
            ("client-x", "news", .takesNone("news")),
            ("client-x", "private-encrypted-a", .takesNone("private-encrypted-a")),
            ("client-x", "private-b", .notSubscribed("private-b")),
            ("client-x", "private-c", .notSubscribed("private-c")),
        ] as [(String, ChannelName, TriggerError)])
    func refused(name: String, channel: ChannelName, error: TriggerError) {
        var line = Line.connected(to: "private-a", "news")
        line.subscribe("private-c")
        line.authorize("private-c")
        #expect(throws: error) { try line.connection.trigger(name, on: channel, data: [:], now: line.now) }
    }

    @Test("are refused while there is no connection, and when they are too large")
    func offline() {
        var line = Line.connected(to: "private-a")
        #expect(throws: TriggerError.self) {
            try line.connection.trigger(
                "client-x", on: "private-a", data: .string(String(repeating: "x", count: 10_240)), now: line.now)
        }
        line.close(1006)
        #expect(throws: TriggerError.notConnected) {
            try line.connection.trigger("client-x", on: "private-a", data: [:], now: line.now)
        }
    }
}
