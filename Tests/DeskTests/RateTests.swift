import Chat
import ChannelsProtocol
import Logging
import NIOCore
import Testing

@testable import Desk

@Suite("how often somebody may call")
struct RateTests {
    @Test("a bucket gives its burst at once, then one with every interval, and is full again after a rest")
    func bucket() {
        var buckets = TokenBuckets<String>(burst: 3, every: .seconds(2))
        let now = Duration.seconds(100)
        for _ in 1...3 { #expect(buckets.take("a", now: now) == nil) }
        #expect(buckets.take("a", now: now) == .seconds(2))
        #expect(buckets.take("a", now: now + .milliseconds(1_500)) == .milliseconds(500))
        #expect(buckets.take("b", now: now) == nil)
        #expect(buckets.take("a", now: now + .seconds(2)) == nil)
        #expect(buckets.take("a", now: now + .seconds(2)) == .seconds(2))
        for _ in 1...3 { #expect(buckets.take("a", now: now + .seconds(60)) == nil) }
        #expect(buckets.take("a", now: now + .seconds(60)) == .seconds(2))
    }

    @Test("a clock that stands or goes back takes nothing away and gives nothing")
    func backwards() {
        var buckets = TokenBuckets<Int>(burst: 1, every: .seconds(1))
        #expect(buckets.take(1, now: .seconds(10)) == nil)
        #expect(buckets.take(1, now: .seconds(9)) == .seconds(2))
        #expect(buckets.take(1, now: .seconds(11)) == nil)
    }

    @Test("any number of keys takes a bounded room, and those who were not there for long are forgotten first")
    func crowd() {
        var buckets = TokenBuckets<Int>(burst: 2, every: .seconds(1))
        for key in 0..<100_000 { _ = buckets.take(key, now: .milliseconds(key)) }
        #expect(buckets.count <= TokenBuckets<Int>.crowd)
        var busy = TokenBuckets<Int>(burst: 2, every: .seconds(1_000))
        for key in 0..<100_000 { _ = busy.take(key, now: .seconds(1)) }
        #expect(busy.count <= TokenBuckets<Int>.crowd)
    }

    @Test(
        "too many messages are 429 with the seconds to wait; another user goes on, and so does whoever comes by the socket"
    )
    func sends() async throws {
        try await withDesk(configure: { $0.rates.sendsPerSecond = 1 }) { desk async throws in
            let connection = try desk.connect()
            var refused: TestAnswer?
            // More than sixty, since a slow machine is given one more every second.
            for number in 1...2_000 where refused == nil {
                let answer = try await connection.call(
                    "POST", "/api/conversations/bob/messages", token: desk.token("alice"),
                    body: #"{"client_id":"\#(number)","text":"x"}"#)
                if answer.status != 201 { refused = answer }
            }
            let answer = try #require(refused)
            #expect(answer.status == 429)
            #expect(answer.code == "too_many_requests")
            #expect(Int(answer.headers["retry-after"] ?? "") == 1)
            #expect(answer.json["error"]?["message"]?.string?.contains("wait 1 s") == true)
            #expect(try await desk.say("bob", to: "alice", "hi").status == 201)
            let local = try LocalDesk.socket(desk.folder.path)
            for number in 1...70 {
                let connection = try RawConnection(socketPath: local.path)
                let answer = try await connection.call(
                    "POST", "/api/conversations/bob/messages", token: "local:alice",
                    body: #"{"client_id":"local-\#(number)","text":"hi"}"#)
                #expect(answer.status == 201)
            }
        }
    }

    @Test("too many authorizations are 429, of a channel as of a user")
    func authorizations() async throws {
        try await withDesk(configure: { $0.rates.authorizationsPerSecond = 1 }) { desk async throws in
            let connection = try desk.connect()
            for (path, form) in [
                ("/pusher/auth", "socket_id=1.2&channel_name=presence-lobby"), ("/pusher/user-auth", "socket_id=1.2"),
            ] {
                var status = 200
                for _ in 1...2_000 where status == 200 {
                    status = try await connection.call("POST", path, token: desk.token("alice"), body: form).status
                }
                #expect(status == 429)
            }
            #expect(try await desk.authorize("bob", "presence-lobby", "1.2").status == 200)
        }
    }

    @Test("one user who opens a hundred channels in five terminals, or sends five thousand messages, meets no limit")
    func defaults() throws {
        let gate = RateGate(CallRates())
        let caller = try CallerAddress(.init(ipAddress: "192.0.2.1", port: 1), forwardedFor: nil, proxies: .thisMachine)
        let logger = Logger(label: "none") { _ in SwiftLogNoOpLogHandler() }
        let context = DeskContext(
            source: .init(logger: logger, door: .tcp, caller: caller, refusals: RefusalLog(logger), user: CallUser()))
        let alice = DeskUser(key: 1, id: try UserID(validating: "alice"), name: "Alice")
        for _ in 1...500 { try gate.check(.authorize, alice, context) }
        for _ in 1...5_000 { try gate.check(.send, alice, context) }
        // There is one, though.
        let error = #expect(throws: APIError.self) {
            for _ in 1...200_000 { try gate.check(.send, alice, context) }
        }
        #expect(error?.code == "too_many_requests")
    }

    @Test("wrong tokens beyond the number of an address are 429; a good one from there is still let in")
    func signIns() async throws {
        try await withDesk(configure: { $0.rates.failedSignInsPerMinute = 5 }) { desk async throws in
            func status(_ token: String?, _ from: String) async throws -> Int {
                try await desk.connect().call("GET", "/api/me", token: token, headers: ["X-Forwarded-For: \(from)"])
                    .status
            }
            for _ in 1...5 { #expect(try await status("wrong", "192.0.2.1") == 401) }
            #expect(try await status("wrong", "192.0.2.1") == 429)
            #expect(try await status(nil, "192.0.2.1") == 429)
            #expect(try await status(desk.token("alice"), "192.0.2.1") == 200)
            #expect(try await status("wrong", "192.0.2.2") == 401)
        }
    }

    @Test(
        "an address is where the connection comes from, or what the proxy on this machine says last",
        arguments: [
            ("10.1.2.3", nil, "10.1.2.3"), ("10.1.2.3", "192.0.2.1", "10.1.2.3"), ("127.0.0.1", nil, "this machine"),
            ("127.0.0.1", "192.0.2.1", "192.0.2.1"), ("127.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
            ("127.0.0.1", "192.0.2.1, ", "this machine"), ("127.0.0.1", "nonsense", "this machine"),
            ("127.0.0.1", "192.0.2.1:80", "192.0.2.1"), ("127.0.0.1", "203.0.113.7:49152", "203.0.113.7"),
            ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"), ("127.0.0.1", "[2001:db8::1]", "2001:db8::1"),
            ("127.0.0.1", "6.6.6.6:1, \t[2001:db8::1]:65535 ", "2001:db8::1"),
            ("127.0.0.1", "192.0.2.1:", "this machine"), ("127.0.0.1", "192.0.2.1:65536", "this machine"),
            ("127.0.0.1", "192.0.2.1:x", "this machine"), ("127.0.0.1", "192.0.2.1:+1", "this machine"),
            ("127.0.0.1", "[192.0.2.1]:80", "this machine"), ("127.0.0.1", "[2001:db8::1", "this machine"),
            ("127.0.0.1", "[2001:db8::1]443", "this machine"), ("127.0.0.1", ":80", "this machine"),
            ("127.0.0.1", "[]:80", "this machine"), ("127.0.0.1", "192.0.2.1,\u{301}", "this machine"),
            ("127.0.0.1", "6.6.6.6,\u{301}, 192.0.2.1", "192.0.2.1"), ("127.0.0.1", "\u{1B}[2J", "this machine"),
            ("127.0.0.1", "127.0.0.2", "this machine"), ("::1", "2001:DB8:0::1", "2001:db8::1"),
            ("::ffff:10.0.0.1", nil, "10.0.0.1"), ("2001:db8::1", "192.0.2.1", "2001:db8::1"),
        ] as [(String, String?, String)])
    func addresses(remote: String, forwarded: String?, expected: String) throws {
        let caller = try CallerAddress(
            .init(ipAddress: remote, port: 1), forwardedFor: forwarded, proxies: .thisMachine)
        #expect(caller.description == expected)
    }

    @Test(
        "a proxy elsewhere is believed where it is named, through others that are, and no further",
        arguments: [
            ("10.1.2.3", "192.0.2.1", "192.0.2.1"), ("10.1.2.3", "6.6.6.6, 192.0.2.1, 10.255.0.1", "192.0.2.1"),
            ("10.1.2.3", "192.0.2.1, 6.6.6.6", "6.6.6.6"), ("10.1.2.3", "nonsense", "10.1.2.3"),
            ("10.1.2.3", "127.0.0.1", "10.1.2.3"), ("10.1.2.3", nil, "10.1.2.3"),
            ("11.1.2.3", "192.0.2.1", "11.1.2.3"), ("127.0.0.1", "192.0.2.1", "this machine"),
            ("2001:db8::7", "192.0.2.1", "192.0.2.1"), ("2001:db9::7", "192.0.2.1", "2001:db9::7"),
        ] as [(String, String?, String)])
    func proxies(remote: String, forwarded: String?, expected: String) throws {
        let named = try #require(TrustedProxies("10.0.0.0/8 2001:db8::/32"))
        let caller = try CallerAddress(.init(ipAddress: remote, port: 1), forwardedFor: forwarded, proxies: named)
        #expect(caller.description == expected)
    }

    @Test(
        "a proxy is named by an address or a network",
        arguments: ["10.0.0.0/33", "10.0.0/8", "proxy", "::1/129", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/9"])
    func noProxies(text: String) { #expect(TrustedProxies(text) == nil) }

    @Test("addresses of one network of the new kind share their limits, those of the old kind do not")
    func networks() throws {
        func network(_ text: String) throws -> IPAddress? {
            try CallerAddress(.init(ipAddress: text, port: 1), forwardedFor: nil, proxies: .thisMachine).network
        }
        #expect(try network("2001:db8:1:2:3::4") == network("2001:db8:1:2:ffff::9"))
        #expect(try network("2001:db8:1:2::") != network("2001:db8:1:3::"))
        #expect(try network("10.0.0.1") != network("10.0.0.2"))
    }
}
