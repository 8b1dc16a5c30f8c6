import ChatSession
import Glibc

/// A few questions to the desk's socket on this machine, asked with plain system calls: for prompts and status lines, which
/// cannot wait for a network library to start.
struct QuickCall {
    private let descriptor: Int32

    /// Nil where nobody listens.
    init?(_ socket: String) {
        guard let descriptor = LocalStream.connect(socket, waits: true) else { return nil }
        self.descriptor = descriptor
    }

    /// The answers' bodies, in order; nil unless each is a 200 and all are there within `limit`.
    func bodies(of paths: [String], token: String, within limit: Duration) -> [String]? {
        defer { close(descriptor) }
        var text = ""
        for (index, path) in paths.enumerated() {
            text += "GET \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
            text += index == paths.count - 1 ? "Connection: close\r\n\r\n" : "\r\n"
        }
        var out = Array(text.utf8)[...]
        while !out.isEmpty {
            let count = out.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return nil }
            out = out.dropFirst(count)
        }
        var reader = AnswerReader()
        var bodies: [String] = []
        let end = Now.uptime + limit
        var part = [UInt8](repeating: 0, count: 64 * 1024)
        while bodies.count < paths.count {
            let left = (end - Now.uptime).components
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0, poll(&wait, 1, Int32(clamping: milliseconds)) > 0 else { return nil }
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { return nil }
            reader.bytes += part[..<count]
            while let answer = reader.next() {
                guard answer.status == 200 else { return nil }
                bodies.append(answer.body)
            }
        }
        return bodies
    }
}

/// Answers out of a stream of bytes; each says its length.
struct AnswerReader {
    var bytes: [UInt8] = []

    mutating func next() -> (status: Int, body: String)? {
        let blank: [UInt8] = [13, 10, 13, 10]
        guard bytes.count > 16, let end = bytes.indices.dropLast(3).first(where: { Array(bytes[$0..<$0 + 4]) == blank })
        else { return nil }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let length = head.dropFirst().first { $0.lowercased().hasPrefix("content-length:") }.flatMap {
            Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
        }
        let status = head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let length, let status, length >= 0, bytes.count >= end + 4 + length else { return nil }
        let body = String(decoding: bytes[end + 4..<end + 4 + length], as: UTF8.self)
        bytes.removeFirst(end + 4 + length)
        return (status, body)
    }
}
