import Chat
import ChannelsProtocol
import Foundation
import GRDB
import Testing

@testable import Desk

@Suite("a full disk")
struct FullDiskTests {
    @Test(
        "is 503 with a time to wait; nothing is half stored or told, what was acknowledged stays, and it goes on by itself"
    )
    func recovers() async throws {
        try await withDesk { desk async throws in
            let bob = try await desk.socket("bob", in: "private-chat-alice-bob")
            let store = desk.server.store
            try await desk.say("alice", to: "bob", "before")
            #expect(try await bob.event().data["text"] == "before")
            // No page more than there are.
            try await store.sqlite.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA max_page_count = 1")
            }
            let long = String(repeating: "0123456789", count: 700)
            var acknowledged = 1
            var refused: TestAnswer?
            for number in 0..<200 where refused == nil {
                let answer = try await desk.say("alice", to: "bob", long, clientID: "full-\(number)")
                if answer.status == 201 { acknowledged += 1 } else { refused = answer }
            }
            let answer = try #require(refused)
            #expect(answer.status == 503)
            #expect(answer.code == "disk_full")
            #expect(Int(answer.headers["retry-after"] ?? "") == 5)
            #expect(answer.json["error"]?["message"]?.string?.contains("nothing was stored") == true)
            // It can still be read.
            let page = try await desk.call("bob", "GET", "/api/conversations/alice/messages").json
            #expect(page["last"]?.int == acknowledged)
            try await store.sqlite.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA max_page_count = 1000000")
            }
            // The same message again, as a client does it.
            let again = try await desk.say("alice", to: "bob", "after", clientID: "full-again")
            #expect(again.status == 201)
            #expect(again.json["seq"]?.int == acknowledged + 1)
            var heard: [Int] = []
            while heard.last != acknowledged + 1 { heard.append(try await bob.event().data["seq"]?.int ?? 0) }
            #expect(heard == Array(2...(acknowledged + 1)))
            let check = try await store.sqlite.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check") }
            #expect(check == ["ok"])
        }
    }
}
