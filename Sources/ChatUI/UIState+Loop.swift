package import Chat
import Screen

extension UIState {
    /// What the status line tells for a while; nil when nothing is.
    package var noticeText: String? { notice?.text }

    /// Whether that is something that could not be done.
    package var complaint: Complaint? { notice?.complaint }

    var complains: Bool { complaint != nil }

    /// Says that something the loop was asked for did not work.
    package mutating func show(_ text: String, now: Moment) { say(text, now: now) }

    package mutating func show(error: String, now: Moment) { say(error, isError: true, now: now) }

    /// The same where it is too long for the status line.
    package mutating func show(page title: String, text: String) {
        let lines = TextWrap.wrap(text, max(10, size.columns - 4)).map(String.init)
        overlay = .page(title: title, lines: lines, scroll: 0)
    }

    /// What has to be kept before the screen goes.
    package mutating func closing() -> [UIEffect] {
        draftDue.keys.sorted { $0.channel < $1.channel }.flatMap { saveDraft($0) }
            + (shown.map { saveScroll($0) } ?? [])
    }
}
