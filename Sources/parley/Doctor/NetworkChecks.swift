import Glibc

/// The way to a host, one step at a time.
enum NetworkChecks {
    /// The addresses of a host; the check that failed where there are none.
    static func addresses(of host: String, port: Int) -> (Check, [[UInt8]]) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            let reason = gai_strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
            return (
                .wrong(.host, "\(host): has no address (\(reason)); look for a typing error, or at the network's DNS"),
                []
            )
        }
        defer { freeaddrinfo(list) }
        var addresses: [[UInt8]] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                addresses.append(Array(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))))
            }
            next = entry.ai_next
        }
        return (
            .ok(.host, "\(host) has \(addresses.count == 1 ? "an address" : "\(addresses.count) addresses")"), addresses
        )
    }

    /// Whether one of them takes a connection.
    static func connects(
        _ addresses: [[UInt8]], _ place: String, server: String = "desk", within limit: Int32 = 5_000
    ) -> Check {
        var reason = "no answer within \(limit / 1000) s"
        for address in addresses {
            let code = attempt(address, limit)
            if code == 0 { return .ok(.network, "\(place) takes connections") }
            reason = code == ETIMEDOUT ? "no answer within \(limit / 1000) s" : systemText(code)
        }
        return .wrong(
            .network, "\(place): \(reason); is the \(server) running there, and does a firewall let you through?")
    }

    private static func attempt(_ address: [UInt8], _ limit: Int32) -> Int32 {
        let family = address.withUnsafeBytes { Int32($0.loadUnaligned(as: sa_family_t.self)) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        let started = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { connect(descriptor, $0.baseAddress, socklen_t(address.count)) }
        }
        if started == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, limit) > 0 else { return ETIMEDOUT }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }
}
