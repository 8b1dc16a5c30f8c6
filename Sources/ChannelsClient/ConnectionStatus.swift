public import ChannelsProtocol

/// Where a connection stands.
public enum ConnectionStatus: Hashable, Sendable {
    /// Not started yet.
    case idle
    /// A socket is being opened, or the greeting is awaited. `attempt` counts from 1 since the last connection.
    case connecting(attempt: Int)
    case connected(SocketID)
    /// The next attempt begins at `until`, or with `reconnectNow`.
    case waiting(until: Duration, attempt: Int, reason: String)
    /// The server will not have us; nothing happens before `start` or `reconnectNow`.
    case refused(reason: String)
    /// Ended by `stop`.
    case stopped

    public var socketID: SocketID? {
        guard case .connected(let id) = self else { return nil }
        return id
    }
}
