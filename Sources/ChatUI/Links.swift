import Screen

/// Links in plain text.
///
/// A link goes from `http://` or `https://` to a blank, a quotation mark, an angle bracket, or a mark that separates
/// sentences or parts of them in Chinese and Japanese, where no blank follows an address. What closes a sentence, a
/// bracket or an emphasis around the link is no part of it; brackets that are opened within it are.
enum Links {
    static func first(in text: String) -> String? { ranges(in: text[...]).first.map { String(text[$0]) } }

    static func ranges(in text: Substring) -> [Range<Substring.Index>] {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return [] }
        let scalars = text.unicodeScalars
        var ranges: [Range<Substring.Index>] = []
        var index = scalars.startIndex
        var before: Unicode.Scalar?
        while index < scalars.endIndex {
            let scalar = scalars[index]
            if scalar == "h" || scalar == "H", !isWord(before), let host = endOfScheme(scalars[index...]) {
                let link = link(scalars, from: index, host: host, before: before)
                if !link.isEmpty { ranges.append(link) }
                index = max(host, link.upperBound)
                before = scalars[scalars.index(before: index)]
            } else {
                before = scalar
                index = scalars.index(after: index)
            }
        }
        return ranges
    }

    private typealias Scalars = Substring.UnicodeScalarView

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar, scalar.isASCII else { return false }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Where `http://` or `https://` ends that the text begins with, in any letter case.
    private static func endOfScheme(_ text: Scalars) -> Scalars.Index? {
        for scheme in ["https://", "http://"] {
            var index = text.startIndex
            let isThere = scheme.unicodeScalars.allSatisfy { wanted in
                guard index < text.endIndex else { return false }
                let scalar = text[index]
                index = text.index(after: index)
                return scalar == wanted
                    || (scalar.isASCII && scalar.value | 0x20 == wanted.value && wanted.value >= 0x61)
            }
            if isThere { return index }
        }
        return nil
    }

    private static func link(
        _ text: Scalars, from start: Scalars.Index, host: Scalars.Index, before: Unicode.Scalar?
    ) -> Range<Substring.Index> {
        guard host < text.endIndex, isHost(text[host]) else { return start..<start }
        var depth: [Unicode.Scalar] = []
        var end = host
        var previous: Unicode.Scalar = "/"
        let outer = before.flatMap { brackets[$0] }
        scan: while end < text.endIndex {
            let scalar = text[end]
            if ends(scalar) { break }
            if let close = brackets[scalar] { depth.append(close) }
            if closing.contains(scalar) {
                if depth.last == scalar {
                    depth.removeLast()
                } else if scalar == outer, depth.isEmpty {
                    break
                } else if scalar == "]" {
                    // `[https://example.org](https://example.org)`
                    let next = text.index(after: end)
                    if next < text.endIndex, text[next] == "(" { break }
                }
            }
            // `https://a.example,https://b.example`
            if scalar == "h" || scalar == "H", ",;|".unicodeScalars.contains(previous), endOfScheme(text[end...]) != nil
            {
                break
            }
            previous = scalar
            end = text.index(after: end)
        }
        // Between angle brackets every character is meant.
        if before == "<", end < text.endIndex, text[end] == ">" { return start..<end }
        return start..<trimmed(text, host, end, emphasis: emphasis(text[..<start]))
    }

    /// A host begins with a letter or a digit, or with the bracket of an IPv6 address.
    private static func isHost(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "[" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.properties.isEmoji && !scalar.isASCII
    }

    private static func ends(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || enders.contains(scalar)
    }

    /// The end without what closes the sentence, the bracket or the emphasis the link stands in.
    private static func trimmed(
        _ text: Scalars, _ host: Scalars.Index, _ end: Scalars.Index, emphasis: Set<Unicode.Scalar>
    ) -> Scalars.Index {
        var open: [Unicode.Scalar: Int] = [:]
        for scalar in text[host..<end] {
            if closing.contains(scalar) || brackets[scalar] != nil { open[scalar, default: 0] += 1 }
        }
        var end = end
        while end > host {
            let last = text.index(before: end)
            let scalar = text[last]
            if let opener = brackets.first(where: { $0.value == scalar })?.key {
                guard open[scalar, default: 0] > open[opener, default: 0] else { break }
                open[scalar, default: 0] -= 1
            } else if "_~".unicodeScalars.contains(scalar) {
                guard emphasis.contains(scalar) else { break }
            } else if !closes(scalar) {
                break
            }
            end = last
        }
        return end
    }

    private static func closes(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ".,;:!?'*`([{|\\".unicodeScalars.contains(scalar) }
        switch scalar.properties.generalCategory {
        case .otherPunctuation, .closePunctuation, .finalPunctuation, .initialPunctuation, .openPunctuation,
            .dashPunctuation:
            return true
        default: return false
        }
    }

    /// The marks of emphasis that are open where a link begins: `_see https://example.org/a_`.
    private static func emphasis(_ before: Scalars) -> Set<Unicode.Scalar> {
        var marks: Set<Unicode.Scalar> = []
        // An emphasis begins on the same line, not far away, and where a word begins.
        let line = before.reversed().prefix(200).prefix { $0 != "\n" }
        for (index, scalar) in line.enumerated() where scalar == "_" || scalar == "~" {
            guard let previous = line.dropFirst(index + 1).first else {
                marks.insert(scalar)
                continue
            }
            if previous.properties.isWhitespace || "*_~([{".unicodeScalars.contains(previous) { marks.insert(scalar) }
        }
        return marks
    }

    /// An opening bracket and the one that closes it.
    private static let brackets: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]
    private static let closing: Set<Unicode.Scalar> = [")", "]", "}"]

    /// What ends an address: angle brackets, quotation marks, the marks of Chinese and Japanese sentences, their brackets.
    private static let enders = Set(
        "<>\"\u{200B}、。，．：；！？｡､（）［］｛｝〈〉《》「」『』【】〔〕〖〗〘〙〚〛｢｣＜＞＂“”„‟«»‹›…—\u{FFFC}".unicodeScalars)
}
