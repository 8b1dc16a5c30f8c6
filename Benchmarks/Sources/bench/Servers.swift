import ChannelsProtocol
import Glibc

/// A server under test, in a process of its own.
protocol TestServer {
    var process: ChildProcess { get }
    var port: UInt16 { get }
    /// Bytes a subscriber sends, and how many answers to wait for.
    func subscribe(_ socket: borrowing Line) throws
    /// One request that publishes `count` frames with `data`.
    func request(_ data: String, count: Int) -> [UInt8]
    /// How many requests of `bytes` have been answered.
    func answers(in bytes: UnsafeRawBufferPointer) -> Int
}

/// `parley serve` with its HTTP API.
struct EngineServer: TestServer {
    let process: ChildProcess
    let port: UInt16
    /// What a client sends first.
    let handshake: [UInt8]
    private let program: (parley: String, folder: String)
    let id: String
    let key: String
    let secret: String
    private let signer: Signer

    init(_ parley: String) throws {
        var template = Array("/tmp/bench-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw BenchError("no temporary folder") }
        let folder = String(cString: made)
        program = (parley, folder)
        process = try Self.start(program, ["serve", "--listen", "127.0.0.1:0"], folder: folder)
        port = try process.port()
        let app = try JSON(parsing: readFile(folder + "/desk.app"))
        guard let id = app["id"]?.string, let key = app["key"]?.string, let secret = app["secret"]?.string else {
            throw BenchError("\(folder)/desk.app has no id, key and secret")
        }
        (self.id, self.key, self.secret) = (id, key, secret)
        signer = Signer(key: key, secret: secret)
        handshake = Array(
            ("GET /app/\(key)?protocol=7&client=bench&version=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                .utf8)
    }

    private static func start(
        _ program: (parley: String, folder: String), _ words: [String], folder: String?
    ) throws -> ChildProcess {
        try ChildProcess(
            [program.parley] + words + ["--data", program.folder], folder: folder,
            environment: ["HOME=\(program.folder)", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"])
    }

    /// Makes accounts and gives their tokens, in the same order.
    func addUsers(_ ids: [String]) throws -> [String] {
        // Each call is a process of its own; four at once keep two cores busy.
        try stride(from: 0, to: ids.count, by: 4).flatMap { start in
            let calls = try ids[start..<min(start + 4, ids.count)].map { id in
                try Self.start(program, ["user", "add", id], folder: nil)
            }
            return try calls.map { call in
                let token = call.line()
                guard !token.isEmpty, !token.contains(" ") else { throw BenchError("user add said \"\(token)\"") }
                return token
            }
        }
    }

    /// A text as a client's frame of a WebSocket, masked with zeros.
    static func frame(_ text: String) -> [UInt8] {
        let size = text.utf8.count
        let length = size < 126 ? [0x80 | UInt8(size)] : [0xFE, UInt8(size >> 8), UInt8(size & 255)]
        return [0x81] + length + [0, 0, 0, 0] + Array(text.utf8)
    }

    func subscribe(_ socket: borrowing Line) throws {
        try socket.send(handshake)
        try socket.wait(for: "connection_established")
        try socket.send(Self.frame(ClientFrame.subscribe("bench", auth: nil, channelData: nil).text))
        try socket.wait(for: "subscription_succeeded")
    }

    func request(_ data: String, count: Int) -> [UInt8] {
        let event: JSON = ["name": "message", "channel": "bench", "data": .string(data)]
        let body = count == 1 ? event.text : (["batch": .array(Array(repeating: event, count: count))] as JSON).text
        let path = "/apps/\(id)/" + (count == 1 ? "events" : "batch_events")
        let signed = signer.signed(APIRequest(method: "POST", path: path, body: body), timestamp: time(nil))
        return Array(
            ("POST \(path)?\(signed.query.text) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    /// Each answer has one status line; a body of `{}` has none.
    func answers(in bytes: UnsafeRawBufferPointer) -> Int {
        var found = 0
        var index = 0
        while index + 12 <= bytes.count {
            if bytes[index] == 0x48, bytes[index + 4] == 0x2F, bytes[index + 9] == 0x32 { found += 1 }
            index += 1
        }
        return found
    }
}

/// The same bytes from a server that knows nothing.
struct FloorServer: TestServer {
    let process: ChildProcess
    let port: UInt16

    init() throws {
        process = try ChildProcess(["/proc/self/exe", "floor"], folder: nil, environment: ["PATH=/usr/bin:/bin"])
        port = try process.port()
    }

    func subscribe(_ socket: borrowing Line) throws {
        try socket.send(Array("S".utf8))
        try socket.wait(for: "ok")
    }

    func request(_ data: String, count: Int) -> [UInt8] {
        let text = Array(
            ServerEvent.event(ChannelEvent(channel: "bench", name: "message", data: .string(data))).text.utf8)
        let frame = [0x81, 126, UInt8(text.count >> 8), UInt8(text.count & 255)] + text
        return [UInt8(ascii: "P"), UInt8(count), UInt8(frame.count >> 8), UInt8(frame.count & 255)]
            + Array(repeatElement(frame, count: count).joined())
    }

    func answers(in bytes: UnsafeRawBufferPointer) -> Int { bytes.count }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func readFile(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw BenchError("\(path): cannot be read") }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 { text += buffer[..<count] }
    return String(decoding: text, as: UTF8.self)
}
