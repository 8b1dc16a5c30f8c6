/// What a cell is, not how it looks: a theme turns roles into colours and attributes, and a test reads them as letters.
///
/// To add one: a case, its letter, and a line in `Theme`.
package enum Role: UInt8, CaseIterable, Sendable {
    case plain, dim, selected, border, focusedBorder, title
    case peerName, ownName, mention, ownMessage
    case unseenBadge, unseenRule, dayRule, timestamp
    case typing, online, away, offline
    case sending, delivered, failed
    case notice, error, statusLine, link, input, prompt, mark, match, key, code
    /// Names of people in a room, so that one is told from another at a glance.
    case person1, person2, person3, person4, person5, person6

    package static let persons: [Role] = [.person1, .person2, .person3, .person4, .person5, .person6]

    /// The letter of this role in `Screen.roles`; no two roles share one.
    package var letter: Character {
        switch self {
        case .plain: "·"
        case .dim: "-"
        case .selected: "S"
        case .border: "b"
        case .focusedBorder: "f"
        case .title: "T"
        case .peerName: "P"
        case .ownName: "O"
        case .mention: "@"
        case .ownMessage: "o"
        case .unseenBadge: "B"
        case .unseenRule: "R"
        case .dayRule: "D"
        case .timestamp: "t"
        case .typing: "y"
        case .online: "n"
        case .away: "a"
        case .offline: "x"
        case .sending: "s"
        case .delivered: "v"
        case .failed: "!"
        case .notice: "N"
        case .error: "E"
        case .statusLine: "_"
        case .link: "l"
        case .input: "i"
        case .prompt: ">"
        case .mark: "m"
        case .match: "h"
        case .key: "k"
        case .code: "c"
        case .person1: "1"
        case .person2: "2"
        case .person3: "3"
        case .person4: "4"
        case .person5: "5"
        case .person6: "6"
        }
    }
}
