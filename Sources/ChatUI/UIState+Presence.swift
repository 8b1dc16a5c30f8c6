import Chat
import Screen

/// Whether the reader is at the keyboard, as far as a terminal can tell.
struct OwnPresence: Equatable, Sendable {
    /// The last key, or the moment the terminal got the focus.
    var activeAt: Duration?
    var unfocusedAt: Duration?
    /// Until when this user's other terminals were told that this one is in use.
    var toldUntil: Duration?
}

/// Available, busy, away: by command, and by itself after a while without a key.
extension UIState {
    /// Nobody is to be disturbed.
    func isQuiet(_ chat: ChatState) -> Bool { chat.ownAvailability?.state == .busy }

    /// The conversation before the reader's eyes.
    func looksAt(_ chat: ChatState, _ now: Moment) -> ConversationName? {
        isFocused && idleAt.map { now.uptime < $0 } ?? true ? chat.open : nil
    }

    mutating func say(_ state: Availability.State, _ text: String, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        let line = Self.trimmed(text.split(whereSeparator: \.isNewline).joined(separator: " "))
        guard line.unicodeScalars.count <= Availability.maxText else {
            say("at most \(Availability.maxText) characters are told with it", isError: true, now: now)
            return []
        }
        let words =
            switch state {
            case .available: "others see that you are available"
            case .busy: "others see that you are busy, and nothing rings"
            case .away: "others see that you are away; /back ends it"
            }
        say(words, now: now)
        return [.chat(.setAvailability(Availability(state, since: now.date, text: line)))]
    }

    /// A key came, or the focus.
    mutating func noteActivity(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        presence.activeAt = now.uptime
        let told = tellActivity(now)
        guard let own = chat.ownAvailability, own.isAutomatic, own.state != .available else { return told }
        return told + [.chat(.setAvailability(Availability(.available, since: now.date)))]
    }

    /// Tells this user's other terminals until when this one is in use, where that has moved far enough.
    mutating func tellActivity(_ now: Moment) -> [UIEffect] {
        let until = idleAt ?? now.uptime + Self.unlimitedActivity
        let moved = presence.toldUntil.map { $0 < until ? until - $0 : $0 - until }
        guard moved.map({ $0 >= ChatState.activitySlack }) ?? true else { return [] }
        presence.toldUntil = until
        return [.chat(.active(until: until))]
    }

    /// What a terminal that is never idle tells with each key.
    private static let unlimitedActivity: Duration = .seconds(3_600)

    /// When this terminal is idle if nothing happens until then; nil where it never is.
    var idleAt: Duration? {
        var times: [Duration] = []
        if settings.awayWhenIdle > 0, let active = presence.activeAt {
            times.append(active + .seconds(60 * settings.awayWhenIdle))
        }
        if settings.awayWhenUnfocused > 0, !isFocused, let lost = presence.unfocusedAt {
            times.append(lost + .seconds(60 * settings.awayWhenUnfocused))
        }
        return times.min()
    }

    /// When the user is away without having said so: when all their terminals are idle. Nil where that is switched off, or
    /// where something else was said.
    func awayAt(_ chat: ChatState) -> Duration? {
        guard chat.ownAvailability?.state ?? .available == .available, let idleAt else { return nil }
        return max(idleAt, chat.othersActiveUntil ?? idleAt)
    }

    mutating func goAwayWhenDue(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let time = awayAt(chat), time <= now.uptime else { return [] }
        return [.chat(.setAvailability(Availability(.away, since: now.date, isAutomatic: true)))]
    }
}
