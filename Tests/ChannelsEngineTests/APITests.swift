import ChannelsEngine
import ChannelsProtocol
import Testing

@Suite("the HTTP API")
struct APITests {
    @Test("publishes an event and answers with nothing, or with what was asked for")
    func events() {
        var room = Room()
        let (ana, bo) = (room.client(), room.client())
        room.enter(ana, "presence-a", as: "17")
        room.enter(bo, "presence-a", as: "3")
        _ = (room.take(ana), room.take(bo))
        let excluded = room.id(bo)
        let plain = room.ask(
            "POST", "/apps/3/events",
            body: #"{"name":"e","channel":"presence-a","data":"{}","socket_id":"\#(excluded)"}"#)
        #expect(plain == (200, "{}"))
        #expect(room.events(ana) == [.event(.init(channel: "presence-a", name: "e", data: [:]))])
        #expect(room.take(bo).isEmpty)
        let asked = room.ask(
            "POST", "/apps/3/events",
            body: #"{"name":"e","channels":["presence-a","b"],"data":"{}","info":"user_count,subscription_count"}"#)
        #expect(
            asked == (
                200,
                #"{"channels":{"presence-a":{"user_count":2,"subscription_count":2},"b":{"subscription_count":0}}}"#
            ))
    }

    @Test(
        "refuses what is wrong about an event",
        arguments: [
            ("", 400), ("x", 400), ("[]", 400), ("{}", 400), (#"{"name":"e","channel":"a"}"#, 400),
            (#"{"name":"e","channel":"a","data":{}}"#, 400), (#"{"name":7,"channel":"a","data":""}"#, 400),
            (#"{"name":"e","data":""}"#, 400), (#"{"name":"e","channels":[],"data":""}"#, 400),
            (#"{"name":"e","channels":[7],"data":""}"#, 400), (#"{"name":"e","channel":"a b","data":""}"#, 400),
            (#"{"name":"e","channel":"a","data":"","socket_id":"1.2:x"}"#, 400),
            (#"{"name":"e","channel":"a","data":"","info":"everything"}"#, 400),
            (#"{"name":"pusher:x","channel":"a","data":""}"#, 400),
            (#"{"name":"e","channel":"a","data":"\#(String(repeating: "x", count: 10_241))"}"#, 413),
        ])
    func badEvents(body: String, status: Int) {
        var room = Room()
        let answer = room.ask("POST", "/apps/3/events", body: body)
        #expect(answer.status == status)
        #expect(!answer.body.isEmpty)
    }

    @Test("publishes a batch whole or not at all")
    func batch() {
        var room = Room()
        let ana = room.client()
        room.subscribe(ana, "a")
        _ = room.take(ana)
        let good = #"{"name":"e","channel":"a","data":"{}"}"#
        #expect(room.ask("POST", "/apps/3/batch_events", body: #"{"batch":[\#(good),\#(good)]}"#) == (200, "{}"))
        #expect(room.take(ana).count == 2)
        let asked = #"{"batch":[\#(good),{"name":"e","channel":"a","data":"{}","info":"subscription_count"}]}"#
        #expect(
            room.ask("POST", "/apps/3/batch_events", body: asked)
                == (200, #"{"batch":[{},{"subscription_count":1}]}"#))
        _ = room.take(ana)
        let half = #"{"batch":[\#(good),{"name":"","channel":"a","data":"{}"}]}"#
        #expect(room.ask("POST", "/apps/3/batch_events", body: half).status == 400)
        let many = "{\"batch\":[" + Array(repeating: good, count: 11).joined(separator: ",") + "]}"
        #expect(room.ask("POST", "/apps/3/batch_events", body: many).status == 400)
        #expect(room.ask("POST", "/apps/3/batch_events", body: "{}").status == 400)
        #expect(room.take(ana).isEmpty)
    }

    @Test("tells which channels are occupied, and by whom")
    func questions() throws {
        var room = Room()
        let (a1, a2) = (room.client(), room.client())
        room.enter(a1, "presence-lobby", as: "17", info: ["name": "Ana"])
        room.enter(a2, "presence-lobby", as: "17")
        room.subscribe(a1, "cache-a")
        #expect(
            room.ask("GET", "/apps/3/channels") == (200, #"{"channels":{"cache-a":{},"presence-lobby":{}}}"#))
        let counted = room.ask(
            "GET", "/apps/3/channels", query: ["filter_by_prefix": "presence-", "info": "user_count"])
        #expect(counted == (200, #"{"channels":{"presence-lobby":{"user_count":1}}}"#))
        #expect(room.ask("GET", "/apps/3/channels", query: ["info": "user_count"]).status == 400)
        let one = room.ask(
            "GET", "/apps/3/channels/presence-lobby", query: ["info": "user_count,subscription_count"])
        #expect(one == (200, #"{"occupied":true,"user_count":1,"subscription_count":2}"#))
        #expect(room.ask("GET", "/apps/3/channels/nobody") == (200, #"{"occupied":false}"#))
        #expect(room.ask("GET", "/apps/3/channels/nobody", query: ["info": "user_count"]).status == 400)
        #expect(room.ask("GET", "/apps/3/channels/nobody", query: ["info": "cache"]).status == 400)
        try room.publish("e", "{}", on: ["cache-a"])
        room.advance(.seconds(60))
        #expect(
            room.ask("GET", "/apps/3/channels/cache-a", query: ["info": "cache"])
                == (200, #"{"occupied":true,"cache":{"data":"{}","ttl":1740}}"#))
        #expect(room.ask("GET", "/apps/3/channels/presence-lobby/users") == (200, #"{"users":[{"id":"17"}]}"#))
        #expect(room.ask("GET", "/apps/3/channels/presence%2Dempty/users") == (200, #"{"users":[]}"#))
        #expect(room.ask("GET", "/apps/3/channels/cache-a/users").status == 400)
    }

    @Test("ends the connections of a user who is signed in, and no others")
    func terminate() {
        var room = Room()
        let (ana, bo) = (room.client(), room.client())
        room.signIn(ana, #"{"id":"a@b"}"#)
        room.enter(bo, "presence-lobby", as: "a@b")
        #expect(room.ask("POST", "/apps/3/users/a%40b/terminate_connections", body: "{}") == (200, "{}"))
        #expect(room.closed == [ana: 4009])
        #expect(room.ask("POST", "/apps/3/users/nobody/terminate_connections", body: "{}") == (200, "{}"))
    }

    @Test(
        "is not there for others",
        arguments: [
            ("POST", "/apps/4/events", 404), ("GET", "/apps/3/events", 404), ("POST", "/apps/3/nothing", 404),
            ("GET", "/", 404),
            ("GET", "/apps/3", 404), ("GET", "/apps//channels", 404), ("DELETE", "/apps/3/channels/a", 404),
        ])
    func unknown(method: String, path: String, status: Int) {
        var room = Room()
        #expect(room.ask(method, path, body: "{}").status == status)
    }

    @Test("believes no signature but the right one, in its time")
    func signatures() {
        var room = Room()
        let request = room.signer.signed(APIRequest(method: "GET", path: "/apps/3/channels"), timestamp: 1_000)
        #expect(room.engine.answer(request, unixTime: 1_600, now: .zero).status == 200)
        #expect(room.engine.answer(request, unixTime: 1_601, now: .zero).status == 401)
        let other = Signer(key: Room.key, secret: "x").signed(
            APIRequest(method: "GET", path: "/apps/3/channels"), timestamp: 1_000)
        let answer = room.engine.answer(other, unixTime: 1_000, now: .zero)
        #expect(answer.status == 401)
        #expect(!answer.body.contains(room.signer.hex("")))
        #expect(
            room.engine.answer(APIRequest(method: "GET", path: "/apps/3/channels"), unixTime: 1, now: .zero).status
                == 401)
    }
}
