import CPostgres
import FoundationEssentials
import GRDB
import Glibc

/// One connection to a server, used by one thread at a time; each call waits for its answer.
final class PostgresConnection: StoreConnection, @unchecked Sendable {
    /// How long an answer is waited for. One that has not come by then counts as lost with its connection. Less than a
    /// caller of the desk waits, so that it is told why.
    static let patience: Duration = .seconds(6)

    let url: PostgresURL
    private let library: CPostgres
    private let handle: OpaquePointer
    private let patience: Duration
    /// When whoever uses the connection now stops waiting, on the monotonic clock; nil: when `patience` is over.
    var deadline: Duration?
    /// Statements the server knows by name.
    private var prepared: [String: String] = [:]
    private(set) var isLost = false

    var dialect: StoreDialect { .postgres }

    /// - Parameters:
    ///   - patience: longer for work on whole tables.
    ///   - limit: for the connection to stand.
    init(
        _ url: PostgresURL, patience: Duration = PostgresConnection.patience, within limit: Duration = .seconds(5)
    ) throws {
        self.url = url
        self.patience = patience
        library = try Self.load()
        // What stands in the URL comes last and wins, but for the encoding, without which nothing is right.
        let settings = [
            ("fallback_application_name", "parley"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "15000"), ("target_session_attrs", "read-write"),
            ("dbname", url.text), ("client_encoding", "UTF8"),
        ]
        var names: [UnsafePointer<CChar>?] = settings.map { UnsafePointer(strdup($0.0)) } + [nil]
        var values: [UnsafePointer<CChar>?] = settings.map { UnsafePointer(strdup($0.1)) } + [nil]
        defer { for text in names + values { free(UnsafeMutablePointer(mutating: text)) } }
        guard let handle = library.PQconnectStartParams(&names, &values, 1) else {
            throw PostgresError(state: "", message: "no memory is left", isLost: true)
        }
        self.handle = handle
        // The reason with its code, which has the same name in every language.
        _ = library.PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        do {
            try connect(within: limit)
            _ = library.PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
            try settle()
        } catch {
            isLost = true
            throw error
        }
    }

    deinit { library.PQfinish(handle) }

    private static func load() throws(DeskError) -> CPostgres {
        var reason: UnsafePointer<CChar>?
        guard let library = cpostgres_load(&reason) else {
            throw DeskError(
                .configuration,
                "libpq is not installed, and PostgreSQL is reached with it; apt-get install libpq5"
                    + " (\(reason.map { String(cString: $0) } ?? "no reason given"))")
        }
        return library.pointee
    }

    private func connect(within limit: Duration) throws {
        let end = WallClock.monotonic() + limit
        guard library.PQstatus(handle) != CONNECTION_BAD else { throw connectionFailure() }
        var wants = PGRES_POLLING_WRITING
        while wants != PGRES_POLLING_OK {
            guard wants != PGRES_POLLING_FAILED else { throw connectionFailure() }
            guard ready(wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: end) else {
                throw PostgresError(
                    state: "", message: "no answer within \(limit / .seconds(1)) s", isLost: true, isSilent: true)
            }
            wants = library.PQconnectPoll(handle)
        }
    }

    /// What the desk relies on, whatever the server's own settings are.
    private func settle() throws {
        guard library.PQparameterStatus(handle, "server_encoding").map({ String(cString: $0) }) == "UTF8" else {
            throw DeskError(
                .configuration, "\(url.shown): the database is not in UTF-8; make one with createdb --encoding UTF8")
        }
        try script(
            """
            SET default_transaction_isolation = 'read committed';
            SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
            """)
        if patience <= Self.patience { try script("SET lock_timeout = '4s'; SET statement_timeout = '5s'") }
    }

    func rows(_ sql: String, _ arguments: StoreArguments) throws -> [StoreRow] {
        let answer = try run(sql, arguments)
        return (0..<answer.count).map { .postgres(answer, row: $0) }
    }

