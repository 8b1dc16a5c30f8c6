import ChannelsProtocol
import Testing

@Suite("signatures")
struct SignatureTests {
    let signer = Signer(key: "278d425bdf160c739803", secret: "7ad3773142a6692b25b8")
    let socketID = SocketID("1234.1234")!

    @Test(
        "of channels are those of the documents",
        arguments: [
            ("private-foobar", nil, "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"),
            (
                "presence-foobar", #"{"user_id":10,"user_info":{"name":"Mr. Channels"}}"#,
                "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80"
            ),
            (
                "presence-foobar", #"{"user_id":10,"user_info":{"name":"Mr. Pusher"}}"#,
                "afaed3695da2ffd16931f457e338e6c9f2921fa133ce7dac49f529792be6304c"
            ),
            ("private-chat-3-17", nil, "9196fc15c4f9935c4a4085bf5426b244b1b2abc36e1b781cc3da5c746f4577cf"),
            (
                "presence-lobby", #"{"user_id":"17","user_info":{"name":"Zoë 🚀"}}"#,
                "7c998dbeb9605fd4eb35ae09dee6fe2ace2ff0afb1f0e0708aea337239a64098"
            ),
            (
                "presence-lobby", #"{"user_id":"17","user_info":{"name":"Zo\u00eb \ud83d\ude80"}}"#,
                "3bd50cea163946638a8c8ce494315438f006733d631fa8eb72e15ad0b6714add"
            ),
        ] as [(String, String?, String)])
    func channels(name: String, data: String?, hex: String) {
        let channel = ChannelName(wire: name)
        let auth = "278d425bdf160c739803:" + hex
        #expect(signer.channel(channel, socketID: socketID, channelData: data) == auth)
        #expect(signer.accepts(auth, channel: channel, socketID: socketID, channelData: data))
        #expect(!signer.accepts(auth, channel: channel, socketID: SocketID("1234.1235")!, channelData: data))
        #expect(!signer.accepts(auth, channel: channel, socketID: socketID, channelData: (data ?? "") + " "))
        #expect(!signer.accepts("other:" + hex, channel: channel, socketID: socketID, channelData: data))
        #expect(!signer.accepts(hex, channel: channel, socketID: socketID, channelData: data))
        #expect(!signer.accepts("", channel: channel, socketID: socketID, channelData: data))
    }

    @Test("of a sign-in is that of the documents")
    func user() {
        let data = #"{"id":"12345"}"#
        let auth = "278d425bdf160c739803:4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba"
        #expect(signer.user(socketID: socketID, userData: data) == auth)
        #expect(signer.accepts(auth, user: data, socketID: socketID))
        #expect(!signer.accepts(auth, user: #"{"id":"12346"}"#, socketID: socketID))
    }

    @Test("of a webhook covers the exact body")
    func webhook() {
        let body = #"{"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"private-chat-3-17"}]}"#
        let hex = "54b80348c227edf57e29ec8962b4e21ba0b214756a2cf49c6a1912728188c66d"
        #expect(signer.webhook(body: body) == hex)
        #expect(signer.accepts(hex, webhookBody: body))
        #expect(!signer.accepts(hex, webhookBody: body + "\n"))
    }

