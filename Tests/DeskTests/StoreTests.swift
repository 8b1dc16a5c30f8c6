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
        let (journal, synchronous) = try await store.sqlite.writeWithoutTransaction { db in
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
        try await store.sqlite.write { db in
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

    @Test("a message whose publishing did not happen is published at the next start", arguments: StoreKind.tested)
    func leftovers(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let store = try kind.store(folder, try kind.place())
        try await fill(store, 3)
        #expect(try await leftovers(store).map(\.seq) == [3])
        #expect(try await leftovers(store).isEmpty)
        store.close()
    }

    private func leftovers(_ store: DeskStore, page: Int = 200) async throws -> [StoredMessage] {
        var published: [StoredMessage] = []
        try await store.publishLeftovers(page: page) { published.append($0) }
        return published
    }

    @Test("leftovers are published once each and in order, however many there are, also where that cannot be noted")
    func manyLeftovers() async throws {
        let folder = try TemporaryFolder()
        let store = try DeskStore(path: folder.file("desk.sqlite"))
        try await fill(store, 25)
        try await store.sqlite.write { db in try db.execute(sql: "DELETE FROM meta WHERE name = 'published'") }
        var published: [Int] = []
        try await store.sqlite.write { db in
            try db.execute(
                sql: "CREATE TRIGGER no_room BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'no room'); END")
        }
        await #expect(throws: DatabaseError.self) {
            try await store.publishLeftovers(page: 10) { published.append($0.seq) }
        }
        #expect(published == Array(1...25))
        try await store.sqlite.write { db in try db.execute(sql: "DROP TRIGGER no_room") }
        #expect(try await leftovers(store, page: 5).map(\.seq) == Array(1...25))
        #expect(try await leftovers(store, page: 5).isEmpty)
        store.close()
    }

    @Test(
        "a message that was stored when the process died between disk and engine is published by the next desk, first")
    func crash() async throws {
        let folder = try TemporaryFolder()
        do {
            let store = try DeskStore(path: folder.file("desk.sqlite"))
            // Publishing is what did not happen any more; nothing is closed or marked.
            try await fill(store, 2)
        }
        let server = try await DeskServer.start(DeskConfiguration(folder: folder.path))
        let mark = try await server.store.sqlite.read { db in
            try Int.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'published'")
        }
        #expect(mark == 2)
        await server.drain()
    }

    /// `count` messages of alice to bob, none of which is published.
    private func fill(_ store: DeskStore, _ count: Int) async throws {
        let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
        let bob = try await store.userOnFirstUse(try UserID(validating: "bob"))
        let chat = try #require(ConversationName(alice.id, bob.id))
        for number in 1...count {
            let message = IncomingMessage(from: alice, conversation: chat, text: "t", clientID: "\(number)")
            _ = try await store.send(message, createsPeer: false) { _ in }
        }
    }

    @Test("a page, a list and a count read no more rows of a long conversation than of a short one")
    func plans() async throws {
        let folder = try TemporaryFolder()
        let store = try DeskStore(path: folder.file("desk.sqlite"))
        try await store.sqlite.read { db in
            for sql in [
                DeskStore.select + " WHERE m.conversation = 1 AND m.seq > 5 AND m.seq < 9 ORDER BY m.seq",
                DeskStore.select + " WHERE m.sender = 1 AND m.client_id = 'x'",
                "SELECT sender_count FROM messages WHERE conversation = 1 AND sender = 2 AND seq <= 9 ORDER BY seq DESC LIMIT 1",
                """
                SELECT c.name FROM participants p JOIN conversations c ON c.key = p.conversation
                WHERE p."user" = 1 AND p.activity > 0 AND p.activity < 9 ORDER BY p.activity DESC LIMIT 5
                """,
            ] {
                let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
                #expect(plan.allSatisfy { !$0.hasPrefix("SCAN") && !$0.contains("TEMP B-TREE") }, "\(plan)")
            }
        }
        store.close()
    }
}
