import Chat
import Foundation
import GRDB
import Testing

@testable import Desk

@Suite("a desk of an earlier version")
struct MigrationTests {
    /// All but the last.
    static var earlier: [String] { DeskStore.migrations.map(\.name).dropLast() }

    @Test("is opened with all that it had: messages, marks, accounts, and found by search", arguments: earlier)
    func forward(version: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("desk.sqlite")
        try await makeEarlier(version, path)
        let store = try DeskStore(path: path)
        let alice = try #require(try await store.user(token: "a token"))
        #expect(alice.id.text == "alice")
        let chat = try #require(ConversationName(channel: "private-chat-alice-bob"))
        let page = try await store.page(chat, before: nil, after: nil, limit: 10)
        #expect(page.messages.map(\.text) == ["an old word", "another"])
        #expect(page.messages.map(\.seq) == [1, 2])
        let list = try await store.conversations(of: alice, in: ["presence-lobby"], limit: 10, before: nil)
        #expect(list.first { $0.conversation == chat.channel }?.unseen == 1)
        #expect(
            try await store.search("old", by: alice, in: nil, rooms: ["presence-lobby"], limit: 10).map(\.id) == ["m1"])
        #expect(try await store.storeID() == "the store")
        let next = IncomingMessage(from: alice, conversation: chat, text: "new", clientID: "c3")
        guard case .stored(let message) = try await store.send(next, createsPeer: false, publish: { _ in }) else {
            Issue.record("not stored")
            return
        }
        #expect(message.seq == 3)
        store.close()
    }

    @Test("exist, so that the test above tests something")
    func some() { #expect(!Self.earlier.isEmpty) }

    /// A database as a desk of that version left it: alice has seen the first of bob's two messages.
    private func makeEarlier(_ version: String, _ path: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try SQLiteDisk.migrations.migrate(queue, upTo: version)
        try await queue.write { db in
            try db.execute(
                sql: """
                    UPDATE meta SET value = 'the store' WHERE name = 'store';
                    INSERT INTO conversations (key, name) VALUES (1, 'presence-lobby');
                    INSERT INTO conversations (key, name, last_seq, last_message)
                    VALUES (2, 'private-chat-alice-bob', 2, 2);
                    INSERT INTO users (key, id, name, created_at) VALUES (2, 'bob', 'Bob', 1);
                    """)
            try db.execute(
                sql: "INSERT INTO users (key, id, name, token_hash, created_at) VALUES (1, 'alice', 'Alice', ?, 1)",
                arguments: [Data(Token.hash("a token"))])
            try db.execute(
                sql: """
                    INSERT INTO messages (key, id, conversation, seq, sender, sender_count, client_id, at, text) VALUES
                        (1, 'm1', 2, 1, 2, 1, 'c1', 1795000000000, 'an old word'),
                        (2, 'm2', 2, 2, 2, 2, 'c2', 1795000001000, 'another');
                    INSERT INTO participants (user, conversation, seen, activity) VALUES (1, 2, 1, 2), (2, 2, 2, 2);
                    """)
            // A desk of these versions indexed its messages itself; before, a trigger did it.
            let indexing = DeskStore.migrations.drop { $0.name != "6 search terms" }
            if indexing.contains(where: { $0.name == version }) {
                let chat = try #require(ConversationName(channel: "private-chat-alice-bob"))
                try DeskStore.index(1, "an old word", in: chat, 2, db)
                try DeskStore.index(2, "another", in: chat, 2, db)
            }
        }
        try queue.close()
    }
}
