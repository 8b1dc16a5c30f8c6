import ChannelsProtocol
import Testing

@testable import Desk

@Suite("the log of refusals")
struct RefusalLogTests {
    @Test("says who was refused what and why, and holds no token, no text and no query")
    func lines() async throws {
        let lines = LogLines()
        try await withDesk(configure: { $0.logger = lines.logger }) { desk async throws in
            let secret = "s3cr3t-t0k3n"
            _ = try await desk.connect().call("GET", "/api/search?q=private+words", token: secret)
            _ = try await desk.connect().call(
                "POST", "/api/conversations/bob/messages", token: secret, body: #"{"text":"private words"}"#,
                headers: ["X-Forwarded-For: 192.0.2.9"])
            _ = try await desk.connect().call("GET", "/api/me", token: desk.token("alice"), host: "evil.example")
            _ = try await desk.authorize("carol", "private-chat-alice-bob", "1.2")
            let page = try await TestSocket(
                desk.connect(), path: "/app/\(desk.server.app.key)?protocol=7", headers: ["Origin: http://evil.example"]
            )
            _ = try await page.ending()
            // What is merely wrong or not there is nobody's business.
            _ = try await desk.call("alice", "GET", "/api/nothing")
            _ = try await desk.say("alice", to: "nobody", "private words")
            let refused = lines.all.filter { $0.contains("refused: ") }
            #expect(refused.count == 5, "\(refused)")
            for (line, parts) in zip(
                refused,
                [
                    ["status=401", "call=GET /api/search ", "from=this machine"],
                    ["status=401", "call=POST /api/conversations/bob/messages", "from=192.0.2.9"],
                    ["status=403", "code=foreign_host"], ["status=403", "code=channel_refused", "carol"],
                    ["call=WebSocket", "Origin not allowed"],
                ])
            {
                for part in parts { #expect((line + " ").contains(part), "\(line)") }
            }
            for line in lines.all {
                #expect(!line.contains(secret) && !line.contains("private words") && !line.contains("private+words"))
                for token in desk.tokens.values { #expect(!line.contains(token)) }
            }
        }
        #expect(lines.all.contains { $0.contains(": open at http://127.0.0.1:") })
        #expect(lines.all.contains { $0.contains(": closing, with ") })
    }

    @Test("holds a bounded number of lines of one address, and goes on for others")
    func flood() async throws {
        let lines = LogLines()
        try await withDesk(configure: {
            $0.logger = lines.logger
            $0.rates.failedSignInsPerMinute = nil
        }) { desk async throws in
            let connection = try desk.connect()
            for _ in 1...500 { _ = try await connection.call("GET", "/api/me", token: "wrong") }
            #expect(lines.all.count < 300)
            _ = try await desk.connect().call("GET", "/api/me", headers: ["X-Forwarded-For: 192.0.2.9"])
            #expect(lines.all.last?.contains("from=192.0.2.9") == true)
        }
    }
}
