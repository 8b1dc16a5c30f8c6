/// Something that stands in a messages pane and keeps its identity while others come and go around it.
enum BlockID: Hashable, Sendable {
    case start
    case message(seq: Int)
    case gap
    case outgoing(clientID: String)
}

/// Where a messages pane stands. Named by what is read, not by a row number, so that neither older messages paged in
/// above nor new ones below move it.
enum ScrollAnchor: Equatable, Sendable {
    /// At the newest, following what comes.
    case end
    /// The top row shows this line of a block, counted from its first line of text; rules above it are -1, -2.
    case at(BlockID, line: Int)
}

/// A row of the flow: the block and which of its rows, rules included.
struct FlowPosition: Comparable {
    var block: Int
    var row: Int

    static func < (a: FlowPosition, b: FlowPosition) -> Bool {
        a.block != b.block ? a.block < b.block : a.row < b.row
    }
}
