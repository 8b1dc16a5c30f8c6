import Chat
import ChannelsProtocol
import ChatSession
import Transport

/// The `[channels]` of the settings: an application without a desk.
struct PlainTarget: Equatable, Sendable {
    let settings: PlainSettings
    let endpoint: DeskURL

    /// Nil where there is none, or a desk was named closer.
    init?(_ given: Settings) throws(Failure) {
        guard let key = given.text(.channelsKey) else { return nil }
        if given.text(.url) != nil {
            guard given.source(.url).isFile else { return nil }
            throw Failure(
                .configuration, "\(given.path): url and channels.key exclude each other; leave one of them empty")
        }
        func missing(_ name: String, _ why: String) -> Failure {
            Failure(.configuration, "\(name) is missing; \(why)")
        }
        guard let user = given.text(.user).flatMap({ UserID($0) }) else {
            throw missing("user", "an application without a desk does not say who you are, so set it or give --as")
        }
        guard let endpoint = try given.text(.channelsAuthEndpoint).map({ text throws(Failure) in try DeskURL(text) })
        else { throw missing("channels.auth_endpoint", "the application signs subscriptions there") }
        guard Cleartext.mayTravel(to: endpoint.address, given) else {
            throw Failure(
                .configuration,
                "channels.auth_endpoint: without https:// anybody on the way can read what is sent to \(endpoint); use https://,"
                    + " or --insecure if it must be")
        }
        let host: String
        switch (given.text(.channelsCluster), given.text(.channelsHost)) {
        case (let cluster?, nil): host = "ws-\(cluster).pusher.com"
        case (nil, let name?): host = name
        case (nil, nil): throw missing("channels.host", "give it, or channels.cluster")
        case (_?, _?): throw Failure(.configuration, "channels.cluster and channels.host exclude each other; give one")
        }
        let isSecure = given.boolean(.channelsTLS)
        let port = given.integer(.channelsPort) == 0 ? (isSecure ? 443 : 80) : given.integer(.channelsPort)
        let engine = ServerAddress.tcp(host: host, port: port, isSecure: isSecure)
        guard Cleartext.mayTravel(to: engine, given) else {
            throw Failure(
                .configuration,
                "channels.tls is false: without TLS anybody on the way can read what is sent to \(host); set it to true, or"
                    + " use --insecure if it must be")
        }
        var sign = PlainSettings.Endpoint(path: endpoint.path.isEmpty ? "/" : endpoint.path)
        sign.parameters = HTTPQuery(decoding: given.text(.channelsAuthParameters) ?? "").items
        sign.headers = Self.headers(given.text(.channelsAuthHeaders) ?? "") ?? []
        var settings = PlainSettings(
            user: user, key: key, host: host, port: port, isSecure: isSecure,
            endpoint: sign)
        settings.path = given.text(.channelsPath) ?? ""
        settings.names = try Self.names(given)
        let escapes = settings.names.escapesIDs
        settings.rooms = given.rooms.map { room in
            let channel = ConversationName.roomPrefix + (escapes ? room.name.escaped : room.name.text)
            return ChatRoom(room.name.text, .room(channel), title: room.title)
        }
        if let twin = settings.rooms.first(where: { $0.conversation.channel == settings.names.presence }) {
            throw Failure(
                .configuration, "\(given.path): room \(twin.name) is channels.presence_channel; leave it out")
        }
        settings.isEncrypted = given.boolean(.channelsEncrypted)
        if let text = given.text(.channelsMessageEndpoint) {
            let there = try DeskURL(text)
            guard there.address == endpoint.address else {
                throw Failure(
                    .configuration,
                    "channels.message_endpoint: is on another server than channels.auth_endpoint; expected \(endpoint.address)"
                )
            }
            settings.messages = sign
            settings.messages?.path = there.path.isEmpty ? "/" : there.path
        }
        self.settings = settings
        self.endpoint = endpoint
    }

    private static func names(_ given: Settings) throws(Failure) -> PlainSettings.Names {
        var names = PlainSettings.Names()
        func name(_ key: SettingKey, begins prefix: String, _ initial: String) throws(Failure) -> String {
            let text = given.text(key) ?? initial
            guard text.utf8.starts(with: prefix.utf8) else {
                throw Failure(
                    .configuration,
                    "\(key.rawValue) is \"\(Text.shown(text))\"; expected a name that begins with \(prefix)")
            }
            return text
        }
        names.presence = try name(.channelsPresence, begins: "presence-", names.presence)
        names.chatPrefix = try name(.channelsChatPrefix, begins: "private-", names.chatPrefix)
        names.encryptedPrefix = try name(
            .channelsEncryptedPrefix, begins: "private-encrypted-", names.encryptedPrefix)
        names.message = try name(.channelsMessageEvent, begins: "client-", names.message)
        names.received = try name(.channelsReceivedEvent, begins: "client-", names.received)
        names.opened = try name(.channelsOpenedEvent, begins: "client-", names.opened)
        names.typing = try name(.channelsTypingEvent, begins: "client-", names.typing)
        names.serverMessage = given.text(.channelsServerMessageEvent) ?? names.serverMessage
        names.escapesIDs = given.boolean(.channelsEscapeIDs)
        names.ordersIntegers = given.text(.channelsOrder) != "bytes"
        return names
    }

    /// `Name: value`, one a line; nil where one is none.
    static func headers(_ text: String) -> [HTTPQuery.Item]? {
        var headers: [HTTPQuery.Item] = []
        for line in text.unicodeScalars.split(separator: "\n") {
            let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(Substring.init)
            guard halves.count == 2, !halves[0].isEmpty,
                halves[0].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                halves[1].utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { return nil }
            headers.append(.init(name: String(halves[0]), value: String(halves[1].unicodeScalars.drop { $0 == " " })))
        }
        return headers
    }
}
