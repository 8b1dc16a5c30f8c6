import Dispatch
import Glibc
import Logging
import Synchronization

/// A connection that hears what other desks did (`LISTEN`), and holds what a desk has as long as it lives: the right to
/// be there, and for one of several the task of publishing. Both are advisory locks of its session, so they end with the
/// process however that ends. The server ends a session that is silent for long, so they also end for a desk that is
/// suspended; one that goes on after that publishes nothing before it has asked again.
final class PostgresWatch: Sendable {
    /// The first of the two numbers of a lock: `parl`.
    static let family = 0x7061_726C
    private static let channel = "parley"
    private static let rhythm: Duration = .seconds(1)
    /// For an answer; then the database counts as away for the whole desk.
    private static let patience: Duration = .seconds(4)
    /// How long the task of publishing is believed to be this desk's after the server last answered; shorter than the
    /// server's patience with a silent session.
    private static let belief: Duration = .seconds(10)

    private struct State {
        var news: (@Sendable (StoreNews) -> Void)?
        /// On the monotonic clock, which goes on while the process is suspended. Nil: another publishes.
        var publishesUntil: Duration?
        var isStopped = false
    }

    private let door: PostgresDoor
    private let hasOwnEngine: Bool
    private let logger: Logger?
    private let faults: RepeatedLines
    private let state = Mutex(State())
    private let wake: (read: Int32, write: Int32)
    private let ended = DispatchSemaphore(value: 0)

