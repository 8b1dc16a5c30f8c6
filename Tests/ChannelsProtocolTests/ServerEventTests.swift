import ChannelsProtocol
import Testing

/// Frames as the engines send them; see the tables of the protocol.
@Suite("frames from servers")
struct ServerEventTests {
    static let lobby: ChannelName = "presence-lobby"
    static let ana = Member(id: "17", info: ["name": "Ana"])
    static let bo = Member(id: "3", info: ["name": "Bo"])

    @Test(
        "are understood in every engine's shape",
        arguments: [
            // The greeting.
            (
                #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"214.8837412\",\"activity_timeout\":120}"}"#,
                .connectionEstablished(socketID: SocketID("214.8837412")!, activityTimeout: .seconds(120))
            ),
            (
                #"{"data":{"socket_id":"1.2"},"event":"pusher:connection_established"}"#,
                .connectionEstablished(socketID: SocketID("1.2")!, activityTimeout: nil)
            ),
            (
                #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":0}"}"#,
                .connectionEstablished(socketID: SocketID("1.2")!, activityTimeout: nil)
            ),
            // Success: Pusher, Reverb and sockudo; soketi; poxa's public name.
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"private-chat-3-17","data":"{}"}"#,
                .subscriptionSucceeded("private-chat-3-17", presence: nil)
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"private-chat-3-17"}"#,
                .subscriptionSucceeded("private-chat-3-17", presence: nil)
            ),
            (
                #"{"event":"pusher:subscription_succeeded","channel":"x","data":null}"#,
                .subscriptionSucceeded("x", presence: nil)
            ),
            // Rosters: Pusher; Reverb's numbers; pusher-fake without ids; an empty hash as PHP writes it; soketi's gaps.
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[\"3\",\"17\"],\"hash\":{\"3\":{\"name\":\"Bo\"},\"17\":{\"name\":\"Ana\"}},\"count\":2}}"}"#,
                .subscriptionSucceeded(lobby, presence: .init(members: [bo, ana]))
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[17,3],\"hash\":{\"3\":{\"name\":\"Bo\"},\"17\":{\"name\":\"Ana\"}},\"count\":2}}"}"#,
                .subscriptionSucceeded(lobby, presence: .init(members: [ana, bo]))
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":{"presence":{"hash":{"17":{"name":"Ana"}},"count":1}}}"#,
                .subscriptionSucceeded(lobby, presence: .init(members: [ana]))
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[],\"hash\":[],\"count\":0}}"}"#,
                .subscriptionSucceeded(lobby, presence: .init(members: []))
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[0,1],\"hash\":[{\"name\":\"A\"},null],\"count\":2}}"}"#,
                .subscriptionSucceeded(
                    lobby, presence: .init(members: [Member(id: "0", info: ["name": "A"]), Member(id: "1")]))
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[\"3\",\"9\"],\"hash\":{\"3\":{\"name\":\"Bo\"}},\"count\":2}}"}"#,
                .subscriptionSucceeded(lobby, presence: .init(members: [bo, Member(id: "9")]))
            ),
            (
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[\"9\"],\"hash\":[],\"count\":1}}"}"#,
                .subscriptionSucceeded(lobby, presence: .init(members: [Member(id: "9")]))
            ),
            // Members: string; object (older Reverb, sockudo); a number as id; pusher-fake's user_info on leaving.
            (
                #"{"event":"pusher_internal:member_added","channel":"presence-lobby","data":"{\"user_id\":\"17\",\"user_info\":{\"name\":\"Ana\"}}"}"#,
                .memberAdded(lobby, ana)
            ),
            (
                #"{"event":"pusher_internal:member_added","channel":"presence-lobby","data":{"user_id":17,"user_info":{"name":"Ana"}}}"#,
                .memberAdded(lobby, ana)
            ),
            (
                #"{"event":"pusher_internal:member_added","channel":"presence-lobby","data":"{\"user_id\":123456789012345678901234567890}"}"#,
                .memberAdded(lobby, Member(id: "123456789012345678901234567890"))
            ),
            (
                #"{"event":"pusher_internal:member_removed","channel":"presence-lobby","data":{"user_id":3,"user_info":{}}}"#,
                .memberRemoved(lobby, id: "3")
            ),
            // Errors: Pusher, soketi, Reverb.
            (
                #"{"event":"pusher:error","data":{"code":null,"message":"Existing subscription to channel x"}}"#,
                .error(code: nil, message: "Existing subscription to channel x", channel: nil)
            ),
            (
                #"{"event":"pusher:error","channel":"x","data":{"code":4301,"message":"no"}}"#,
                .error(code: 4301, message: "no", channel: "x")
            ),
            (
                #"{"event":"pusher:error","data":"{\"code\":4009,\"message\":\"Connection is unauthorized\"}"}"#,
                .error(code: 4009, message: "Connection is unauthorized", channel: nil)
            ),
            (#"{"event":"pusher:error","data":"plain text"}"#, .error(code: nil, message: "plain text", channel: nil)),
            (#"{"event":"pusher:error"}"#, .error(code: nil, message: "", channel: nil)),
            (
                #"{"event":"pusher:subscription_error","channel":"private-x","data":{"type":"AuthError","error":"The connection is unauthorized.","status":401}}"#,
                .subscriptionError(
                    "private-x", kind: "AuthError", message: "The connection is unauthorized.", status: 401)
            ),
            (
                #"{"event":"pusher_internal:subscription_error","channel":"private-x","data":{}}"#,
                .subscriptionError("private-x", kind: "", message: "", status: nil)
            ),
            // Liveness.
            (#"{"event":"pusher:ping","data":{}}"#, .ping), (#"{"event":"pusher:ping"}"#, .ping),
            (#"{"event":"pusher:pong","data":""}"#, .pong), (#"{"event":"pusher:pong","data":null}"#, .pong),
            // Others.
            (#"{"event":"pusher:cache_miss","channel":"cache-x"}"#, .cacheMiss("cache-x")),
            (#"{"event":"pusher:cache_miss","channel":"cache-x","data":"{}"}"#, .cacheMiss("cache-x")),
            (
                #"{"event":"pusher_internal:subscription_count","channel":"x","data":"{\"subscription_count\":12}"}"#,
                .subscriptionCount("x", 12)
            ),
            (
                #"{"event":"pusher:signin_success","data":"{\"user_data\":\"{\\\"id\\\":\\\"17\\\"}\"}"}"#,
                .signInSucceeded(userData: #"{"id":"17"}"#)
            ),
            (
                #"{"event":"pusher:signin_success","data":{"auth":"k:x","user_data":"{\"id\":\"17\"}"}}"#,
                .signInSucceeded(userData: #"{"id":"17"}"#)
            ),
            (
                #"{"event":"pusher_internal:watchlist_events","data":{"events":[{"name":"online","user_ids":["3"]},{"name":"offline","user_ids":[4]}]}}"#,
                .watchlist([.init(name: "online", userIDs: ["3"]), .init(name: "offline", userIDs: ["4"])])
            ),
            // Channel events: a string with JSON, an object, plain text, nothing; with user_id as text and number.
            (
                #"{"event":"new_message","channel":"private-chat-3-17","data":"{\"id\":991,\"text\":\"hi\"}"}"#,
                .event(.init(channel: "private-chat-3-17", name: "new_message", data: ["id": 991, "text": "hi"]))
            ),
            (
                #"{"event":"client-typing","channel":"presence-lobby","data":{"on":true},"user_id":"17"}"#,
                .event(.init(channel: lobby, name: "client-typing", data: ["on": true], userID: "17"))
            ),
            (
                #"{"event":"client-typing","channel":"presence-lobby","data":"{}","user_id":17,"seq":9}"#,
                .event(.init(channel: lobby, name: "client-typing", data: [:], userID: "17"))
            ),
            (#"{"event":"e","channel":"c","data":"hello {"}"#, .event(.init(channel: "c", name: "e", data: "hello {"))),
            (#"{"event":"e","channel":"c","data":"a\nb"}"#, .event(.init(channel: "c", name: "e", data: "a\nb"))),
            (#"{"event":"e","channel":"c","data":""}"#, .event(.init(channel: "c", name: "e", data: ""))),
            (#"{"event":"e","channel":"c"}"#, .event(.init(channel: "c", name: "e", data: .null))),
            (#"{"event":"online","data":{"user_ids":["3"]}}"#, .unknown(name: "online")),
            (#"{"event":"pusher:new_thing","data":{}}"#, .unknown(name: "pusher:new_thing")),
        ] as [(String, ServerEvent)])
    func decoding(frame: String, event: ServerEvent) throws {
        #expect(try ServerEvent(decoding: frame) == event)
    }

    @Test(
        "that mean nothing are errors and never a crash",
        arguments: [
            "", "{}", "[]", "null", "7", "\"x\"", #"{"event":7}"#, #"{"event":""}"#, #"{"event":"e""#,
            "{\"event\":\"e\"}x", "not json",
            #"{"event":"pusher:connection_established"}"#, #"{"event":"pusher:connection_established","data":"{}"}"#,
            #"{"event":"pusher:connection_established","data":{"socket_id":"1.2:x"}}"#,
            #"{"event":"pusher_internal:subscription_succeeded"}"#,
            #"{"event":"pusher_internal:member_added","channel":"presence-x"}"#,
            #"{"event":"pusher_internal:member_added","channel":"presence-x","data":{"user_id":""}}"#,
            #"{"event":"pusher_internal:member_removed","channel":"presence-x","data":"[]"}"#,
            #"{"event":"pusher_internal:subscription_count","channel":"x","data":"{}"}"#,
            #"{"event":"pusher:signin_success","data":"{}"}"#,
            #"{"event":"pusher:cache_miss"}"#,
        ])
    func malformed(frame: String) {
        #expect(throws: FrameError.self) { try ServerEvent(decoding: frame) }
    }

    @Test(
        "are written as Pusher writes them",
        arguments: [
            (
                ServerEvent.connectionEstablished(socketID: SocketID("1.2")!, activityTimeout: .seconds(120)),
                #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":120}"}"#
            ),
            (
                .error(code: nil, message: "no \"x\"", channel: "c"),
                #"{"event":"pusher:error","data":{"message":"no \"x\"","code":null}}"#
            ),
            (
                .error(code: 4001, message: "m", channel: nil),
                #"{"event":"pusher:error","data":{"message":"m","code":4001}}"#
            ),
            (.ping, #"{"event":"pusher:ping","data":{}}"#), (.pong, #"{"event":"pusher:pong","data":{}}"#),
            (
                .subscriptionSucceeded("x", presence: nil),
                #"{"event":"pusher_internal:subscription_succeeded","channel":"x","data":"{}"}"#
            ),
            (
                .subscriptionSucceeded(lobby, presence: .init(members: [ana, Member(id: "3")])),
                #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-lobby","data":"{\"presence\":{\"ids\":[\"17\",\"3\"],\"hash\":{\"17\":{\"name\":\"Ana\"},\"3\":null},\"count\":2}}"}"#
            ),
            (
                .memberAdded(lobby, ana),
                #"{"event":"pusher_internal:member_added","channel":"presence-lobby","data":"{\"user_id\":\"17\",\"user_info\":{\"name\":\"Ana\"}}"}"#
            ),
            (
                .memberRemoved(lobby, id: "17"),
                #"{"event":"pusher_internal:member_removed","channel":"presence-lobby","data":"{\"user_id\":\"17\"}"}"#
            ),
            (.cacheMiss("cache-x"), #"{"event":"pusher:cache_miss","channel":"cache-x"}"#),
            (
                .event(.init(channel: lobby, name: "client-x", data: ["on": true], userID: "17")),
                #"{"event":"client-x","channel":"presence-lobby","data":"{\"on\":true}","user_id":"17"}"#
            ),
        ] as [(ServerEvent, String)])
    func encoding(event: ServerEvent, frame: String) {
        #expect(event.text == frame)
    }

    @Test("keep the publisher's text byte for byte")
    func published() throws {
        let data = "{ \"a\" : \"\\u00e9\\/\", \"a\":1 }"
        let frame = ServerEvent.event("e", on: "c", data: data)
        #expect(try JSON(parsing: frame)["data"]?.string == data)
    }

    @Test("made from noise are refused or read, never a crash")
    func noise() {
        var dice = Dice(seed: 11)
        let names = [
            "pusher:error", "pusher_internal:member_added", "pusher:connection_established", "e",
            "pusher:signin_success",
        ]
        for _ in 0..<3_000 {
            var frame: JSON = ["event": .string(names[dice.number(below: names.count)]), "channel": "presence-x"]
            let data = dice.json()
            frame = [
                "event": frame["event"]!, "channel": "presence-x",
                "data": dice.number(below: 2) == 0 ? .string(data.text) : data,
            ]
            var bytes = Array(frame.text.utf8)
            if dice.number(below: 2) == 0 { bytes[dice.number(below: bytes.count)] = UInt8(dice.number(below: 128)) }
            let text = String(decoding: bytes, as: UTF8.self)
            _ = try? ServerEvent(decoding: text)
            _ = try? ClientFrame(decoding: text)
        }
    }
}

@Suite("frames from clients")
struct ClientFrameTests {
    @Test(
        "are written and read",
        arguments: [
            (
                ClientFrame.subscribe("presence-lobby", auth: "k:5f", channelData: #"{"user_id":"17"}"#),
                #"{"event":"pusher:subscribe","data":{"channel":"presence-lobby","auth":"k:5f","channel_data":"{\"user_id\":\"17\"}"}}"#
            ),
            (.subscribe("news"), #"{"event":"pusher:subscribe","data":{"channel":"news"}}"#),
            (.unsubscribe("news"), #"{"event":"pusher:unsubscribe","data":{"channel":"news"}}"#),
            (
                .signIn(auth: "k:47", userData: #"{"id":"17"}"#),
                #"{"event":"pusher:signin","data":{"auth":"k:47","user_data":"{\"id\":\"17\"}"}}"#
            ),
            (.ping, #"{"event":"pusher:ping","data":{}}"#), (.pong, #"{"event":"pusher:pong","data":{}}"#),
            (
                .event(name: "client-typing", channel: "private-chat-3-17", data: ["from": "17", "on": true]),
                #"{"event":"client-typing","channel":"private-chat-3-17","data":{"from":"17","on":true}}"#
            ),
        ] as [(ClientFrame, String)])
    func roundTrip(frame: ClientFrame, text: String) throws {
        #expect(frame.text == text)
        #expect(try ClientFrame(decoding: text) == frame)
    }

    @Test(
        "are read in other libraries' shapes",
        arguments: [
            (#"{"event":"pusher:subscribe","data":{"channel":"x","auth":""}}"#, ClientFrame.subscribe("x", auth: "")),
            (#"{"event":"pusher:subscribe","data":{"channel":"x","auth":null}}"#, .subscribe("x")),
            (#"{"event":"pusher:subscribe","data":"{\"channel\":\"x\"}"}"#, .subscribe("x")),
            (#"{"event":"pusher:ping","data":""}"#, .ping), (#"{"event":"pusher:ping"}"#, .ping),
            (#"{"event":"pusher:pong","data":null}"#, .pong),
            (
                #"{"event":"client-x","channel":"private-a","data":"text"}"#,
                .event(name: "client-x", channel: "private-a", data: "text")
            ),
            (
                #"{"event":"client-x","channel":"private-a"}"#,
                .event(name: "client-x", channel: "private-a", data: .null)
            ),
            (
                #"{"event":"pusher_internal:member_added","channel":"x"}"#,
                .unsupported(name: "pusher_internal:member_added")
            ),
            (#"{"event":"my-client-x","channel":"x"}"#, .unsupported(name: "my-client-x")),
        ] as [(String, ClientFrame)])
    func tolerance(text: String, frame: ClientFrame) throws {
        #expect(try ClientFrame(decoding: text) == frame)
    }

    @Test(
        "that lack something are errors",
        arguments: [
            "", "[]", "{}", #"{"event":"pusher:subscribe"}"#, #"{"event":"pusher:subscribe","data":{}}"#,
            #"{"event":"pusher:subscribe","data":{"channel":7}}"#, #"{"event":"pusher:unsubscribe","data":[]}"#,
            #"{"event":"pusher:signin","data":{"auth":"x"}}"#, #"{"event":"pusher:signin","data":{"user_data":"{}"}}"#,
            #"{"event":"client-x"}"#, #"{"event":"client-x","channel":{}}"#, #"{"data":{}}"#,
        ])
    func malformed(text: String) {
        #expect(throws: FrameError.self) { try ClientFrame(decoding: text) }
    }
}
