/// What part of the flow a pane shows. Only what is shown, and a screen around it, is ever laid out.
extension MessageFlow {
    /// The rows for a pane of `height`, top to bottom; fewer where there are no more.
    func window(_ anchor: ScrollAnchor, height: Int) -> [Row] {
        guard height > 0, !isEmpty else { return [] }
        guard case .at = anchor, let top = position(of: anchor) else { return tail(height) }
        var rows: [Row] = []
        var block = top.block
        while block < count, rows.count < height {
            rows += self.rows(block).dropFirst(block == top.block ? top.row : 0)
            block += 1
        }
        // No blank rows below the newest while there is something above.
        return rows.count < height ? tail(height) : Array(rows.prefix(height))
    }

    /// The last rows of all.
    private func tail(_ height: Int) -> [Row] {
        var parts: [[Row]] = []
        var held = 0
        var block = count - 1
        while block >= 0, held < height {
            let rows = self.rows(block)
            parts.append(rows)
            held += rows.count
            block -= 1
        }
        return Array(parts.reversed().joined().suffix(height))
    }

    /// Where an anchor stands now; nil for the end, and where what it named is gone.
    func position(of anchor: ScrollAnchor) -> FlowPosition? {
        guard case .at(let id, let line) = anchor, let block = index(of: id) else { return nil }
        let rules = rules(block).count
        let row = line + rules
        // Above the rules: what stands there now is another block's.
        if row < 0 { return move(FlowPosition(block: block, row: 0), by: row) }
        return FlowPosition(block: block, row: min(row, rules + lines(block).count - 1))
    }

    /// The anchor that shows `position` at the top, or the end where nothing more would fit below.
    func anchor(at position: FlowPosition, height: Int) -> ScrollAnchor {
        let last = topOfEnd(height: height)
        guard position < last else { return .end }
        var line = position.row - rules(position.block).count
        var block = position.block
        // The start and a gap do not stay where they are; the message below them does.
        while !isMessage(block), block + 1 < count {
            block += 1
            line = -rules(block).count - 1
        }
        return .at(id(block), line: line)
    }

    /// The top row while the end is shown.
    func topOfEnd(height: Int) -> FlowPosition {
        guard let first = tail(max(1, height)).first else { return FlowPosition(block: 0, row: 0) }
        return FlowPosition(block: first.block, row: first.line + rules(first.block).count)
    }

    func top(of anchor: ScrollAnchor, height: Int) -> FlowPosition {
        let last = topOfEnd(height: height)
        return position(of: anchor).map { min($0, last) } ?? last
    }

    /// A position as an anchor that stays where it is when more comes below.
    func fixed(_ position: FlowPosition) -> ScrollAnchor {
        isEmpty ? .end : .at(id(position.block), line: position.row - rules(position.block).count)
    }

    /// `count` rows up (negative) or down from a position; stops at both ends.
    func move(_ position: FlowPosition, by step: Int) -> FlowPosition {
        var place = position
        var left = step
        while left < 0 {
            if place.row + left >= 0 {
                place.row += left
                return place
            }
            guard place.block > 0 else { return FlowPosition(block: 0, row: 0) }
            left += place.row + 1
            place.block -= 1
            place.row = rows(place.block).count - 1
        }
        while left > 0 {
            let rows = rows(place.block).count
            if place.row + left < rows {
                place.row += left
                return place
            }
            guard place.block + 1 < count else { return FlowPosition(block: place.block, row: rows - 1) }
            left -= rows - place.row
            place.block += 1
            place.row = 0
        }
        return place
    }

    /// The anchor after scrolling by `step` rows.
    func scrolled(_ anchor: ScrollAnchor, by step: Int, height: Int) -> ScrollAnchor {
        guard !isEmpty else { return .end }
        return self.anchor(at: move(top(of: anchor, height: height), by: step), height: height)
    }

    /// The anchor that has a block fully on the screen, moved as little as can be.
    func showing(_ block: Int, _ anchor: ScrollAnchor, height: Int) -> ScrollAnchor {
        let top = top(of: anchor, height: height)
        if block <= top.block {
            let start = FlowPosition(block: block, row: 0)
            return start < top || block < top.block ? self.anchor(at: start, height: height) : anchor
        }
        let rows = rows(block).count
        let highest = move(FlowPosition(block: block, row: rows - 1), by: -(max(rows, height) - 1))
        let start = rows >= height ? FlowPosition(block: block, row: 0) : highest
        return start > top ? self.anchor(at: start, height: height) : anchor
    }
}
