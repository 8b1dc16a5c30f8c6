/// The characters that are not text: lines, junctions and signs, in two styles.
///
/// `ascii` is for locales that are not UTF-8; everything in it is one ASCII character per column.
package struct Glyphs: Equatable, Sendable {
    package let horizontal: Character
    package let vertical: Character
    package let topLeft: Character
    package let topRight: Character
    package let bottomLeft: Character
    package let bottomRight: Character
    package let teeDown: Character
    package let teeUp: Character
    package let teeRight: Character
    package let teeLeft: Character
    package let cross: Character
    package let ellipsis: String
    package let online: String
    package let away: String
    package let busy: String
    package let offline: String
    package let separator: String
    package let sending: String
    package let relayed: String
    package let sent: String
    package let seen: String
    package let failed: String
    package let draft: String
    package let downArrow: String
    package let upArrow: String

    package static let unicode = Glyphs(
        horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
        teeDown: "┬", teeUp: "┴", teeRight: "├", teeLeft: "┤", cross: "┼",
        ellipsis: "…", online: "●", away: "◌", busy: "⊘", offline: "○", separator: "·",
        sending: "…", relayed: "→", sent: "✓", seen: "✓✓", failed: "!", draft: "✎",
        downArrow: "↓", upArrow: "↑")

    package static let ascii = Glyphs(
        horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
        teeDown: "+", teeUp: "+", teeRight: "+", teeLeft: "+", cross: "+",
        ellipsis: "~", online: "*", away: "z", busy: "x", offline: "o", separator: "-",
        sending: ".", relayed: ">", sent: "v", seen: "vv", failed: "!", draft: "'",
        downArrow: "v", upArrow: "^")
}
