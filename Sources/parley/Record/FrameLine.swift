import ChannelsProtocol
import Chat

/// A frame as `parley inspect` shows it.
struct FrameLine: Equatable, Sendable {
    var at: Timestamp
    /// `in`, `out`, or `link` for what happened to the connection.
    var direction: String
    var event: String
    var channel: String?
    var data: JSON

    init(at: Timestamp, direction: String, event: String, channel: String? = nil, data: JSON = .null) {
        self.at = at
        self.direction = direction
        self.event = event
        self.channel = channel
        self.data = data
    }

    /// What cannot be read as a frame is shown as it came.
    init(_ text: String, direction: String, at: Timestamp, _ redaction: Redaction) {
        self.at = at
        self.direction = direction
        guard let frame = try? JSON(parsing: text), frame.object != nil else {
            event = "(no frame)"
            data = .string(redaction.text(text))
            return
        }
        event = frame["event"]?.string ?? "(no event)"
        let inner = frame["data"].map { value in value.string.flatMap { try? JSON(parsing: $0) } ?? value } ?? .null
        channel = frame["channel"]?.string ?? inner["channel"]?.string
        data = redaction.json(inner)
    }

    var members: [(String, JSON)] {
        [
            ("at", .string(at.rfc3339)), ("direction", .string(direction)), ("event", .string(event)),
            ("channel", channel.map { .string($0) } ?? .null), ("data", data),
        ]
    }

    /// `10:15:30.123 > pusher:subscribe presence-lobby {…}`.
    var line: String {
        let arrow = ["in": "<", "out": ">"][direction] ?? "="
        let clock = at.rfc3339.dropFirst(11).dropLast()
        let words = [String(clock), arrow, event, channel ?? "", data.isNull ? "" : data.text]
        return Text.shown(words.filter { !$0.isEmpty }.joined(separator: " "))
    }
}
