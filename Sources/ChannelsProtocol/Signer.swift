/// Signs and checks with an app's key and secret: HMAC-SHA256 as lower-case hex, `KEY:HEX` where a client carries it.
///
/// The secret never shows: printing or dumping a signer tells the key alone.
public struct Signer: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let key: String
    private let secret: String

    public init(key: String, secret: String) {
        self.key = key
        self.secret = secret
    }

    /// The `auth` of a private channel, also an encrypted one: signs `SOCKET_ID:CHANNEL`; of a presence channel
    /// `SOCKET_ID:CHANNEL:CHANNEL_DATA`.
    ///
    /// - Parameter channelData: the exact JSON text that is sent beside it; one changed space breaks the signature.
    public func channel(_ channel: ChannelName, socketID: SocketID, channelData: String? = nil) -> String {
        key + ":" + hex(Self.channelText(channel, socketID, channelData))
    }

    /// The `auth` of a sign-in: signs `SOCKET_ID::user::USER_DATA`.
    public func user(socketID: SocketID, userData: String) -> String {
        key + ":" + hex("\(socketID.text)::user::\(userData)")
    }

    /// The `X-Pusher-Signature` of a webhook with that body.
    public func webhook(body: String) -> String { hex(body) }

    public func accepts(
        _ auth: String, channel: ChannelName, socketID: SocketID, channelData: String? = nil
    ) -> Bool {
        Digest.areEqual(auth, self.channel(channel, socketID: socketID, channelData: channelData))
    }

    public func accepts(_ auth: String, user userData: String, socketID: SocketID) -> Bool {
        Digest.areEqual(auth, user(socketID: socketID, userData: userData))
    }

    public func accepts(_ signature: String, webhookBody: String) -> Bool {
        Digest.areEqual(signature, webhook(body: webhookBody))
    }

    /// Whether two secret texts are equal, in a time that tells nothing about where they differ.
    public static func areEqual(_ a: String, _ b: String) -> Bool { Digest.areEqual(a, b) }

    /// The hex HMAC-SHA256 of any text.
    public func hex(_ text: String) -> String { Digest.hex(Digest.hmacSHA256(text.utf8, key: secret.utf8)) }

    /// What is signed for a channel.
    static func channelText(_ channel: ChannelName, _ socketID: SocketID, _ channelData: String?) -> String {
        let base = "\(socketID.text):\(channel.text)"
        return channelData.map { "\(base):\($0)" } ?? base
    }

    public var description: String { "Signer(key: \(key))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["key": key]) }
}
