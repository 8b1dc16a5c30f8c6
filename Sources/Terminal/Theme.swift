package import Screen

/// How each role looks. Colours are the terminal's own sixteen, so that dark and light grounds both keep their contrast;
/// everything that matters also has an attribute or a sign, so that nothing is lost without colour.
package struct Theme: Equatable, Sendable {
    package enum Depth: Sendable, CaseIterable {
        case monochrome, eight, sixteen, twoHundredFiftySix
    }

    package struct Attributes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let bold = Attributes(rawValue: 1)
        package static let dim = Attributes(rawValue: 2)
        package static let underline = Attributes(rawValue: 4)
        package static let reverse = Attributes(rawValue: 8)
        package static let italic = Attributes(rawValue: 16)
    }

    package struct Style: Hashable, Sendable {
        package var attributes: Attributes
        /// A number of the palette, -1 for the terminal's own.
        package var foreground: Int
        package var background: Int

        package init(_ attributes: Attributes = [], _ foreground: Int = -1, on background: Int = -1) {
            self.attributes = attributes
            self.foreground = foreground
            self.background = background
        }
    }

    package let depth: Depth
    private var styles: [Style]

    package init(_ depth: Depth) {
        self.depth = depth
        styles = Role.allCases.map { Theme.style($0, depth) }
    }

    package subscript(role: Role) -> Style {
        get { styles[Int(role.rawValue)] }
        set { styles[Int(role.rawValue)] = newValue }
    }

    private enum Color {
        static let red = 1
        static let green = 2
        static let yellow = 3
        static let blue = 4
        static let magenta = 5
        static let cyan = 6
    }

    private static func style(_ role: Role, _ depth: Depth) -> Style {
        var style = sixteen(role)
        guard depth != .monochrome else {
            style.foreground = -1
            style.background = -1
            return style
        }
        if role == .border || role == .dim || role == .timestamp || role == .offline {
            // A grey of its own where there is one: dim is not seen everywhere.
            if depth == .twoHundredFiftySix { return Style([], role == .border ? 242 : 245) }
            if depth == .sixteen { return Style([], 8) }
        }
        return style
    }

    /// The look with the basic colours; without them the attributes alone remain.
    private static func sixteen(_ role: Role) -> Style {
        switch role {
        case .plain, .ownMessage, .input: Style()
        case .dim, .timestamp, .offline: Style(.dim)
        case .selected: Style(.reverse)
        case .border: Style(.dim)
        case .focusedBorder: Style()
        case .title: Style(.bold)
        case .peerName: Style(.bold, Color.cyan)
        case .ownName: Style(.bold, Color.green)
        case .mention: Style([.bold, .reverse], Color.yellow)
        case .unseenBadge: Style([.bold], Color.magenta)
        case .unseenRule: Style(.bold, Color.magenta)
        case .dayRule: Style(.dim)
        case .typing: Style(.italic, Color.yellow)
        case .online: Style([], Color.green)
        case .away: Style([], Color.yellow)
        case .sending: Style(.dim)
        case .delivered: Style([], Color.green)
        case .failed, .error: Style(.bold, Color.red)
        case .notice: Style([], Color.cyan)
        case .statusLine: Style()
        case .link: Style(.underline, Color.blue)
        case .prompt: Style(.bold, Color.green)
        case .mark: Style(.bold)
        case .match: Style([.reverse, .bold])
        case .key: Style(.bold)
        }
    }
}
