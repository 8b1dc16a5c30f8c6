import ChannelsProtocol
import Foundation
import Synchronization
import TestProxy

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
        let isListening = Loopback.withAddress(port: 0) { address, length in
            bind(listening, address, length) == 0 && Foundation.listen(listening, 64) == 0
        }
        guard isListening, let port = Loopback.port(of: listening) else {
            throw RawConnection.Failure.connect(errno)
        }
        return (listening, port)
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
