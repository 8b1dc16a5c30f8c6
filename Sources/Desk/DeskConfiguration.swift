package import Chat
package import ChannelsProtocol
package import Logging

/// How a desk is to run.
package struct DeskConfiguration: Sendable {
    /// Where the database, the lock, the socket and the app's credentials are.
    package var folder: String
    /// Host name or address and port (0: any free one) for TCP; nil: the socket in the folder only.
    package var listen: (host: String, port: Int)?
    /// Instead of those that the folder's desk made for itself.
    package var app: AppCredentials?
    package var lobby: ConversationName = .lobby
    /// On a local desk any id can be written to; elsewhere only those with an account.
    package var admitsUnknownPeers = false
    package var limits: Limits
    package var eventLoops = 1
    /// What may wait to be sent to one socket before it is cut off.
    package var pendingBytes = 2 << 20
    package var maxConnections = 20_000
    package var logger: Logger

    package init(folder: String, listen: (host: String, port: Int)? = nil, logger: Logger? = nil) {
        self.folder = folder
        self.listen = listen
        self.logger = logger ?? Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() })
        limits = Limits()
        // A desk's lobby holds everybody; the hundred is what the hosted service sells.
        limits.presenceMembers = nil
    }

    /// A desk of one folder, for the programs of its owner.
    static func local(_ folder: String) -> DeskConfiguration {
        var configuration = DeskConfiguration(folder: folder)
        configuration.admitsUnknownPeers = true
        return configuration
    }
}
