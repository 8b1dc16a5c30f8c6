import Chat
import Foundation
import GRDB
import Testing

@testable import LocalStore

@Suite("an account's file of another version")
struct MigrationTests {
    @Test(
        "of every earlier one is opened with what it held: outbox, drafts, the open conversation",
        arguments: AccountStore.migrations.migrations)
    func forward(version: String) throws {
        let path = NSTemporaryDirectory() + "parley-migration-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = path + "/account.sqlite"
        let queue = try DatabaseQueue(path: file)
        try AccountStore.migrations.migrate(queue, upTo: version)
        try queue.write { db in
            // What the first version had; later ones add to it.
            try db.execute(
                sql: """
                    INSERT INTO outbox (client_id, conversation, text, at, state, owner_pid, owner_start, owner_boot)
                    VALUES ('c1', 'private-chat-alice-bob', CAST('waits' AS BLOB), 1795000000123, 'queued', 1, 1, 'b');
                    INSERT INTO drafts (conversation, text, owner_pid, owner_start, owner_boot)
                    VALUES ('presence-lobby', CAST('half a' AS BLOB), 1, 1, 'b');
                    INSERT INTO kept (name, value) VALUES ('open', 'private-chat-alice-bob');
                    """)
        }
        try queue.close()
        let store = try AccountStore(path: file, owner: RowOwner(pid: 2, start: 1, boot: "b"), isAlive: { _ in false })
        let saved = try store.load()
        #expect(saved.outbox.map(\.clientID) == ["c1"])
        #expect(saved.outbox.map(\.text) == ["waits"])
        #expect(saved.drafts == [.lobby: "half a"])
        #expect(saved.open?.channel == "private-chat-alice-bob")
        store.close()
    }

    @Test("of a later one is refused in a sentence, and left as it is")
    func backwards() throws {
        let path = NSTemporaryDirectory() + "parley-migration-" + UUID().uuidString.prefix(8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = path + "/account.sqlite"
        try AccountStore.open(file).close()
        let queue = try DatabaseQueue(path: file)
        try queue.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 from the future')")
        }
        try queue.close()
        let error = #expect(throws: LocalStoreError.self) { try AccountStore.open(file) }
        #expect(error?.kind == .unreadable)
        #expect(error?.message.contains("newer") == true)
        let after = try DatabaseQueue(path: file)
        let versions = try after.read { try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations") }
        #expect(versions == AccountStore.migrations.migrations + ["99 from the future"])
        try after.close()
    }
}
