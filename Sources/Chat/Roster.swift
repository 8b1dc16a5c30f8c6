/// Who can be written to and who is online, by the presence channel.
package struct Roster: Equatable, Sendable {
    /// What is known of somebody.
    package struct Peer: Equatable, Sendable {
        package var id: UserID
        /// As they call themselves; the id where nothing else is known.
        package var name: String
        package var isOnline: Bool
        /// When they were last seen to come or go by this client; nil when it was before we looked.
        package var since: Timestamp?
        /// What they say of themselves while they are here; nil where they said nothing: available.
        package var availability: Availability?
        /// What the name looks like; see `NameLook`.
        fileprivate(set) var look: String?

        package var isAway: Bool { isOnline && availability?.state == .away }
    }

    private var peers: [UserID: Peer] = [:]
    /// How many people have a name or an id that looks so.
    private var looks: [String: Int] = [:]
    /// False until the presence channel told who is here, and after it was lost.
    package private(set) var isKnown = false
    package private(set) var onlineCount = 0
    /// Those online who are away.
    package private(set) var away: Set<UserID> = []

    /// Who was here when it was lost and was not found again since. Nothing has been told of that.
    private var missed: Set<UserID> = []
    /// Who was missed and was found again.
    private var found: [UserID] = []
    /// From then on, on the monotonic clock, they count as gone; nil where nobody is missed, or nothing is known.
    private(set) var missedUntil: Duration?
    /// Others lost what we lost, a restarted desk for one, and come back as we did.
    private static let patience: Duration = .seconds(30)

    /// How many people are known; a desk that names more is not believed.
    package static let limit = 100_000

    package init() {}

    private func hasRoom(for id: UserID) -> Bool { peers[id] != nil || peers.count < Self.limit }

    package subscript(id: UserID) -> Peer? { peers[id] }

    package func isOnline(_ id: UserID) -> Bool { peers[id]?.isOnline ?? false }

    package func name(of id: UserID) -> String { peers[id]?.name ?? id.text }

    /// Whether several people have a name or an id that looks so, or anybody.
    func isShared(_ look: String) -> Bool { looks[look] ?? 0 > 1 }
    func isKnown(_ look: String) -> Bool { looks[look] != nil }

    package var all: some Collection<Peer> { peers.values }

    /// The channel's snapshot takes the place of everything known before. Returns who came and who went; those who were
    /// here when it was lost did neither.
    mutating func replace(with members: [NamedUser], at now: Moment) -> (came: [UserID], went: [UserID]) {
        var here = Set<UserID>()
        here.reserveCapacity(members.count)
        var came: [UserID] = []
        for member in members where hasRoom(for: member.id) && here.insert(member.id).inserted {
            let id = member.id
            let isBack = cameBack(id)
            if !isBack, !isOnline(id) { came.append(id) }
            setOnline(id, true, name: member.name, since: isKnown ? now.date : isBack ? peers[id]?.since : nil)
        }
        let went = peers.values.filter { $0.isOnline && !here.contains($0.id) }.map(\.id)
        for id in went { setOnline(id, false, name: nil, since: now.date) }
        isKnown = true
        missedUntil = missed.isEmpty ? nil : missedUntil ?? now.uptime + Self.patience
        return (came, went)
    }

    /// Whether somebody who was just added was only missed.
    mutating func cameBack(_ id: UserID) -> Bool {
        guard missed.remove(id) != nil else { return false }
        found.append(id)
        return true
    }

    /// Those who were missed and found again, in the order of their ids, once nobody is missed any more.
    mutating func takeReturned() -> [UserID] {
        guard missed.isEmpty else { return [] }
        defer { found = [] }
        return found.sorted()
    }

    /// Those who have been missed for too long, once.
    mutating func takeMissed(at uptime: Duration) -> [UserID] {
        guard let missedUntil, missedUntil <= uptime else { return [] }
        defer { (missed, self.missedUntil) = ([], nil) }
        return missed.sorted()
    }

    /// Returns false when they were here already.
    mutating func add(_ id: UserID, name: String?, at date: Timestamp) -> Bool {
        guard hasRoom(for: id) else { return false }
        let isNew = !isOnline(id)
        setOnline(id, true, name: name, since: isNew ? date : peers[id]?.since)
        return isNew
    }

    mutating func remove(_ id: UserID, at date: Timestamp) -> Bool {
        guard isOnline(id) else { return false }
        setOnline(id, false, name: nil, since: date)
        return true
    }

    /// Returns false where it is known already, or said of somebody who is not here.
    mutating func setAvailability(_ new: Availability, of id: UserID) -> Bool {
        guard var peer = peers[id], peer.isOnline, peer.availability != new else { return false }
        let isNews = peer.availability?.state ?? .available != new.state || peer.availability?.text ?? "" != new.text
        peer.availability = new
        peers[id] = peer
        if peer.isAway { away.insert(id) } else { away.remove(id) }
        return isNews
    }

    /// Names for people who may be offline.
    mutating func learn(_ id: UserID, name: String) {
        guard hasRoom(for: id) else { return }
        var peer = peers[id] ?? Peer(id: id, name: id.text, isOnline: false, since: nil)
        rename(&peer, name)
        peers[id] = peer
    }

    private mutating func rename(_ peer: inout Peer, _ name: String) {
        guard peer.look == nil || !name.unicodeScalars.elementsEqual(peer.name.unicodeScalars) else { return }
        let own = NameLook.of(peer.id.text)
        if let old = peer.look {
            if old != own, let count = looks[old] { looks[old] = count > 1 ? count - 1 : nil }
        } else {
            looks[own, default: 0] += 1
        }
        let look = name == peer.id.text ? own : NameLook.of(name)
        if look != own { looks[look, default: 0] += 1 }
        peer.name = name
        peer.look = look
    }

    /// The name of somebody, where it was told with them.
    mutating func learn(_ user: NamedUser) {
        if let name = user.name, !name.isEmpty { learn(user.id, name: name) }
    }

    /// Nobody can say any more who is here.
    ///
    /// - Parameter remembers: who was here will be looked for.
    mutating func lose(remembers: Bool = false) {
        if remembers {
            for peer in peers.values where peer.isOnline { missed.insert(peer.id) }
        } else {
            missed = []
            found = []
        }
        missedUntil = nil
        for id in peers.keys {
            peers[id]?.isOnline = false
            peers[id]?.availability = nil
        }
        away = []
        onlineCount = 0
        isKnown = false
    }

    private mutating func setOnline(_ id: UserID, _ online: Bool, name: String?, since: Timestamp?) {
        var peer = peers[id] ?? Peer(id: id, name: id.text, isOnline: false, since: nil)
        if peer.isOnline != online { onlineCount += online ? 1 : -1 }
        if peer.isOnline != online {
            peer.availability = nil
            away.remove(id)
        }
        peer.isOnline = online
        peer.since = since
        rename(&peer, name.flatMap { $0.isEmpty ? nil : $0 } ?? peer.name)
        peers[id] = peer
    }
}
