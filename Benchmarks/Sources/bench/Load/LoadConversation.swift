import ChannelsProtocol

/// What one of two knows of their messages: all that were stored have to be here in the end, each once.
struct LoadConversation {
    let peer: String
    /// How many of one's own the desk has acknowledged.
    private(set) var acknowledged = 0
    private var known: Set<Int> = []
    private var heard: Set<Int> = []

    init(peer: String) { self.peer = peer }

    var count: Int { known.count }

    /// Everything up to there is known.
    var upTo: Int { (1...).first { !known.contains($0) }! - 1 }

    /// The time stands at the beginning of each text.
    static func text(at time: Double) -> String {
        "\(UInt64(time * 1e9)) is when this line of some seventy letters was said"
    }

    /// An event.
    mutating func hear(_ message: JSON, into tally: inout Tally) {
        guard let seq = message["seq"]?.int else { return tally.count("message without seq") }
        if !heard.insert(seq).inserted { tally.twice += 1 }
        known.insert(seq)
        guard message["from"]?.string == peer, let said = message["text"]?.string?.split(separator: " ").first,
            let time = UInt64(said)
        else { return }
        tally.deliveries.append(now() - Double(time) / 1e9)
    }

    /// The answer to one's own message.
    mutating func acknowledge(_ seq: Int) {
        acknowledged += 1
        known.insert(seq)
    }

    /// A page of what was missed.
    mutating func read(_ page: [JSON]) { known.formUnion(page.compactMap { $0["seq"]?.int }) }
}
