import Screen

/// The text being written, and the cursor in it, character by character as a person counts them.
///
/// Editing follows readline. What a key does to the text is here; which key does it is in `CommandTable`.
struct InputLine: Equatable, Sendable {
    /// What a desk takes in one message.
    static let maxScalars = 8_000
    static let maxBytes = 32_000
    /// What the line holds at most; more than a message may have, so that a long text can be cut down here.
    static let maxHeldBytes = 1 << 20
    static let maxUndo = 200
    /// What the texts kept for undo may have together.
    static let maxUndoBytes = 4 << 20

    private(set) var before = ""
    private(set) var after = ""
    private var past: [Snapshot] = []
    private var lastAct = Act.other

    private struct Snapshot: Equatable, Sendable {
        var before: String
        var after: String
    }

    /// What was done last: acts of one kind in a row are one step for undo, cuts in a row are one entry of the ring.
    private enum Act: Equatable, Sendable { case other, typing, killing, yanking(String) }

    init(_ text: String = "") { before = text }

    var text: String { before + after }
    var isEmpty: Bool { before.isEmpty && after.isEmpty }
    var isAtEnd: Bool { after.isEmpty }

    // MARK: Writing

    /// Puts `text` at the cursor; false, and nothing changed, where the line cannot hold it.
    @discardableResult
    mutating func insert(_ text: String) -> Bool {
        guard before.utf8.count + after.utf8.count + text.utf8.count <= Self.maxHeldBytes else { return false }
        let isLetter = text.dropFirst().isEmpty && text != " " && text != "\n"
        if lastAct != .typing || !isLetter { remember() }
        before += text
        settle()
        lastAct = isLetter ? .typing : .other
        return true
    }

    /// Text from the clipboard: line breaks and tabs stay, other control characters are left out.
    mutating func paste(_ text: String) -> Bool {
        insert(Self.withoutControls(text))
    }

