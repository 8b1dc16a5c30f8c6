/// Code between lines of three backticks.
enum CodeFence {
    struct Part {
        let text: Substring
        let isCode: Bool
    }

    /// `text` in parts; those that are code are one line each. A fence that is never closed reaches to the end.
    static func parts(_ text: String) -> [Part] {
        guard text.contains(mark) else { return [Part(text: text[...], isCode: false)] }
        var parts: [Part] = []
        var isCode = false
        var plainStart: String.Index?
        func endPlain(_ end: String.Index) {
            if let start = plainStart { parts.append(Part(text: text[start..<end], isCode: false)) }
            plainStart = nil
        }
        var lineStart = text.startIndex
        while true {
            let lineEnd = text.utf8[lineStart...].firstIndex(of: 0x0A) ?? text.endIndex
            let line = text[lineStart..<lineEnd]
            if isFence(line) {
                if isCode || plainStart == nil { plainStart = lineStart }
                isCode.toggle()
                endPlain(lineEnd)
            } else if isCode {
                parts.append(Part(text: line, isCode: true))
            } else if plainStart == nil {
                plainStart = lineStart
            }
            guard lineEnd < text.endIndex else { break }
            lineStart = text.utf8.index(after: lineEnd)
        }
        endPlain(text.endIndex)
        return parts
    }

    private static let mark = "```"

    /// A line that begins with the mark and says no more than a language's name.
    private static func isFence(_ line: Substring) -> Bool {
        let rest = line.drop { $0 == " " }
        return rest.hasPrefix(mark) && !rest.dropFirst(mark.count).contains("`")
    }
}
