import Chat
import Screen

/// The waiting clock as it is shown, and the way to who waits longest.
extension UIState {
    enum WaitLevel: Int, Comparable, Sendable {
        case calm, long, tooLong

        static func < (a: WaitLevel, b: WaitLevel) -> Bool { a.rawValue < b.rawValue }

        /// What says it without colour.
        var mark: String {
            switch self {
            case .calm: ""
            case .long: "!"
            case .tooLong: "!!"
            }
        }

        var role: Role {
            switch self {
            case .calm: .dim
            case .long: .notice
            case .tooLong: .error
            }
        }
    }

    struct ShownWait: Equatable, Sendable {
        let name: ConversationName
        let minutes: Int
        let isExact: Bool
        let level: WaitLevel

        /// From the longest to the shortest, for a list: `waiting 2 min`, `wait 2 min`, `wait 2m`, `w2m`, and `6m!!` where
        /// there is a mark. None is a time alone, because a time alone says since when somebody is offline.
        var forms: [String] {
            let tight = Words.span(minutes: minutes).filter { $0 != " " }.replacing("min", with: "m") + level.mark
            return [long, "wait \(short)", "wait \(tight)", "w\(tight)"] + (level == .calm ? [] : [tight])
        }
        /// `2 min`, `6 min!!`.
        var short: String { Words.span(minutes: minutes) + level.mark }
        /// `waiting 2 min`, `waiting at least 1 h`.
        var long: String { "waiting " + (isExact ? "" : "at least ") + short }
    }

    /// Nil where nobody waits, or not for a minute, or for so long that it is no waiting any more.
    func wait(_ name: ConversationName, _ now: Moment) -> ShownWait? { waiting[name].flatMap { shown($0, now) } }

    /// The longest first.
    func waits(_ now: Moment) -> [ShownWait] { waiting.all.compactMap { shown($0, now) } }

    private func shown(_ wait: WaitingClock.Wait, _ now: Moment) -> ShownWait? {
        let minutes = wait.minutes(at: now.date)
        guard minutes >= 1, settings.waitForgotten == 0 || minutes < settings.waitForgotten * 60 else { return nil }
        let level: WaitLevel =
            minutes >= settings.waitAlarm ? .tooLong : minutes >= settings.waitWarning ? .long : .calm
        return ShownWait(name: wait.name, minutes: minutes, isExact: wait.isExact, level: level)
    }

    /// `4 waiting, longest 6 min`; without that word where columns are few.
    func waitSummary(_ now: Moment, isShort: Bool = false) -> Segment? {
        let waits = waits(now)
        guard let longest = waits.first else { return nil }
        let which = waits.count == 1 || isShort ? "" : "longest "
        let text = "\(waits.count) waiting, \(which)\(longest.short)"
        return Segment(text, longest.level.role)
    }

    /// Puts people who are waiting first in the list, or orders it by the last message again.
    mutating func toggleWaitingFirst(_ chat: ChatState, _ now: Moment) {
        settings.listsWaitingFirst.toggle()
        followWaiting(chat, now)
        followRoster(chat, isFrozen: false)
        if focus == .list { listCursor = roster.entry(at: 0) }
        say(
            settings.listsWaitingFirst ? "the list begins with who is waiting" : "the list is by last message", now: now
        )
    }

    /// The list follows the chat. `changed` are those whose presence changed since the last time.
    mutating func followRoster(_ chat: ChatState, presence changed: [UserID] = [], isFrozen: Bool) {
        roster.follow(chat, presence: changed, first: listedFirst, isFrozen: isFrozen)
    }

    mutating func openNextWaiting(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        waiting.follow(chat)
        let names = waitingNames(now)
        guard !names.isEmpty else {
            say("nobody is waiting for your reply", now: now)
            return []
        }
        let place = chat.open.flatMap(names.firstIndex(of:)).map { ($0 + 1) % names.count } ?? 0
        guard names[place] != chat.open else {
            say("nobody else is waiting for your reply", now: now)
            return []
        }
        return open(names[place], chat, now)
    }

    /// Who is waiting and not forgotten, the longest wait first.
    func waitingNames(_ now: Moment) -> [ConversationName] {
        waiting.all.filter { settings.waitForgotten == 0 || $0.minutes(at: now.date) < settings.waitForgotten * 60 }
            .map(\.name)
    }

    /// In the open conversation.
    mutating func settle(waiting chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let name = chat.open else {
            say("no conversation is open", isError: true, now: now)
            return []
        }
        return settle(name, chat, now)
    }

    mutating func settle(_ name: ConversationName, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        waiting.follow(chat)
        guard let wait = waiting[name] else {
            say("\(chat.title(of: name)) is not waiting for your reply", now: now)
            return []
        }
        say("\(chat.title(of: name)) needs no reply until they write again", now: now)
        return [.chat(.settle(name, through: wait.through))]
    }

    /// Everybody who waits, the longest first, in words.
    mutating func waitingPage(_ chat: ChatState, _ now: Moment) -> [String] {
        waiting.follow(chat)
        let waits = waiting.all.filter { wait in
            settings.waitForgotten == 0 || wait.minutes(at: now.date) < settings.waitForgotten * 60
        }
        guard !waits.isEmpty else { return ["nobody is waiting for your reply"] }
        return waits.map { wait in
            let minutes = wait.minutes(at: now.date)
            let span = minutes < 1 ? "less than a minute" : Words.span(minutes: minutes)
            return "\(chat.title(of: wait.name)) has been waiting for \(wait.isExact ? "" : "at least ")\(span)"
        }
    }

    /// Follows the chat, and says when what is shown of it changes by time alone.
    mutating func followWaiting(_ chat: ChatState, _ now: Moment) {
        waiting.follow(chat)
        listedFirst = settings.listsWaitingFirst ? waitingNames(now) : []
        let next = waiting.all.map { 60_000 - max(0, now.date.milliseconds - $0.since.milliseconds) % 60_000 }.min()
        minuteAt = next.map { now.uptime + .milliseconds($0) }
    }
}
