import Glibc

/// A process that says `…:PORT` in its first line, and is killed when nobody has it any more.
final class ChildProcess {
    let id: pid_t
    private let folder: String?
    private let output: Int32

    init(_ arguments: [String], folder: String?, environment: [String]) throws {
        var pipes: [Int32] = [0, 0]
        guard pipe(&pipes) == 0 else { throw BenchError("no pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 1)
        posix_spawn_file_actions_adddup2(&actions, pipes[1], 2)
        posix_spawn_file_actions_addclose(&actions, pipes[0])
        let words = arguments.map { strdup($0) } + [nil]
        let settings = environment.map { strdup($0) } + [nil]
        var id: pid_t = 0
        let result = posix_spawn(&id, arguments[0], &actions, nil, words, settings)
        posix_spawn_file_actions_destroy(&actions)
        for word in words + settings { free(word) }
        close(pipes[1])
        guard result == 0 else { throw BenchError("\(arguments[0]): cannot be started") }
        (self.id, self.folder, output) = (id, folder, pipes[0])
    }

    deinit {
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        close(output)
        guard let folder else { return }
        for name in ["desk.app", "desk.lock", "desk.sock", "desk.sqlite", "desk.sqlite-shm", "desk.sqlite-wal"] {
            unlink(folder + "/" + name)
        }
        rmdir(folder)
    }

    /// The next line of what it prints; a process that has ended prints an empty one.
    func line() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != 10 { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    func port() throws -> UInt16 {
        let text = line()
        guard let port = text.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw BenchError("the server said \"\(text)\"")
        }
        return port
    }

    /// Waits until it has ended.
    func wait() {
        var information = siginfo_t()
        // It stays to be waited for, so that its number is not another's.
        waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT)
    }

    /// Seconds of CPU so far, of all its threads.
    var cpu: Double { Self.cpu(of: String(id)) }

    /// With those of its children, also of those that have ended.
    var cpuWithChildren: Double {
        let numbers = (try? names(in: "/proc").filter { $0.allSatisfy(\.isNumber) }) ?? []
        let children = numbers.filter { Self.fields(of: $0).dropFirst().first.map(String.init) == String(id) }
        let fields = Self.fields(of: String(id))
        guard fields.count > 14 else { return 0 }
        let ended = Double((UInt64(fields[13]) ?? 0) + (UInt64(fields[14]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
        return cpu + ended + children.reduce(0) { $0 + Self.cpu(of: $1) }
    }

    /// Of `/proc/PID/stat`, after the name: state, parent and so on.
    private static func fields(of id: String) -> [Substring] {
        guard let text = try? readFile("/proc/\(id)/stat"), let cut = text.lastIndex(of: ")") else { return [] }
        return text[text.index(cut, offsetBy: 2)...].split(separator: " ")
    }

    private func names(in folder: String) throws -> [String] {
        guard let open = opendir(folder) else { throw BenchError("\(folder): cannot be read") }
        defer { closedir(open) }
        var names: [String] = []
        while let entry = readdir(open) {
            names.append(withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
        }
        return names
    }

    static func cpu(of id: String) -> Double {
        let fields = fields(of: id)
        guard fields.count > 12 else { return 0 }
        return Double((UInt64(fields[11]) ?? 0) + (UInt64(fields[12]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Throws what it said last, if it has come to its end.
    func expectRunning() throws {
        guard let text = try? readFile("/proc/\(id)/stat"), text.contains(") Z ") else { return }
        var last: [String] = []
        while case let text = line(), !text.isEmpty { last.append(text) }
        throw BenchError("the server ended" + (last.isEmpty ? "" : ": " + last.joined(separator: "\n")))
    }

    /// Resident memory in KiB.
    var memory: Int { status("VmRSS") }

    /// The most it was since `forgetPeak`, in KiB.
    var peakMemory: Int { status("VmHWM") }

    func forgetPeak() {
        let descriptor = open("/proc/\(id)/clear_refs", O_WRONLY)
        write(descriptor, "5", 1)
        close(descriptor)
    }

    private func status(_ name: String) -> Int {
        let text = (try? readFile("/proc/\(id)/status")) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
}

/// One TCP connection, blocking until it is told otherwise.
struct Line: ~Copyable {
    let descriptor: Int32

    /// - Parameter waits: false: it does not block from the start, and may not stand yet.
    init(port: UInt16, waits: Bool = true) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if !waits { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 || errno == EINPROGRESS else {
            throw BenchError("cannot connect: \(String(cString: strerror(errno)))")
        }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + sent, bytes.count - sent) }
            if count < 0, errno == EAGAIN { continue }
            guard count > 0 else { throw BenchError("the server closed the connection") }
            sent += count
        }
    }

    func wait(for word: String) throws {
        var seen = ""
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while !seen.contains(word) {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { throw BenchError("the server closed the connection after \"\(seen.prefix(200))\"") }
            seen += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    func doNotBlock() { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
}
