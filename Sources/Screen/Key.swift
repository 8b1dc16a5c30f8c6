/// What came from the keyboard, the mouse or the window, as a value.
///
/// A letter typed with Shift is the capital letter without `shift`; Control and Alt letters are small unless Shift was
/// held. Enter and `Ctrl-J` are two keys. As text: `Key("Ctrl-K")`, `key.name`.
package enum Key: Hashable, Sendable {
    /// A character to type, or a chord with it: `.character("k", .control)`.
    case character(Character, Modifiers = [])
    case named(Name, Modifiers = [])
    /// Text from the clipboard; line breaks are `\n`, everything else as it came.
    case paste(String)
    case focusGained
    case focusLost
    case mouse(Mouse)
    case resize(ScreenSize)
    /// The terminal's answer to what its background is.
    case ground(Ground)

    package struct Modifiers: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let shift = Modifiers(rawValue: 1)
        package static let alt = Modifiers(rawValue: 2)
        package static let control = Modifiers(rawValue: 4)
    }

    package enum Name: Hashable, Sendable {
        case enter, tab, backspace, delete, insert, escape
        case up, down, left, right, home, end, pageUp, pageDown
        case function(Int)
    }

    /// A button or the wheel at a place on the screen.
    package struct Mouse: Hashable, Sendable {
        package enum Action: Hashable, Sendable {
            /// 0 left, 1 middle, 2 right.
            case press(Int)
            case release(Int)
            case drag(Int)
            case wheelUp, wheelDown
        }

        package let action: Action
        package let place: Position
        package let modifiers: Modifiers

        package init(_ action: Action, at place: Position, _ modifiers: Modifiers = []) {
            self.action = action
            self.place = place
            self.modifiers = modifiers
        }
    }

    package static let enter = Key.named(.enter)
    package static let tab = Key.named(.tab)
    package static let backtab = Key.named(.tab, .shift)
    package static let backspace = Key.named(.backspace)
    package static let delete = Key.named(.delete)
    package static let insert = Key.named(.insert)
    package static let escape = Key.named(.escape)
    package static let up = Key.named(.up)
    package static let down = Key.named(.down)
    package static let left = Key.named(.left)
    package static let right = Key.named(.right)
    package static let home = Key.named(.home)
    package static let end = Key.named(.end)
    package static let pageUp = Key.named(.pageUp)
    package static let pageDown = Key.named(.pageDown)

    package static func function(_ number: Int) -> Key { .named(.function(number)) }
    package static func control(_ character: Character) -> Key { .character(character, .control) }
    package static func alt(_ character: Character) -> Key { .character(character, .alt) }

    /// The character this key types, nil for everything that is not plain text.
    package var typed: Character? {
        guard case .character(let character, let modifiers) = self, modifiers.isEmpty else { return nil }
        return character
    }
}
