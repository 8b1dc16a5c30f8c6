/// Links in plain text.
enum Links {
    static func first(in text: String) -> String? { ranges(in: text[...]).first.map { String(text[$0]) } }

    /// Where links stand in a line; what is behind the last character of an address is not part of it.
    static func ranges(in text: Substring) -> [Range<Substring.Index>] {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return [] }
        var ranges: [Range<Substring.Index>] = []
        var rest = text
        while let start = ["https://", "http://"].compactMap({ find($0, in: rest) }).min() {
            let end = rest[start...].firstIndex { $0.isWhitespace || "<>\"".contains($0) } ?? rest.endIndex
            var link = rest[start..<end]
            while let last = link.last, ".,;:!?)]}'".contains(last) { link.removeLast() }
            if link.contains("://"), link.utf8.count > 8 { ranges.append(link.startIndex..<link.endIndex) }
            rest = rest[end...]
        }
        return ranges
    }

    private static func find(_ needle: String, in text: Substring) -> Substring.Index? {
        let wanted = Array(needle.utf8)
        let bytes = text.utf8
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index...].starts(with: wanted) { return index }
            index = bytes.index(after: index)
        }
        return nil
    }
}
