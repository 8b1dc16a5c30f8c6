import Chat
import Screen

/// The links of a conversation, the newest first, and which of them is chosen.
struct LinkList: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        let address: String
        /// The same as people read it.
        let shown: String
        let from: UserID
        let at: Timestamp
    }

    private(set) var items: [Item] = []
    private(set) var index = 0

    /// More than anybody goes through by hand.
    private static let most = 500

    init(_ conversation: Conversation, me: UserID?) {
        var seen: Set<String> = []
        func add(_ text: String?, _ from: UserID?, _ at: Timestamp) {
            guard let text, let from, items.count < Self.most else { return }
            for range in Links.ranges(in: text[...]).reversed() {
                let link = String(text[range])
                guard let address = LinkAddress.of(link), seen.insert(address).inserted else { continue }
                items.append(Item(address: address, shown: LinkAddress.readable(link), from: from, at: at))
            }
        }
        for message in conversation.outbox.reversed() { add(message.text, me, message.at) }
        for message in conversation.beyondGap.reversed() { add(message.text, message.from, message.at) }
        for message in conversation.messages.reversed() { add(message.text, message.from, message.at) }
    }

    var chosen: Item? { items.indices.contains(index) ? items[index] : nil }

    mutating func move(by step: Int) { index = min(max(0, index + step), max(0, items.count - 1)) }
}

extension UIState {
    mutating func showLinks(_ chat: ChatState, _ now: Moment) {
        guard let name = chat.open else {
            say("open a conversation first", now: now)
            return
        }
        overlay = .links(LinkList(chat.conversation(name), me: chat.me))
    }

    mutating func press(_ key: Key, in links: LinkList, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        var links = links
        switch key {
        case .enter, "o": return leaveLinks(links) { .openLink($0) }
        case "y": return leaveLinks(links) { .copy($0) }
        case .down, "j", "Ctrl-N": links.move(by: 1)
        case .up, "k", "Ctrl-P": links.move(by: -1)
        case .pageDown: links.move(by: 10)
        case .pageUp: links.move(by: -10)
        case .home, "g": links.move(by: -10_000)
        case .end, "G": links.move(by: 10_000)
        default:
            overlay = nil
            return []
        }
        overlay = .links(links)
        return []
    }

    private mutating func leaveLinks(_ links: LinkList, _ effect: (String) -> UIEffect) -> [UIEffect] {
        overlay = nil
        return links.chosen.map { [effect($0.address)] } ?? []
    }
}
