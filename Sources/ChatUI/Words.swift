import Chat

/// Times and spans as people read them.
enum Words {
    /// Somebody with this user's token connected.
    static func opened(_ session: OwnSession) -> String {
        "you are now connected from \(session.from) as well" + (session.client.isEmpty ? "" : " (\(session.client))")
    }

    static func unknown(_ user: UserID) -> String { "there is no user \"\(user)\" on this desk" }

    /// A room in a sentence.
    static func room(_ name: ConversationName, _ chat: ChatState) -> String {
        name == chat.lobby ? "the lobby" : chat.title(of: name)
    }

    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `10:14`, or `10:14am`.
    static func clock(_ time: CalendarTime, uses24Hours: Bool) -> String {
        guard !uses24Hours else { return "\(two(time.hour)):\(two(time.minute))" }
        let hour = time.hour % 12 == 0 ? 12 : time.hour % 12
        return "\(two(hour)):\(two(time.minute))\(time.hour < 12 ? "am" : "pm")"
    }

    static func clockWithSeconds(_ time: CalendarTime) -> String {
        "\(two(time.hour)):\(two(time.minute)):\(two(time.second))"
    }

    /// `Friday 20 November`, with the year where it is not `currentYear`.
    static func day(_ time: CalendarTime, currentYear: Int) -> String {
        let day = "\(days[time.weekday]) \(time.day) \(months[time.month - 1])"
        return time.year == currentYear ? day : "\(day) \(time.year)"
    }

    /// `now`, `5 min`, `1 h`, `3 d`: one unit, rounded down.
    static func age(from start: Timestamp, to end: Timestamp) -> String {
        let seconds = max(0, end.milliseconds - start.milliseconds) / 1000
        return switch seconds {
        case ..<60: "now"
        case ..<3_600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// `20 Nov`, or `20 Nov 2025` where the year is not `currentYear`.
    static func date(_ time: CalendarTime, currentYear: Int) -> String {
        let day = "\(time.day) \(months[time.month - 1].prefix(3))"
        return time.year == currentYear ? day : "\(day) \(time.year)"
    }

    /// `2 min`, `3 h`, `1 d`: one unit, rounded down.
    static func span(minutes: Int) -> String {
        minutes < 60 ? "\(minutes) min" : minutes < 1_440 ? "\(minutes / 60) h" : "\(minutes / 1_440) d"
    }

    /// `3 ms`, `1.2 s`.
    static func latency(_ duration: Duration) -> String {
        let parts = duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        if milliseconds < 1 { return "<1 ms" }
        return milliseconds < 1000 ? "\(milliseconds) ms" : "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    /// `bob`, `bob and carol`, `bob, carol and 3 others`.
    static func list(_ names: [String]) -> String {
        switch names.count {
        case 0: ""
        case 1: names[0]
        case 2: "\(names[0]) and \(names[1])"
        case 3: "\(names[0]), \(names[1]) and \(names[2])"
        default: "\(names[0]), \(names[1]) and \(names.count - 2) others"
        }
    }

    static func count(_ count: Int, _ one: String, _ many: String) -> String {
        count == 1 ? "1 \(one)" : "\(count) \(many)"
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
