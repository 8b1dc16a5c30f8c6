import Glibc
import Synchronization

/// A TCP proxy on loopback between the program and a desk, or several in turn, that can cut, stall, swallow and throttle what passes.
/// One thread in `poll`, ended by `stop`.
final class Proxy: @unchecked Sendable {
    enum Mode: Sendable {
        case pass
        /// Every connection ends at once, and so does every new one.
        case cut
        /// Nothing passes and nobody is told; it arrives when the mode changes.
        case stall
        /// Nothing passes and nobody is told; it is gone for ever.
        case swallow
        /// At most so many bytes a turn of some milliseconds, each way.
        case throttle(Int)
        /// A WebSocket is answered with 403; everything else passes.
        case noWebSockets
    }

    let port: Int
    private let listener: Int32
    private let targets: Mutex<[Int]>
    private let mode = Mutex<Mode>(.pass)
    private let wake: (read: Int32, write: Int32)
    private let isStopped = Mutex(false)
    /// As an HTTP proxy: each connection first says where to, by CONNECT, and is led to the target all the same.
    private let isTunnel: Bool
    private let asked = Mutex<[String]>([])
    /// What was asked for by CONNECT.
    var destinations: [String] { asked.withLock { $0 } }
    private var pairs: [Pair] = []
    private var thread = pthread_t()

    private struct Pair {
        var client: Int32
        var desk: Int32
        var toDesk: [UInt8] = []
        var toClient: [UInt8] = []
        /// Something of it is lost, so the rest is of no use.
        var isBroken = false
    }

    convenience init(to target: Int, isTunnel: Bool = false) throws { try self.init(to: [target], isTunnel: isTunnel) }

    init(to targets: [Int], isTunnel: Bool = false) throws {
        self.isTunnel = isTunnel
        self.targets = Mutex(targets)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw RunError("no port for the proxy") }
        port = Int(UInt16(bigEndian: address.sin_port))
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw RunError("no pipe for the proxy") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wake = (ends[0], ends[1])
        let held = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { held in
                if let held { Unmanaged<Proxy>.fromOpaque(held).takeRetainedValue().run() }
                return nil
            }, held)
    }

    func set(_ new: Mode) {
        mode.withLock { $0 = new }
        _ = write(wake.write, "x", 1)
    }

    /// New connections go there.
    func aim(at port: Int) { targets.withLock { $0 = [port] } }

    /// Ends every connection once; new ones pass.
    func cutOnce() {
        set(.cut)
        set(.pass)
    }

    func stop() {
        isStopped.withLock { $0 = true }
        _ = write(wake.write, "x", 1)
        pthread_join(thread, nil)
        for descriptor in [listener, wake.read, wake.write] { close(descriptor) }
    }

    private func run() {
        while !isStopped.withLock({ $0 }) {
            let mode = mode.withLock { $0 }
            if case .cut = mode { endAll() }
            wait(mode)
            accept(mode)
            for index in pairs.indices.reversed() { move(index, mode) }
        }
        endAll()
    }

    private func wait(_ mode: Mode) {
        var files = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        files.append(pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0))
        var limit: Int32 = 1_000
        if case .throttle = mode { limit = 5 }
        for pair in pairs {
            var stalls = false
            if case .stall = mode { stalls = true }
            if case .throttle = mode { stalls = true }
            let room = stalls ? 0 : Int16(POLLIN)
            files.append(
                pollfd(
                    fd: pair.client, events: room | (pair.toClient.isEmpty || stalls ? 0 : Int16(POLLOUT)), revents: 0))
            files.append(
                pollfd(fd: pair.desk, events: room | (pair.toDesk.isEmpty || stalls ? 0 : Int16(POLLOUT)), revents: 0))
        }
        // A stalled connection that ended would come back from `poll` at once, for ever.
        if case .stall = mode { files = Array(files.prefix(2)) }
        _ = poll(&files, nfds_t(files.count), limit)
        var part = [UInt8](repeating: 0, count: 64)
        while read(wake.read, &part, part.count) > 0 {}
    }

    private func accept(_ mode: Mode) {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { return }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            if case .cut = mode {
                close(client)
                continue
            }
            guard !isTunnel || openTunnel(client), let desk = connected() else {
                close(client)
                continue
            }
            _ = fcntl(desk, F_SETFL, O_NONBLOCK)
            pairs.append(Pair(client: client, desk: desk))
        }
    }

    /// Reads the request of a client, which sends nothing else before the answer.
    private func openTunnel(_ client: Int32) -> Bool {
        var head: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            var file = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
            guard poll(&file, 1, 5_000) > 0 else { return false }
            let count = recv(client, &part, part.count, 0)
            guard count > 0 else { return false }
            head += part[..<count]
        }
        let words = String(decoding: head, as: UTF8.self).split(separator: " ")
        guard words.count > 2, words[0] == "CONNECT" else { return false }
        asked.withLock { $0.append(String(words[1])) }
        let answer = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
        return send(client, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count
    }

    /// To the next in turn that lets itself be connected to.
    private func connected() -> Int32? {
        let ports = targets.withLock { targets in
            targets.append(targets.removeFirst())
            return targets
        }
        for port in ports {
            let desk = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = Self.loopback(port)
            let isOpen = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(desk, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isOpen { return desk }
            close(desk)
        }
        return nil
    }

    private func move(_ index: Int, _ mode: Mode) {
        var limit = 1 << 16
        switch mode {
        case .stall: return
        case .throttle(let bytes): limit = bytes
        case .swallow: pairs[index].isBroken = true
        case .pass, .cut, .noWebSockets:
            if pairs[index].isBroken { return end(index) }
        }
        let isOpen =
            pump(from: pairs[index].client, to: pairs[index].desk, \.toDesk, index, limit, mode)
            && pump(from: pairs[index].desk, to: pairs[index].client, \.toClient, index, limit, mode)
        if !isOpen { end(index) }
    }

    private func pump(
        from: Int32, to: Int32, _ waiting: WritableKeyPath<Pair, [UInt8]>, _ index: Int, _ limit: Int, _ mode: Mode
    ) -> Bool {
        if pairs[index][keyPath: waiting].count < limit {
            var part = [UInt8](repeating: 0, count: min(limit, 16_384))
            let count = recv(from, &part, part.count, Int32(MSG_DONTWAIT))
            if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { return false }
            if case .swallow = mode { return true }
            if case .noWebSockets = mode, Self.asksForWebSocket(part.prefix(max(0, count))) { return refuse(from) }
            if count > 0 { pairs[index][keyPath: waiting] += part[..<count] }
        }
        let bytes = pairs[index][keyPath: waiting].prefix(limit)
        guard !bytes.isEmpty else { return true }
        let sent = bytes.withUnsafeBytes {
            send(to, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if sent < 0 { return errno == EAGAIN || errno == EINTR }
        pairs[index][keyPath: waiting].removeFirst(sent)
        return true
    }

    private static func asksForWebSocket(_ bytes: ArraySlice<UInt8>) -> Bool {
        String(decoding: bytes, as: UTF8.self).lowercased().contains("\r\nupgrade: websocket\r\n")
    }

    /// The client ends the connection when it has read this.
    private func refuse(_ client: Int32) -> Bool {
        let answer = Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        return send(client, answer, answer.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL)) == answer.count
    }

    private func end(_ index: Int) {
        // A reset, as a line that breaks gives one.
        var linger = linger(l_onoff: 1, l_linger: 0)
        for descriptor in [pairs[index].client, pairs[index].desk] {
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            close(descriptor)
        }
        pairs.remove(at: index)
    }

    private func endAll() { for index in pairs.indices.reversed() { end(index) } }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
