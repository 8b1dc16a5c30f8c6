import Foundation
import Synchronization

/// A server of PostgreSQL for the tests, in a folder of its own and on a socket there: once for the whole run, ended with it
/// however it ends.
public final class TestPostgres: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let started = Mutex<Result<TestPostgres, Failure>?>(nil)

    /// Throws a sentence where PostgreSQL is not installed.
    public static func server() throws(Failure) -> TestPostgres {
        let result = started.withLock { started in
            let result = started ?? Result { () throws(Failure) in try TestPostgres() }
            started = result
            return result
        }
        return try result.get()
    }

    private let folder: String
    private let programs: String
    private let number = Atomic<Int>(0)
    /// While it is open the server runs.
    private let leash: Int32

    private init() throws(Failure) {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        guard let version = all.compactMap(Int.init).max() else {
            throw Failure(description: "PostgreSQL is not installed; apt-get install postgresql")
        }
        programs = "/usr/lib/postgresql/\(version)/bin"
        var template = Array("/tmp/parley-pg-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure(description: "no folder for PostgreSQL") }
        folder = String(cString: made)
        // It refuses to be root's.
        let isRoot = geteuid() == 0
        if isRoot, let user = getpwnam("postgres") { chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) }
        let become = isRoot ? "setpriv --reuid=postgres --regid=postgres --clear-groups" : ""
        let script = """
            cd \(folder)
            \(become) \(programs)/initdb -D data -U parley -A trust -E UTF8 --locale=C.UTF-8 --no-sync >init.log 2>&1 || exit 1
            printf 'local all guarded scram-sha-256\\nlocal all all trust\\n' > data/pg_hba.conf
            \(become) \(programs)/postgres -D data -k \(folder) -c listen_addresses= -c fsync=off -c max_connections=300 \
            -c log_min_messages=fatal </dev/null >server.log 2>&1 &
            server=$!
            until \(programs)/pg_isready -q -h \(folder); do
                kill -0 $server 2>/dev/null || exit 1
                sleep 0.05
            done
            echo ready
            read -r line
            kill -INT $server; wait $server
            rm -rf \(folder)
            """
        var (input, output): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&input) == 0, pipe(&output) == 0 else { throw Failure(description: "no pipe for PostgreSQL") }
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        leash = input[1]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardInput = FileHandle(fileDescriptor: input[0], closeOnDealloc: true)
        process.standardOutput = FileHandle(fileDescriptor: output[1], closeOnDealloc: true)
        do { try process.run() } catch { throw Failure(description: "PostgreSQL cannot be started: \(error)") }
        close(output[1])
        var bytes = [UInt8](repeating: 0, count: 16)
        guard read(output[0], &bytes, bytes.count) > 0 else {
            let logs = ["init.log", "server.log"].compactMap {
                try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
            }
            throw Failure(description: "PostgreSQL does not start: \(logs.joined(separator: "\n"))")
        }
    }

    /// A new database; its URL names the user, and the socket's folder.
    public func database() throws -> String {
        let name = "t\(number.add(1, ordering: .relaxed).newValue)"
        try sql("CREATE DATABASE \(name)", in: "postgres")
        return url(name)
    }

    public func url(_ database: String, user: String = "parley") -> String {
        "postgres://\(user)@/\(database)?host=\(folder)"
    }

    /// The name of a database in its URL.
    public static func name(_ url: String) -> String {
        url.split(separator: "/").dropFirst(2).first.map { String($0.prefix { $0 != "?" }) } ?? ""
    }

    /// What `psql` prints for the statements, with tabs between columns.
    @discardableResult
    public func sql(_ text: String, in database: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: programs + "/psql")
        process.arguments = [
            "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", "parley", "-d", database,
            "-c", text,
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: String(decoding: complaint, as: UTF8.self))
        }
        return String(decoding: said, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Ends every connection to a database, and lets none in until `open`.
    public func shut(_ database: String) throws {
        try sql("ALTER DATABASE \(database) ALLOW_CONNECTIONS false", in: "postgres")
        try sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database)'", in: "postgres")
    }

    public func open(_ database: String) throws {
        try sql("ALTER DATABASE \(database) ALLOW_CONNECTIONS true", in: "postgres")
    }
}
