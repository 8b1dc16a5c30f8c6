import Desk

/// Every setting there is. To add one: a case, its line in `definition`, its place in `config.sample.toml`.
enum SettingKey: String, CaseIterable, Sendable {
    case url
    case user
    case token
    case tokenCommand = "token_command"
    case account
    case logLevel = "log_level"
    case logFormat = "log_format"
    case showTyping = "screen.show_typing"
    case sendTyping = "screen.send_typing"
    case bell = "screen.bell"
    case mouse = "screen.mouse"
    case theme = "screen.theme"
    case links = "screen.links"
    case openCommand = "screen.open_command"
    case reorderRTL = "screen.reorder_rtl"
    case ascii = "screen.ascii"
    case linear = "screen.linear"
    case rosterWidth = "screen.roster_width"
    case escapeDelay = "screen.escape_delay"
    case waitWarning = "waiting.warn_after"
    case waitAlarm = "waiting.alarm_after"
    case waitForgotten = "waiting.forget_after"
    case waitingFirst = "waiting.list_first"
    case awayIdle = "away.after_idle"
    case awayUnfocused = "away.after_focus_lost"
    case notify = "attention.notify"
    case notifyCommand = "attention.notify_command"
    case cannedFolder = "canned.folder"
    case channelsKey = "channels.key"
    case channelsCluster = "channels.cluster"
    case channelsHost = "channels.host"
    case channelsPort = "channels.port"
    case channelsTLS = "channels.tls"
    case channelsPath = "channels.path"
    case channelsAuthEndpoint = "channels.auth_endpoint"
    case channelsAuthParameters = "channels.auth_params"
    case channelsAuthHeaders = "channels.auth_headers"
    case channelsPresence = "channels.presence_channel"
    case channelsChatPrefix = "channels.chat_prefix"
    case channelsEscapeIDs = "channels.escape_ids"
    case channelsOrder = "channels.order"
    case channelsEncrypted = "channels.encrypted"
    case channelsEncryptedPrefix = "channels.encrypted_prefix"
    case channelsMessageEndpoint = "channels.message_endpoint"
    case channelsMessageEvent = "channels.message_event"
    case channelsServerMessageEvent = "channels.server_message_event"
    case channelsReceivedEvent = "channels.received_event"
    case channelsOpenedEvent = "channels.opened_event"
    case channelsTypingEvent = "channels.typing_event"
    case deskListen = "desk.listen"
    case deskData = "desk.data"
    case deskStore = "desk.store"
    case deskAppID = "desk.app_id"
    case deskAppKey = "desk.app_key"
    case deskAppSecret = "desk.app_secret"
    case deskAppSecretFile = "desk.app_secret_file"
    case deskEngineURL = "desk.engine_url"
    case deskEngineClientURL = "desk.engine_client_url"
    case deskCluster = "desk.cluster"
    case deskEncryptionKeyFile = "desk.encryption_key_file"
    case deskTLSCertificate = "desk.tls_certificate"
    case deskTLSKey = "desk.tls_key"
    case deskHosts = "desk.hosts"
    case deskProxies = "desk.proxies"
    case deskAdminTokenFile = "desk.admin_token_file"
    case deskLog = "desk.log"
    case deskSendsPerSecond = "desk.sends_per_second"
    case deskAuthorizationsPerSecond = "desk.authorizations_per_second"
    case deskFailedSignInsPerMinute = "desk.failed_sign_ins_per_minute"

    struct Definition: Sendable {
        var kind: SettingKind
        var initial: SettingValue
        /// What it is for, in one sentence.
        var sentence: String
    }

