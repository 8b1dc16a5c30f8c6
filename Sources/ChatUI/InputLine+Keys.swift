import Screen

extension InputLine {
    /// Edits a line in a box by the keys of the input; false for a key that edits nothing.
    mutating func edit(_ key: Key, _ keys: KeyMap, _ ring: inout KillRing) -> Bool {
        if let character = key.typed { return insert(String(character)) }
        switch keys.command(for: [key], in: .input) {
        case .left: moveLeft()
        case .right: moveRight()
        case .wordLeft: moveWordLeft()
        case .wordRight: moveWordRight()
        case .lineStart: moveToLineStart()
        case .lineEnd: moveToLineEnd()
        case .deleteBackward: deleteBackward()
        case .deleteForward: deleteForward()
        case .killToEnd: killToLineEnd(into: &ring)
        case .killToStart: killToLineStart(into: &ring)
        case .killBlankWord: killBlankWordBackward(into: &ring)
        case .killWordBackward: killWordBackward(into: &ring)
        case .killWordForward: killWordForward(into: &ring)
        case .yank: yank(from: &ring)
        case .undo: undo()
        default: return false
        }
        return true
    }
}
