/// Text from the network, made harmless: exactly what `Canvas.put` shows of it, as a string.
///
/// | found | shown |
/// |---|---|
/// | C0 and DEL | `^[`, `^?` (two columns) |
/// | tab | four blanks |
/// | C1, bidi embeddings, overrides and isolates, line and paragraph separators, blank Hangul letters, interlinear annotation, noncharacters | `<U+202E>` |
/// | joiners, zero-width spaces, variation selectors, tags, direction marks, U+FEFF, soft hyphen | nothing |
/// | more than four marks on one character, marks on nothing | nothing |
///
/// `Canvas.put` does the same by itself; this is for everything that is not a cell: titles, linear mode, error texts.
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
                } else {
                    for cell in reader.cells { cell.write(to: &result) }
                }
            }
        }
        return result
    }
}
