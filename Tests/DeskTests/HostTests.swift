import ChannelsProtocol
import Testing

@testable import Desk

@Suite("names the desk is called by")
struct HostTests {
    @Test(
        "on loopback those of this machine, with any port and however they are written, and no other",
        arguments: [
            ("localhost", true), ("LOCALHOST:7007", true), ("localhost.", true), ("localhost.:80", true),
            ("desk.localhost", true), ("127.0.0.1", true), ("127.0.0.1:65535", true), ("127.1.2.3:1", true),
            ("[::1]", true), ("[::1]:7007", true), ("[0:0:0:0:0:0:0:1]", true), ("[::ffff:127.0.0.1]:1", true),
            ("evil.example", false), ("evil.example:7007", false), ("localhost.evil.example", false),
            ("notlocalhost", false), ("127.0.0.1.evil.example", false), ("128.0.0.1", false), ("0.0.0.0", false),
            ("127.1", false), ("0x7f.0.0.1", false), ("2130706433", false), ("[::2]", false), ("[::1", false),
            ("::1", false), ("[::1]7007", false), ("[127.0.0.1]", false), ("[]", false), ("", false), (":7007", false),
            (".", false), ("..", false), (".localhost", false), ("localhost..", false), ("localhost:", false),
            ("localhost:x", false), ("localhost:1:2", false), ("localhost:123456", false), ("user@localhost", false),
            ("localhost/x", false), ("localhost\\x", false), (" localhost", false), ("localhost, evil", false),
            ("lоcalhost", false), ("localhost\u{0}", false), (nil, false),
        ] as [(String?, Bool)])
    func loopback(host: String?, isAllowed: Bool) {
        for listen in ["127.0.0.1", "::1", "localhost", "LocalHost", "127.0.0.9"] {
            #expect(HostCheck(listen: listen, hosts: []).allows(host) == isAllowed)
        }
    }

    @Test("elsewhere any, or those of desk.hosts and this machine's where there are some")
    func elsewhere() {
        let open = HostCheck(listen: "0.0.0.0", hosts: [])
        for host in ["evil.example", nil, "", "x y"] { #expect(open.allows(host)) }
        for listen in ["0.0.0.0", "127.0.0.1", "192.0.2.1"] {
            let named = HostCheck(listen: listen, hosts: ["Desk.Example.org", "192.0.2.1", "other."])
            for host in ["desk.example.org", "DESK.example.org.:443", "192.0.2.1:80", "other", "localhost", "[::1]"] {
                #expect(named.allows(host), "\(host)")
            }
            for host in ["example.org", "x.desk.example.org", "192.0.2.2", nil] {
                #expect(!named.allows(host))
            }
        }
    }

    @Test(
        "a foreign one gets neither calls nor sockets of the desk, but the signed API, other apps, and the sign of life"
    )
    func served() async throws {
        let other = AppsTests.other
        try await withDesk(configure: {
            $0.hosts = []
            $0.otherApps = [(other, AppRules())]
        }) { desk async throws in
            for host in ["evil.example", "evil.example:\(desk.port)"] {
                let connection = try desk.connect()
                let refused = try await connection.call("GET", "/api/me", token: desk.token("alice"), host: host)
                #expect(refused.status == 403)
                #expect(refused.code == "foreign_host")
                #expect(try await connection.call("POST", "/pusher/auth", body: "", host: host).status == 403)
                #expect(try await connection.call("GET", "/healthz", host: host).status == 200)
                #expect(try await connection.call("GET", "/apps/0/channels", host: host).status == 404)
                // A page whose name was made to point here has itself as its origin.
                let path = "/app/\(desk.server.app.key)?protocol=7"
                let page = try await TestSocket(
                    desk.connect(), path: path, host: host, headers: ["Origin: http://\(host)"])
                #expect(try await page.event().data["code"] == 4009)
                let guest = try await TestSocket(desk.connect(), path: "/app/\(other.key)?protocol=7", host: host)
                try await guest.greet()
            }
            let here = "127.0.0.1:\(desk.port)"
            #expect(
                try await desk.connect().call("GET", "/api/me", token: desk.token("alice"), host: here).status == 200)
            let own = try await TestSocket(desk.connect(), path: "/app/\(desk.server.app.key)?protocol=7", host: here)
            try await own.greet()
            // By the socket in the folder comes its owner, whatever they call the desk.
            let local = try LocalDesk.socket(desk.folder.path)
            let answer = try await RawConnection(socketPath: local.path).call(
                "GET", "/api/me", token: "local:alice", host: "whatever")
            #expect(answer.status == 200)
        }
    }

    @Test("a request that names none, as the oldest clients make it, is refused too")
    func absent() async throws {
        try await withDesk { desk async throws in
            for (path, status) in [("/api/me", 403), ("/healthz", 200)] {
                let connection = try desk.connect()
                try await connection.send("GET \(path) HTTP/1.0\r\n\r\n")
                #expect(try await connection.answer().status == status)
            }
        }
    }
}
