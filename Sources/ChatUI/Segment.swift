import Screen

/// A piece of a line with its role.
struct Segment: Equatable {
    var text: String
    var role: Role

    init(_ text: String, _ role: Role = .plain) {
        self.text = text
        self.role = role
    }
}

extension Canvas {
    /// Puts the first of these that has at most `room` columns so that it ends before `column`.
    mutating func put(firstThatFits texts: [String], endingAt column: Int, _ row: Int, room: Int, role: Role) {
        guard let text = texts.first(where: { TextWidth.of($0) <= room }) else { return }
        put(text, endingAt: column, row, role: role)
    }

    /// Puts pieces one after another, none beyond `end`; the one that does not fit is cut. Returns the next column.
    @discardableResult
    mutating func put(_ segments: [Segment], at column: Int, _ row: Int, end: Int, _ glyphs: Glyphs) -> Int {
        var place = column
        for segment in segments {
            let room = end - place
            guard room > 0 else { break }
            place += put(
                TextWidth.truncated(segment.text, columns: room, ellipsis: glyphs.ellipsis), at: place, row,
                role: segment.role)
        }
        return place
    }
}
