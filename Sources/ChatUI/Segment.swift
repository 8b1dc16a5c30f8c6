import Screen

/// A piece of a line with its role.
struct Segment: Equatable {
    var text: String
    var role: Role
    /// Where there is not enough room for all, those with the greatest number are shortened first, those below 0 are left
    /// out at last, and those with none stay.
    var givesWay: Int?

    init(_ text: String, _ role: Role = .plain, givesWay: Int? = nil) {
        self.text = text
        self.role = role
        self.givesWay = givesWay
    }

    /// `segments` in `columns`, as far as those that give way allow it.
    static func fitted(_ segments: [Segment], columns: Int, _ glyphs: Glyphs) -> [Segment] {
        let all = segments
        var segments = segments
        var excess = segments.reduce(-columns) { $0 + TextWidth.of($1.text) }
        let order = segments.indices.filter { (segments[$0].givesWay ?? -1) >= 0 }
            .sorted { (segments[$0].givesWay ?? 0) > (segments[$1].givesWay ?? 0) }
        for index in order where excess > 0 {
            let width = TextWidth.of(segments[index].text)
            // A name keeps enough to be known by.
            let kept = max(width - excess, segments[index].role == .title ? min(width, 6) : 0)
            let text = TextWidth.truncated(segments[index].text, columns: kept, ellipsis: glyphs.ellipsis)
            segments[index].text = text == glyphs.ellipsis ? "" : text
            excess -= width - TextWidth.of(segments[index].text)
        }
        guard excess > 0, segments.contains(where: isLast) else { return segments }
        return fitted(all.filter { !isLast($0) }, columns: columns, glyphs)
    }

    private static func isLast(_ segment: Segment) -> Bool { segment.givesWay.map { $0 < 0 } ?? false }
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
