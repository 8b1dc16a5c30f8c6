import Chat
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Desk

@Suite("a database that is taken away from under a running desk", .timeLimit(.minutes(1)))
struct LostStoreTests {
    /// What happens to the folder's files, which SQLite has open.
    enum Mishap: String, CaseIterable {
        case deleted, replacedByCopy, overwritten, logDeleted, logReplaced, indexDeleted, indexReplaced, folderRenamed

        func happen(to folder: String) throws {
            let database = folder + "/desk.sqlite"
            let manager = FileManager.default
            func replace(_ path: String) throws {
                try manager.copyItem(atPath: path, toPath: path + ".new")
                #expect(rename(path + ".new", path) == 0)
            }
            switch self {
            case .deleted: try manager.removeItem(atPath: database)
            case .replacedByCopy: try replace(database)
            case .overwritten:
                let file = try #require(FileHandle(forWritingAtPath: database))
                try file.truncate(atOffset: 4096)
                try file.close()
            case .logDeleted: try manager.removeItem(atPath: database + "-wal")
            case .logReplaced: try replace(database + "-wal")
            case .indexDeleted: try manager.removeItem(atPath: database + "-shm")
            case .indexReplaced: try replace(database + "-shm")
            case .folderRenamed: try manager.moveItem(atPath: folder, toPath: folder + ".away")
            }
        }
    }

    @Test("the desk acknowledges nothing more, logs it once and asks to be ended", arguments: Mishap.allCases)
    func refused(mishap: Mishap) async throws {
        let lines = LogLines()
        let told = Mutex<[DeskError]>([])
        try await withDesk(configure: { $0.logger = lines.logger }) { desk async throws in
            desk.server.whenStoreIsLost { error in told.withLock { $0.append(error) } }
            #expect(try await desk.say("alice", to: "bob", "before").status == 201)
            try mishap.happen(to: desk.folder.path)
            for _ in 1...3 {
                let answer = try await desk.say("alice", to: "bob", "after")
                #expect(answer.status == 503 && answer.code == "store_unavailable")
            }
            #expect(try await desk.call("bob", "GET", "/api/conversations").status == 503)
        }
        try? FileManager.default.removeItem(atPath: desk(lines) + ".away")
        #expect(told.withLock { $0 }.map(\.exitCode) == [73])
        #expect(lines.all.filter { $0.contains("while the desk was using it") && !$0.contains("refused") }.count == 1)
    }

    private func desk(_ lines: LogLines) -> String {
        lines.all.first { $0.contains(": open at ") }.map { String($0.prefix { $0 != ":" }) } ?? "/nowhere"
    }

    @Test("what was acknowledged before only the log was deleted is in the database after the desk ended")
    func checkpointed() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("desk.sqlite")
        let store = try DeskStore(path: path)
        let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
        try FileManager.default.removeItem(atPath: path + "-wal")
        await #expect(throws: DeskError.self) { try await store.userOnFirstUse(try UserID(validating: "bob")) }
        store.close()
        let next = try DeskStore(path: path)
        #expect(try await next.user(alice.id) == alice)
        next.close()
    }

    @Test("the log of a deleted database is not left for the next one")
    func noFormerLog() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("desk.sqlite")
        let store = try DeskStore(path: path)
        _ = try await store.userOnFirstUse(try UserID(validating: "alice"))
        try FileManager.default.removeItem(atPath: path)
        store.close()
        let next = try DeskStore(path: path)
        #expect(try await next.users().isEmpty)
        next.close()
    }

    @Test("a command makes no second database beside a desk that runs, and makes the first where none does")
    func second() async throws {
        try await withDesk { desk async throws in
            let path = desk.folder.file("desk.sqlite")
            try FileManager.default.removeItem(atPath: path)
            let error = try #require(throws: DeskError.self) { _ = try Accounts(folder: desk.folder.path) }
            #expect(error.exitCode == 69 && error.message.contains("still runs"))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        let folder = try TemporaryFolder()
        let accounts = try Accounts(folder: folder.path)
        _ = try accounts.add(try UserID(validating: "alice"), name: nil)
        accounts.close()
    }

    @Test("an account that was made in a database taken away meanwhile is not reported as made")
    func verb() throws {
        let folder = try TemporaryFolder()
        let accounts = try Accounts(folder: folder.path)
        try FileManager.default.removeItem(atPath: folder.file("desk.sqlite"))
        let error = try #require(throws: DeskError.self) {
            _ = try accounts.add(try UserID(validating: "alice"), name: nil)
        }
        #expect(error.exitCode == 73)
        accounts.close()
    }

    @Test("a local desk is hosted again with the database that is there then")
    func localDesk() async throws {
        let folder = try TemporaryFolder()
        let lock = try #require(try LocalDesk.tryHost(folder.path))
        let server = try await lock.serve()
        let (losses, loss) = AsyncStream.makeStream(of: DeskError.self)
        server.whenStoreIsLost { loss.yield($0) }
        let desk = TestDesk(folder: folder, server: server, tokens: [:])
        #expect(try await desk.say("alice", to: "bob", "1").status == 201)
        try FileManager.default.removeItem(atPath: folder.file("desk.sqlite"))
        #expect(try await desk.say("alice", to: "bob", "2").status == 503)
        for await _ in losses { break }
        await server.drain()
        lock.release()
        let next = try #require(try LocalDesk.tryHost(folder.path))
        let again = TestDesk(folder: folder, server: try await next.serve(), tokens: [:])
        #expect(try await again.say("alice", to: "bob", "2").status == 201)
        await again.server.drain()
        next.release()
    }
}