    func execute(_ sql: String, _ arguments: StoreArguments) throws -> Int { try run(sql, arguments).changes }

    func script(_ sql: String) throws {
        guard library.PQsendQuery(handle, sql) == 1 else { throw lost() }
        try finish()
    }

    private func run(_ sql: String, _ arguments: StoreArguments) throws -> PostgresAnswer {
        let name = try prepare(sql)
        var texts: [[CChar]] = []
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for argument in arguments {
            var isBinary = false
            let bytes: [UInt8]
            switch (argument?.databaseValue ?? .null).storage {
            case .null: bytes = []
            case .int64(let number): bytes = Array(String(number).utf8)
            case .double(let number): bytes = Array(String(number).utf8)
            case .string(let text): bytes = Array(text.utf8)
            case .blob(let data): (bytes, isBinary) = (Array(data), true)
            }
            lengths.append(Int32(bytes.count))
            formats.append(isBinary ? 1 : 0)
            texts.append(bytes.map { CChar(bitPattern: $0) } + [0])
        }
        let isSent = Self.withPointers(texts, isNull: arguments.map { $0?.databaseValue.isNull ?? true }) { values in
            library.PQsendQueryPrepared(handle, name, Int32(arguments.count), values, lengths, formats, 0)
        }
        guard isSent == 1 else { throw lost() }
        return try finish()
    }

    private static func withPointers<Answer>(
        _ texts: [[CChar]], isNull: [Bool], _ body: ([UnsafePointer<CChar>?]) -> Answer
    ) -> Answer {
        var offsets: [Int] = []
        var all: [CChar] = []
        for text in texts {
            offsets.append(all.count)
            all += text
        }
        return all.withUnsafeBufferPointer { buffer in
            body(zip(offsets, isNull).map { offset, isNull in isNull ? nil : buffer.baseAddress.map { $0 + offset } })
        }
    }

    private func prepare(_ sql: String) throws -> String {
        if let known = prepared[sql] { return known }
        let name = "s\(prepared.count)"
        guard library.PQsendPrepare(handle, name, Self.numbered(sql), 0, nil) == 1 else { throw lost() }
        try finish()
        prepared[sql] = name
        return name
    }

    /// With `$1` for the first `?`, and so on. No statement of ours has a question mark in a text.
    static func numbered(_ sql: String) -> String {
        var number = 0
        var out = ""
        for part in sql.split(separator: "?", omittingEmptySubsequences: false) {
            if number > 0 { out += "$\(number)" }
            out += part
            number += 1
        }
        return out
    }

