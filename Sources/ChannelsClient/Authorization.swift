/// What an authorization endpoint answered for one channel and one socket.
public struct Authorization: Hashable, Sendable {
    /// `KEY:HEX`.
    public var auth: String
    /// The exact JSON text that was signed; presence channels only.
    public var channelData: String?
    /// The base64 key of an encrypted channel.
    public var sharedSecret: String?

    public init(auth: String, channelData: String? = nil, sharedSecret: String? = nil) {
        self.auth = auth
        self.channelData = channelData
        self.sharedSecret = sharedSecret
    }
}

/// What the endpoint for user authentication answered.
public struct UserAuthentication: Hashable, Sendable {
    /// `KEY:HEX`.
    public var auth: String
    /// The exact JSON text that was signed.
    public var userData: String

    public init(auth: String, userData: String) {
        self.auth = auth
        self.userData = userData
    }
}

public enum AuthorizationFailure: Error, Hashable, Sendable {
    /// The endpoint said no. 408, 429 and 5xx are tried again by themselves, everything else is final.
    case refused(status: Int, message: String)
    /// 401, after the shell has tried once with a fresh credential: sign in again.
    case unauthorized(message: String)
    /// No answer; tried again by itself.
    case unreachable(message: String)
}
