@testable import Desk
import Chat
import Foundation
import GRDB
import Testing

@Suite("the desk's disk")
struct StoreTests {
    @Test("what is answered for is synced, and the journal is a write-ahead log")
    func durability() async throws {
        let folder = try TemporaryFolder()
        let store = try DeskStore(path: folder.file("desk.sqlite"))
        let (journal, synchronous) = try await store.pool.writeWithoutTransaction { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
        store.close()
    }

    @Test("a database of a newer program is refused in a sentence, and so is what is no database")
    func newer() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("desk.sqlite")
        let store = try DeskStore(path: path)
        try await store.pool.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
        }
        store.close()
        let error = #expect(throws: DeskError.self) { try DeskStore(path: path) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("newer") == true)
        let other = folder.file("other.sqlite")
        try Data(repeating: 7, count: 5_000).write(to: URL(fileURLWithPath: other))
        #expect(#expect(throws: DeskError.self) { try DeskStore(path: other) }?.exitCode == 78)
        #expect(
            #expect(throws: DeskError.self) { try DeskStore(path: folder.file("none/desk.sqlite")) }?.exitCode == 73)
    }

    @Test("a message whose publishing did not happen is published at the next start")
    func leftovers() async throws {
        let folder = try TemporaryFolder()
        let store = try DeskStore(path: folder.file("desk.sqlite"))
        let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
        let bob = try await store.userOnFirstUse(try UserID(validating: "bob"))
        let chat = try #require(ConversationName(alice.id, bob.id))
        for number in 1...3 {
            let message = IncomingMessage(from: alice, conversation: chat, text: "t", clientID: "\(number)")
            _ = try await store.send(message, createsPeer: false) { _ in }
        }
        #expect(try await store.unpublished().map(\.seq) == [3])
        try await store.markPublished()
        #expect(try await store.unpublished().isEmpty)
        store.close()
    }

    @Test("a page, a list and a count read no more rows of a long conversation than of a short one")
    func plans() async throws {
        let folder = try TemporaryFolder()
        let store = try DeskStore(path: folder.file("desk.sqlite"))
        try await store.pool.read { db in
            for sql in [
                DeskStore.select + " WHERE m.conversation = 1 AND m.seq > 5 AND m.seq < 9 ORDER BY m.seq",
                DeskStore.select + " WHERE m.sender = 1 AND m.client_id = 'x'",
                "SELECT sender_count FROM messages WHERE conversation = 1 AND sender = 2 AND seq <= 9 ORDER BY seq DESC LIMIT 1",
                """
                SELECT c.name FROM participants p JOIN conversations c ON c.key = p.conversation
                WHERE p.user = 1 AND p.activity > 0 AND p.activity < 9 ORDER BY p.activity DESC LIMIT 5
                """,
            ] {
                let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
                #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") && !$0.contains("TEMP B-TREE") }, "\(plan)")
            }
        }
        store.close()
    }
}
