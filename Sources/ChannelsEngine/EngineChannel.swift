internal import ChannelsProtocol

/// An occupied channel, or the memory of a cache channel.
struct EngineChannel: Equatable, Sendable {
    /// Each with the member it is there for, on presence channels.
    var subscribers = Table<Socket, String>()
    var members = Table<WireText, EngineMember>()
    private var roster = RosterText()
    var cached: CachedEvent?
    /// When subscribers were last told their count.
    var countToldAt: Duration?

    /// Adds a socket as a member. True if it is the member's first one here.
    mutating func join(_ socket: Socket, as member: Member) -> Bool {
        guard subscribers.add(socket, member.id) else { return false }
        guard !members.contains(WireText(member.id)) else {
            members.update(WireText(member.id)) { $0.sockets.append(socket) }
            return false
        }
        members.add(WireText(member.id), EngineMember(member, socket))
        if !roster.isStale { roster.append(EngineMember(member, socket), isFirst: members.count == 1) }
        return true
    }

    /// Removes a socket. The member's id if it was their last one here.
    mutating func leave(_ socket: Socket) -> String? {
        guard let id = subscribers.remove(socket), !id.isEmpty else { return nil }
        var isGone = false
        members.update(WireText(id)) { member in
            member.sockets.removeAll { $0 == socket }
            isGone = member.sockets.isEmpty
        }
        guard isGone else { return nil }
        members.remove(WireText(id))
        roster.isStale = true
        return id
    }

    /// The frame of `subscription_succeeded` with everybody in it.
    mutating func rosterFrame(of channel: ChannelName) -> String {
        if roster.isStale { roster.rebuild(members.values) }
        return roster.frame(of: channel, count: members.count)
    }
}

/// The last published event of a cache channel.
struct CachedEvent: Equatable, Sendable {
    /// The whole frame.
    let text: String
    /// As the publisher wrote it.
    let data: String
    /// When it is forgotten.
    let until: Duration
}

/// A user in a presence channel with all their sockets there.
struct EngineMember: Equatable, Sendable {
    let id: String
    let info: JSON?
    var sockets: [Socket]
    /// The id as it stands in `ids`, and the pair as it stands in `hash`: JSON, escaped once more to be in a string.
    let idText: [UInt8]
    let pairText: [UInt8]

    init(_ member: Member, _ socket: Socket) {
        id = member.id
        info = member.info
        sockets = [socket]
        var quoted = JSONWriter(capacity: 64)
        quoted.write(member.id)
        var id = JSONWriter(capacity: 64)
        id.contents(quoted.text)
        idText = id.bytes
        quoted.raw(":")
        quoted.write(member.info ?? .null)
        var pair = JSONWriter(capacity: 128)
        pair.contents(quoted.text)
        pairText = pair.bytes
    }
}

/// The roster as the bytes of its frame, grown with each join; someone leaving means collecting it anew, once, when
/// the next one joins.
struct RosterText: Equatable, Sendable {
    private var ids: [UInt8] = []
    private var pairs: [UInt8] = []
    var isStale = false

    mutating func append(_ member: EngineMember, isFirst: Bool) {
        if !isFirst {
            ids.append(UInt8(ascii: ","))
            pairs.append(UInt8(ascii: ","))
        }
        ids += member.idText
        pairs += member.pairText
    }

    mutating func rebuild(_ members: [EngineMember]) {
        ids.removeAll(keepingCapacity: true)
        pairs.removeAll(keepingCapacity: true)
        for (index, member) in members.enumerated() { append(member, isFirst: index == 0) }
        isStale = false
    }

    func frame(of channel: ChannelName, count: Int) -> String {
        var writer = JSONWriter(capacity: ids.count + pairs.count + 256)
        writer.raw("{\"event\":\"pusher_internal:subscription_succeeded\",\"channel\":")
        writer.write(channel.text)
        writer.raw(#","data":"{\"presence\":{\"ids\":["#)
        writer.raw(ids)
        writer.raw(#"],\"hash\":{"#)
        writer.raw(pairs)
        writer.raw(#"},\"count\":"#)
        writer.raw(String(count))
        writer.raw(#"}}"}"#)
        return writer.text
    }
}
