import ChannelsProtocol
import Testing

@testable import Desk

@Suite("web pages of other origins")
struct OriginTests {
    @Test(
        "an origin is one's own with scheme, name and port, however they are written",
        arguments: [
            (nil, "desk:7007", true), ("http://desk:7007", "desk:7007", true), ("HTTP://Desk:7007", "desk:7007", true),
            ("https://desk", "desk:443", true), ("https://desk:443", "desk", true), ("http://desk", "desk", true),
            ("http://[::1]:7", "[::1]:7", true), ("http://[::1]", "[::1]", true), ("http://evil", "desk", false),
            ("http://desk:1", "desk:2", false), ("http://desk.evil:7007", "desk:7007", false), ("null", "desk", false),
            ("", "desk", false), ("file://desk", "desk", false), ("http://desk", nil, false), ("desk", "desk", false),
            ("http://desk@evil", "desk", false), ("http://", "", true),
        ] as [(String?, String?, Bool)])
    func rule(origin: String?, host: String?, isAllowed: Bool) {
        #expect(OriginCheck.isAllowed(origin: origin, host: host) == isAllowed)
    }

    @Test("use neither the desk's calls nor its sockets, but other apps' and the engine's API")
    func refused() async throws {
        let other = AppsTests.other
        try await withDesk(configure: { $0.otherApps = [(other, AppRules())] }) { desk async throws in
            let connection = try desk.connect()
            let foreign = "Origin: http://evil.example"
            let refused = try await connection.call(
                "GET", "/api/me", token: desk.token("alice"), headers: [foreign])
            #expect(refused.status == 403)
            #expect(refused.code == "foreign_origin")
            let own = try await connection.call(
                "GET", "/api/me", token: desk.token("alice"), headers: ["Origin: http://desk"])
            #expect(own.status == 200)
            #expect(try await connection.call("GET", "/apps/0/channels", headers: [foreign]).status == 404)
            let path = "/app/\(desk.server.app.key)?protocol=7"
            let page = try await TestSocket(desk.connect(), path: path, headers: [foreign])
            #expect(try await page.event().data["code"] == 4009)
            guard case .close(4009, _) = try await page.ending() else {
                Issue.record("not closed with 4009")
                return
            }
            let kin = try await TestSocket(desk.connect(), path: path, headers: ["Origin: http://desk"])
            try await kin.greet()
            let guest = try await TestSocket(
                desk.connect(), path: "/app/\(other.key)?protocol=7", headers: [foreign])
            try await guest.greet()
        }
    }
}
