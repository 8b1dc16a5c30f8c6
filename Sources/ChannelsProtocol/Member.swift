/// A user in a presence channel, however many sockets they have there.
public struct Member: Hashable, Sendable {
    /// Always text; a number on the wire is turned into its digits.
    public let id: String
    /// The object under `user_info`, if there is one.
    public let info: JSON?

    public init(id: String, info: JSON? = nil) {
        self.id = id
        self.info = info
    }
}

extension Member {
    /// Reads `{"user_id":…,"user_info":…}`; nil without an id.
    public init?(_ data: JSON) {
        guard let id = data["user_id"]?.identifier, !id.isEmpty else { return nil }
        let info = data["user_info"]
        self.init(id: id, info: info == .null ? nil : info)
    }

    /// As the wire carries it, in `channel_data` and in `member_added`.
    public var json: JSON {
        var object = JSONObject([("user_id", .string(id))])
        object["user_info"] = info
        return .object(object)
    }
}

/// Who was in a presence channel at the moment of subscribing.
public struct PresenceSnapshot: Hashable, Sendable {
    public let members: [Member]

    public init(members: [Member]) { self.members = members }

    public var count: Int { members.count }
}
