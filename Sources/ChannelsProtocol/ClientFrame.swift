/// A frame from a client to the server. `data` is an object here, not a string.
public enum ClientFrame: Hashable, Sendable {
    /// `channelData` is the exact text that was signed.
    case subscribe(ChannelName, auth: String? = nil, channelData: String? = nil)
    case unsubscribe(ChannelName)
    /// `userData` is the exact text that was signed.
    case signIn(auth: String, userData: String)
    case ping
    case pong
    /// An event for the others in a channel; `name` begins with `client-`.
    case event(name: String, channel: ChannelName, data: JSON)
    /// A name that no client may send, or that nobody knows.
    case unsupported(name: String)

    /// Throws for what is no frame at all, or lacks what its event needs. Unknown members are passed over.
    public init(decoding text: String) throws(FrameError) {
        let envelope = try Envelope(text, .fromClient)
        // Some libraries send the object as a string.
        let data = envelope.data.flatMap { data in data.string.flatMap { try? JSON(parsing: $0) } ?? data }
        func channel(_ value: String?) throws(FrameError) -> ChannelName {
            guard let value else { throw .badField("channel", event: envelope.event) }
            return ChannelName(wire: value)
        }
        switch envelope.event {
        case "pusher:subscribe":
            self = .subscribe(
                try channel(data?["channel"]?.string), auth: data?["auth"]?.string,
                channelData: data?["channel_data"]?.string)
        case "pusher:unsubscribe": self = .unsubscribe(try channel(data?["channel"]?.string))
        case "pusher:signin":
            guard let auth = data?["auth"]?.string else { throw .badField("auth", event: envelope.event) }
            guard let userData = data?["user_data"]?.string else {
                throw .badField("user_data", event: envelope.event)
            }
            self = .signIn(auth: auth, userData: userData)
        case "pusher:ping": self = .ping
        case "pusher:pong": self = .pong
        case let name where EventName.isClientEvent(name):
            self = .event(name: name, channel: try channel(envelope.channel), data: envelope.data ?? .null)
        case let name: self = .unsupported(name: name)
        }
    }

    public var text: String {
        var writer = JSONWriter()
        writer.raw("{\"event\":")
        switch self {
        case .subscribe(let channel, let auth, let channelData):
            writer.raw("\"pusher:subscribe\",\"data\":{\"channel\":")
            writer.write(channel.text)
            if let auth {
                writer.raw(",\"auth\":")
                writer.write(auth)
            }
            if let channelData {
                writer.raw(",\"channel_data\":")
                writer.write(channelData)
            }
            writer.raw("}")
        case .unsubscribe(let channel):
            writer.raw("\"pusher:unsubscribe\",\"data\":{\"channel\":")
            writer.write(channel.text)
            writer.raw("}")
        case .signIn(let auth, let userData):
            writer.raw("\"pusher:signin\",\"data\":{\"auth\":")
            writer.write(auth)
            writer.raw(",\"user_data\":")
            writer.write(userData)
            writer.raw("}")
        case .ping: writer.raw("\"pusher:ping\",\"data\":{}")
        case .pong: writer.raw("\"pusher:pong\",\"data\":{}")
        case .event(let name, let channel, let data):
            writer.write(name)
            writer.raw(",\"channel\":")
            writer.write(channel.text)
            writer.raw(",\"data\":")
            writer.write(data)
        case .unsupported(let name): writer.write(name)
        }
        writer.raw("}")
        return writer.text
    }
}
