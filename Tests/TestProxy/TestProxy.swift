import Foundation

/// nginx or haproxy in front of a server on this machine, on a free port of its own. Ends with the value, and with the test
/// process however that ends.
public final class TestProxy: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case nginx, haproxy

        /// Where the program is; nil where it is not installed.
        public var program: String? {
            ["/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"].map { $0 + rawValue }
                .first { access($0, X_OK) == 0 }
        }

        /// For a condition of a test: `.enabled(if: kind.isInstalled, "…")`.
        public var isInstalled: Bool { program != nil }
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// nginx: passes WebSocket handshakes on, as every manual for a WebSocket server shows it.
    public static let webSockets = """
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        """

    public let kind: Kind
    public let port: Int
    private let folder: String
    /// While it is open the proxy runs.
    private let leash: Int32

    /// Returns when the proxy accepts connections. Its timeouts are its own defaults; for haproxy, which has none, the 50
    /// seconds of its manual.
    ///
    /// - Parameters:
    ///   - backend: the port of the server on 127.0.0.1.
    ///   - options: further lines of nginx's `location`, or of haproxy's `backend`.
    public init(_ kind: Kind, to backend: Int, options: String = "") throws(Failure) {
        guard let program = kind.program else { throw Failure(description: "\(kind.rawValue) is not installed") }
        var template = Array("/tmp/parley-proxy-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure(description: "no folder for \(kind.rawValue)") }
        let folder = String(cString: made)
        // The port is free when it is chosen; where another program was faster, the next one is tried.
        var said = ""
        for _ in 1...5 {
            let port = try Self.freePort()
            let text =
                kind == .nginx ? Self.nginx(folder, port, backend, options) : Self.haproxy(port, backend, options)
            do { try text.write(toFile: folder + "/conf", atomically: true, encoding: .utf8) } catch {
                throw Failure(description: "\(folder)/conf: \(error)")
            }
            let leash = try Self.start(kind, program, folder)
            if Self.accepts(port, folder) {
                (self.kind, self.port, self.folder, self.leash) = (kind, port, folder, leash)
                return
            }
            close(leash)
            said = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
        }
        throw Failure(description: "\(kind.rawValue) does not start: \(said)")
    }

    deinit { close(leash) }

    private static func nginx(_ folder: String, _ port: Int, _ backend: Int, _ options: String) -> String {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
        return """
            daemon off; master_process off; pid \(folder)/pid; error_log \(folder)/log;
            events { worker_connections 1024; }
            http {
                access_log off; \(temporary.joined(separator: " "))
                server {
                    listen 127.0.0.1:\(port);
                    location / {
                        proxy_pass http://127.0.0.1:\(backend);
                        \(options)
                    }
                }
            }

            """
    }

    private static func haproxy(_ port: Int, _ backend: Int, _ options: String) -> String {
        """
        defaults
            mode http
            timeout connect 5s
            timeout client 50s
            timeout server 50s
        frontend in
            bind 127.0.0.1:\(port)
            default_backend out
        backend out
            \(options)
            server one 127.0.0.1:\(backend)

        """
    }

    /// - Returns: what keeps it running while it is open.
    private static func start(_ kind: Kind, _ program: String, _ folder: String) throws(Failure) -> Int32 {
        let arguments = kind == .nginx ? "-e \(folder)/log -c \(folder)/conf" : "-db -f \(folder)/conf"
        let script = """
            exec 3<&0
            \(program) \(arguments) </dev/null >>\(folder)/log 2>&1 3<&- &
            proxy=$!
            (read -r line <&3; kill -KILL $proxy 2>/dev/null; rm -rf \(folder)) &
            wait $proxy
            : >\(folder)/ended
            """
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(description: "no pipe for \(kind.rawValue)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch {
            throw Failure(description: "\(kind.rawValue) cannot be started: \(error)")
        }
        return ends[1]
    }

    private static func accepts(_ port: Int, _ folder: String) -> Bool {
        let limit = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < limit, access(folder + "/ended", F_OK) != 0 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            if (Loopback.withAddress(port: port) { connect(descriptor, $0, $1) }) == 0 { return true }
            poll(nil, 0, 20)
        }
        return false
    }

    private static func freePort() throws(Failure) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        guard (Loopback.withAddress(port: 0) { bind(descriptor, $0, $1) }) == 0,
            let port = Loopback.port(of: descriptor)
        else { throw Failure(description: "no free port") }
        return port
    }
}
