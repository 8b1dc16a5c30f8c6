import HTTPTypes
import NIOCore

/// Where somebody calls from: for limits, the log, and people who look at their sessions.
struct CallerAddress: Equatable, Sendable, CustomStringConvertible {
    /// Whether the connection itself comes from this machine; a proxy here may have passed it on.
    let isThisMachine: Bool
    /// Nil where it is this machine itself, or not known.
    private let address: IPAddress?

    static let forwardedFor = name("x-forwarded-for")
    private static let forwarding = [forwardedFor, name("forwarded"), name("x-real-ip")]

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no name of a header") }
        return name
    }

    static func isForwarded(_ headers: HTTPFields) -> Bool { forwarding.contains { headers[$0] != nil } }

    /// - Parameter forwardedFor: believed from a proxy on this machine only, and of it the last entry, which is the
    ///   proxy's own.
    init(_ remote: SocketAddress?, forwardedFor: String?) {
        let direct: IPAddress?
        switch remote {
        case .unixDomainSocket?: (direct, isThisMachine) = (nil, true)
        case .v4?, .v6?:
            direct = remote?.ipAddress.flatMap { IPAddress($0) }
            isThisMachine = direct?.isLoopback == true
        case nil: (direct, isThisMachine) = (nil, false)
        }
        guard isThisMachine else {
            address = direct
            return
        }
        let last = forwardedFor?.split(separator: ",").last.map { $0.filter { $0 != " " && $0 != "\t" } }
        address = last.flatMap { IPAddress($0) }.flatMap { $0.isLoopback ? nil : $0 }
    }

    /// `192.0.2.7`, `2001:db8::1`, or `this machine`.
    var description: String { address?.description ?? (isThisMachine ? "this machine" : "an unknown address") }

    /// Nil for this machine.
    var network: IPAddress? { address?.network }
}