    /// Waits for all answers to what was sent, and gives the last.
    @discardableResult
    private func finish() throws -> PostgresAnswer {
        let end = min(deadline ?? .seconds(Int64.max), WallClock.monotonic() + patience)
        var last: PostgresAnswer?
        var failure: PostgresError?
        while true {
            while library.PQisBusy(handle) == 1 {
                guard ready(POLLIN, until: end), library.PQconsumeInput(handle) == 1 else { throw lost() }
            }
            guard let result = library.PQgetResult(handle) else { break }
            let answer = PostgresAnswer(result, library)
            switch library.PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: last = answer
            default: failure = failure ?? answer.failure(cleaned: url.cleaned)
            }
        }
        if var failure {
            // 57P: the server is stopping; 08: the line; 25006: the server, or this session, takes no changes any more, and
            // one that does is found by connecting again.
            failure.isLost =
                library.PQstatus(handle) != CONNECTION_OK || failure.state.isEmpty
                || failure.state.hasPrefix("57P") || failure.state.hasPrefix("08") || failure.isReadOnly
            if failure.isLost { isLost = true }
            throw failure
        }
        guard let last else { throw lost() }
        return last
    }

    /// What other connections told since it was asked last, by `NOTIFY`.
    func notices() throws -> [String] {
        guard library.PQconsumeInput(handle) == 1 else { throw lost() }
        var texts: [String] = []
        while let notice = library.PQnotifies(handle) {
            texts.append(String(cString: notice.pointee.extra))
            library.PQfreemem(notice)
        }
        return texts
    }

    var socket: Int32 { library.PQsocket(handle) }

    private func ready(_ events: Int32, until end: Duration) -> Bool {
        while true {
            let left = (end - WallClock.monotonic()) / .milliseconds(1)
            var file = pollfd(fd: library.PQsocket(handle), events: Int16(events), revents: 0)
            let count = poll(&file, 1, Int32(clamping: max(0, Int(left))))
            if count < 0, errno == EINTR { continue }
            return count > 0
        }
    }

    private func lost() -> PostgresError {
        isLost = true
        let said = said
        return PostgresError(
            state: "", message: said.isEmpty ? "the server did not answer in time" : said, isLost: true,
            isSilent: said.isEmpty)
    }

    private func connectionFailure() -> PostgresError {
        // `… FATAL:  28P01: password authentication failed for user "parley"`
        for line in allSaid.split(separator: "\n") {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() where index > 0 && index + 1 < parts.count {
                let word = part.drop { $0 == " " }
                guard word.utf8.count == 5, word.allSatisfy({ $0.isASCII && ($0.isNumber || $0.isUppercase) }),
                    word.contains(where: \.isNumber)
                else { continue }
                let message = parts[(index + 1)...].joined(separator: ":").drop { $0 == " " }
                return PostgresError(state: String(word), message: url.cleaned(String(message)), isLost: true)
            }
        }
        // The server asked, and nobody knew one; libpq has no code of its own for that.
        var state = library.PQconnectionNeedsPassword(handle) == 1 ? "28P01" : ""
        // Nor for a server that is not one of `target_session_attrs`.
        if state.isEmpty, allSaid.contains("read-only") || allSaid.contains("hot standby") { state = "25006" }
        return PostgresError(state: state, message: said.isEmpty ? "no reason given" : said, isLost: true)
    }

    private var allSaid: String { library.PQerrorMessage(handle).map { String(cString: $0) } ?? "" }

    /// The first line of what libpq has to say.
    private var said: String {
        url.cleaned(allSaid.split(separator: "\n").first.map { String($0.drop { $0 == " " }) } ?? "")
    }
}

/// The answer to a statement.
final class PostgresAnswer: @unchecked Sendable {
    private let result: OpaquePointer
    private let library: CPostgres

    fileprivate init(_ result: OpaquePointer, _ library: CPostgres) {
        self.result = result
        self.library = library
    }

    deinit { library.PQclear(result) }

    var count: Int { Int(library.PQntuples(result)) }
    var changes: Int { library.PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// By the numbers that types have in every PostgreSQL.
    func value(_ row: Int, _ column: Int) -> DatabaseValue {
        let (row, column) = (Int32(row), Int32(column))
        guard library.PQgetisnull(result, row, column) == 0, let start = library.PQgetvalue(result, row, column) else {
            return .null
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(library.PQgetlength(result, row, column)))
        let text = String(decoding: bytes, as: UTF8.self)
        switch library.PQftype(result, column) {
        case 16: return (text == "t").databaseValue
        case 17: return Data(Self.bytes(hex: text)).databaseValue
        case 20, 21, 23, 26, 1700: return Int64(text)?.databaseValue ?? .null
        default: return text.databaseValue
        }
    }

    /// `\x` and two digits a byte.
    private static func bytes(hex text: String) -> [UInt8] {
        let digits = text.utf8.dropFirst(2).map { $0 < UInt8(ascii: "a") ? $0 &- 48 : $0 &- 87 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    fileprivate func failure(cleaned: (String) -> String) -> PostgresError {
        func field(_ code: Character) -> String {
            let code = Int32(code.asciiValue ?? 0)
            return library.PQresultErrorField(result, code).map { String(cString: $0) } ?? ""
        }
        return PostgresError(state: field("C"), message: cleaned(field("M")))
    }
}
