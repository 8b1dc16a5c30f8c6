import ChannelsProtocol
import Foundation
import Synchronization

/// An HTTP server that takes one request a connection and answers with the next status it was given; then with 200.
final class TestReceiver: Sendable {
    struct Call: Sendable {
        let line: String
        let headers: [String: String]
        let body: String

        var json: JSON { (try? JSON(parsing: body)) ?? .null }
    }

    let port: Int
    let calls: AsyncStream<Call>
    private let descriptor: Int32

    /// - Parameter statuses: 0 hangs up without an answer.
    init(statuses: [Int] = []) throws {
        let (listening, port) = try Self.listen()
        descriptor = listening
        self.port = port
        let (stream, continuation) = AsyncStream<Call>.makeStream()
        calls = stream
        Thread.detachNewThread {
            var left = statuses[...]
            while true {
                let connection = accept(listening, nil, nil)
                guard connection >= 0 else { return continuation.finish() }
                if let call = Self.read(connection) {
                    let status = left.popFirst() ?? 200
                    if status != 0 {
                        let answer = "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
                    }
                    continuation.yield(call)
                }
                close(connection)
            }
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    /// A socket that listens on a port of its own on loopback.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard bind(listening, $0, length) == 0, Foundation.listen(listening, 64) == 0 else {
                    return -1 as Int32
                }
                return getsockname(listening, $0, &length)
            }
        }
        guard result == 0 else { throw RawConnection.Failure.connect(errno) }
        return (listening, Int(in_port_t(bigEndian: address.sin_port)))
    }

    static func read(_ connection: Int32) -> Call? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            guard let gap = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let lines = String(decoding: bytes[..<gap.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let halves = line.split(separator: ":", maxSplits: 1)
                headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
            }
            let body = bytes[gap.upperBound...]
            guard body.count >= Int(headers["content-length"] ?? "") ?? 0 else { continue }
            return Call(line: lines[0], headers: headers, body: String(decoding: body, as: UTF8.self))
        }
    }
}
