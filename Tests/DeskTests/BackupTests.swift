import Chat
import ChannelsProtocol
import Foundation
import GRDB
import Testing

@testable import Desk

@Suite("a backup")
struct BackupTests {
    @Test("made while everybody writes is whole: no page is torn, no number is missing, and one file holds it")
    func whileWriting() async throws {
        try await withDesk { desk async throws in
            let folder = try TemporaryFolder()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (sender, peer) in [("alice", "bob"), ("bob", "carol"), ("carol", "alice")] {
                    group.addTask {
                        for number in 0..<40 { try await desk.say(sender, to: peer, "number \(number)") }
                    }
                }
                for number in 0..<5 {
                    group.addTask {
                        _ = try Backup.make(folder: desk.folder.path, to: folder.file("copy\(number)"))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try folder.names() == Set((0..<5).map { "copy\($0)" }))
            for number in 0..<5 {
                let path = folder.file("copy\(number)")
                #expect(mode(path) == 0o600)
                let copy = try DatabaseQueue(path: path)
                try await copy.read { db in
                    #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
                    let rows = try Row.fetchAll(
                        db,
                        sql: """
                            SELECT c.last_seq, count(m.key), coalesce(max(m.seq), 0) FROM conversations c
                            LEFT JOIN messages m ON m.conversation = c.key GROUP BY c.key
                            """)
                    for row in rows {
                        #expect(row[0] as Int == row[1])
                        #expect(row[0] as Int == row[2])
                    }
                }
                try copy.close()
            }
        }
    }

    @Test("put in the place of a desk's database is another store each time, with the same messages")
    func restored() async throws {
        let (folder, copies) = (try TemporaryFolder(), try TemporaryFolder())
        let copy = copies.file("copy")
        let original = try await withStore(folder) { store in
            let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
            let message = IncomingMessage(from: alice, conversation: .lobby, text: "kept", clientID: "1")
            _ = try await store.send(message, createsPeer: false) { _ in }
            // No desk runs.
            #expect(try Backup.make(folder: folder.path, to: copy)?.messages == 1)
            return try await store.storeID()
        }
        var stores = [original]
        for _ in 1...2 {
            let place = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: copy, toPath: place.file("desk.sqlite"))
            for _ in 1...2 {
                let store = try await withStore(place) { store in
                    let page = try await store.page(.lobby, before: nil, after: nil, limit: 10)
                    #expect(page.messages.map(\.text) == ["kept"])
                    return try await store.storeID()
                }
                // It stays the same from then on.
                if stores.last != store { stores.append(store) }
            }
        }
        #expect(Set(stores).count == 3)
    }

    @Test("beside the log of the database it replaces is what it was: the desk takes nothing from that log")
    func formerLog() async throws {
        let (folder, copies) = (try TemporaryFolder(), try TemporaryFolder())
        let server = try await DeskServer.start(.init(folder: folder.path))
        let alice = try await server.store.userOnFirstUse(try UserID(validating: "alice"))
        _ = try Backup.make(folder: folder.path, to: copies.file("copy"))
        for number in 1...20 {
            let message = IncomingMessage(from: alice, conversation: .lobby, text: "later", clientID: "\(number)")
            _ = try await server.store.send(message, createsPeer: false) { _ in }
        }
        // As a desk that was killed leaves them.
        let log = try Data(contentsOf: URL(fileURLWithPath: folder.file("desk.sqlite-wal")))
        #expect(log.count > 20_000)
        await server.drain()
        for first in ["serve", "user", "backup"] {
            let place = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: copies.file("copy"), toPath: place.file("desk.sqlite"))
            try log.write(to: URL(fileURLWithPath: place.file("desk.sqlite-wal")))
            chmod(place.file("desk.sqlite-wal"), 0o600)
            if first == "user" { try Accounts(folder: place.path).close() }
            if first == "backup" {
                #expect(try Backup.make(folder: place.path, to: place.file("again"))?.messages == 0)
            }
            let restored = try await DeskServer.start(.init(folder: place.path))
            #expect(try await restored.store.page(.lobby, before: nil, after: nil, limit: 5).messages.isEmpty)
            let check = try await restored.store.sqlite.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
            #expect(check == ["ok"])
            await restored.drain()
        }
    }

    @Test("that is interrupted leaves nothing behind")
    func interrupted() async throws {
        let (folder, copies) = (try TemporaryFolder(), try TemporaryFolder())
        _ = try await withStore(folder) { store in
            _ = try await store.userOnFirstUse(try UserID(validating: "alice"))
            return try await store.storeID()
        }
        let copy = try Backup.make(folder: folder.path, to: copies.file("copy")) { _, _ in false }
        #expect(copy == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: copies.path) == [])
    }

    @Test("of a desk that was killed has what stands in its log")
    func killed() async throws {
        let (folder, copies) = (try TemporaryFolder(), try TemporaryFolder())
        let server = try await DeskServer.start(.init(folder: folder.path))
        let alice = try await server.store.userOnFirstUse(try UserID(validating: "alice"))
        let message = IncomingMessage(from: alice, conversation: .lobby, text: "in the log", clientID: "1")
        _ = try await server.store.send(message, createsPeer: false) { _ in }
        // The files as they are at this moment, in another folder.
        let place = try TemporaryFolder()
        for name in ["desk.sqlite", "desk.sqlite-wal"] {
            try FileManager.default.copyItem(atPath: folder.file(name), toPath: place.file(name))
        }
        #expect(try Backup.make(folder: place.path, to: copies.file("copy"))?.messages == 1)
        await server.drain()
    }

    @Test("overwrites nothing, leaves nothing behind, and says in a sentence why it cannot be")
    func refusals() async throws {
        let folder = try TemporaryFolder()
        let out = try TemporaryFolder()
        let none = #expect(throws: DeskError.self) { try Backup.make(folder: out.path, to: out.file("x")) }
        #expect(none?.exitCode == 78)
        _ = try await withStore(folder) { _ in "" }
        try Data("mine".utf8).write(to: URL(fileURLWithPath: out.file("there")))
        let there = #expect(throws: DeskError.self) { try Backup.make(folder: folder.path, to: out.file("there")) }
        #expect(there?.exitCode == 73)
        #expect(there?.message.contains("not overwritten") == true)
        #expect(try String(contentsOfFile: out.file("there"), encoding: .utf8) == "mine")
        for path in [out.file("no/folder"), out.file("there/x")] {
            #expect(#expect(throws: DeskError.self) { try Backup.make(folder: folder.path, to: path) }?.exitCode == 73)
        }
        let broken = try TemporaryFolder()
        try Data(repeating: 7, count: 8_192).write(to: URL(fileURLWithPath: broken.file("desk.sqlite")))
        chmod(broken.file("desk.sqlite"), 0o600)
        #expect(
            #expect(throws: DeskError.self) { try Backup.make(folder: broken.path, to: out.file("x")) }?.exitCode == 78)
        #expect(try out.names() == ["there"])
    }

    private func withStore(_ folder: TemporaryFolder, _ work: (DeskStore) async throws -> String) async throws -> String
    {
        let store = try DeskStore(path: folder.file("desk.sqlite"))
        defer { store.close() }
        return try await work(store)
    }
}
