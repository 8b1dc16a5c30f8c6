/// The rules for names of events.
public enum EventName {
    public static let maxLength = 200

    /// Whether a client made the event: `client-` at the very beginning.
    public static func isClientEvent(_ name: String) -> Bool { name.utf8.starts(with: "client-".utf8) }

    /// Whether the name belongs to the protocol: `pusher:` or `pusher_internal:`.
    public static func isReserved(_ name: String) -> Bool {
        name.utf8.starts(with: "pusher:".utf8) || name.utf8.starts(with: "pusher_internal:".utf8)
    }
}