    var definition: Definition {
        switch self {
        case .url:
            .init(.url, .text(""), "The desk to talk to, such as https://desk.example.org; empty is the local desk.")
        case .user: .init(.userID, .text(""), "Who you are at the local desk; empty is your login name.")
        case .token:
            .init(
                .secret, .text(""),
                "Your token at that desk; parley login keeps it in a better place, so leave it empty.")
        case .tokenCommand:
            .init(
                .command, .text(""),
                "A command that prints your token at that desk, run when one is needed and again when it was refused.")
        case .account:
            .init(
                .word, .text(""), "Which of the accounts below this is; empty is the one that stands here at the top.")
        case .logLevel:
            .init(
                .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]), .text("notice"),
                "How much is written to the log file.")
        case .logFormat:
            .init(
                .choice(["text", "json"]), .text("text"),
                "Lines of the log as people read them, or as programs do: a JSON object each.")
        case .showTyping: .init(.boolean, .boolean(true), "Show who is typing.")
        case .sendTyping: .init(.boolean, .boolean(true), "Let others see that you are typing.")
        case .bell: .init(.boolean, .boolean(true), "Ring the terminal's bell for a message you have not seen.")
        case .mouse: .init(.boolean, .boolean(true), "Take clicks and the wheel; off leaves the mouse to the terminal.")
        case .theme:
            .init(
                .choice(["auto", "dark", "light", "mono"]), .text("auto"),
                "Colours for a dark or a light background, or none; auto asks the terminal, and NO_COLOR means mono.")
        case .links:
            .init(
                .choice(["auto", "on", "off"]), .text("auto"),
                "Make links that the terminal can open; auto where it is known to.")
        case .openCommand:
            .init(
                .command, .text(""),
                "The program that opens a link, such as \"xdg-open\"; empty copies the link instead.")
        case .reorderRTL:
            .init(
                .boolean, .boolean(true),
                "Put right-to-left text into visual order; off for terminals that do it by themselves.")
        case .ascii:
            .init(.boolean, .boolean(false), "Draw with ASCII only, as is done anyway where the locale is not UTF-8.")
        case .linear:
            .init(.boolean, .boolean(false), "Start line by line as with --linear, for screen readers and pipes.")
        case .rosterWidth:
            .init(
                .integer(12...60), .integer(24),
                "The widest the list gets, in columns; it takes more than a quarter of the window only where 80 columns are left."
            )
        case .escapeDelay:
            .init(
                .integer(0...2000), .integer(0),
                "Milliseconds that a lone Esc waits for more to come; 0 is 25, and 150 over SSH.")
        case .waitWarning:
            .init(
                .integer(1...1_440), .integer(2), "Minutes until an unanswered message is highlighted.")
        case .waitAlarm:
            .init(
                .integer(1...1_440), .integer(5),
                "Minutes until an unanswered message raises an alarm.")
        case .waitForgotten:
            .init(
                .integer(0...8_760), .integer(24),
                "Hours after which an unanswered message no longer counts as waiting; 0 is never.")
        case .waitingFirst:
            .init(
                .boolean, .boolean(false),
                "List people who are waiting for your reply first, the longest wait at the top.")
        case .awayIdle:
            .init(
                .integer(0...1_440), .integer(10), "Minutes without a key after which others see you away; 0 is never.")
        case .awayUnfocused:
            .init(
                .integer(0...1_440), .integer(0),
                "Minutes without the terminal's focus after which others see you away; 0 is never.")
        case .notify:
            .init(
                .choice(["auto", "osc9", "osc777", "off"]), .text("auto"),
                "How the terminal is asked for a desktop notification; auto goes by what it says it is.")
        case .notifyCommand:
            .init(
                .command, .text(""),
                "A command run for what you should not miss: the text comes by stdin, PARLEY_TITLE and PARLEY_STEP say more."
            )
        case .cannedFolder:
            .init(
                .path, .text(""),
                "Your canned replies, a .txt or .md file each; empty is the folder canned beside this file.")
        case .channelsKey:
            .init(
                .word, .text(""),
                "The key of a Channels application without a desk; it needs user, auth_endpoint, and cluster or host.")
        case .channelsCluster: .init(.word, .text(""), "Its cluster at Pusher, such as \"eu\".")
        case .channelsHost: .init(.word, .text(""), "The host of its engine where that is another one.")
        case .channelsPort: .init(.integer(0...65_535), .integer(0), "The port there; 0 is 443, or 80 without TLS.")
        case .channelsTLS: .init(.boolean, .boolean(true), "Connect to it with TLS.")
        case .channelsPath: .init(.word, .text(""), "What stands before /app/KEY there, such as \"/ws\".")
        case .channelsAuthEndpoint:
            .init(
                .url, .text(""), "Where the application signs subscriptions; your token goes there, where there is one."
            )
        case .channelsAuthParameters:
            .init(.secret, .text(""), "Form fields that are sent there as well, as \"a=b&c=d\".")
        case .channelsAuthHeaders:
            .init(
                .headers, .text(""),
                "Headers that are sent there as well, as \"Name: value\", with \\n between several.")
        case .channelsPresence:
            .init(.word, .text("presence-lobby"), "The presence channel everybody is in.")
        case .channelsChatPrefix:
            .init(.word, .text("private-chat-"), "What the channel of a conversation begins with, before the two ids.")
        case .channelsEscapeIDs:
            .init(
                .boolean, .boolean(true), "Write - and = in ids as =2D and =3D, so that no two pairs share a channel.")
        case .channelsOrder:
            .init(
                .choice(["integer", "bytes"]), .text("integer"),
                "Which of two ids comes first: ids of digits by their number, or all by their bytes.")
        case .channelsEncrypted:
            .init(
                .boolean, .boolean(false),
                "Messages of two come on encrypted channels; saying something then needs message_endpoint.")
        case .channelsEncryptedPrefix:
            .init(
                .word, .text("private-encrypted-chat-"),
                "What the encrypted channel of a conversation begins with, before the two ids.")
        case .channelsMessageEndpoint:
            .init(
                .url, .text(""),
                "Where messages are said to the application's server, which publishes them; empty is client events.")
        case .channelsMessageEvent:
            .init(.word, .text("client-message"), "The client event that is a message.")
        case .channelsServerMessageEvent:
            .init(.word, .text("new_message"), "The event that is a message of the application's own server.")
        case .channelsReceivedEvent:
            .init(.word, .text("client-received"), "The client event that confirms a message.")
        case .channelsOpenedEvent:
            .init(
                .word, .text("client-conversation-opened"),
                "The client event of the presence channel that calls somebody into a conversation.")
        case .channelsTypingEvent:
            .init(.word, .text("client-typing"), "The client event that says who is typing.")
        case .deskListen:
            .init(
                .listen, .text("127.0.0.1:7007"),
                "Where parley serve listens, as HOST:PORT; HOST * is every address, port 0 a free one.")
        case .deskData:
            .init(.path, .text(""), "The folder parley serve, user and backup work in; empty is $XDG_DATA_HOME/parley.")
        case .deskStore:
            .init(
                .store, .text(""),
                "A database of PostgreSQL in place of desk.sqlite in that folder; its password is in ~/.pgpass, not here."
            )
        case .deskAppID:
            .init(.word, .text(""), "The id of the engine's application; empty makes one at the first start.")
        case .deskAppKey:
            .init(.word, .text(""), "The key of the engine's application; empty makes one at the first start.")
        case .deskAppSecret:
            .init(
                .secret, .text(""),
                "The secret of the engine's application; a file or PARLEY_APP_SECRET is a better place.")
        case .deskAppSecretFile:
            .init(.path, .text(""), "A file whose first line is the secret of the engine's application.")
        case .deskEngineURL:
            .init(
                .url, .text(""),
                "An engine elsewhere, by its HTTP API, which then carries connections; empty is the desk's own.")
        case .deskEngineClientURL:
            .init(.url, .text(""), "Where clients connect to that engine; empty is where its HTTP API is.")
        case .deskCluster:
            .init(.word, .text(""), "The cluster of an application at Pusher, such as \"eu\", in place of engine_url.")
        case .deskEncryptionKeyFile:
            .init(
                .path, .text(""),
                "A file with 32 bytes in base64: the engine then carries conversations of two encrypted.")
        case .deskTLSCertificate:
            .init(.path, .text(""), "A certificate in PEM with those that sign it; with it parley serve speaks TLS.")
        case .deskTLSKey:
            .init(.path, .text(""), "The private key of that certificate, in PEM, readable by you alone.")
        case .deskHosts:
            .init(
                .hosts, .text(""),
                "Names the desk is called by, and then by no other; empty is any, or on loopback those of this machine."
            )
        case .deskProxies:
            .init(
                .networks, .text(TrustedProxies.initial),
                "Proxies whose X-Forwarded-For says who calls, for limits and lists of sessions; empty is none.")
        case .deskAdminTokenFile:
            .init(
                .path, .text(""),
                "A file whose first line, as a bearer token, opens /metrics; empty is the socket in the desk's folder only."
            )
        case .deskLog:
            .init(
                .choice(["file", "stderr"]), .text("file"),
                "Where parley serve writes its log; stderr for systemd and containers.")
        case .deskSendsPerSecond:
            .init(
                .integer(0...100_000), .integer(200),
                "The most messages of a user in a second, a minute's worth at once; 0 is any. One address has ten times"
                    + " that.")
        case .deskAuthorizationsPerSecond:
            .init(
                .integer(0...100_000), .integer(100),
                "The most channels a user is let into in a second, a minute's worth at once; 0 is any. One address has ten"
                    + " times that.")
        case .deskFailedSignInsPerMinute:
            .init(
                .integer(0...100_000), .integer(60),
                "The most requests of an address with a wrong token in a minute; 0 is any.")
        }
    }

    /// Whether it tells a desk who somebody is.
    var isToken: Bool { self == .token || self == .tokenCommand }

    /// The environment variable that stands above the file.
    var variable: String? {
        switch self {
        case .url: "PARLEY_URL"
        case .user: "PARLEY_USER"
        case .token: "PARLEY_TOKEN"
        case .account: "PARLEY_ACCOUNT"
        case .deskAppSecret: "PARLEY_APP_SECRET"
        case .deskStore: "PARLEY_STORE_URL"
        case .theme: "NO_COLOR"
        default: nil
        }
    }

    /// The table it stands in; empty for the top.
    var table: String { rawValue.firstIndex(of: ".").map { String(rawValue[..<$0]) } ?? "" }
    /// Its key inside the table.
    var name: String { rawValue.firstIndex(of: ".").map { String(rawValue[rawValue.index(after: $0)...]) } ?? rawValue }

    static let tables: [String] = {
        var tables: [String] = []
        for key in allCases where !tables.contains(key.table) { tables.append(key.table) }
        return tables
    }()
}

extension SettingKey.Definition {
    init(_ kind: SettingKind, _ initial: SettingValue, _ sentence: String) {
        self.init(kind: kind, initial: initial, sentence: sentence)
    }
}
