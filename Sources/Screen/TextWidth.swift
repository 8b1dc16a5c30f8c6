/// Columns, as the screen counts them.
package enum TextWidth {
    /// The columns `text` takes when it is put on the screen in one line.
    package static func of(_ text: String) -> Int { of(text[...]) }

    package static func of(_ text: Substring) -> Int {
        ClusterReader.read(text) { reader in
            var columns = 0
            while reader.next() { columns += reader.columns }
            return columns
        }
    }

    /// The columns of one character: 0, 1, 2, or more where a hostile one is shown as a mark.
    package static func of(_ character: Character) -> Int { of(String(character)[...]) }

    /// As much of the beginning of `text` as `columns` hold.
    package static func prefix(_ text: String, columns: Int) -> Substring { prefix(text[...], columns: columns) }

    package static func prefix(_ text: Substring, columns: Int) -> Substring {
        let bytes = ClusterReader.read(text) { reader in
            var used = 0
            while reader.next() {
                used += reader.columns
                if used > columns { return reader.start }
            }
            return reader.end
        }
        return text[..<text.utf8.index(text.startIndex, offsetBy: bytes)]
    }

    /// `text` where it fits, else its beginning and `ellipsis`, never more than `columns`.
    package static func truncated(_ text: String, columns: Int, ellipsis: String = "…") -> String {
        if of(text) <= columns { return text }
        let room = columns - of(ellipsis)
        guard room >= 0 else { return String(prefix(text, columns: max(0, columns))) }
        return String(prefix(text, columns: room)) + ellipsis
    }
}
