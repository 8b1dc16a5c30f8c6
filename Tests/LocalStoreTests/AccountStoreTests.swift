import Chat
import Foundation
import LocalStore
import Testing

@Suite("an account's file")
struct AccountStoreTests {
    @Test("gives back outbox, drafts and the open conversation, in order")
    func roundTrip() async throws {
        let folder = try Folder()
        let first = try folder.store(1)
        let messages = [
            message("c1", "one"), message("c2", "two\nlines \u{0} 👋🏽", .sending),
            message("c3", "three", .failed(reason: "too large")),
        ]
        try await first.done(
            messages.map { .putOutbox($0) } + [.saveDraft(bob, "hel"), .saveDraft(.lobby, "x"), .saveOpen(bob)])
        first.close()
        let second = try folder.store(2, living: [])
        var expected = messages
        expected[0].state = .queued
        #expect(try second.load() == SavedState(outbox: expected, drafts: [bob: "hel", .lobby: "x"], open: bob))
    }

    @Test(
        "reports nothing as kept once its file, or one that belongs to it, was deleted or replaced",
        arguments: ["", "-wal", "-shm"], [true, false])
    func takenAway(part: String, isReplaced: Bool) async throws {
        let folder = try Folder()
        let store = try folder.store(1)
        try await store.done([.putOutbox(message("c1", "one"))])
        let path = folder.path + "/account.sqlite" + part
        if isReplaced { try FileManager.default.copyItem(atPath: path, toPath: path + ".new") }
        try FileManager.default.removeItem(atPath: path)
        if isReplaced { try FileManager.default.moveItem(atPath: path + ".new", toPath: path) }
        let error = await #expect(throws: LocalStoreError.self) {
            try await store.done([.putOutbox(message("c2", "two"))])
        }
        #expect(error?.message.contains("was deleted or replaced") == true)
        store.close()
    }

    @Test("keeps where conversations were scrolled to, and up to where no answer is due")
    func marks() async throws {
        let folder = try Folder()
        let store = try folder.store(1)
        try await store.done([
            .saveScroll(bob, ScrollMark(seq: 7, line: -1)), .saveScroll(.lobby, ScrollMark(seq: 3, line: 2)),
            .saveSettled(bob, through: 4), .saveSettled(bob, through: 9),
            .saveSettled(.lobby, through: 4), .saveSettled(.lobby, through: nil), .saveScroll(.lobby, nil),
            .saveRoom(.lobby, isEntered: true), .saveRoom(.lobby, isEntered: false),
        ])
        #expect(
            try store.load()
                == SavedState(
                    scroll: [bob: ScrollMark(seq: 7, line: -1)], settled: [bob: 9], rooms: [.lobby: false],
                    isFirst: true))
    }

    @Test("forgets what is removed, and an empty draft")
    func removing() async throws {
        let folder = try Folder()
        let store = try folder.store(1)
        try await store.done([
            .putOutbox(message("c1", "one")), .saveDraft(bob, "hel"), .saveOpen(bob), .putOutbox(message("c2", "two")),
        ])
        try await store.done([
            .removeOutbox(clientID: "c1"), .saveDraft(bob, ""), .saveOpen(nil), .removeOutbox(clientID: "unknown"),
        ])
        #expect(try store.load() == SavedState(outbox: [message("c2", "two", .queued)], isFirst: true))
    }

    @Test("keeps the place of a message whose state changes")
    func replacing() async throws {
        let folder = try Folder()
        let store = try folder.store(1)
        try await store.done([.putOutbox(message("c1", "one")), .putOutbox(message("c2", "two"))])
        try await store.done([.putOutbox(message("c1", "one", .failed(reason: "no")))])
        #expect(try store.load().outbox.map(\.clientID) == ["c1", "c2"])
        #expect(try store.load().outbox.first?.state == .failed(reason: "no"))
    }

    @Test("does all writes of one call or none")
    func atomic() async throws {
        let folder = try Folder()
        let store = try folder.store(1)
        try await store.done((0..<500).map { .putOutbox(message("c\($0)", "text")) })
        #expect(try store.load().outbox.map(\.clientID) == (0..<500).map { "c\($0)" })
    }

    @Test("is shared by two terminals: neither takes what the other looks after")
    func twoTerminals() async throws {
        let folder = try Folder()
        let first = try folder.store(1, living: [1, 2])
        let second = try folder.store(2, living: [1, 2])
        try await first.done([.putOutbox(message("a", "from one")), .saveDraft(bob, "draft of one")])
        try await second.done([.putOutbox(message("b", "from two")), .saveDraft(bob, "draft of two")])
        #expect(try first.load().outbox.map(\.clientID) == ["a"])
        #expect(try second.load().outbox.map(\.clientID) == ["b"])
        #expect(try first.load().drafts == [bob: "draft of one"])
        #expect(try second.load().drafts == [bob: "draft of two"])
        #expect(try first.adopt().isEmpty)
    }

    @Test("writes of two terminals at once are all kept")
    func concurrent() async throws {
        let folder = try Folder()
        let stores = try [folder.store(1, living: [1, 2]), folder.store(2, living: [1, 2])]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, store) in stores.enumerated() {
                for number in 0..<50 {
                    group.addTask { try await store.done([.putOutbox(message("\(index)-\(number)", "x"))]) }
                }
            }
            try await group.waitForAll()
        }
        for store in stores { #expect(try store.load().outbox.count == 50) }
    }

    @Test("hands what a dead terminal left to the next, once")
    func adoption() async throws {
        let folder = try Folder()
        let dead = try folder.store(1)
        try await dead.done([.putOutbox(message("a", "left")), .saveDraft(bob, "left too")])
        dead.close()
        let second = try folder.store(2, living: [2, 3])
        let third = try folder.store(3, living: [2, 3])
        #expect(try second.load() == SavedState(outbox: [message("a", "left", .queued)], drafts: [bob: "left too"]))
        #expect(try third.load() == SavedState())
        #expect(try third.adopt().isEmpty)
    }

    @Test("lets a running terminal adopt what another that died meanwhile had not sent")
    func adoptingWhileRunning() async throws {
        let folder = try Folder()
        let dead = try folder.store(1)
        let running = try folder.store(2, living: [2])
        #expect(try running.load() == SavedState())
        try await running.done([.putOutbox(message("mine", "mine"))])
        try await dead.done([.putOutbox(message("a", "left"))])
        #expect(try running.adopt() == [message("a", "left", .queued)])
        #expect(try running.adopt().isEmpty)
        #expect(try running.load().outbox.map(\.clientID) == ["mine", "a"])
    }

    @Test("offers the later of two drafts first and the other after it")
    func twoDrafts() async throws {
        let folder = try Folder()
        for (number, text) in [(1, "earlier"), (2, "later")] {
            let store = try folder.store(number, living: [1, 2])
            try await store.done([.saveDraft(bob, text)])
            store.close()
        }
        let third = try folder.store(3, living: [])
        #expect(try third.load().drafts == [bob: "later"])
        try await third.done([.saveDraft(bob, "")])
        third.close()
        let fourth = try folder.store(4, living: [])
        #expect(try fourth.load().drafts == [bob: "earlier"])
    }

    @Test("is closed to others, with the folders made for it")
    func modes() throws {
        let folder = try Folder()
        let path = folder.path + "/deep/er/account.sqlite"
        let store = try AccountStore.open(path)
        _ = try store.load()
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(path) == 0o600)
        #expect(try mode(path + "-wal") == 0o600)
        #expect(try mode(folder.path + "/deep") == 0o700)
        #expect(try mode(folder.path + "/deep/er") == 0o700)
        store.close()
    }

    @Test("that was there already is closed to those who could read it, with its folder")
    func tightened() throws {
        let folder = try Folder()
        let path = folder.path + "/account.sqlite"
        try folder.store(1).close()
        for (path, mode) in [(path, 0o644 as mode_t), (folder.path, 0o755)] { chmod(path, mode) }
        try folder.store(1).close()
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(path) == 0o600)
        #expect(try mode(folder.path) == 0o700)
    }

    @Test("that others could have written into, or that is a link, is refused in a sentence", arguments: ["", "-wal"])
    func foreign(part: String) throws {
        let folder = try Folder()
        let path = folder.path + "/account.sqlite"
        try folder.store(1).close()
        if !FileManager.default.fileExists(atPath: path + part) {
            try Data().write(to: URL(fileURLWithPath: path + part))
        }
        chmod(path + part, 0o622)
        let open = #expect(throws: LocalStoreError.self) { try AccountStore.open(path) }
        #expect(open?.kind == .unreadable)
        #expect(open?.message.contains("mode 622") == true)
        try FileManager.default.moveItem(atPath: path + part, toPath: path + ".moved")
        symlink(path + ".moved", path + part)
        let link = #expect(throws: LocalStoreError.self) { try AccountStore.open(path) }
        #expect(link?.message.contains("symbolic link") == true)
        unlink(path + part)
        chmod(folder.path, 0o777)
        let folderOpen = #expect(throws: LocalStoreError.self) { try AccountStore.open(path) }
        #expect(folderOpen?.message.contains("mode 777") == true)
        let below = folder.path + "/accounts/account.sqlite"
        mkdir(folder.path + "/accounts", 0o700)
        let above = #expect(throws: LocalStoreError.self) { try AccountStore.open(below) }
        #expect(above?.message.hasPrefix("\(folder.path): others can write") == true)
        chmod(folder.path, 0o1777)
        try AccountStore.open(below).close()
        chmod(folder.path, 0o700)
        if geteuid() == 0 {
            chown(folder.path, 65_534, 65_534)
            let theirs = #expect(throws: LocalStoreError.self) { try AccountStore.open(path) }
            #expect(theirs?.message.contains("belongs to user 65534") == true)
            chown(folder.path, 0, 0)
        }
    }

    @Test("that is no database, or a folder, or below a file is refused in a sentence")
    func refused() throws {
        let folder = try Folder()
        let broken = folder.path + "/broken.sqlite"
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: broken))
        let unreadable = #expect(throws: LocalStoreError.self) { try AccountStore.open(broken) }
        #expect(unreadable?.kind == .unreadable)
        #expect(unreadable?.message == "\(broken): is no database that can be read; move it away to begin a new one")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/folder.sqlite", withIntermediateDirectories: false)
        let isFolder = #expect(throws: LocalStoreError.self) { try AccountStore.open(folder.path + "/folder.sqlite") }
        #expect(isFolder?.kind == .cannotWrite)
        let below = #expect(throws: LocalStoreError.self) { try AccountStore.open(broken + "/x.sqlite") }
        #expect(below?.message.contains("XDG_STATE_HOME") == true)
    }

    @Test("that cannot grow any more says so and keeps what it had")
    func fullDisk() async throws {
        let folder = try Folder()
        let store = try folder.store(1, limit: 200_000)
        try await store.done([.putOutbox(message("a", "kept"))])
        let error = await #expect(throws: LocalStoreError.self) {
            try await store.done([.putOutbox(message("b", String(repeating: "x", count: 1 << 20)))])
        }
        #expect(error?.message.contains("the disk is full") == true)
        #expect(try store.load().outbox.map(\.clientID) == ["a"])
    }

    @Test("knows that this process lives, and that others do not")
    func owners() {
        let me = RowOwner.current()
        #expect(me.isAlive)
        #expect(!RowOwner(pid: me.pid, start: me.start + 1, boot: me.boot).isAlive)
        #expect(!RowOwner(pid: me.pid, start: me.start, boot: "another boot").isAlive)
        #expect(!RowOwner(pid: 0, start: 0, boot: me.boot).isAlive)
    }
}

private let bob = ConversationName(channel: "private-chat-alice-bob") ?? .lobby

private func message(_ id: String, _ text: String, _ state: OutgoingMessage.State = .accepted) -> OutgoingMessage {
    OutgoingMessage(
        clientID: id, conversation: bob, text: text, at: Timestamp(milliseconds: 1_795_000_000_123), state: state)
}

extension AccountStore {
    fileprivate func done(_ writes: [StoreWrite]) async throws {
        try await withCheckedThrowingContinuation { continuation in apply(writes) { continuation.resume(with: $0) } }
    }
}

private final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "parley-store-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The same file for every number; a number stands for a process.
    func store(_ number: Int, living: Set<Int32> = [], limit: Int = 1 << 30) throws -> AccountStore {
        try AccountStore(
            path: path + "/account.sqlite", owner: RowOwner(pid: Int32(number), start: 1, boot: "b"), limit: limit,
            isAlive: { living.contains($0.pid) })
    }
}
