import Chat
import Screen

/// What stands at the right of a name in the list: since when they are waiting, unseen messages, typing, presence.
///
/// Where columns are few the name is shortened first, then the count of unseen messages becomes `+`; the wait is the last to
/// go.
struct RosterNotes {
    /// What may stand there, and how many columns of the name have to be left for it; the whole name where that is nil.
    private struct Choice {
        var notes: [Segment]
        var name: Int?
    }

    private var choices: [Choice] = []

    init(_ scene: Scene, _ name: ConversationName, _ peer: Roster.Peer?) {
        let unseen = scene.chat.conversations[name]?.unseen ?? 0
        let badge = unseen > 0 ? [Segment(Self.badge(unseen), .unseenBadge)] : []
        let isTyping = peer.map { scene.chat.typing.typists(in: name).contains($0.id) } ?? false
        let typing =
            isTyping && scene.settings.showsTyping
            ? [Segment("typing\(scene.glyphs.ellipsis)", .typing)] : []
        if let wait = scene.ui.wait(name, scene.now) {
            addWait(wait, typing: typing, badge: badge)
        } else if !typing.isEmpty {
            choices += [Choice(notes: typing + badge), Choice(notes: badge, name: 2)]
        } else if !badge.isEmpty {
            choices.append(Choice(notes: badge, name: 2))
        } else if let peer {
            choices += Self.presence(peer, scene).map { Choice(notes: [Segment($0, .dim)]) }
        }
    }

    private mutating func addWait(_ wait: UIState.ShownWait, typing: [Segment], badge: [Segment]) {
        let forms = wait.forms.map { Segment($0, wait.level.role) }
        guard let tight = forms.last else { return }
        if let long = typing.first {
            choices += forms.map { Choice(notes: typing + [$0] + badge) }
            // What is left of the word.
            choices += forms.map { Choice(notes: [$0, Segment(String(long.text.suffix(1)), .typing)] + badge) }
        }
        choices += forms.map { Choice(notes: [$0] + badge) }
        choices.append(Choice(notes: [tight] + badge, name: 5))
        if !badge.isEmpty { choices.append(Choice(notes: [tight, Segment("+", .unseenBadge)], name: 3)) }
        choices.append(Choice(notes: [tight], name: 2))
        choices.append(Choice(notes: [tight], name: 0))
    }

    /// Never a time alone while somebody is here: in this list that is how long they have been gone.
    private static func presence(_ peer: Roster.Peer, _ scene: Scene) -> [String] {
        guard peer.isOnline else { return peer.since.map { [Words.age(from: $0, to: scene.now.date)] } ?? [] }
        guard let told = peer.availability, told.state != .available else { return [] }
        let state = told.state.rawValue
        return told.state == .busy ? [state] : ["\(state) \(Words.age(from: told.since, to: scene.now.date))", state]
    }

    static func badge(_ unseen: Int) -> String { "(\(unseen > 999 ? "999+" : String(unseen)))" }

    /// The first choice that fits into so many columns together with the name, or with what has to be left of it.
    ///
    /// - Parameter gap: blanks before a count.
    func fitting(_ columns: Int, besideName name: Int, gap: Int) -> [Segment] {
        let choice = choices.first { choice in
            let width = choice.notes.reduce(0) {
                $0 + TextWidth.of($1.text) + ($1.role == .unseenBadge ? gap : 1)
            }
            return width + min(name, choice.name ?? name) <= columns
        }
        return choice?.notes ?? []
    }
}
