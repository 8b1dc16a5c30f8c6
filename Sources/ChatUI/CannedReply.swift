import Chat

/// A reply kept in a file, to be put into the input by its short name.
package struct CannedReply: Equatable, Sendable {
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The text with what is known put in.
    ///
    /// `{{name}}` is the value of that variable; `{{name|there}}` falls back to what follows the bar. A variable that is
    /// not known, and `{{}}`, become fill-ins. What is put in stays as it is: it is not read again, and holds no fill-in.
    func filled(with values: [String: String]) -> String {
        var out = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            let inside = rest[open.upperBound..<close.lowerBound]
            guard !inside.contains("{{"), !inside.contains(where: \.isNewline) else {
                out += rest[..<open.upperBound]
                rest = rest[open.upperBound...]
                continue
            }
            out += rest[..<open.lowerBound]
            let parts = inside.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            let key = UIState.trimmed(String(parts.first ?? ""))
            if let value = values[key], !value.isEmpty {
                out += FillIn.withoutMarks(value)
            } else if parts.count > 1 {
                out += FillIn.withoutMarks(String(parts[1]))
            } else {
                out += FillIn.mark(key)
            }
            rest = rest[close.upperBound...]
        }
        return out + rest
    }
}

/// A place in the input that has to be written before it can be sent: `⟦order⟧`.
enum FillIn {
    static let open: Character = "\u{27E6}"
    static let close: Character = "\u{27E7}"

    static func mark(_ name: String) -> String { "\(open)\(withoutMarks(name))\(close)" }

    static func withoutMarks(_ text: String) -> String {
        String(text.map { $0 == open ? "[" : $0 == close ? "]" : $0 })
    }

    /// The first fill-in in a text; marks that are no pair on one line are none.
    static func first(in text: Substring) -> Range<String.Index>? {
        var rest = text
        while let start = rest.firstIndex(of: open) {
            let after = rest[rest.index(after: start)...]
            guard let end = after.firstIndex(where: { $0 == close || $0 == open || $0.isNewline }) else { return nil }
            if after[end] == close { return start..<after.index(after: end) }
            rest = after[end...]
        }
        return nil
    }
}

extension InputLine {
    /// Why a text cannot be sent yet: the first fill-in that is empty.
    static func emptyFillIn(in text: String) -> String? {
        guard let range = FillIn.first(in: text[...]) else { return nil }
        let name = text[range].dropFirst().dropLast()
        return "\(name.isEmpty ? "a fill-in" : "\"\(name)\"") is still empty; Tab goes there"
    }

    var hasFillIn: Bool { FillIn.first(in: text[...]) != nil }

    /// Puts the cursor before the next fill-in, from the last one to the first again.
    mutating func moveToFillIn() {
        let text = text
        let here = before.utf8.count
        var places: [Int] = []
        var rest = text[...]
        while let range = FillIn.first(in: rest) {
            places.append(text.utf8.distance(from: text.startIndex, to: range.lowerBound))
            rest = rest[range.upperBound...]
        }
        guard let first = places.first else { return }
        move(bytes: (places.first { $0 > here } ?? first) - here)
    }

    /// Takes the fill-in right after the cursor away: as a whole, also for what is written in its place.
    @discardableResult
    mutating func deleteFillInForward() -> Bool {
        guard after.first == FillIn.open, let range = FillIn.first(in: after[...]), range.lowerBound == after.startIndex
        else { return false }
        deleteForward(after[range].count)
        return true
    }

    mutating func deleteFillInBackward() -> Bool {
        guard before.last == FillIn.close, let start = before.lastIndex(of: FillIn.open),
            FillIn.first(in: before[start...])?.upperBound == before.endIndex
        else { return false }
        replaceBefore(bytes: before[start...].utf8.count, with: "")
        return true
    }
}
