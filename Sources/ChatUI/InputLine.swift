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
    private enum Act: Equatable, Sendable { case other, typing, killing, yanking(Int) }

    init(_ text: String = "") { before = text }

    var text: String { before + after }
    var isEmpty: Bool { before.isEmpty && after.isEmpty }
    var isAtEnd: Bool { after.isEmpty }

    // MARK: Writing

    /// Puts `text` at the cursor; false, and nothing changed, where the line cannot hold it.
    @discardableResult
    mutating func insert(_ text: String) -> Bool {
        guard before.utf8.count + after.utf8.count + text.utf8.count <= Self.maxHeldBytes else { return false }
        let isLetter = text.count == 1 && text != " " && text != "\n"
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

    /// Replaces the last `count` characters before the cursor.
    mutating func replaceBefore(_ count: Int, with text: String) {
        remember()
        before.removeLast(min(count, before.count))
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
        guard after.count >= count else { return }
        remember()
        after.removeFirst(count)
        settle()
        lastAct = .other
    }

    /// Exchanges the two characters at the cursor, as readline does.
    mutating func transpose() {
        guard before.count >= (after.isEmpty ? 2 : 1) else { return }
        remember()
        if after.isEmpty { moveRaw(by: -1) }
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
        let length = after.prefix { $0 != "\n" }.count
        kill(after: max(length, after.isEmpty ? 0 : 1), into: &ring)
    }

    mutating func killToLineStart(into ring: inout KillRing) {
        let length = before.reversed().prefix { $0 != "\n" }.count
        kill(before: max(length, before.isEmpty ? 0 : 1), into: &ring)
    }

    /// The word before the cursor, up to a blank (`Ctrl-W`).
    mutating func killBlankWordBackward(into ring: inout KillRing) {
        let blanks = before.reversed().prefix { $0.isWhitespace }.count
        let word = before.reversed().dropFirst(blanks).prefix { !$0.isWhitespace }.count
        kill(before: blanks + word, into: &ring)
    }

    mutating func killWordBackward(into ring: inout KillRing) { kill(before: wordLengthBackward, into: &ring) }

    mutating func killWordForward(into ring: inout KillRing) { kill(after: wordLengthForward, into: &ring) }

    mutating func killAll(into ring: inout KillRing) {
        guard !isEmpty else { return }
        remember()
        ring.keep(text, joining: nil)
        before = ""
        after = ""
        lastAct = .other
    }

    private mutating func kill(before count: Int, into ring: inout KillRing) {
        guard count > 0 else { return }
        remember()
        ring.keep(String(before.suffix(count)), joining: lastAct == .killing ? .before : nil)
        before.removeLast(count)
        settle()
        lastAct = .killing
    }

    private mutating func kill(after count: Int, into ring: inout KillRing) {
        guard count > 0 else { return }
        remember()
        ring.keep(String(after.prefix(count)), joining: lastAct == .killing ? .after : nil)
        after.removeFirst(count)
        settle()
        lastAct = .killing
    }

    mutating func yank(from ring: inout KillRing) {
        guard let text = ring.first(), insert(text) else { return }
        lastAct = .yanking(text.count)
    }

    /// Replaces what was just yanked by the entry before it.
    mutating func yankNext(from ring: inout KillRing) {
        guard case .yanking(let count) = lastAct, let text = ring.next() else { return }
        replaceBefore(count, with: text)
        lastAct = .yanking(text.count)
    }

    // MARK: Moving

    mutating func moveLeft() { move(by: -1) }
    mutating func moveRight() { move(by: 1) }
    mutating func moveWordLeft() { move(by: -wordLengthBackward) }
    mutating func moveWordRight() { move(by: wordLengthForward) }
    mutating func moveToLineStart() { move(by: -before.reversed().prefix { $0 != "\n" }.count) }
    mutating func moveToLineEnd() { move(by: after.prefix { $0 != "\n" }.count) }

    mutating func move(by count: Int) {
        lastAct = .other
        moveRaw(by: count)
    }

    private mutating func moveRaw(by count: Int) {
        if count < 0 {
            let moved = before.suffix(-count)
            after = moved + after
            before.removeLast(moved.count)
        } else if count > 0 {
            let moved = after.prefix(count)
            before += moved
            after.removeFirst(moved.count)
        }
    }

    private var wordLengthBackward: Int {
        let gap = before.reversed().prefix { !Self.isWord($0) }.count
        return gap + before.reversed().dropFirst(gap).prefix(while: Self.isWord).count
    }

    private var wordLengthForward: Int {
        let gap = after.prefix { !Self.isWord($0) }.count
        return gap + after.dropFirst(gap).prefix(while: Self.isWord).count
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    /// The characters before the cursor up to a blank: what completion works on.
    var wordBeforeCursor: Substring {
        let length = before.reversed().prefix { !$0.isWhitespace }.count
        return before.suffix(length)
    }
}
