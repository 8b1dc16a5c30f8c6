/// Text from the network, made harmless, as it was written.
///
/// | found | shown |
/// |---|---|
/// | C0 and DEL | `^[`, `^?` (two columns) |
/// | tab | four blanks; in a block it stays |
/// | C1, bidi embeddings, overrides and isolates, line and paragraph separators, blank Hangul letters, interlinear annotation, noncharacters | `<U+202E>` |
/// | zero-width spaces, direction marks, U+FEFF, soft hyphen | nothing |
/// | joiners, variation selectors, tags, marks: within a character that is seen, at most 30 | themselves |
/// | the same elsewhere | nothing |
///
/// This is for everything that is not a cell: titles, linear mode, transcripts, error texts. `Canvas.put` shows the same
/// text in cells, of which each holds a base and at most four marks.
package enum Printable {
    package static let tabColumns = 4

    /// `text` on one line; a line break is shown as `^J` like any other control character.
    package static func line(_ text: String) -> String { convert(text, keepsNewlines: false) }

    /// `text` with its line breaks (`\n`, `\r\n`) kept as `\n`.
    package static func block(_ text: String) -> String { convert(text, keepsNewlines: true) }

    private static func convert(_ text: String, keepsNewlines: Bool) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count)
        ClusterReader.read(text[...]) { reader in
            while reader.next() {
                if keepsNewlines, reader.isNewline {
                    result.append("\n")
                } else if reader.isSingle {
                    reader.single.write(to: &result)
                } else if keepsNewlines, reader.isTab {
                    result.append("\t")
                } else {
                    reader.writePrintable(to: &result)
                }
            }
        }
        return result
    }
}
