package import Chat

extension UIState {
    /// What the status line tells for a while; nil when nothing is.
    package var noticeText: String? { notice?.text }

    /// Says that something the loop was asked for did not work.
    package mutating func show(_ text: String, now: Moment) { say(text, now: now) }

    package mutating func show(error: String, now: Moment) { say(error, isError: true, now: now) }

    /// What has to be kept before the screen goes.
    package mutating func closing() -> [UIEffect] {
        draftDue.keys.sorted { $0.channel < $1.channel }.flatMap { saveDraft($0) }
            + (shown.map { saveScroll($0) } ?? [])
    }
}
