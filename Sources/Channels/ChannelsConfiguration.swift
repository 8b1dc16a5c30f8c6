public import ChannelsClient
internal import ChannelsProtocol
internal import Transport

/// Which app of which server, and how patient a client of it is.
public struct ChannelsConfiguration: Sendable {
    /// The app's key. It is no secret.
    public var key: String
    /// The times of the protocol, and how attempts are spread.
    public var times = ConnectionSettings()
    /// How many updates wait for one consumer that is slower than the server. The oldest go first, and the consumer is
    /// told how many: see ``ChannelUpdate/lost(_:)``.
    public var bufferSize = 1_000
    /// The largest frame taken in, in bytes; a larger one ends the connection with 1009.
    public var maxFrameSize = 1 << 20
    /// The most bytes that wait to be sent; a server that does not read them loses the connection.
    public var maxUnsentBytes = 1 << 20
    /// What the server may log of us, beside the version of the protocol.
    public var clientName = "swift-channels"
    public var clientVersion = "1.0.0"

    let address: ServerAddress
    let pathPrefix: String

    /// - Parameters:
    ///   - host: a name or an IP address, without brackets.
    ///   - port: 443 with TLS and 80 without where it is nil.
    ///   - isSecure: whether to speak TLS; the server's certificate is held against the system's trusted ones.
    ///   - key: the app's.
    ///   - pathPrefix: stands before `/app/KEY`, for servers behind a proxy; without a slash at its end.
    public init(host: String, port: Int? = nil, isSecure: Bool = true, key: String, pathPrefix: String = "") {
        self.key = key
        self.pathPrefix = pathPrefix
        address = .tcp(host: host, port: port ?? (isSecure ? 443 : 80), isSecure: isSecure)
    }

    /// A server that listens on a Unix socket. The path may be longer than a socket address allows.
    public init(unixSocket path: String, key: String) {
        self.key = key
        pathPrefix = ""
        address = .unix(path: path)
    }

    /// The hosted service, in a cluster such as `eu` or `mt1`.
    public static func pusher(cluster: String, key: String) -> ChannelsConfiguration {
        ChannelsConfiguration(host: "ws-\(cluster).pusher.com", key: key)
    }

    var endpoint: WebSocketEndpoint {
        let query: HTTPQuery = ["protocol": "7", "client": clientName, "version": clientVersion]
        return WebSocketEndpoint(address: address, path: "\(pathPrefix)/app/\(HTTPQuery.encode(key))?\(query.text)")
    }
}