    static func withoutControls(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in text.unicodeScalars {
            let isReturn = scalar == "\r"
            if isReturn || (scalar == "\n" && !wasReturn) {
                kept.append("\n")
            } else if scalar == "\t" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)) {
                kept.append(scalar)
            }
            wasReturn = isReturn
        }
        return String(kept)
    }

    /// Everything replaced, the cursor at the end; `undo` brings the old text back.
    mutating func replace(with text: String) {
        remember()
        before = text
        after = ""
        lastAct = .other
    }

    /// Replaces the last `bytes` of UTF-8 before the cursor.
    mutating func replaceBefore(bytes: Int, with text: String) {
        remember()
        before.removeSubrange(before.place(bytesFromEnd: bytes)...)
        before += text
        settle()
        lastAct = .other
    }

    mutating func deleteBackward() {
        guard !before.isEmpty else { return }
        remember()
        before.removeLast()
        settle()
        lastAct = .other
    }

    mutating func deleteForward(_ count: Int = 1) {
        guard let end = after.index(after.startIndex, offsetBy: count, limitedBy: after.endIndex) else { return }
        remember()
        after.removeSubrange(..<end)
        settle()
        lastAct = .other
    }

    /// Exchanges the two characters at the cursor, as readline does.
    mutating func transpose() {
        let count = after.isEmpty ? 2 : 1
        guard before.index(before.endIndex, offsetBy: -count, limitedBy: before.startIndex) != nil else { return }
        remember()
        if after.isEmpty { moveRaw(bytes: -before.lastCharacterBytes) }
        let second = after.removeFirst()
        let first = before.removeLast()
        before.append(second)
        before.append(first)
        settle()
        lastAct = .other
    }

    mutating func undo() {
        guard let last = past.popLast() else { return }
        before = last.before
        after = last.after
        lastAct = .other
    }

    /// What was changed may have joined the characters on both sides of the cursor: it then stands behind the one they
    /// became, never inside.
    private mutating func settle() {
        guard let last = before.utf8.last, let first = after.utf8.first, last >= 0x80 || first >= 0x80 else { return }
        let text = before + after
        let place = text.utf8.index(text.startIndex, offsetBy: before.utf8.count)
        guard String.Index(place, within: text) == nil else { return }
        let end = text.index(after: place)
        before = String(text[..<end])
        after = String(text[end...])
    }

    private mutating func remember() {
        let size = before.utf8.count + after.utf8.count
        past.append(Snapshot(before: before, after: after))
        let most = min(Self.maxUndo, max(2, Self.maxUndoBytes / max(1, size)))
        if past.count > most { past.removeFirst(past.count - most) }
    }

    // MARK: Cutting

    mutating func killToLineEnd(into ring: inout KillRing) {
        kill(after: max(bytesToLineEnd, after.isEmpty ? 0 : 1), into: &ring)
    }

    mutating func killToLineStart(into ring: inout KillRing) {
        kill(before: max(bytesToLineStart, before.isEmpty ? 0 : 1), into: &ring)
    }

    /// The word before the cursor, up to a blank (`Ctrl-W`).
    mutating func killBlankWordBackward(into ring: inout KillRing) {
        let blanks = before[...].trailingBytes { $0.properties.isWhitespace }
        let word = before[..<before.place(bytesFromEnd: blanks)].trailingBytes { !$0.properties.isWhitespace }
        kill(before: blanks + word, into: &ring)
    }

    mutating func killWordBackward(into ring: inout KillRing) { kill(before: wordBytesBackward, into: &ring) }

    mutating func killWordForward(into ring: inout KillRing) { kill(after: wordBytesForward, into: &ring) }

    mutating func killAll(into ring: inout KillRing) {
        guard !isEmpty else { return }
        remember()
        ring.keep(text, joining: nil)
        before = ""
        after = ""
        lastAct = .other
    }

    private mutating func kill(before bytes: Int, into ring: inout KillRing) {
        guard bytes > 0 else { return }
        remember()
        let place = before.place(bytesFromEnd: bytes)
        ring.keep(String(before[place...]), joining: lastAct == .killing ? .before : nil)
        before.removeSubrange(place...)
        settle()
        lastAct = .killing
    }

    private mutating func kill(after bytes: Int, into ring: inout KillRing) {
        guard bytes > 0 else { return }
        remember()
        let place = after.utf8.index(after.startIndex, offsetBy: bytes)
        ring.keep(String(after[..<place]), joining: lastAct == .killing ? .after : nil)
        after.removeSubrange(..<place)
        settle()
        lastAct = .killing
    }

    mutating func yank(from ring: inout KillRing) {
        guard let text = ring.first(), insert(text) else { return }
        lastAct = .yanking(text)
    }

    /// Replaces what was just yanked by the entry before it.
    mutating func yankNext(from ring: inout KillRing) {
        // The last character may have joined the one that follows: then nothing can be taken back without it.
        guard case .yanking(let last) = lastAct, before.utf8.suffix(last.utf8.count).elementsEqual(last.utf8),
            let text = ring.next()
        else { return }
        replaceBefore(bytes: last.utf8.count, with: text)
        lastAct = .yanking(text)
    }

    // MARK: Moving

    mutating func moveLeft() { move(bytes: -before.lastCharacterBytes) }
    mutating func moveRight() { move(bytes: after.first?.utf8.count ?? 0) }
    mutating func moveWordLeft() { move(bytes: -wordBytesBackward) }
    mutating func moveWordRight() { move(bytes: wordBytesForward) }
    mutating func moveToLineStart() { move(bytes: -bytesToLineStart) }
    mutating func moveToLineEnd() { move(bytes: bytesToLineEnd) }

    /// Moves by bytes of UTF-8, which have to be whole characters.
    mutating func move(bytes: Int) {
        lastAct = .other
        moveRaw(bytes: bytes)
    }

    private mutating func moveRaw(bytes: Int) {
        if bytes < 0 {
            let place = before.place(bytesFromEnd: -bytes)
            after = before[place...] + after
            before.removeSubrange(place...)
        } else if bytes > 0 {
            let place = after.utf8.index(after.startIndex, offsetBy: bytes)
            before += after[..<place]
            after.removeSubrange(..<place)
        }
    }

    // MARK: Lengths, in bytes of UTF-8

    private var bytesToLineStart: Int {
        let start = before.utf8.lastIndex(of: UInt8(ascii: "\n")).map(before.utf8.index(after:))
        return before.utf8.distance(from: start ?? before.startIndex, to: before.endIndex)
    }

    private var bytesToLineEnd: Int {
        let end = after.utf8.firstIndex(of: UInt8(ascii: "\n")) ?? after.endIndex
        return after.utf8.distance(from: after.startIndex, to: end)
    }

    private var wordBytesBackward: Int {
        let gap = before[...].trailingBytes { !Self.isWord($0) }
        return gap + before[..<before.place(bytesFromEnd: gap)].trailingBytes(while: Self.isWord)
    }

    private var wordBytesForward: Int {
        let gap = after.prefix { !Self.isWord($0.unicodeScalars.first) }
        return gap.utf8.count + after[gap.endIndex...].prefix { Self.isWord($0.unicodeScalars.first) }.utf8.count
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        guard let properties = scalar?.properties else { return false }
        return properties.isAlphabetic || properties.numericType != nil
    }

    /// The characters before the cursor up to a blank: what completion works on.
    var wordBeforeCursor: Substring {
        before[before.place(bytesFromEnd: before[...].trailingBytes { !$0.properties.isWhitespace })...]
    }
}

// Each step back over whole characters may go back to the start of a row of flags. What looks for something far back goes
// by scalars instead, so that its cost is the distance.

extension String {
    fileprivate func place(bytesFromEnd bytes: Int) -> Index { utf8.index(endIndex, offsetBy: -bytes) }

    fileprivate var lastCharacterBytes: Int {
        isEmpty ? 0 : utf8.distance(from: index(before: endIndex), to: endIndex)
    }
}

extension Substring {
    /// The bytes at the end whose characters begin with a scalar that `matches`.
    fileprivate func trailingBytes(while matches: (Unicode.Scalar) -> Bool) -> Int {
        let scalars = unicodeScalars
        var place = endIndex
        var index = endIndex
        while index > startIndex {
            index = scalars.index(before: index)
            let scalar = scalars[index]
            // A mark belongs to the scalar before it.
            if scalar.value >= 0x300, index > startIndex, Self.extends(scalar) { continue }
            guard matches(scalar) else { break }
            place = index
        }
        return utf8.distance(from: place, to: endIndex)
    }

    private static func extends(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\u{200D}" || (0x1F3FB...0x1F3FF).contains(scalar.value) { return true }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .spacingMark: return true
        default: return false
        }
    }
}
