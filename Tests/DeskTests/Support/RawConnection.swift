import Foundation
import TestProxy

/// A connection with nothing between the test and the bytes. Blocks threads of its own, never those of the server.
final class RawConnection: Sendable {
    enum Failure: Error { case connect(Int32), closed, timeout }

    private let descriptor: Int32

    /// - Parameter source: the address it comes from; nil: the one of the system's choice.
    init(port: Int, from source: String? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        limitWaiting()
        if let source {
            let isBound = Loopback.withAddress(source, port: 0) { bind(descriptor, $0, $1) } == 0
            guard isBound else { throw Failure.connect(errno) }
        }
        let isConnected = Loopback.withAddress(port: port) { Foundation.connect(descriptor, $0, $1) } == 0
        guard isConnected else { throw Failure.connect(errno) }
    }

    init(socketPath: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8.prefix(107)) }
        try connect(&address)
    }

    /// One end of a connection that something else has the other end of.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        limitWaiting()
    }

    deinit { close(descriptor) }

    private func limitWaiting() {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private func connect<Address>(_ address: inout Address) throws {
        limitWaiting()
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        if result != 0 { throw Failure.connect(errno) }
    }

    func send(_ bytes: [UInt8]) async throws {
        try await blocking { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { raw in
                    Foundation.send(descriptor, raw.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure.closed }
                sent += count
            }
        }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// At most `count` bytes; empty at the end of the connection, however it ended.
    func receive(_ count: Int = 65_536) async throws -> [UInt8] { try await receiveOrReset(count) ?? [] }

    /// Likewise, but nil where the other side reset it.
    func receiveOrReset(_ count: Int = 65_536) async throws -> [UInt8]? {
        try await blocking { [descriptor] in
            var bytes = [UInt8](repeating: 0, count: count)
            let got = recv(descriptor, &bytes, count, 0)
            if got < 0 {
                if errno == EAGAIN { throw Failure.timeout }
                return nil
            }
            return Array(bytes.prefix(got))
        }
    }

    private func blocking<Answer: Sendable>(_ work: @escaping @Sendable () throws -> Answer) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own each: those of the system's pool are what the server lives on.
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}
