package import ChannelsProtocol

extension Engine {
    /// The occupied channels whose names begin so, sorted.
    package func occupied(_ prefix: String = "") -> [ChannelName] {
        channels.filter { !$0.value.subscribers.isEmpty && $0.key.text.utf8.starts(with: prefix.utf8) }.keys.sorted()
    }

    /// How many connections are in a channel.
    package func subscriptionCount(of channel: ChannelName) -> Int { channels[channel]?.subscribers.count ?? 0 }

    /// How many users are in a presence channel.
    package func userCount(of channel: ChannelName) -> Int { channels[channel]?.members.count ?? 0 }

    /// Who is in a presence channel: one entry a user.
    package func members(of channel: ChannelName) -> [Member] {
        channels[channel]?.members.values.map { Member(id: $0.id, info: $0.info) } ?? []
    }

    package func isMember(_ userID: String, of channel: ChannelName) -> Bool {
        channels[channel]?.members.contains(WireText(userID)) == true
    }

    /// The connections by which a user is in a presence channel.
    package func sockets(ofMember userID: String, in channel: ChannelName) -> [Socket] {
        channels[channel]?.members[WireText(userID)]?.sockets ?? []
    }

    /// The connections signed in as a user, sorted.
    package func sockets(signedInAs userID: String) -> [Socket] { users[WireText(userID)]?.sorted() ?? [] }

    /// The channels a connection is in, sorted.
    package func channels(of socket: Socket) -> [ChannelName] { sockets[socket]?.channels.sorted() ?? [] }

    /// The connections in a channel.
    package func subscribers(of channel: ChannelName) -> [Socket] { channels[channel]?.subscribers.keys ?? [] }
}
