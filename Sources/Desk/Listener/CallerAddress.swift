import HTTPTypes
import NIOCore

/// Where somebody calls from: for limits, the log, and people who look at their sessions.
struct CallerAddress: Equatable, Sendable, CustomStringConvertible {
    /// Whether the connection itself comes from this machine; a proxy here may have passed it on.
    let isThisMachine: Bool
    /// Nil where it is this machine itself, or not known.
    private let address: IPAddress?

    static let forwardedFor = name("x-forwarded-for")

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no name of a header") }
        return name
    }

    /// - Parameters:
    ///   - forwardedFor: believed from one of `proxies` only, and read from its end, where the proxy's own entry is: the
    ///     first address that is none of theirs is the caller's.
    init(_ remote: SocketAddress?, forwardedFor: String?, proxies: TrustedProxies) {
        guard let direct = remote?.ipAddress.flatMap({ IPAddress($0) }) else {
            address = nil
            if case .unixDomainSocket? = remote { isThisMachine = true } else { isThisMachine = false }
            return
        }
        isThisMachine = direct.isLoopback
        var caller = direct
        for entry in (forwardedFor ?? "").utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .reversed()
        {
            guard proxies.contains(caller), let next = IPAddress(forwarded: entry),
                isThisMachine || !next.isLoopback
            else { break }
            caller = next
        }
        address = caller.isLoopback ? nil : caller
    }

    /// `192.0.2.7`, `2001:db8::1`, or `this machine`.
    var description: String { address?.description ?? (isThisMachine ? "this machine" : "an unknown address") }

    /// Nil for this machine.
    var network: IPAddress? { address?.network }
}
