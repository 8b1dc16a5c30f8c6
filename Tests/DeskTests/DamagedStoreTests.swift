import Chat
import Foundation
import GRDB
import Testing
import TestPostgres

@testable import Desk

@Suite("a damaged store", .timeLimit(.minutes(3)))
struct DamagedStoreTests {
    /// A closed database with an account and some messages.
    private func database(_ folder: TemporaryFolder) async throws -> String {
        let path = folder.file("desk.sqlite")
        let store = try DeskStore(path: path)
        let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
        _ = try await store.userOnFirstUse(try UserID(validating: "bob"))
        let chat = try #require(ConversationName(channel: "private-chat-alice-bob"))
        for number in 1...40 {
            let message = IncomingMessage(
                from: alice, conversation: chat, text: "a text of some length, \(number)", clientID: "\(number)")
            _ = try await store.send(message, createsPeer: false) { _ in }
        }
        store.close()
        return path
    }

    /// What is wrong with what is at `path`; nil where a desk starts with it and reads all it had.
    private func verdict(_ path: String) async throws -> DeskError? {
        do throws(DeskError) {
            let store = try DeskStore(path: path)
            defer { store.close() }
            let last = try? store.disk.readNow { db in
                try DeskStore.existingConversation("private-chat-alice-bob", db)?.lastSeq ?? 0
            }
            #expect(last == 40)
            return nil
        } catch {
            return error
        }
    }

    @Test("is refused with a sentence and 78 or 73, or read in full, whichever field of the header is another")
    func header() async throws {
        let folder = try TemporaryFolder()
        let path = try await database(folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var refused = 0
        // The first of each field, and both versions of the format.
        for index in [0, 15, 16, 18, 19, 20, 21, 22, 23, 24, 28, 32, 36, 40, 44, 47, 48, 52, 56, 59, 60, 68, 92, 96] {
            for flip: UInt8 in index < 48 ? [0xFF, 0x01] : [0xFF] {
                // Opening a store holds a thread of all tests.
                await Task.yield()
                var bytes = whole
                bytes[index] ^= flip
                for part in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + part) }
                try bytes.write(to: URL(fileURLWithPath: path))
                guard let error = try await verdict(path) else { continue }
                refused += 1
                #expect([78, 73].contains(error.exitCode) && error.message.hasPrefix(path), "\(index): \(error)")
            }
        }
        #expect(refused > 12)
    }

    @Test("is refused where a page is filled with something else, whichever page it is")
    func pages() async throws {
        let folder = try TemporaryFolder()
        let path = try await database(folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let queue = try DatabaseQueue(path: path)
        let unused = try await queue.read { db in try Int.fetchOne(db, sql: "PRAGMA freelist_count") } ?? 0
        try queue.close()
        var accepted: [Int] = []
        for page in stride(from: 1, to: whole.count / 4096, by: 3) {
            await Task.yield()
            var bytes = whole
            bytes.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(repeating: 0xA5, count: 4096))
            try bytes.write(to: URL(fileURLWithPath: path))
            if let error = try await verdict(path) { #expect(error.exitCode == 78) } else { accepted.append(page + 1) }
        }
        // What an unused page holds says nothing.
        #expect(accepted.count <= unused, "\(accepted)")
    }

    @Test(
        "is refused where what it is or has is missing",
        arguments: [
            "DROP TABLE users", "DROP TABLE messages", "DROP TABLE meta", "DROP INDEX messages_client",
            "DROP TABLE outbox", "ALTER TABLE participants RENAME TO gone",
        ])
    func missing(sql: String) async throws {
        let folder = try TemporaryFolder()
        let path = try await database(folder)
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            for trigger in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
                if sql.contains("messages") { try db.execute(sql: "DROP TRIGGER \(trigger)") }
            }
            try db.execute(sql: sql)
        }
        try queue.close()
        let error = try await verdict(path)
        #expect(error?.exitCode == 78, "\(error?.message ?? "it starts")")
        #expect(error?.message.contains("restore") == true)
    }

    @Test("is refused where the file is cut off, empty of sense, or a text", arguments: ["cut", "zeros", "text"])
    func noDatabase(kind: String) async throws {
        let folder = try TemporaryFolder()
        let path = try await database(folder)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let bytes: Data =
            switch kind {
            case "cut": whole.prefix(whole.count / 2)
            case "zeros": Data(repeating: 0, count: whole.count)
            default: Data(String(repeating: "dear diary\n", count: 1_000).utf8)
            }
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try await verdict(path)?.exitCode == 78)
    }

    @Test("a part of it that turns out to be unreadable while the desk runs has a code of its own")
    func code() {
        #expect(DeskStore.isDamaged(DatabaseError(resultCode: .SQLITE_CORRUPT)))
        #expect(DeskStore.isDamaged(PostgresError(state: "XX001", message: "")))
        #expect(!DeskStore.isDamaged(DatabaseError(resultCode: .SQLITE_FULL)))
        #expect(APIError.storeDamaged.code == "store_damaged")
    }

    @Test("in PostgreSQL is refused where a table is missing", arguments: ["meta", "users", "outbox", "messages"])
    func postgres(table: String) throws {
        let server = try TestPostgres.server()
        let text = try server.database()
        let url = try #require(PostgresURL(text))
        try PostgresDisk(url, as: .verb).close(waits: true)
        try server.sql(
            "SET client_min_messages = error; DROP TABLE \(table) CASCADE", in: TestPostgres.name(text))
        let error = try #require(throws: DeskError.self) { _ = try PostgresDisk(url, as: .verb) }
        #expect(error.exitCode == 78 && error.message.contains(table), "\(error)")
    }

    @Test("all that the migrations make is known by name, and is there in a new store", arguments: StoreKind.tested)
    func names(kind: StoreKind) async throws {
        let folder = try TemporaryFolder()
        let store = try kind.store(folder, try kind.place())
        let found = try await store.disk.read { db in
            Set(try db.rows(db.dialect.objects, []).map { $0[0] as String })
        }
        let expected = SchemaObjects.expected(kind == .sqlite ? .sqlite : .postgres)
        #expect(expected.isSubset(of: found))
        #expect(
            ["users", "messages", "messages_client", "participants_activity", "outbox"].allSatisfy(expected.contains))
        if kind == .sqlite {
            // What SQLite makes for itself, and for an index of words, has other names.
            let own = found.filter { name in
                !name.hasPrefix("sqlite_") && !name.hasPrefix("grdb_")
                    && !expected.contains { name.hasPrefix($0 + "_") && name != $0 }
            }
            #expect(own.subtracting(expected).isEmpty, "\(own.subtracting(expected))")
        }
        store.close()
    }

    @Test("what a migration drops or renames is not expected, with the indexes and triggers of a dropped table")
    func dropped() {
        var objects = SchemaObjects()
        objects.read(
            """
            CREATE TABLE IF NOT EXISTS a (x);
            CREATE UNIQUE INDEX a_x ON a (x);
            CREATE TABLE b (y);
            CREATE TRIGGER t AFTER INSERT ON b BEGIN
                DELETE FROM a;
            END;
            CREATE TEMP TABLE c (z);
            DROP TABLE a;
            ALTER TABLE b RENAME TO d;
            """)
        #expect(objects.names == ["d", "t"])
        objects.read("DROP TABLE d")
        #expect(objects.names.isEmpty)
    }
}
