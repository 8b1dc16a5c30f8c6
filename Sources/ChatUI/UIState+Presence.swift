import Chat
import Screen

/// Whether the reader is at the keyboard, as far as a terminal can tell.
struct OwnPresence: Equatable, Sendable {
    /// The last key, or the moment the terminal got the focus.
    var activeAt: Duration?
    var unfocusedAt: Duration?
    /// We said that we are away without being asked to, and take it back by ourselves.
    var isAutomatic = false
}

/// Available, busy, away: by command, and by itself after a while without a key.
extension UIState {
    /// Nobody is to be disturbed.
    func isQuiet(_ chat: ChatState) -> Bool { chat.ownAvailability?.state == .busy }

    /// The conversation before the reader's eyes.
    func looksAt(_ chat: ChatState) -> ConversationName? {
        isFocused && !presence.isAutomatic ? chat.open : nil
    }

    mutating func say(_ state: Availability.State, _ text: String, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        presence.isAutomatic = false
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
        guard presence.isAutomatic else { return [] }
        presence.isAutomatic = false
        return [.chat(.setAvailability(Availability(.available, since: now.date)))]
    }

    /// When we are away by ourselves; nil where that is switched off, or was said already.
    func awayAt(_ chat: ChatState) -> Duration? {
        guard chat.ownAvailability?.state ?? .available == .available else { return nil }
        var times: [Duration] = []
        if settings.awayWhenIdle > 0, let active = presence.activeAt {
            times.append(active + .seconds(60 * settings.awayWhenIdle))
        }
        if settings.awayWhenUnfocused > 0, !isFocused, let lost = presence.unfocusedAt {
            times.append(lost + .seconds(60 * settings.awayWhenUnfocused))
        }
        return times.min()
    }

    mutating func goAwayWhenDue(_ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let time = awayAt(chat), time <= now.uptime else { return [] }
        presence.isAutomatic = true
        return [.chat(.setAvailability(Availability(.away, since: now.date)))]
    }
}
