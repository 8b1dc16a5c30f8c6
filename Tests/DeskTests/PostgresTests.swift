import ChannelsProtocol
import Chat
import Foundation
import Synchronization
import Testing
import TestPostgres

@testable import Desk

@Suite("a desk's store in PostgreSQL", .serialized, .timeLimit(.minutes(5)))
struct PostgresTests {
    private func url(_ text: String) throws -> PostgresURL { try #require(PostgresURL(text)) }

    private func database() throws -> PostgresURL { try url(try TestPostgres.server().database()) }

    private func open(_ url: PostgresURL, _ role: PostgresDisk.Role = .verb) throws -> DeskStore {
        DeskStore(try PostgresDisk(url, as: role))
    }

    @Test(
        "a URL is one of PostgreSQL, in one line and of a length that can be",
        arguments: [
            "", "postgres:", "postgres:/x", "mysql://a/b", "http://x", "POSTGRES://x/y", "postgres://a b/c",
            "postgres://a/b\n", "postgres://" + String(repeating: "x", count: 3_000),
        ])
    func malformed(text: String) { #expect(PostgresURL(text) == nil) }

    @Test(
        "a password in a URL is seen wherever it stands, and never told",
        arguments: [
            "postgres://me:s3cret@db/desk", "postgres://me@db/desk?password=s3cret",
            "postgresql://:s3cret@db:5432/desk",
            "postgres://me:s3%63ret@db/desk", "postgres://db/desk?sslmode=require&sslpassword=s3cret",
            "postgres://me:x@s3cret@db/desk", "postgres://me:s3cret@db/desk?user=a@b",
        ])
    func hidden(text: String) throws {
        let url = try url(text)
        #expect(url.hasPassword)
        #expect(!url.shown.contains("s3"))
        #expect(!url.cleaned("it was \(text)").contains("s3cret"))
        #expect(try !self.url("postgres://me@db:1/desk?host=/run").hasPassword)
        #expect(try self.url("postgres://me@db:1/desk?host=/run").shown == "postgres://me@db:1/desk?host=/run")
    }

    @Test("where it cannot be opened a sentence says why, and has no password in it")
    func refused() throws {
        let server = try TestPostgres.server()
        let name = TestPostgres.name(try server.database())
        try server.sql("CREATE ROLE guarded_\(name) LOGIN PASSWORD 'right'", in: "postgres")
        func failure(_ text: String) throws -> DeskError {
            let url = try url(text)
            let error = try #require(throws: DeskError.self) { _ = try PostgresDisk(url, as: .verb) }
            #expect(!error.message.contains("wr0ng"), "\(error)")
            return error
        }
        #expect(try failure(server.url("none")).message.contains("there is no such database; make it with createdb"))
        #expect(try failure(server.url(name, user: "guarded:wr0ng")).kind == .refused)
        #expect(try failure(server.url(name, user: "guarded")).kind == .refused)
        #expect(try failure("postgres://x@127.0.0.1:1/x").kind == .unavailable)
        #expect(try failure("postgres://x:wr0ng@127.0.0.1:port/x").message.contains("cannot be reached"))
        #expect(try failure("postgres://x@/x?host=/nowhere&nonsense=1").kind == .unavailable)
        try server.sql("CREATE DATABASE latin_\(name) ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0", in: "postgres")
        #expect(try failure(server.url("latin_\(name)")).message.contains("not in UTF-8"))
        #expect(try failure(server.url(name, user: "guarded_\(name)")).message.contains("createdb --owner"))
    }

    @Test("a database of a newer program is refused, and one of this program is opened again as the same store")
    func newer() async throws {
        let url = try database()
        let store = try open(url)
        let id = try await store.storeID()
        #expect(id.count == 32)
        try await store.disk.write { db in _ = try db.execute("INSERT INTO migrations (name) VALUES (?)", ["99"]) }
        store.close()
        let error = try #require(throws: DeskError.self) { _ = try self.open(url) }
        #expect(error.kind == .configuration && error.message.contains("newer parley"))
        try TestPostgres.server().sql("DELETE FROM migrations WHERE name = '99'", in: TestPostgres.name(url.text))
        #expect(try await open(url).storeID() == id)
    }

    @Test("a database that was restored from a copy is another store")
    func copied() async throws {
        let url = try database()
        let store = try open(url)
        let id = try await store.storeID()
        store.close()
        let server = try TestPostgres.server()
        let name = TestPostgres.name(url.text)
        try server.sql("CREATE DATABASE \(name)_copy TEMPLATE \(name)", in: "postgres")
        let copy = try open(try self.url(server.url("\(name)_copy")))
        #expect(try await copy.storeID() != id)
        copy.close()
    }

    @Test("a database of an earlier version is opened with its messages in the index of search terms")
    func migrated() async throws {
        let url = try database()
        let connection = try PostgresConnection(url, patience: .seconds(60))
        try connection.script("CREATE TABLE migrations (name TEXT PRIMARY KEY)")
        let earlier = DeskStore.migrations.prefix { $0.name != "6 search terms" }
        for migration in earlier {
            try migration.work(connection)
            _ = try connection.execute("INSERT INTO migrations (name) VALUES (?)", [migration.name])
        }
        try connection.script(
            """
            INSERT INTO users (key, id, name, created_at) VALUES (1001, 'alice', 'Alice', 1), (1002, 'bob', 'Bob', 1);
            INSERT INTO conversations (key, name, last_seq, last_message) VALUES (1, 'private-chat-alice-bob', 1200, 1200);
            INSERT INTO participants ("user", conversation, seen, activity) VALUES (1001, 1, 0, 1200), (1002, 1, 0, 1200);
            INSERT INTO messages (key, id, conversation, seq, sender, sender_count, client_id, at, text)
            SELECT n, 'm' || n, 1, n, 1002, n, 'c' || n, n, '今日の天気' || n FROM generate_series(1, 1200) AS n;
            """)
        let store = try open(url)
        defer { store.close() }
        let alice = try #require(try await store.user(try UserID(validating: "alice")))
        #expect(try await store.search("天気", by: alice, in: nil, rooms: [], limit: 2_000).count == 1200)
        #expect(try await store.search("天気1200", by: alice, in: nil, rooms: [], limit: 10).map(\.id) == ["m1200"])
    }

    @Test("desks that start together on an empty database make its tables once")
    func together() async throws {
        let url = try database()
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { try await DeskStore(try PostgresDisk(url, as: .verb)).storeID() }
            }
            var ids: Set<String> = []
            for try await id in group { ids.insert(id) }
            #expect(ids.count == 1)
        }
    }

