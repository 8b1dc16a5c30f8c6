package import Chat
package import ChannelsProtocol

/// A Channels application without a desk: where it is, and what it calls things.
package struct PlainSettings: Equatable, Sendable {
    /// Names of events and channels; the defaults are Parley's own.
    package struct Names: Equatable, Sendable {
        package var presence = "presence-lobby"
        /// Before the two ids of a conversation, which a `-` joins.
        package var chatPrefix = "private-chat-"
        /// The same for the encrypted channel of a conversation.
        package var encryptedPrefix = "private-encrypted-chat-"
        package var message = "client-message"
        /// A message that the application's own server publishes.
        package var serverMessage = "new_message"
        package var received = "client-received"
        package var opened = "client-conversation-opened"
        package var typing = "client-typing"
        package var escapesIDs = true
        /// Two ids of digits stand in the order of their numbers; otherwise in that of their bytes.
        package var ordersIntegers = true

        package init() {}
    }

    /// Where subscriptions are signed: path of the endpoint, and what is sent beside socket and channel.
    package struct Endpoint: Equatable, Sendable {
        package var path: String
        package var parameters: [HTTPQuery.Item] = []
        package var headers: [HTTPQuery.Item] = []

        package init(path: String) { self.path = path }

        fileprivate func request(_ form: HTTPQuery) -> DeskRequest {
            var form = form
            form.items += parameters
            return DeskRequest(
                method: "POST", path: path, contentType: "application/x-www-form-urlencoded", body: form.text,
                headers: headers)
        }
    }

    package var user: UserID
    package var key: String
    package var host: String
    package var port: Int
    package var isSecure: Bool
    /// What stands before `/app/KEY`.
    package var path = ""
    package var names = Names()
    package var endpoint: Endpoint
    /// Those beside the presence channel.
    package var rooms: [ChatRoom] = []
    /// Where messages are said to the application's own server, which publishes them; nil: they are client events.
    package var messages: Endpoint?
    /// Messages of two come on encrypted channels, where clients can say nothing.
    package var isEncrypted = false

    package init(user: UserID, key: String, host: String, port: Int, isSecure: Bool, endpoint: Endpoint) {
        self.user = user
        self.key = key
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.endpoint = endpoint
    }

    var lobby: ConversationName { .room(names.presence) }

    package var identity: Identity {
        Identity(
            id: user, name: user.text, store: "", key: key, host: host, port: port, tls: isSecure, path: path,
            lobby: lobby, otherRooms: rooms, isEncrypted: isEncrypted)
    }

    /// The channel of a conversation, as the application names it.
    func channel(_ name: ConversationName) -> ChannelName { channel(name, names.chatPrefix) }

    func encryptedChannel(_ name: ConversationName) -> ChannelName { channel(name, names.encryptedPrefix) }

    private func channel(_ name: ConversationName, _ prefix: String) -> ChannelName {
        guard case .chat(var low, var high) = name else { return ChannelName(wire: name.channel) }
        if !names.ordersIntegers, high.text.utf8.lexicographicallyPrecedes(low.text.utf8) { swap(&low, &high) }
        func id(_ user: UserID) -> String { names.escapesIDs ? user.escaped : user.text }
        return ChannelName(wire: prefix + id(low) + "-" + id(high))
    }

    package func authorization(_ channel: ChannelName, _ socketID: SocketID) -> DeskRequest {
        endpoint.request(["socket_id": socketID.text, "channel_name": channel.text])
    }

    /// A message to the application's server. `clientID` is the same when it is said again; `socketID` wants no event.
    func message(
        _ text: String, clientID: String, on channel: ChannelName, socketID: SocketID?, to endpoint: Endpoint
    ) -> DeskRequest {
        var form: HTTPQuery = ["channel_name": channel.text, "text": text, "client_id": clientID]
        if let socketID { form.items.append(.init(name: "socket_id", value: socketID.text)) }
        return endpoint.request(form)
    }
}
