import Chat
import ChannelsEngine
import ChannelsProtocol
import Testing

@testable import ChatSession

@Suite("sessions against an application without a desk")
struct PlainTests {
    private static func settings(_ user: UserID, _ change: (inout PlainSettings) -> Void = { _ in }) -> SessionSettings
    {
        var plain = PlainSettings(
            user: user, key: "key", host: "engine", port: 80, isSecure: false,
            endpoint: PlainSettings.Endpoint(path: "/pusher/auth"))
        change(&plain)
        var settings = SessionSettings()
        settings.plain = plain
        return settings
    }

    private func two(_ users: [UserID] = [alice, bob], clientEvents: Bool = true) -> World {
        var room = World()
        var features = EngineApp.Features()
        features.clientEvents = clientEvents
        room.engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret", features: features), seed: 7)
        for user in users { start(user, in: &room) }
        return room
    }

    private func start(_ user: UserID, in room: inout World) {
        room.start(Seat(user), settings: Self.settings(user))
    }

    private func failure(_ room: World, _ user: UserID) -> String? {
        room.chat(user).conversation(aliceBob).outbox.lazy.compactMap {
            if case .failed(let reason) = $0.state { reason } else { nil }
        }.first
    }

    private func warnings(_ room: World, _ user: UserID) -> [String] {
        room[user].notices.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    /// A frame of the engine's at a user's terminal, whatever it says.
    private func hear(
        _ event: String, _ channel: String, _ data: String, userID: String? = nil, at user: UserID, in room: inout World
    ) {
        let by = userID.map { ",\"user_id\":\"\($0)\"" } ?? ""
        let text = #"{"event":"\#(event)","channel":"\#(channel)","data":\#(data)\#(by)}"#
        room.post(Seat(user), .socketText(attempt: 1, text))
    }

    @Test("are in each other's roster, and a conversation that one opens is held by the other before anything is said")
    func bell() {
        var room = two([alice, bob, carol])
        #expect(room.chat(alice).link == .online)
        #expect(room.chat(alice).isLiveOnly)
        #expect(room.chat(alice).roster.onlineCount == 3)
        #expect(room[alice].session.channels.map(\.description) == ["presence-lobby"])
        room.want(alice, .open(aliceBob))
        #expect(room.chat(bob).watchedConversations == [aliceBob])
        #expect(room.chat(carol).watchedConversations == [])
        room.want(alice, .typing(aliceBob, true))
        #expect(room.chat(bob).typing.typists(in: aliceBob) == [alice])
    }

    @Test("messages go both ways, are confirmed, counted unseen, and nothing waits afterwards")
    func messages() {
        var room = two()
        room.want(alice, .open(aliceBob))
        for index in 1...5 { room.say(alice, "m\(index)", to: aliceBob) }
        #expect(room.texts(bob, aliceBob) == (1...5).map { "m\($0)" })
        #expect(room.texts(alice, aliceBob) == (1...5).map { "m\($0)" })
        #expect(room.chat(alice).waitingToBeSent == 0)
        #expect(room.disks[alice]?.rows.isEmpty == true)
        #expect(room.chat(bob).conversation(aliceBob).unseen == 5)
        room.want(bob, .open(aliceBob))
        room.want(bob, .markSeen(aliceBob, through: 5))
        #expect(room.chat(bob).conversation(aliceBob).unseen == 0)
        room.say(bob, "back", to: aliceBob)
        #expect(room.texts(alice, aliceBob).last == "back")
        #expect(room.violations == [])
    }

    @Test("have rooms of their own beside the presence channel, and hear nothing of those they are not in")
    func rooms() {
        let (support, devOps) = (ChatRoom(UserID("support")!), ChatRoom(UserID("dev-ops")!))
        let here = support.conversation
        var room = two([])
        room.desk.rooms = [support, devOps]
        for user in [alice, bob, carol] {
            room.start(Seat(user), settings: Self.settings(user) { $0.rooms = [support, devOps] })
        }
        for user in [alice, bob] { room.want(user, .open(here)) }
        room.want(carol, .open(devOps.conversation))
        #expect(room.chat(alice).members == [here: [alice, bob]])
        room.want(bob, .typing(here, true))
        #expect(room.chat(alice).typing.typists(in: here) == [bob])
        room.say(bob, "one", to: here)
        #expect(room.texts(alice, here) == ["one"])
        #expect(room.chat(carol).conversation(here).messages.isEmpty)
        room.want(alice, .open(.lobby))
        room.say(bob, "two", to: here)
        #expect(room.chat(alice).conversation(here).unseen == 2)
        room.cut(alice)
        room.mend(alice)
        room.advance(by: .seconds(60))
        #expect(room.chat(alice).members == [here: [alice, bob]])
        room.say(alice, "three", to: here)
        #expect(room.texts(bob, here) == ["one", "two", "three"])
    }

    @Test("a message to somebody who holds no channel yet reaches them once they were called")
    func unopened() {
        var room = two()
        room.say(alice, "hi", to: aliceBob)
        room.advance(by: .seconds(3))
        #expect(room.texts(bob, aliceBob) == ["hi"])
        #expect(room.chat(alice).waitingToBeSent == 0)
    }

    @Test("whoever comes later is called into the conversations that are open with them")
    func later() {
        var room = two([alice])
        room.desk.users.insert(bob)
        room.want(alice, .open(aliceBob))
        start(bob, in: &room)
        #expect(room.chat(bob).watchedConversations == [aliceBob])
        room.say(alice, "hi", to: aliceBob)
        #expect(room.texts(bob, aliceBob) == ["hi"])
    }

    @Test("what nobody takes in is not confirmed after ten seconds, and is said once when it is tried again")
    func unconfirmed() {
        var room = two([alice])
        room.desk.users.insert(bob)
        room.say(alice, "hello?", to: aliceBob)
        room.advance(by: .milliseconds(100))
        #expect(room.chat(alice).conversation(aliceBob).outbox.map(\.state) == [.relayed])
        room.advance(by: .seconds(9))
        #expect(failure(room, alice) == nil)
        #expect(room.chat(alice).waitingToBeSent == 1)
        room.advance(by: .seconds(2))
        #expect(failure(room, alice)?.hasPrefix("not confirmed") == true)
        start(bob, in: &room)
        let id = room.chat(alice).conversation(aliceBob).outbox[0].clientID
        room.want(alice, .retry(clientID: id))
        room.advance(by: .seconds(5))
        #expect(room.texts(bob, aliceBob) == ["hello?"])
        #expect(room.texts(alice, aliceBob) == ["hello?"])
        #expect(room.chat(alice).conversation(aliceBob).outbox.isEmpty)
    }

    @Test("what is said while the line is down goes out once when it is back, and the gap is named")
    func reconnects() {
        var room = two()
        room.want(alice, .open(aliceBob))
        room.cut(alice)
        for index in 1...3 { room.say(alice, "m\(index)", to: aliceBob) }
        room.mend(alice)
        room.advance(by: .seconds(60))
        #expect(room.texts(bob, aliceBob) == ["m1", "m2", "m3"])
        #expect(room.texts(alice, aliceBob) == ["m1", "m2", "m3"])
        #expect(warnings(room, alice).count { $0.hasPrefix("live only from here") } == 1)
        #expect(warnings(room, bob).isEmpty)
    }

    @Test("a message that comes twice stands once and is confirmed twice")
    func twice() {
        var room = two()
        room.want(bob, .open(aliceBob))
        for _ in 1...2 {
            hear(
                "client-message", "private-chat-alice-bob", #"{"client_id":"x","from":"alice","text":"hi"}"#, at: bob,
                in: &room)
        }
        #expect(room.texts(bob, aliceBob) == ["hi"])
    }

    @Test(
        "nobody speaks in another's name, and nonsense is dropped",
        arguments: [
            ("client-message", "private-chat-alice-bob", #"{"client_id":"x","from":"carol","text":"hi"}"#, nil),
            ("client-message", "private-chat-alice-bob", #"{"client_id":"x","from":"bob","text":"hi"}"#, nil),
            ("client-message", "private-chat-alice-bob", #"{"client_id":"x","text":""}"#, nil),
            ("client-message", "private-chat-alice-bob", #"{"client_id":"x","text":7}"#, nil),
            ("client-message", "private-chat-alice-bob", "[]", nil),
            ("client-message", "presence-lobby", #"{"client_id":"x","from":"alice","text":"hi"}"#, nil),
            ("client-message", "private-chat-bob-carol", #"{"client_id":"x","from":"carol","text":"hi"}"#, nil),
            ("new_message", "private-chat-alice-bob", #"{"id":"x","from":"carol","text":"hi"}"#, nil),
            ("client-typing", "private-chat-alice-bob", #"{"from":"carol","typing":true}"#, nil),
            ("client-conversation-opened", "presence-lobby", #"{"to":"bob"}"#, "bob"),
        ] as [(String, String, String, String?)])
    func forged(event: String, channel: String, data: String, userID: String?) {
        var room = two([alice, bob, carol])
        room.want(bob, .open(aliceBob))
        let before = room[bob].session.dropped
        hear(event, channel, data, userID: userID, at: bob, in: &room)
        #expect(room.texts(bob, aliceBob) == [] && room.texts(bob, .lobby) == [])
        #expect(room.chat(bob).typing.typists(in: aliceBob) == [])
        #expect(room[bob].session.dropped == before + 1 || channel == "private-chat-bob-carol")
    }

    @Test("a message of the application's own server counts, with its time, and confirms ours")
    func server() {
        var room = two([bob])
        room.want(bob, .open(aliceBob))
        hear(
            "new_message", "private-chat-alice-bob",
            #"{"id":7,"from":"alice","text":"by the server","at":"2026-11-20T10:00:00.000Z"}"#, at: bob, in: &room)
        #expect(room.texts(bob, aliceBob) == ["by the server"])
        #expect(room.chat(bob).conversation(aliceBob).messages[0].at == Timestamp(rfc3339: "2026-11-20T10:00:00.000Z"))
    }

    @Test("the lobby reaches everybody as the engine names the sender")
    func lobby() {
        var room = two([alice, bob, carol])
        room.say(carol, "hello all", to: .lobby)
        for user in [alice, bob, carol] { #expect(room.texts(user, .lobby) == ["hello all"]) }
        let stands = { user in room.chat(user).conversation(.lobby).messages.map(\.isRelayed) }
        #expect(stands(carol) == [true] && stands(alice) == [false])
    }

    @Test("client events that are switched off are said once, and no message waits for what cannot come")
    func switchedOff() {
        var room = two(clientEvents: false)
        room.want(alice, .open(aliceBob))
        room.say(alice, "one", to: aliceBob)
        room.say(alice, "two", to: aliceBob)
        room.advance(by: .seconds(1))
        #expect(failure(room, alice)?.contains("does not allow client events") == true)
        #expect(warnings(room, alice).count { $0.contains("does not allow client events") } == 1)
    }

    @Test(
        "is told of switched-off client events in every engine's words, and of none that pass",
        arguments: [
            (#"{"code":4301,"message":"The app does not have client messaging enabled."}"#, true),
            (
                #"{"code":null,"message":"To send client events, you must enable this feature in the Settings page"}"#,
                true
            ),
            (#""{\"code\":4301,\"message\":\"Client events are not enabled for this app\"}""#, true),
            (#"{"code":4301,"message":"Rate limit reached"}"#, false),
            (#"{"code":4009,"message":"The client is not a member of the specified channel."}"#, false),
            (
                #"{"code":null,"message":"Cannot broadcast client event (connection not subscribed to channel x)"}"#,
                false
            ),
        ])
    func words(data: String, isSaid: Bool) {
        var room = two()
        room.post(Seat(alice), .socketText(attempt: 1, #"{"event":"pusher:error","data":\#(data)}"#))
        #expect(warnings(room, alice).contains { $0.contains("does not allow client events") } == isSaid)
    }

    @Test("where the engine names nobody, the conversations of everybody there are held at once")
    func nameless() {
        var room = two([alice, bob, carol])
        hear("client-typing", "presence-lobby", #"{"from":"bob","typing":true}"#, at: alice, in: &room)
        #expect(Set(room.chat(alice).watchedConversations) == [aliceBob, ConversationName(alice, carol)!])
        let dave = UserID("dave")!
        start(dave, in: &room)
        #expect(room.chat(alice).watchedConversations.contains(ConversationName(alice, dave)!))
    }

    @Test("members whose ids are none here are known as such, come and go, and cannot be written to")
    func strangers() {
        var room = World()
        room.engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret"), seed: 7)
        start(alice, in: &room)
        hear(
            "pusher_internal:subscription_succeeded", "presence-lobby",
            #""{\"presence\":{\"ids\":[\"alice\",\"user:1\",\"bob\"],\"hash\":{\"alice\":{},\"user:1\":{\"name\":\"Zoë\"},\"bob\":{}},\"count\":3}}""#,
            at: alice, in: &room)
        #expect(room.chat(alice).strangers(in: .lobby).map(\.name) == ["Zoë"])
        #expect(room.chat(alice).roster.onlineCount == 2)
        hear("pusher_internal:member_added", "presence-lobby", #"{"user_id":"a/b"}"#, at: alice, in: &room)
        #expect(room.chat(alice).strangers(in: .lobby).map(\.id) == ["a/b", "user:1"])
        for text in ["hi", "there"] {
            hear("client-message", "presence-lobby", #"{"text":"\#(text)"}"#, userID: "user:1", at: alice, in: &room)
        }
        let warnings = room[alice].notices.compactMap { if case .warning(let text) = $0 { text } else { nil } }
        #expect(warnings.count { $0.hasPrefix("#lobby: what Zoë says is not shown: ") } == 1)
        #expect(room.texts(alice, .lobby) == [])
        hear("pusher_internal:member_removed", "presence-lobby", #"{"user_id":"user:1"}"#, at: alice, in: &room)
        #expect(room.chat(alice).strangers(in: .lobby).map(\.id) == ["a/b"])
        room.cut(alice)
        #expect(room.chat(alice).strangers(in: .lobby).isEmpty)
    }

    @Test("whom the application takes for somebody else is told so and signed out")
    func somebodyElse() {
        var room = World()
        room.start(Seat(alice), settings: Self.settings(bob))
        guard case .refused(let reason) = room.chat(alice).link else {
            Issue.record("\(room.chat(alice).link)")
            return
        }
        #expect(reason.contains("the application says you are alice"))
    }

    @Test("another connection of ours says something in a room, and it is shown as ours")
    func ownOther() {
        var room = two([alice, bob])
        room.start(Seat(alice, 2), settings: Self.settings(alice))
        room.want(Seat(alice, 2), .send(.lobby, text: "from the other", clientID: ""))
        #expect(room.texts(alice, .lobby) == ["from the other"])
        let message = room.chat(alice).conversation(.lobby).messages[0]
        #expect(message.from == alice && room.chat(alice).conversation(.lobby).unseen == 0)
        // On a channel of two the engine vouches for nobody.
        room.want(alice, .open(aliceBob))
        hear(
            "client-message", "private-chat-alice-bob", #"{"client_id":"x","from":"alice","text":"hi"}"#, at: alice,
            in: &room)
        #expect(room.texts(alice, aliceBob) == [])
    }

    @Test("the ids of messages that were heard are forgotten some day, and the messages of a flood are bounded")
    func flood() {
        var heard = HeardIDs()
        let areNew = (0..<(HeardIDs.limit + 10)).map { heard.insert("\($0)") }
        #expect(!areNew.contains(false) && heard.count == HeardIDs.limit)
        let (newest, oldest) = (heard.insert("\(HeardIDs.limit + 9)"), heard.insert("0"))
        #expect(!newest && oldest)
    }

    // MARK: Not let in

    @Test(
        "an endpoint that refuses for good is told, nothing is called online, and nothing is tried again",
        arguments: [
            (403, "{}", "the authorization endpoint answered 403"),
            (403, #"{"message":"not for you"}"#, "the authorization endpoint answered 403: not for you"),
            (302, "", "the authorization endpoint answered 302, a redirect, which is not followed"),
            (
                200, "<!doctype html><p>",
                "the authorization endpoint answered 200 with a web page instead of a signature"
            ),
            (204, "", "the authorization endpoint answered 204 with nothing instead of a signature"),
            (200, "{}", #"the authorization endpoint answered 200 without "auth""#),
            (
                200, #"{"auth":"key:00","channel_data":"{\"user_id\":\"alice\"}"}"#,
                "the server refuses the signature (Invalid signature); the authorization endpoint may use another key or secret"
            ),
        ])
    func refusedForGood(status: Int, body: String, reason: String) {
        var room = World()
        room.desk.answers = [("/pusher/auth", status, body)]
        start(alice, in: &room)
        #expect(room.chat(alice).link == .refused(reason: reason))
        room.advance(by: .seconds(300))
        #expect(room.chat(alice).link == .refused(reason: reason))
        #expect(!links(room).contains(.online))
        #expect(room.desk.log.count { $0.request.path == "/pusher/auth" } == 1)
        room.desk.answers = []
        room.post(Seat(alice), .reconnectNow)
        #expect(room.chat(alice).link == .online)
    }

    @Test("an endpoint that may answer later is told for as long as it does not, and messages wait")
    func notAdmitted() {
        var room = World()
        room.desk.answers = [("/pusher/auth", 500, "oops")]
        start(alice, in: &room)
        func reason() -> String? {
            if case .notAdmitted(let reason, _?) = room.chat(alice).link { reason } else { nil }
        }
        #expect(reason() == "the authorization endpoint answered 500")
        room.isDeskSilent = true
        room.advance(by: .seconds(60))
        #expect(reason() == "the authorization endpoint does not answer (no way through)")
        #expect(!links(room).contains(.online))
        room.say(alice, "m1", to: .lobby)
        #expect(room.chat(alice).waitingToBeSent == 1)
        room.isDeskSilent = false
        room.desk.answers = []
        room.advance(by: .seconds(31))
        #expect(room.chat(alice).link == .online && room.texts(alice, .lobby) == ["m1"])
    }

    @Test("the member limit of the presence channel is told, and passes by itself")
    func memberLimit() {
        var room = World()
        var limits = Limits()
        limits.presenceMembers = 1
        room.engine = Engine(app: EngineApp(id: "1", key: "key", secret: "secret", limits: limits), seed: 7)
        for user in [alice, bob] { start(user, in: &room) }
        guard case .notAdmitted(let reason, _?) = room.chat(bob).link else {
            Issue.record("\(room.chat(bob).link)")
            return
        }
        #expect(reason.contains("has 1 members already"))
        room.kill(Seat(alice))
        room.advance(by: .seconds(31))
        #expect(room.chat(bob).link == .online && room.chat(bob).roster.onlineCount == 1)
    }

    @Test("a room that is refused stays refused in words, and the rest goes on")
    func refusedRoom() {
        let board = ChatRoom(UserID("board")!)
        var room = World()
        room.start(Seat(alice), settings: Self.settings(alice) { $0.rooms = [board] })
        room.want(alice, .open(board.conversation))
        room.advance(by: .seconds(30))
        #expect(room.chat(alice).refusal(of: board.conversation)?.isRetried == false)
        #expect(room.chat(alice).link == .online)
    }

    private func links(_ room: World) -> [Link] {
        room[alice].notices.compactMap { if case .link(let link) = $0 { link } else { nil } }
    }

    @Test("a search says that nothing is kept")
    func search() {
        var room = two()
        room.want(alice, .search(SearchQuery("word", in: nil)))
        #expect("\(String(describing: room.chat(alice).search))".contains("nothing is kept"))
    }

    @Test("a conversation's channel is called as the application calls it")
    func names() throws {
        func channel(_ a: String, _ b: String, _ change: (inout PlainSettings.Names) -> Void = { _ in }) throws
            -> String
        {
            let settings = try #require(Self.settings(alice) { change(&$0.names) }.plain)
            let name = try #require(ConversationName(UserID(validating: a), UserID(validating: b)))
            return settings.channel(name).text
        }
        #expect(try channel("10", "9") == "private-chat-9-10")
        #expect(try channel("10", "9") { $0.ordersIntegers = false } == "private-chat-10-9")
        #expect(try channel("a-b", "c") == "private-chat-a=2Db-c")
        #expect(try channel("a-b", "c") { $0.escapesIDs = false } == "private-chat-a-b-c")
        #expect(try channel("a", "b") { $0.chatPrefix = "private-dm." } == "private-dm.a-b")
    }

    @Test("the endpoint is asked with the fields and headers that the application wants")
    func endpoint() throws {
        var settings = try #require(Self.settings(alice).plain)
        settings.endpoint = PlainSettings.Endpoint(path: "/broadcasting/auth")
        settings.endpoint.parameters = [.init(name: "tenant", value: "a b")]
        settings.endpoint.headers = [.init(name: "X-CSRF-Token", value: "t")]
        let request = settings.authorization(ChannelName(wire: "private-chat-a-b"), try #require(SocketID("1.2")))
        #expect(request.path == "/broadcasting/auth" && request.method == "POST")
        #expect(request.body == "socket_id=1.2&channel_name=private-chat-a-b&tenant=a%20b")
        #expect(request.headers == settings.endpoint.headers)
    }

    // MARK: Encrypted

    /// An application whose server publishes what is said, on encrypted channels.
    private func encrypted(_ change: (inout PlainSettings) -> Void = { _ in }) -> World {
        var room = World()
        room.desk.masterKey = Array(0..<32)
        for user in [alice, bob] {
            let settings = Self.settings(user) {
                $0.isEncrypted = true
                $0.messages = PlainSettings.Endpoint(path: "/app/say")
                change(&$0)
            }
            room.start(Seat(user), settings: settings)
        }
        return room
    }

    @Test("where the application encrypts, its server is told what is said, and says it on the encrypted channel")
    func encryptedTalk() {
        var room = encrypted()
        room.want(alice, .open(aliceBob))
        #expect(room.chat(alice).isEncrypted)
        for text in ["one", "two"] { room.say(alice, text, to: aliceBob) }
        room.say(bob, "three", to: aliceBob)
        for user in [alice, bob] {
            #expect(room.texts(user, aliceBob) == ["one", "two", "three"])
            #expect(room.chat(user).conversation(aliceBob).outbox.isEmpty)
            #expect(warnings(room, user) == [])
        }
        room.want(bob, .typing(aliceBob, true))
        #expect(room.chat(alice).typing.typists(in: aliceBob) == [bob])
    }

    @Test("what an application's server refuses or does not answer is said to be so, and is not said twice by itself")
    func endpointRefuses() {
        for (status, words) in [(422, "the desk answered 422"), (500, "not confirmed")] {
            var room = encrypted()
            room.want(alice, .open(aliceBob))
            room.desk.faults = [("/app/say", status, 1)]
            room.say(alice, "one", to: aliceBob)
            room.advance(by: .seconds(60))
            #expect(failure(room, alice)?.hasPrefix(words) == true || failure(room, alice) == "a fault on purpose")
            #expect(room.desk.log.count { $0.request.path == "/app/say" } == 1)
        }
    }

    @Test("without a place to say it, nothing is said in the clear; a message in the clear is not believed")
    func encryptedSilence() {
        var room = encrypted { $0.messages = nil }
        room.want(alice, .open(aliceBob))
        room.say(alice, "one", to: aliceBob)
        #expect(failure(room, alice)?.contains("channels.message_endpoint") == true)
        room.want(bob, .open(aliceBob))
        for event in ["client-message", "new_message"] {
            hear(
                event, "private-chat-alice-bob", #"{"client_id":"x","from":"alice","text":"hi"}"#, at: bob, in: &room)
        }
        #expect(room.texts(bob, aliceBob) == [])
        #expect(room[bob].session.dropped == 2)
    }

    @Test("what the key does not open is named each time, for nobody has it")
    func encryptedWrongKey() {
        var room = encrypted()
        room.desk.wrongKeys = 1_000
        for user in [alice, bob] { room.want(user, .open(aliceBob)) }
        for text in ["one", "two"] { room.say(alice, text, to: aliceBob) }
        #expect(room.texts(bob, aliceBob) == [])
        #expect(warnings(room, bob).count { $0.contains("a message came that the key does not open") } == 2)
    }
}
