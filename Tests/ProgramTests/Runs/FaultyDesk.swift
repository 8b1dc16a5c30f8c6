import Foundation
import Synchronization

/// Stands before a desk, hands everything on, and changes the answers as one test wants it. In what the engine says words
/// can be swapped for others of the same length, since a frame tells its own.
final class FaultyDesk: Sendable {
    struct Answer: Sendable {
        var path: String
        var status: Int
        var headers: [String]
        var body: String
    }

    let port: Int
    private let listener: Int32
    private let backend: Int
    private let change: @Sendable (inout Answer) -> Void
    private let swaps: [(said: [UInt8], heard: [UInt8])]

    init(
        before backend: Int, swaps: [String: String] = [:],
        change: @escaping @Sendable (inout Answer) -> Void = { _ in }
    ) throws {
        precondition(swaps.allSatisfy { $0.key.utf8.count == $0.value.utf8.count }, "of the same length")
        self.backend = backend
        self.change = change
        self.swaps = swaps.map { (Array($0.key.utf8), Array($0.value.utf8)) }
        let (socket, port) = try Self.bound()
        listener = socket
        self.port = port
        listen(socket, 16)
        Thread.detachNewThread { [listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { [weak self] in
                    self?.serve(client)
                    close(client)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// A socket on a port of its own on loopback, where nobody listens yet.
    static func bound() throws -> (socket: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 ? getsockname(descriptor, address, &size) : -1
            }
        }
        guard code == 0 else { throw RunError("no port") }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private func serve(_ client: Int32) {
        let desk = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(desk) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(backend).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(desk, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { return }
        while let request = Self.message(client) {
            Self.write(desk, request.head + "\r\n\r\n" + request.body)
            if request.head.lowercased().contains("upgrade: websocket") { return pump(client, desk) }
            guard let reply = Self.message(desk) else { return }
            let lines = reply.head.components(separatedBy: "\r\n")
            var answer = Answer(
                path: String(request.head.split(separator: " ")[1]),
                status: Int(lines[0].split(separator: " ")[1]) ?? 0,
                headers: lines.dropFirst().filter { !$0.lowercased().hasPrefix("content-length") }, body: reply.body)
            change(&answer)
            let head =
                ["HTTP/1.1 \(answer.status) Changed"] + answer.headers + ["Content-Length: \(answer.body.utf8.count)"]
            Self.write(client, head.joined(separator: "\r\n") + "\r\n\r\n" + answer.body)
        }
    }

    private static func message(_ descriptor: Int32) -> (head: String, body: String)? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let field = head.lowercased().components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
                let length = field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if bytes.count - end.upperBound >= length {
                    return (head, String(decoding: bytes[end.upperBound..<(end.upperBound + length)], as: UTF8.self))
                }
            }
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { return nil }
            bytes += part[..<count]
        }
    }

    private static func write(_ descriptor: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func pump(_ a: Int32, _ b: Int32) {
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            var files = [a, b].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&files, 2, 20_000) > 0 else { return }
            for (index, file) in files.enumerated() where file.revents != 0 {
                let count = read(file.fd, &part, part.count)
                guard count > 0 else { return }
                if index == 1 {
                    for swap in swaps {
                        while let place = part[..<count].firstRange(of: swap.said) {
                            part.replaceSubrange(place, with: swap.heard)
                        }
                    }
                }
                _ = send(index == 0 ? b : a, part, count, Int32(MSG_NOSIGNAL))
            }
        }
    }
}
