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

    /// Set by a program because nobody used it, not by the person: a key in any of their terminals ends it.
    package var isAutomatic: Bool

    /// Unicode scalars of `text`; more is cut.
    package static let maxText = 120

    package init(_ state: State, since: Timestamp, text: String = "", isAutomatic: Bool = false) {
        self.state = state
        self.since = since
        self.isAutomatic = isAutomatic
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
    /// Until when this terminal is in use if no further key comes; nil where it never said.
    var activeUntil: Duration?
    /// The same of this user's other terminals, by session.
    private var others: [String: Duration] = [:]
    /// The other terminals have to be asked until when they are in use.
    var asksForActivity = false

    static let maxOthers = 100

    /// Until when any other terminal is in use; nil where none is known.
    var othersActiveUntil: Duration? { others.values.max() }

    mutating func noteOther(_ session: String, until: Duration, now: Duration) {
        others = others.filter { $0.value > now }
        guard others[session] != nil || others.count < Self.maxOthers else { return }
        others[session] = until > now ? until : nil
    }

    mutating func set(_ new: Availability, now: Duration) {
        guard
            new.state != value?.state ?? .available || new.text != value?.text ?? ""
                || new.isAutomatic != value?.isAutomatic ?? false
        else { return }
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

    mutating func heard(_ new: Availability, from user: UserID, now: Moment) -> [ChatRequest] {
        let isNews = roster.setAvailability(new, of: user)
        guard user == me else { return isNews ? [.notice(.availability(user, new))] : [] }
        own.adopt(new)
        if new.state == .available {
            // Somebody is at that terminal; one that tells more says so itself.
            own.noteOther("", until: now.uptime + Self.assumedActivity, now: now.uptime)
        }
        guard own.value?.isAutomatic == true, let until = own.activeUntil, until > now.uptime else { return [] }
        // The other terminal did not know that this one is in use.
        return setAvailability(Availability(.available, since: now.date), now: now)
    }
}

/// Which terminals of this user are in use. They tell each other in the inbox, because the user is away only when none is.
extension ChatState {
    /// How much later than it said a terminal may still be in use: not every key is told.
    package static let activitySlack: Duration = .seconds(30)
    /// How long a terminal counts as in use after it said that the user is available.
    static let assumedActivity: Duration = .seconds(600)

    /// The last moment at which another terminal of this user may still be in use; nil where none is known.
    package var othersActiveUntil: Duration? { own.othersActiveUntil.map { $0 + Self.activitySlack } }

    /// This terminal is in use until then if no further key comes.
    mutating func setActive(until: Duration, now: Moment) -> [ChatRequest] {
        own.activeUntil = until
        return own.othersActiveUntil != nil || own.asksForActivity ? tellActivity(now: now) : []
    }

    /// Asks the other terminals, now or as soon as it is known until when this one is in use.
    mutating func askForActivity(now: Moment) -> [ChatRequest] {
        own.asksForActivity = true
        return own.activeUntil == nil ? [] : tellActivity(now: now)
    }

    mutating func heardActivity(_ session: String, for span: Duration, asks: Bool, now: Moment) -> [ChatRequest] {
        own.noteOther(session, until: now.uptime + span, now: now.uptime)
        return asks && own.activeUntil != nil ? tellActivity(now: now) : []
    }

    private mutating func tellActivity(now: Moment) -> [ChatRequest] {
        guard link.isOnline, let until = own.activeUntil else { return [] }
        let asks = own.asksForActivity
        own.asksForActivity = false
        return [.tellActivity(for: max(.zero, until - now.uptime), asks: asks)]
    }
}
