/// Text as CommonMark that a renderer shows as it was written.
enum Markdown {
    /// A name or a sentence inside a line.
    static func inline(_ text: String) -> String { escaped(text, isLineStart: false) }

    /// The lines of a message in a quotation. Where blanks count, as in code or a table, it is a block of code; otherwise
    /// paragraphs, in which nothing is markup.
    static func quotation(_ text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard !countsBlanks(lines) else {
            let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
            return (["\(fence)text"] + lines + [fence]).map { $0.isEmpty ? ">" : "> \($0)" }
        }
        return lines.enumerated().map { index, line in
            guard !line.isEmpty else { return ">" }
            let isLast = index + 1 == lines.count || lines[index + 1].isEmpty
            return "> " + escaped(line, isLineStart: true) + (isLast ? "" : "\\")
        }
    }

    /// Whether a paragraph would lose blanks: before or after a line, several beside each other, tabs, and more than one
    /// empty line.
    private static func countsBlanks(_ lines: [String]) -> Bool {
        if lines.first?.isEmpty ?? true || lines.last?.isEmpty ?? true { return true }
        if zip(lines, lines.dropFirst()).contains(where: { $0.isEmpty && $1.isEmpty }) { return true }
        return lines.contains { line in
            line.first?.isWhitespace == true || line.last?.isWhitespace == true || line.contains("\t")
                || line.contains("  ")
        }
    }

    private static func longestRun(of wanted: Character, in text: String) -> Int {
        var longest = 0
        var run = 0
        for character in text {
            run = character == wanted ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Only what would be markup is escaped, so that addresses stay links where a renderer makes links of them.
    private static func escaped(_ text: String, isLineStart: Bool) -> String {
        // By scalar: a mark that joins the character before it does not hide that character from a renderer.
        let scalars = Array(text.unicodeScalars)
        let start = isLineStart ? startMark(scalars) : nil
        var out = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let isMarkup: Bool =
                switch scalar {
                case "\\", "`", "*", "[", "]", "<", "~", "|": true
                case "_": !(isWord(scalars, index - 1) && isWord(scalars, index + 1))
                case "&": beginsEntity(scalars[(index + 1)...])
                default: index == start
                }
            if isMarkup { out.append("\\") }
            out.append(scalar)
        }
        return String(out)
    }

    /// The mark that would make a heading, a list, a rule, a quotation or a table of a line: a first punctuation mark, or
    /// the one after a first number.
    private static func startMark(_ scalars: [Unicode.Scalar]) -> Int? {
        guard let first = scalars.first else { return nil }
        if isPunctuation(first) { return 0 }
        let digits = scalars.prefix { ("0"..."9").contains($0) }.count
        guard digits > 0, digits < scalars.count, scalars[digits] == "." || scalars[digits] == ")" else { return nil }
        return digits
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7F && !scalar.properties.isAlphabetic
            && !("0"..."9").contains(scalar)
    }

    private static func isWord(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        guard scalars.indices.contains(index) else { return false }
        return scalars[index].properties.isAlphabetic || ("0"..."9").contains(scalars[index])
    }

    /// `amp;`, `#38;`, `#x26;`.
    private static func beginsEntity(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let name = rest.prefix { $0.isASCII && ($0 == "#" || $0.properties.isAlphabetic || ("0"..."9").contains($0)) }
        return !name.isEmpty && name.endIndex < rest.endIndex && rest[name.endIndex] == ";"
    }
}