    @Test("one desk with an engine of its own, or several with one elsewhere, and never both")
    func exclusion() throws {
        let url = try database()
        let own = try open(url, .desk(hasOwnEngine: true))
        for role in [PostgresDisk.Role.desk(hasOwnEngine: true), .desk(hasOwnEngine: false)] {
            let error = try #require(throws: DeskError.self) { _ = try self.open(url, role) }
            #expect(error.kind == .unavailable && error.message.contains("--engine-url"))
        }
        own.close()
        let first = try open(url, .desk(hasOwnEngine: false))
        let second = try open(url, .desk(hasOwnEngine: false))
        #expect(throws: DeskError.self) { _ = try self.open(url, .desk(hasOwnEngine: true)) }
        first.close()
        second.close()
        try open(url, .desk(hasOwnEngine: true)).close()
    }

    @Test("a desk that always hears something takes the publishing over all the same, and loses no session")
    func busyTakeover() async throws {
        let url = try database()
        let first = try PostgresDisk(url, as: .desk(hasOwnEngine: false))
        func wait(for disk: PostgresDisk) async {
            let limit = ContinuousClock.now + .seconds(20)
            while !disk.isPublisher, .now < limit { await Task.yield() }
        }
        await wait(for: first)
        let second = try PostgresDisk(url, as: .desk(hasOwnEngine: false))
        let noise = Task {
            let third = DeskStore(try PostgresDisk(url, as: .verb))
            while !Task.isCancelled { try await third.disk.write { db in try DeskStore.tell(.anything, db) } }
            third.close()
        }
        #expect(first.isPublisher && !second.isPublisher)
        first.close(waits: true)
        await wait(for: second)
        #expect(second.isPublisher)
        noise.cancel()
        _ = try? await noise.value
        second.close(waits: true)
    }

