public import ChannelsClient
public import ChannelsProtocol

/// Who signs subscriptions and sign-ins: your server, which knows the app's secret.
///
/// Asked anew for every channel on every connection, because the socket id is part of what is signed. An answer that
/// comes for a socket no longer in use is thrown away, and the task that waits for it is cancelled.
///
/// Throw an `AuthorizationFailure` to say what went wrong. `.unauthorized` is asked once more at once, so that a fresh
/// credential can be read; the second one is final. Any other error counts as `.unreachable` and is tried again later.
public struct Authorizer: Sendable {
    let channel: @Sendable (ChannelName, SocketID) async throws -> Authorization
    let user: @Sendable (SocketID) async throws -> UserAuthentication

    /// - Parameters:
    ///   - channel: for private, presence and encrypted channels.
    ///   - user: for ``ChannelsConnection/signIn()``.
    public init(
        channel: @escaping @Sendable (ChannelName, SocketID) async throws -> Authorization,
        user: @escaping @Sendable (SocketID) async throws -> UserAuthentication = { _ in
            throw AuthorizationFailure.refused(status: 403, message: "nobody here signs users in")
        }
    ) {
        self.channel = channel
        self.user = user
    }

    /// For those who use public channels only: refuses everything.
    public static let none = Authorizer { channel, _ in
        throw AuthorizationFailure.refused(status: 403, message: "nobody here signs \(channel)")
    }
}
