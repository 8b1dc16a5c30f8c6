/// The members of a JSON object in the order of the text. Each name stands once: of two the last value counts.
public struct JSONObject: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSON

        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    public private(set) var members: [Member] = []

    public init() {}

    public init(_ pairs: some Sequence<(String, JSON)>) {
        self.init(unresolved: pairs.map { Member(name: $0.0, value: $0.1) })
    }

    /// Members as scanned, where a name may stand twice.
    init(unresolved: [Member]) {
        members = unresolved
        guard unresolved.count > 1 else { return }
        if unresolved.count <= 12 {
            for later in 1..<unresolved.count
            where unresolved[..<later].contains(where: { WireText.equal($0.name, unresolved[later].name) }) {
                keepLastOfEachName()
                return
            }
        } else if Set(unresolved.lazy.map { WireText($0.name) }).count != unresolved.count {
            keepLastOfEachName()
        }
    }

    private mutating func keepLastOfEachName() {
        var place: [WireText: Int] = [:]
        var kept: [Member] = []
        for member in members {
            if let index = place[WireText(member.name)] {
                kept[index].value = member.value
            } else {
                place[WireText(member.name)] = kept.count
                kept.append(member)
            }
        }
        members = kept
    }

    public subscript(name: String) -> JSON? {
        get { members.first { $0.name == name }?.value }
        set {
            if let index = members.firstIndex(where: { $0.name == name }) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append(Member(name: name, value: newValue))
            }
        }
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { members.count }
    public subscript(position: Int) -> Member { members[position] }
}
