import Chat
import Screen

/// A setting that can be changed while the program runs, by the name it has in the configuration.
struct LiveSetting: Sendable {
    enum Kind: Sendable {
        case flag(any WritableKeyPath<UISettings, Bool> & Sendable)
        case number(any WritableKeyPath<UISettings, Int> & Sendable, ClosedRange<Int>)
    }

    let name: String
    let kind: Kind

    static let all: [LiveSetting] = [
        .init(name: "screen.show_typing", kind: .flag(\.showsTyping)),
        .init(name: "screen.send_typing", kind: .flag(\.sendsTyping)),
        .init(name: "screen.bell", kind: .flag(\.ringsBell)),
        .init(name: "screen.roster_width", kind: .number(\.rosterWidth, 12...60)),
        .init(name: "waiting.warn_after", kind: .number(\.waitWarning, 1...1_440)),
        .init(name: "waiting.alarm_after", kind: .number(\.waitAlarm, 1...1_440)),
        .init(name: "waiting.forget_after", kind: .number(\.waitForgotten, 0...8_760)),
        .init(name: "waiting.list_first", kind: .flag(\.listsWaitingFirst)),
        .init(name: "away.after_idle", kind: .number(\.awayWhenIdle, 0...1_440)),
        .init(name: "away.after_focus_lost", kind: .number(\.awayWhenUnfocused, 0...1_440)),
    ]

    /// By its whole name, or by what follows the table's.
    static func named(_ word: String) -> LiveSetting? {
        all.first { $0.name == word || $0.name.hasSuffix("." + word) }
    }

    func shown(_ settings: UISettings) -> String {
        switch kind {
        case .flag(let path): settings[keyPath: path] ? "true" : "false"
        case .number(let path, _): "\(settings[keyPath: path])"
        }
    }

    /// False where it cannot be that.
    func set(_ text: String, in settings: inout UISettings) -> Bool {
        switch kind {
        case .flag(let path):
            guard let value = ["true": true, "on": true, "false": false, "off": false][text.lowercased()] else {
                return false
            }
            settings[keyPath: path] = value
        case .number(let path, let range):
            guard let value = Int(text), range.contains(value) else { return false }
            settings[keyPath: path] = value
        }
        return true
    }

    var expected: String {
        switch kind {
        case .flag: "true or false"
        case .number(_, let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}

extension UIState {
    /// `/set`: all of them; with a name its value; with a value, changes it. Nil where it could not be done.
    mutating func set(_ rest: String, _ now: Moment) -> [UIEffect]? {
        let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let word = words.first else {
            let lines = LiveSetting.all.map { "\($0.name) = \($0.shown(settings))" }
            overlay = .page(title: "settings until you quit", lines: lines, scroll: 0)
            return []
        }
        guard let setting = LiveSetting.named(word) else {
            let names = LiveSetting.all.flatMap { [$0.name, String($0.name.split(separator: ".")[1])] }
            let hint = Nearest.word(to: word, in: names).map { "did you mean \($0)?" } ?? "/set lists those that can"
            say("\(word) is no setting that can be changed here; \(hint)", isError: true, now: now)
            return nil
        }
        if words.count > 1 {
            guard words.count == 2, setting.set(words[1], in: &settings) else {
                say("\(setting.name): expected \(setting.expected)", isError: true, now: now)
                return nil
            }
        }
        let width = Layout.rosterWidth(settings.rosterWidth, size)
        let isCut = setting.name == "screen.roster_width" && width < settings.rosterWidth
        let remark = isCut ? "; a window of \(size.columns) columns has room for \(width)" : ""
        say("\(setting.name) = \(setting.shown(settings))\(remark)", now: now)
        return []
    }
}