    @Test("messages that two desks write at once into a conversation are numbered without holes, each stored once")
    func numbered() async throws {
        let url = try database()
        let desks = try [open(url, .desk(hasOwnEngine: false)), open(url, .desk(hasOwnEngine: false))]
        let alice = try await desks[0].userOnFirstUse(try UserID(validating: "alice"))
        let bob = try await desks[1].userOnFirstUse(try UserID(validating: "bob"))
        let chat = try #require(ConversationName(alice.id, bob.id))
        let outcomes = try await withThrowingTaskGroup { group in
            // Each is handed in at both desks, as by a client that was sent to the other one meanwhile.
            for number in 0..<200 {
                let desk = desks[number % 2]
                let message = IncomingMessage(
                    from: number % 4 < 2 ? alice : bob, conversation: chat, text: "\(number / 2)",
                    clientID: "\(number / 2)")
                group.addTask {
                    try await desk.send(
                        message, createsPeer: false, outbox: { DeskEvents.newMessage($0, excluding: nil, key: nil) }
                    ) { _ in }
                }
            }
            return try await group.reduce(into: [SendOutcome]()) { $0.append($1) }
        }
        let stored = outcomes.compactMap { if case .stored(let message) = $0 { message } else { nil } }
        let repeated = outcomes.compactMap { if case .repeated(let message) = $0 { message } else { nil } }
        #expect(stored.map(\.seq).sorted() == Array(1...100))
        #expect(Set(stored.map(\.id)) == Set(repeated.map(\.id)) && repeated.count == 100)
        let rows = try await desks[0].outbox(limit: 1_000).filter { $0.event.name == "new_message" }
        let seqs = rows.compactMap { (try? JSON(parsing: $0.event.data))?["seq"]?.int }
        #expect(seqs == Array(1...100))
        desks.forEach { $0.close() }
    }

