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

    /// False if the member was there already; what is known of them stays, as it does on the server.
    mutating func add(_ member: Member) -> Bool {
        guard infos[WireText(member.id)] == nil else { return false }
        infos[WireText(member.id)] = .some(member.info)
        return true
    }

    mutating func remove(_ id: String) -> Bool { infos.removeValue(forKey: WireText(id)) != nil }
}