    /// Throws where another desk's being there excludes this one.
    init(_ door: PostgresDoor, hasOwnEngine: Bool, logger: Logger?) throws {
        self.door = door
        self.hasOwnEngine = hasOwnEngine
        self.logger = logger
        faults = RepeatedLines(logger ?? Logger(label: "desk") { _ in SwiftLogNoOpLogHandler() })
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw DeskError(.unavailable, "no pipe can be made (\(SystemError.text(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = (ends[0], ends[1])
        let connection: PostgresConnection
        do { connection = try enter(within: .seconds(3)) } catch {
            ends.forEach { close($0) }
            throw error
        }
        let thread = DispatchQueue(label: "postgres-watch")
        thread.async { [self] in
            run(connection)
            ended.signal()
        }
    }

    deinit {
        close(wake.read)
        close(wake.write)
    }

    var isPublisher: Bool {
        let now = WallClock.monotonic()
        return state.withLock { $0.publishesUntil.map { now < $0 } ?? false }
    }

    func listen(_ news: @escaping @Sendable (StoreNews) -> Void) { state.withLock { $0.news = news } }

    func stop() {
        state.withLock { $0.isStopped = true }
        _ = write(wake.write, "x", 1)
        ended.wait()
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// - Parameter limit: for the server to notice that a desk before this one is gone.
    private func enter(within limit: Duration) throws -> PostgresConnection {
        let connection = try PostgresConnection(door.url, patience: Self.patience, within: Self.patience)
        let end = WallClock.monotonic() + limit
        let kind = hasOwnEngine ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared"
        while try connection.value("SELECT \(kind)(\(Self.family), 1)") != true {
            guard WallClock.monotonic() < end else {
                throw DeskError(
                    .unavailable,
                    hasOwnEngine
                        ? "\(door.url.shown): another desk uses this database; several need one engine elsewhere, so give"
                            + " each of them the same --engine-url"
                        : "\(door.url.shown): a desk with an engine of its own uses this database; end it, or give it the"
                            + " --engine-url that this one has")
            }
            usleep(50_000)
        }
        try connection.script("LISTEN \(Self.channel)")
        // Servers before 14 do not know it; they notice a desk whose machine is gone, and not one that is suspended.
        _ = try? connection.script("SET idle_session_timeout = '15s'")
        return connection
    }

    private func run(_ first: PostgresConnection) {
        var connection: PostgresConnection? = first
        var askAt: Duration = .zero
        var connectedAt = WallClock.monotonic()
        while !isStopped {
            do {
                if connection == nil {
                    connection = try back()
                    (askAt, connectedAt) = (.zero, WallClock.monotonic())
                }
                if let connection { try turn(connection, &askAt) }
            } catch {
                let wasThere = connection != nil
                connection = nil
                state.withLock { $0.publishesUntil = nil }
                let error = error as? PostgresError ?? PostgresError(state: "", message: "\(error)", isLost: true)
                faults.log("away", .error) { "the connection to PostgreSQL is lost: \(error)" }
                if hasOwnEngine, wasThere {
                    // Until it is clear that nobody took this desk's place.
                    door.shut(
                        PostgresError(state: "", message: "another desk may be in this one's place", isLost: true))
                } else if !wasThere || error.isSilent {
                    door.shut(error)
                }
                // The first time at once: mostly it was this connection alone.
                if !wasThere || WallClock.monotonic() - connectedAt < Self.rhythm { rest() }
            }
        }
    }

    private func back() throws -> PostgresConnection {
        let connection = try enter(within: .zero)
        door.open()
        faults.passed("away", "PostgreSQL is there again")
        tell(.anything)
        return connection
    }

    /// Hears what others did, and asks in the rhythm however much of that there is: a session that only hears is silent
    /// to the server.
    private func turn(_ connection: PostgresConnection, _ askAt: inout Duration) throws {
        var files = [connection.socket, wake.read].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&files, 2, Int32(clamping: Int(max(.zero, askAt - WallClock.monotonic()) / .milliseconds(1)) + 1))
        let now = WallClock.monotonic()
        if now >= askAt {
            askAt = now + Self.rhythm
            try ask(connection, now)
        }
        for text in try connection.notices() { tell(Self.news(text)) }
    }

    /// - Parameter now: before the question.
    private func ask(_ connection: PostgresConnection, _ now: Duration) throws {
        guard try !isReadOnly(connection) else { return state.withLock { $0.publishesUntil = nil } }
        let until = state.withLock { $0.publishesUntil }
        guard !hasOwnEngine else { return }
        if until == nil {
            guard try connection.value("SELECT pg_try_advisory_lock(\(Self.family), 2)") == true else { return }
            logger?.notice("this desk publishes now what the desks of its store write")
        }
        state.withLock { $0.publishesUntil = now + Self.belief }
        // What came while it was not believed waits.
        if until.map({ $0 <= now }) ?? true { tell(.anything) }
    }

    /// Whether the server takes no changes any more: a failover, or somebody's order. Where another one takes them, or the
    /// same one again, that is an error, after which it is connected to. What was stored can be read meanwhile.
    private func isReadOnly(_ connection: PostgresConnection) throws -> Bool {
        guard try connection.value("SELECT current_setting('transaction_read_only') = 'on'") == true else {
            return false
        }
        if (try? PostgresConnection(door.url, patience: Self.patience, within: Self.patience)) != nil {
            throw PostgresError(state: "25006", message: "the server took no changes any more", isLost: true)
        }
        return true
    }

    private func rest() {
        var file = pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)
        poll(&file, 1, Int32(Self.rhythm / .milliseconds(2)))
    }

    private func tell(_ news: StoreNews) { state.withLock { $0.news }?(news) }

    private static func news(_ text: String) -> StoreNews {
        if text.hasPrefix("account ") { return .account(String(text.dropFirst("account ".count))) }
        return text.hasPrefix("in ") ? .conversation(String(text.dropFirst("in ".count))) : .anything
    }

    /// The statement with which others are told, when the transaction ends.
    static func telling(_ news: StoreNews) -> (sql: String, text: String) {
        let text =
            switch news {
            case .account(let user): "account " + user
            case .conversation(let name): "in " + name
            case .anything: "anything"
            }
        return ("SELECT pg_notify('\(channel)', ?)", text)
    }
}

extension DeskStore {
    /// Tells the other desks of a store, when the transaction ends; a file has but one.
    static func tell(_ news: StoreNews, _ db: any StoreConnection) throws {
        guard db.dialect == .postgres else { return }
        let telling = PostgresWatch.telling(news)
        _ = try db.rows(telling.sql, [telling.text])
    }
}
