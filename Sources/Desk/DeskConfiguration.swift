package import Chat
package import ChannelsProtocol
package import Logging

/// How a desk is to run.
package struct DeskConfiguration: Sendable {
    /// Where the database, the lock, the socket and the app's credentials are.
    package var folder: String
    /// Where messages and accounts are kept; nil: in the folder. With one engine elsewhere several desks may share it.
    package var store: PostgresURL?
    /// Host name or address and port (0: any free one) for TCP; nil: the socket in the folder only.
    package var listen: (host: String, port: Int)?
    /// Certificate and key for TCP; nil: without TLS.
    package var tls: TLSFiles?
    /// Instead of those that the folder's desk made for itself.
    package var app: AppCredentials?
    /// Nil: the embedded one. With one elsewhere `app` is what it knows the desk by, and the desk's own app here is shut.
    package var engine: ExternalEngine?
    /// What the desk's own app allows, and who hears of it.
    package var rules = AppRules()
    /// Apps of other programs, on the same port.
    package var otherApps: [(credentials: AppCredentials, rules: AppRules)] = []
    package var lobby: ConversationName = .lobby
    /// Rooms beside the lobby, each under another name.
    package var rooms: [DeskRoom] = []
    /// On a local desk any id can be written to; elsewhere only those with an account.
    package var admitsUnknownPeers = false
    package var eventLoops = 1
    package var maxConnections = 20_000
    /// What TCP callers may do how often; whoever comes by the socket is the folder's owner and has no limit.
    package var rates = CallRates()
    /// Names by which the desk may be called, beside those of this machine. Where it listens on loopback only, none other
    /// is answered; elsewhere, where there are none, any is.
    package var hosts: [String] = []
    /// Who may say for whom they call, with `X-Forwarded-For`.
    package var proxies: TrustedProxies = .thisMachine
    /// With it `/metrics` is open from anywhere; nil: from this machine alone.
    package var adminToken: String?
    /// With it the engine cannot read what people write; nil: it can.
    package var masterKey: MasterKey?
    package var logger: Logger

    /// What is allowed in the desk's own app.
    package var limits: Limits {
        get { rules.limits }
        set { rules.limits = newValue }
    }

    package init(folder: String, listen: (host: String, port: Int)? = nil, logger: Logger? = nil) {
        self.folder = folder
        self.listen = listen
        self.logger = logger ?? Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() })
        // A desk's lobby holds everybody; the hundred is what the hosted service sells.
        limits.presenceMembers = nil
    }

    /// A desk of one folder, for the programs of its owner.
    static func local(_ folder: String, rooms: [DeskRoom] = []) -> DeskConfiguration {
        var configuration = DeskConfiguration(folder: folder)
        configuration.rooms = rooms
        configuration.admitsUnknownPeers = true
        return configuration
    }
}
