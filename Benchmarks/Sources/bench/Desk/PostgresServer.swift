import Glibc

/// A server of PostgreSQL in a folder of its own with its standard settings, and a database for a desk.
final class PostgresServer {
    let url: String
    private let process: ChildProcess
    private let folder: String

    init() throws {
        let programs = try Self.programs()
        var template = Array("/tmp/bench-pg-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw BenchError("no temporary folder") }
        folder = String(cString: made)
        // PostgreSQL refuses to run as root.
        var become: [String] = []
        if geteuid() == 0 {
            guard let user = getpwnam("postgres") else { throw BenchError("there is no user postgres") }
            chown(folder, user.pointee.pw_uid, user.pointee.pw_gid)
            become = ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        }
        func start(_ words: [String]) throws -> ChildProcess {
            try ChildProcess(become + words, folder: nil, environment: ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"])
        }
        let initdb = try start(
            ["\(programs)/initdb", "-D", folder + "/data", "-U", "parley", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
        initdb.wait()
        guard access(folder + "/data/global/pg_control", F_OK) == 0 else {
            throw BenchError("initdb failed: \(initdb.line())")
        }
        process = try start(["\(programs)/postgres", "-D", folder + "/data", "-k", folder, "-c", "listen_addresses="])
        while case let line = process.line(), !line.contains("ready to accept connections") {
            guard !line.isEmpty else { throw BenchError("PostgreSQL does not start") }
        }
        url = "postgres://parley@/postgres?host=\(folder)"
    }

    deinit {
        kill(process.id, SIGINT)
        process.wait()
        _ = try? ChildProcess(["/bin/rm", "-rf", folder], folder: nil, environment: []).wait()
    }

    private static func programs() throws -> String {
        for version in (12...30).reversed() {
            let folder = "/usr/lib/postgresql/\(version)/bin"
            if access(folder + "/initdb", X_OK) == 0 { return folder }
        }
        throw BenchError("PostgreSQL is not installed; apt-get install postgresql")
    }

    /// Seconds of CPU so far of the server with all its processes, those that have ended included.
    var cpu: Double { process.cpuWithChildren }
}