    @Test("never show the secret")
    func secret() {
        var dumped = ""
        dump(signer, to: &dumped)
        for text in ["\(signer)", String(reflecting: signer), dumped] { #expect(!text.contains("7ad37731")) }
    }
}

@Suite("signed requests")
struct RequestSignatureTests {
    let signer = Signer(key: "278d425bdf160c739803", secret: "7ad3773142a6692b25b8")
    static let events = APIRequest(
        method: "POST", path: "/apps/3/events",
        body: #"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#)

    @Test(
        "are signed as in the documents",
        arguments: [
            (events, "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"),
            (
                APIRequest(
                    method: "GET", path: "/apps/3/channels",
                    query: ["filter_by_prefix": "presence-", "info": "user_count"]),
                "16819168891cb5dfd72b5c7a5d3d602605b26c6ba1930033b5e2eeeb65010291"
            ),
            (
                APIRequest(method: "POST", path: "/apps/3/users/17/terminate_connections", body: "{}"),
                "9470e25b9a0cf2093535e2a98be74404589ca1d0967c7ee0929366a12438d567"
            ),
        ])
    func vectors(request: APIRequest, signature: String) throws {
        let signed = signer.signed(request, timestamp: 1_353_088_179)
        #expect(signed.query["auth_signature"] == signature)
        #expect(signed.query["body_md5"] == nil || signed.query["body_md5"]?.utf8.count == 32)
        try signer.check(signed, now: 1_353_088_179)
        try signer.check(signed, now: 1_353_088_179 + 600)
        try signer.check(signed, now: 1_353_088_179 - 600)
    }

    @Test("carry the digest of their body")
    func digest() {
        let signed = signer.signed(Self.events, timestamp: 1_353_088_179)
        #expect(signed.query["body_md5"] == "ec365a775a4cd0599faeb73354201b6f")
        let empty = signer.signed(APIRequest(method: "POST", path: "/", body: "{}"), timestamp: 0)
        #expect(empty.query["body_md5"] == "99914b932bd37a50b983c5e7c90ae93b")
    }

    @Test("are not believed once anything about them is changed")
    func tampering() {
        let now = 1_353_088_179
        let good = signer.signed(Self.events, timestamp: now)
        func refused(_ change: (inout APIRequest) -> Void, at time: Int = now) -> RequestRefusal? {
            var request = good
            change(&request)
            do throws(RequestRefusal) {
                try signer.check(request, now: time)
                return nil
            } catch {
                return error
            }
        }
        func drop(_ name: String) -> (inout APIRequest) -> Void { { $0.query.items.removeAll { $0.name == name } } }
        func set(_ name: String, _ value: String) -> (inout APIRequest) -> Void {
            { request in
                for index in request.query.items.indices where request.query.items[index].name == name {
                    request.query.items[index].value = value
                }
            }
        }
        #expect(refused { _ in } == nil)
        #expect(refused { $0.method = "GET" } == .signature)
        #expect(refused { $0.path = "/apps/4/events" } == .signature)
        #expect(refused { $0.query.items.append(.init(name: "info", value: "user_count")) } == .signature)
        #expect(refused { $0.body.append(0x20) } == .bodyDigest)
        #expect(refused(drop("body_md5")) == .missing("body_md5"))
        #expect(refused(drop("auth_signature")) == .missing("auth_signature"))
        #expect(refused(drop("auth_timestamp")) == .missing("auth_timestamp"))
        #expect(refused(drop("auth_version")) == .missing("auth_version"))
        #expect(refused(drop("auth_key")) == .missing("auth_key"))
        #expect(refused(set("auth_key", "x")) == .unknownKey)
        #expect(refused(set("auth_version", "2.0")) == .unsupportedVersion)
        #expect(refused(set("auth_timestamp", "soon")) == .missing("auth_timestamp"))
        #expect(refused(set("auth_timestamp", "99999999999999999999")) == .missing("auth_timestamp"))
        #expect(refused(set("auth_signature", "")) == .signature)
        #expect(refused { $0.query.items.append(.init(name: "AUTH_KEY", value: "x")) } == .repeated("auth_key"))
        #expect(refused({ _ in }, at: now + 601) == .timestamp(given: now, now: now + 601, window: 600))
        #expect(refused({ _ in }, at: now - 601) == .timestamp(given: now, now: now - 601, window: 600))
    }

    @Test("may carry the digest of nothing, as some libraries send with GET")
    func digestOfNothing() throws {
        var request = APIRequest(method: "GET", path: "/apps/3/channels")
        request.query.items.append(.init(name: "body_md5", value: "d41d8cd98f00b204e9800998ecf8427e"))
        try signer.check(signer.signed(request, timestamp: 5), now: 5)
    }

    @Test("have values that are signed decoded and sent encoded")
    func encoding() throws {
        let request = APIRequest(method: "GET", path: "/apps/3/channels", query: ["filter_by_prefix": "a b&c=ü+%"])
        let signed = signer.signed(request, timestamp: 5)
        #expect(signed.query.text.hasPrefix("filter_by_prefix=a%20b%26c%3D%C3%BC%2B%25&"))
        var received = signed
        received.query = HTTPQuery(decoding: signed.query.text)
        try signer.check(received, now: 5)
    }

    @Test(
        "have a query that is read whatever it is",
        arguments: [
            ("", []), ("&&", []), ("a", [.init(name: "a", value: "")]), ("a=b=c", [.init(name: "a", value: "b=c")]),
            ("a=%", [.init(name: "a", value: "%")]), ("a=%4", [.init(name: "a", value: "%4")]),
            ("a=%zz+b", [.init(name: "a", value: "%zz b")]), ("%61=%FF", [.init(name: "a", value: "\u{FFFD}")]),
        ] as [(String, [HTTPQuery.Item])])
    func queries(text: String, items: [HTTPQuery.Item]) {
        #expect(HTTPQuery(decoding: text).items == items)
    }
}
