/// Why a connection ended, as a WebSocket close code or as the code of a `pusher:error` that came instead.
public struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(_ rawValue: UInt16) { self.rawValue = rawValue }

    public static let normal = CloseCode(1000)
    public static let goingAway = CloseCode(1001)
    public static let protocolViolation = CloseCode(1002)
    public static let noStatus = CloseCode(1005)
    public static let abnormal = CloseCode(1006)
    public static let messageTooBig = CloseCode(1009)
    public static let onlyTLS = CloseCode(4000)
    public static let unknownApp = CloseCode(4001)
    public static let appDisabled = CloseCode(4003)
    public static let overQuota = CloseCode(4004)
    public static let unknownPath = CloseCode(4005)
    public static let badVersion = CloseCode(4006)
    public static let unsupportedProtocol = CloseCode(4007)
    public static let noProtocol = CloseCode(4008)
    public static let unauthorized = CloseCode(4009)
    public static let overCapacity = CloseCode(4100)
    public static let reconnect = CloseCode(4200)
    public static let pongMissing = CloseCode(4201)
    public static let inactive = CloseCode(4202)
    public static let clientEventRefused = CloseCode(4301)
    public static let watchlistTooLong = CloseCode(4302)

    /// What a client does next.
    public enum Advice: Hashable, Sendable {
        /// The same attempt would be refused again: stay away and show why.
        case stayAway
        /// The app takes TLS connections only.
        case useTLS
        /// Come back after a second or more.
        case backOff
        /// An ordinary loss: come back as after any broken connection.
        case tryAgain
        /// Come back at once, spread a little.
        case atOnce
    }

    public var advice: Advice {
        switch rawValue {
        // Unlike its neighbours this one passes: places become free.
        case 4004: .backOff
        case 1002...1004, 4100..<4200: .backOff
        case 4000: .useTLS
        case 4001..<4100: .stayAway
        case 4200..<4300: .atOnce
        case 4300...: .stayAway
        default: .tryAgain
        }
    }

    /// What the code says, for people.
    public var meaning: String {
        switch self {
        case .normal: "the server ended the connection"
        case .goingAway: "the server is going away"
        case .protocolViolation: "the server saw a broken frame"
        case .noStatus, .abnormal: "connection lost"
        case .messageTooBig: "a message was too big for the server"
        case .onlyTLS: "the app takes TLS connections only"
        case .unknownApp: "the server does not know the app key"
        case .appDisabled: "the app is disabled"
        case .overQuota: "the app has no connections left"
        case .unknownPath: "the server does not know the path"
        case .badVersion: "the server cannot read the client's version"
        case .unsupportedProtocol: "the server does not speak this version of the protocol"
        case .noProtocol: "the server was given no version of the protocol"
        case .unauthorized: "the connection is not authorized"
        case .overCapacity: "the server is over capacity"
        case .reconnect: "the server asks to reconnect"
        case .pongMissing: "the server got no answer to its ping"
        case .inactive: "closed after inactivity"
        case .clientEventRefused: "the server refused a client event"
        case .watchlistTooLong: "the watchlist is too long for the server"
        default:
            switch advice {
            case .stayAway, .useTLS: "the server refuses the connection (code \(rawValue))"
            case .backOff: "the server asks to come back later"
            case .atOnce: "the server asks to reconnect"
            case .tryAgain: "connection lost"
            }
        }
    }

    public var description: String { String(rawValue) }
}
