/// Whether somebody who is connected can be talked to just now, in their own words.
package struct Availability: Equatable, Sendable {
    package enum State: String, CaseIterable, Sendable {
        case available, busy, away
    }

    package var state: State
    /// Since when, by the clock of whoever said it.
    package var since: Timestamp
    /// What they said of it, one short line; empty where they said nothing.
    package var text: String

    /// Unicode scalars of `text`; more is cut.
    package static let maxText = 120

    package init(_ state: State, since: Timestamp, text: String = "") {
        self.state = state
        self.since = since
        self.text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.maxText)))
    }
}

/// What we say of ourselves, and when the others have to hear it: on every change and after somebody came, but not more
/// often than once in `interval`.
struct OwnAvailability: Equatable, Sendable {
    static let interval: Duration = .seconds(2)
    /// After somebody came all who are not available tell it: each a little later than the other.
    static let spread = 1_000

    private(set) var value: Availability?
    private var saidAt: Duration?
    private(set) var due: Duration?
    /// Whether the others may believe something else than that we are available.
    private var isHeld = false
    /// We are here with another terminal too: nobody was told that this one came, so that nobody says what they are.
    var hasToAsk = false

    mutating func set(_ new: Availability, now: Duration) {
        guard new.state != value?.state ?? .available || new.text != value?.text ?? "" else { return }
        value = new
        plan(at: now, now: now)
    }

    /// Another terminal of ours said it.
    mutating func adopt(_ new: Availability) {
        guard value.map({ new.since >= $0.since }) ?? true else { return }
        value = new
        isHeld = new.state != .available
    }

    /// Those who came, or all of them after we came, do not know.
    mutating func othersCame(me: UserID?, now: Duration) {
        guard isHeld || (value?.state ?? .available) != .available else { return }
        let share = me?.text.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } ?? 0
        plan(at: now + .milliseconds(share % Self.spread), now: now)
    }

    private mutating func plan(at time: Duration, now: Duration) {
        let soonest = max(time, saidAt.map { $0 + Self.interval } ?? time)
        due = min(due ?? soonest, soonest)
    }

    /// What has to be said now.
    mutating func take(now: Duration) -> Availability? {
        guard let time = due, time <= now, let value else { return nil }
        due = nil
        saidAt = now
        isHeld = value.state != .available
        return value
    }

    /// We are out of the lobby: whoever is there forgets what we said.
    mutating func left() { due = nil }
}

extension ChatState {
    /// What we say of ourselves.
    package var ownAvailability: Availability? { own.value }

    mutating func setAvailability(_ new: Availability, now: Moment) -> [ChatRequest] {
        own.set(new, now: now.uptime)
        return sayAvailability(now: now)
    }

    mutating func sayAvailability(now: Moment) -> [ChatRequest] {
        guard link.isOnline, wantsLobby, let value = own.take(now: now.uptime) else { return [] }
        return [.tellAvailability(value)]
    }

    /// Once we are in the lobby, and know of our other terminals.
    mutating func askAvailability() -> [ChatRequest] {
        guard own.hasToAsk, roster.isKnown else { return [] }
        own.hasToAsk = false
        return [.askAvailability]
    }

    mutating func heard(_ new: Availability, from user: UserID) -> [ChatRequest] {
        if user == me { own.adopt(new) }
        guard roster.setAvailability(new, of: user) else { return [] }
        return user == me ? [] : [.notice(.availability(user, new))]
    }
}
