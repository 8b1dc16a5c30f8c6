/// What happened to one WebSocket connection. `closed`, `failed` and `refused` are the last of it, and only one of them
/// comes.
public enum TransportEvent: Equatable, Sendable {
    case opened
    case text(String)
    /// A ping or a pong was seen: a sign of life. Pings are answered already.
    case control
    /// The server closed it, or its end of the line did; `code` is nil where no close frame came.
    case closed(code: UInt16?, reason: String)
    /// It never opened, or could not go on: where, and what was found.
    case failed(String)
    /// It was reached, and no WebSocket came of it: the HTTP status of the answer, or nil where the connection was cut or
    /// silent before one came. What could not be reached, or has a wrong certificate, has `failed`.
    case refused(status: Int?, String)
}

/// Where a WebSocket is opened. `path` carries the query.
public struct WebSocketEndpoint: Hashable, Sendable {
    public var address: ServerAddress
    public var path: String

    public init(address: ServerAddress, path: String) {
        self.address = address
        self.path = path
    }
}

public struct WebSocketLimits: Hashable, Sendable {
    /// The largest message taken in, in bytes; a larger one ends the connection with 1009.
    public var message: Int
    /// The most bytes that wait to be sent; a server that does not read ends the connection.
    public var outbound: Int

    public init(message: Int = 4 << 20, outbound: Int = 4 << 20) {
        self.message = message
        self.outbound = outbound
    }
}
