/// What the text stands on. A terminal tells it where it can; a theme is chosen by it.
package enum Ground: Hashable, Sendable {
    case dark, light

    /// By how bright the colour seems; each part from 0 to 1.
    package init(red: Double, green: Double, blue: Double) {
        self = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 ? .light : .dark
    }

    /// The variable `COLORFGBG` as rxvt, Konsole and others set it: `15;0`, `0;default;15`. Nil where it says nothing.
    package init?(colorFGBG: String) {
        guard let last = colorFGBG.split(separator: ";", omittingEmptySubsequences: false).last, let number = Int(last),
            (0...15).contains(number)
        else { return nil }
        self = number == 7 || number >= 9 ? .light : .dark
    }

    /// The inside of an answer to OSC 11: `11;rgb:ffff/ffff/dddd`, one to four digits each; nil for anything else.
    init?(answer bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("11;rgb:") || text.hasPrefix("11;rgba:"), let colon = text.firstIndex(of: ":") else {
            return nil
        }
        let parts = text[text.index(after: colon)...].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        var values: [Double] = []
        for part in parts.prefix(3) {
            guard (1...4).contains(part.utf8.count), let value = UInt32(part, radix: 16) else { return nil }
            values.append(Double(value) / Double((1 << (4 * part.utf8.count)) - 1))
        }
        self.init(red: values[0], green: values[1], blue: values[2])
    }
}