    @Test("while the server is gone calls are answered with 503 and when to come again; then all goes on by itself")
    func gone() async throws {
        try await StoreKind.$current.withValue(.postgres) {
            try await withDesk { desk async throws in
                let server = try TestPostgres.server()
                let name = TestPostgres.name(try #require(desk.store).text)
                #expect(try await desk.say("alice", to: "bob", "1").status == 201)
                try server.shut(name)
                let refused = try await desk.say("alice", to: "bob", "2", clientID: "two")
                #expect(refused.status == 503 && refused.code == "store_unavailable")
                #expect(refused.headers["retry-after"] == "2")
                #expect(try await desk.call("bob", "GET", "/api/conversations").status == 503)
                try server.open(name)
                var answer = refused
                let limit = ContinuousClock.now + .seconds(20)
                while answer.status == 503, .now < limit {
                    answer = try await desk.say("alice", to: "bob", "2", clientID: "two")
                }
                #expect(answer.status == 201)
                let page = try await desk.call("bob", "GET", "/api/conversations/alice/messages").json
                #expect(page["messages"]?.array?.compactMap { $0["text"]?.string } == ["1", "2"])
            }
        }
    }

    @Test("while the server takes no changes calls are answered with 503; when it does again all goes on by itself")
    func readOnly() async throws {
        try await StoreKind.$current.withValue(.postgres) {
            try await withDesk { desk async throws in
                let server = try TestPostgres.server()
                let name = TestPostgres.name(try #require(desk.store).text)
                #expect(try await desk.say("alice", to: "bob", "1").status == 201)
                try server.sql("ALTER DATABASE \(name) SET default_transaction_read_only = on", in: "postgres")
                try server.sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'", in: "postgres")
                let refused = try await desk.say("alice", to: "bob", "2", clientID: "two")
                #expect(refused.status == 503 && refused.code == "store_unavailable")
                // Whatever was connected to meanwhile is not ended from outside.
                try server.sql("ALTER DATABASE \(name) RESET default_transaction_read_only", in: "postgres")
                var answer = refused
                let limit = ContinuousClock.now + .seconds(20)
                while answer.status == 503, .now < limit {
                    answer = try await desk.say("alice", to: "bob", "2", clientID: "two")
                }
                #expect(answer.status == 201)
            }
        }
    }

    @Test("a session that takes no changes is replaced, unseen by who stores something")
    func readOnlySession() async throws {
        let store = try open(try database(), .desk(hasOwnEngine: true))
        _ = try await store.userOnFirstUse(try UserID(validating: "alice"))
        // The one connection that writes.
        try await store.disk.write { db in
            try db.script("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        }
        _ = try await store.userOnFirstUse(try UserID(validating: "bob"))
        #expect(try await store.users().map(\.id.text) == ["alice", "bob"])
        store.close()
    }

    @Test("a server that is read-only, or a standby, is refused at the start with a sentence")
    func readOnlyStart() throws {
        let url = try database()
        let name = TestPostgres.name(url.text)
        try open(url).close()
        try TestPostgres.server().sql("ALTER DATABASE \(name) SET default_transaction_read_only = on", in: "postgres")
        let error = try #require(throws: DeskError.self) { _ = try self.open(url) }
        #expect(error.kind == .unavailable && error.message.contains("takes no changes"), "\(error)")
    }

    @Test("errors after which a connection is given up are those of a server that stops, fails over, or is gone")
    func lost() async throws {
        let store = try open(try database(), .desk(hasOwnEngine: true))
        for state in ["57P01", "57P02", "57P03", "08000", "08006", "25006"] {
            let error = await #expect(throws: PostgresError.self) {
                try await store.disk.read { db in
                    try db.script("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '\(state)'; END $$")
                }
            }
            #expect(error?.isLost == true, "\(state)")
        }
        let error = await #expect(throws: PostgresError.self) {
            try await store.disk.read { db in _ = try db.rows("SELECT 1/0", []) }
        }
        #expect(error?.isLost == false)
        store.close()
    }

    @Test("a failure to connect says nothing any more once the database was seen to be there again")
    func oldFailure() throws {
        let server = try TestPostgres.server()
        let url = try database()
        let door = PostgresDoor(url)
        try server.shut(TestPostgres.name(url.text))
        #expect(throws: PostgresError.self) { _ = try door.connect() }
        try server.open(TestPostgres.name(url.text))
        door.open()
        _ = try door.connect()
        let epoch = door.epoch
        door.shut(PostgresError(state: "", message: "away", isLost: true))
        #expect(throws: PostgresError.self) { _ = try door.connect() }
        // Connections of before, which may hang, are not used again.
        door.open()
        #expect(door.epoch == epoch + 1)
    }

    @Test("when the database is there again the desk that publishes goes on at once, however long it was away")
    func resumes() async throws {
        let engine = try TestEngine(.soketi)
        let folder = try TemporaryFolder()
        let disk = FlakyDisk(try SQLiteDisk(path: folder.file("desk.sqlite")))
        let store = DeskStore(disk)
        let alice = try await store.userOnFirstUse(try UserID(validating: "alice"))
        let chat = try #require(ConversationName(channel: "private-chat-alice-bob"))
        let sender = OutboxSender(
            store: store, caller: EngineCaller(engine.place(), app: engine.app), metrics: DeskMetrics(),
            logger: LogLines().logger)
        _ = try await store.send(
            IncomingMessage(from: alice, conversation: chat, text: "1", clientID: "1"), createsPeer: true,
            outbox: { DeskEvents.newMessage($0, excluding: nil, key: nil) }
        ) { _ in }
        disk.isAway.withLock { $0 = true }
        sender.wake()
        while await !sender.waitsForStore { await Task.yield() }
        disk.isAway.withLock { $0 = false }
        sender.storeAnswered()
        try await engine.wait(for: 1, in: chat.channel)
        #expect(await !sender.waitsForStore)
        await sender.finish(within: .seconds(1))
        store.close()
    }

    @Test(
        "a server that stands still is answered for with 503 sooner than callers give up, and is used again after that")
    func frozen() async throws {
        try await StoreKind.$current.withValue(.postgres) {
            try await withDesk { desk async throws in
                let server = try TestPostgres.server()
                let name = TestPostgres.name(try #require(desk.store).text)
                #expect(try await desk.say("alice", to: "bob", "1").status == 201)
                let pids = try server.sql("SELECT pid FROM pg_stat_activity WHERE datname = '\(name)'", in: "postgres")
                    .split(separator: "\n").compactMap { pid_t($0) }
                #expect(!pids.isEmpty)
                pids.forEach { kill($0, SIGSTOP) }
                let began = ContinuousClock.now
                async let list = desk.call("bob", "GET", "/api/conversations")
                async let sent = desk.say("alice", to: "bob", "2", clientID: "two")
                let answers = try await [list, sent]
                let took = ContinuousClock.now - began
                pids.forEach { kill($0, SIGCONT) }
                #expect(answers.allSatisfy { $0.status == 503 && $0.code == "store_unavailable" })
                #expect(took < .seconds(9), "\(took)")
                var answer = answers[1]
                let limit = ContinuousClock.now + .seconds(20)
                while answer.status == 503, .now < limit {
                    answer = try await desk.say("alice", to: "bob", "2", clientID: "two")
                }
                #expect(answer.status == 201)
            }
        }
    }

    @Test("connections that the server ended between two calls are not noticed by who calls")
    func replaced() async throws {
        let store = try open(try database(), .desk(hasOwnEngine: false))
        let id = try await store.storeID()
        let name = try await store.disk.read { db -> String? in try db.value("SELECT current_database()") }
        try TestPostgres.server().sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name ?? "")'", in: "postgres")
        #expect(try await store.storeID() == id)
        _ = try await store.userOnFirstUse(try UserID(validating: "alice"))
        store.close()
    }

    @Test("who waits at one desk for what comes next is woken by what another desk stored")
    func woken() async throws {
        let place = try database()
        let engine = try TestEngine(.soketi)
        let accounts = try Accounts(folder: "/nowhere", store: place)
        var tokens: [String: String] = [:]
        for user in ["alice", "bob"] { tokens[user] = try accounts.add(.init(validating: user), name: nil) }
        accounts.close()
        var desks: [TestDesk] = []
        for _ in 0..<2 {
            let folder = try TemporaryFolder()
            var configuration = DeskConfiguration(folder: folder.path, listen: ("127.0.0.1", 0))
            configuration.hosts = ["desk"]
            configuration.store = place
            configuration.engine = engine.place()
            configuration.app = engine.app
            desks.append(
                TestDesk(
                    folder: folder, server: try await DeskServer.start(configuration), tokens: tokens, store: place))
        }
        let (first, second) = (desks[0], desks[1])
        let known = try await second.call("bob", "GET", "/api/changes").json["state"]?.string ?? ""
        async let waiting = second.call("bob", "GET", "/api/conversations/alice/messages?after=0&wait=25")
        async let changes = second.call("bob", "GET", "/api/changes?wait=25&since=\(known)")
        await second.waits(2)
        let began = ContinuousClock.now
        #expect(try await first.say("alice", to: "bob", "hello").status == 201)
        #expect(try await waiting.json["messages"]?.array?.first?["text"] == "hello")
        let changed = try await changes.json
        #expect(changed["conversations"]?.array?.first?["last"]?["text"] == "hello")
        async let seen = second.call("bob", "GET", "/api/changes?wait=25&since=\(changed["state"]?.string ?? "")")
        await second.waits(1)
        _ = try await first.call("bob", "POST", "/api/conversations/alice/seen", #"{"seq":1}"#)
        #expect(try await seen.json["conversations"]?.array?.first?["unseen"]?.int == 0)
        #expect(ContinuousClock.now - began < .seconds(10))
        // Whichever of the two publishes, all of it goes out in order; and the other goes on when that one ends.
        for number in 1...20 { try await desks[number % 2].say("alice", to: "bob", "\(number)") }
        try await engine.wait(for: 21, in: "private-chat-alice-bob")
        await first.server.drain()
        try await second.say("alice", to: "bob", "last")
        try await engine.wait(for: 22, in: "private-chat-alice-bob")
        #expect(engine.texts("private-chat-alice-bob") == ["hello"] + (1...20).map(String.init) + ["last"])
        await second.server.drain()
    }
}

/// A disk that can be away.
private final class FlakyDisk: StoreDisk {
    struct Away: Error {}

    let isAway = Mutex(false)
    private let disk: SQLiteDisk

    init(_ disk: SQLiteDisk) { self.disk = disk }

    func read<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> Answer {
        if isAway.withLock({ $0 }) { throw Away() }
        return try await disk.read(work)
    }

    func write<Answer: Sendable>(
        _ work: @escaping Work<Answer>, after: (@Sendable (Answer) -> Void)?
    ) async throws -> Answer {
        if isAway.withLock({ $0 }) { throw Away() }
        return try await disk.write(work, after: after)
    }

    func search<Answer: Sendable>(within limit: Duration, _ work: @escaping Work<Answer>) async throws -> Answer {
        try await read(work)
    }

    func readNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer { try disk.readNow(work) }
    func writeNow<Answer: Sendable>(_ work: Work<Answer>) throws -> Answer { try disk.writeNow(work) }
    var isUncertain: Bool { false }
    func settled() {}
    var isPublisher: Bool { true }
    func listen(_ news: @escaping @Sendable (StoreNews) -> Void) {}
    func isDuplicate(_ error: any Error) -> Bool { disk.isDuplicate(error) }
    func explain(_ error: any Error) -> DeskError { disk.explain(error) }
    func close(waits: Bool) { disk.close(waits: waits) }
}
