package import Screen

/// How each role looks on a dark or a light ground. Everything that matters also has an attribute or a sign, so that
/// nothing is lost without colour.
///
/// With 256 colours and more the numbers are those of the fixed cube, each readable on its ground whatever the terminal
/// makes of its first sixteen. With fewer, only those are used that are readable in the usual palettes.
package struct Theme: Equatable, Sendable {
    package enum Depth: Sendable, CaseIterable {
        case monochrome, eight, sixteen, twoHundredFiftySix
        /// A colour is red, green and blue in one number; the first eight stay what they are.
        case direct
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
        /// A number of the palette, or red, green and blue; -1 for the terminal's own.
        package var foreground: Int
        package var background: Int

        package init(_ attributes: Attributes = [], _ foreground: Int = -1, on background: Int = -1) {
            self.attributes = attributes
            self.foreground = foreground
            self.background = background
        }
    }

    package let depth: Depth
    package let ground: Ground
    private var styles: [Style]

    package init(_ depth: Depth, on ground: Ground = .dark) {
        self.depth = depth
        self.ground = ground
        styles = Role.allCases.map { Theme.style($0, depth, ground) }
    }

    package subscript(role: Role) -> Style {
        get { styles[Int(role.rawValue)] }
        set { styles[Int(role.rawValue)] = newValue }
    }

    private enum Hue: Int { case red, green, yellow, blue, magenta, cyan, orange, grey, line }

    private static func style(_ role: Role, _ depth: Depth, _ ground: Ground) -> Style {
        let (attributes, hue) = look(role)
        guard let hue else { return Style(attributes) }
        // A grey of its own where there is one: dim is not seen everywhere, and grey is invisible in some palettes.
        let isDim = hue == .grey || hue == .line
        switch depth {
        case .monochrome: return Style(isDim ? attributes.union(.dim) : attributes)
        case .eight, .sixteen:
            return isDim ? Style(attributes.union(.dim)) : Style(attributes, basic(hue, ground))
        case .twoHundredFiftySix: return Style(attributes, cube(hue, ground))
        case .direct: return Style(attributes, redGreenBlue(cube(hue, ground)))
        }
    }

    /// Among the first eight: on a light ground green, yellow and cyan cannot be read, on a dark one blue.
    private static func basic(_ hue: Hue, _ ground: Ground) -> Int {
        let (red, green, yellow, blue, magenta, cyan) = (1, 2, 3, 4, 5, 6)
        switch hue {
        case .red, .orange: return red
        case .green: return ground == .dark ? green : blue
        case .yellow: return ground == .dark ? yellow : magenta
        case .blue, .cyan: return ground == .dark ? cyan : blue
        case .magenta: return magenta
        case .grey, .line: return -1
        }
    }

    private static func cube(_ hue: Hue, _ ground: Ground) -> Int {
        let dark = [203, 114, 179, 110, 176, 80, 209, 246, 241]
        let light = [124, 22, 94, 25, 90, 24, 88, 241, 247]
        return (ground == .dark ? dark : light)[hue.rawValue]
    }

    /// What xterm's 256 colours look like.
    package static func redGreenBlue(_ number: Int) -> Int {
        if number >= 232 { return (8 + 10 * (number - 232)) * 0x01_0101 }
        let steps = [0, 95, 135, 175, 215, 255]
        let cell = number - 16
        return steps[cell / 36] << 16 | steps[cell / 6 % 6] << 8 | steps[cell % 6]
    }

    private static func look(_ role: Role) -> (Attributes, Hue?) {
        switch role {
        case .plain, .ownMessage, .input, .statusLine, .focusedBorder: ([], nil)
        case .dim, .timestamp, .offline, .dayRule, .sending: ([], .grey)
        case .border: ([], .line)
        case .selected: (.reverse, nil)
        case .title, .mark, .key: (.bold, nil)
        case .peerName: (.bold, .cyan)
        case .ownName, .prompt: (.bold, .green)
        case .mention: ([.bold, .reverse], .yellow)
        case .unseenBadge, .unseenRule: (.bold, .magenta)
        case .typing: (.italic, .yellow)
        case .online, .delivered: ([], .green)
        case .away: ([], .yellow)
        case .failed, .error: (.bold, .red)
        case .notice: ([], .cyan)
        case .link: (.underline, .blue)
        case .match: ([.reverse, .bold], nil)
        case .code: ([], .yellow)
        case .person1: (.bold, .cyan)
        case .person2: (.bold, .yellow)
        case .person3: (.bold, .magenta)
        case .person4: (.bold, .blue)
        case .person5: (.bold, .green)
        case .person6: (.bold, .orange)
        }
    }
}

extension Theme.Style {
    /// The same as `CSI … m`, after everything else is reset.
    func sequence(_ depth: Theme.Depth) -> String {
        var numbers = [0]
        let signs: [(Theme.Attributes, Int)] = [(.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7)]
        for (attribute, number) in signs where attributes.contains(attribute) { numbers.append(number) }
        for (color, base) in [(foreground, 30), (background, 40)] where color >= 0 {
            if color < 8 {
                numbers.append(base + color)
            } else if depth == .direct {
                numbers += [base + 8, 2, color >> 16 & 255, color >> 8 & 255, color & 255]
            } else {
                numbers += [base + 8, 5, color]
            }
        }
        return "\u{1B}[" + numbers.map(String.init).joined(separator: ";") + "m"
    }
}
