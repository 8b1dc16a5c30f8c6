public import ChannelsProtocol

/// The roster of one presence channel as this client knows it: one entry a user.
public struct PresenceMembers: Equatable, Sendable {
    /// The id this client is in the channel with, as its authorization said.
    public let myID: String?
    private var infos: [WireText: JSON?]

    public init(myID: String? = nil, members: [Member] = []) {
        self.myID = myID
        infos = Dictionary(members.map { (WireText($0.id), $0.info) }, uniquingKeysWith: { $1 })
    }

    public var count: Int { infos.count }

    /// In no order.
    public var ids: some Collection<String> & Sendable { infos.keys.map(\.text) }

    /// Everybody, in no order.
    public var all: [Member] { infos.map { Member(id: $0.key.text, info: $0.value) } }

    public var me: Member? { myID.flatMap { self[$0] } }

    public func contains(_ id: String) -> Bool { infos[WireText(id)] != nil }

    public subscript(id: String) -> Member? { infos[WireText(id)].map { Member(id: id, info: $0) } }

    enum Addition { case joined, changed, known }

    /// Takes a member in. Newer information about a known member replaces the older one, as in pusher-js.
    mutating func add(_ member: Member) -> Addition {
        let id = WireText(member.id)
        guard let info = infos[id] else {
            infos[id] = .some(member.info)
            return .joined
        }
        guard member.info != nil, member.info != info else { return .known }
        infos[id] = .some(member.info)
        return .changed
    }

    mutating func remove(_ id: String) -> Bool { infos.removeValue(forKey: WireText(id)) != nil }
}
