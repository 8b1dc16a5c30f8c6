/// One thing the doctor looked at.
struct Check: Equatable, Sendable {
    /// Every check there is, in the order in which they are made.
    enum Name: String, CaseIterable, Sendable {
        case settings, files, terminal, host, network, tls, desk, clock, token, engine, authorization, presence
        case clientEvents = "client-events"
        case payload

        /// What it is about, for the manual.
        var sentence: String {
            switch self {
            case .settings: "the settings can be read and understood"
            case .files: "folders and files are yours, and closed to others where they hold secrets"
            case .terminal: "the terminal, where there is one: kind, size, colours, character set"
            case .host: "the desk's name has an address"
            case .network: "somebody takes connections there"
            case .tls: "the connection can be encrypted, and the certificate is trusted"
            case .desk: "what answers is a desk"
            case .clock: "this machine's clock and the desk's agree"
            case .token: "the desk knows the token"
            case .engine: "the engine takes WebSockets, and knows the key"
            case .authorization: "the desk signs your channels, and the engine takes the signatures"
            case .presence: "the roster has room for you"
            case .clientEvents: "client events are enabled, without which nobody sees who types"
            case .payload: "an event may be as long as the longest message part"
            }
        }
    }

    let name: Name
    var isOK: Bool
    /// What was found, and what to do where that is wrong.
    var detail: String

    static func ok(_ name: Name, _ detail: String) -> Check { Check(name: name, isOK: true, detail: detail) }
    static func wrong(_ name: Name, _ detail: String) -> Check { Check(name: name, isOK: false, detail: detail) }
}
