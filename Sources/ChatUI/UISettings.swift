package import Chat

/// How the screen behaves; every value has a default that suits most.
package struct UISettings: Equatable, Sendable {
    /// Whether peers' typing is shown, and whether ours is told.
    package var showsTyping = true
    package var sendsTyping = true
    /// How long a line has to be in front of the reader's eyes to count as seen.
    package var seenDwell: Duration = .milliseconds(500)
    /// How long after the last change a draft is written to disk.
    package var draftDelay: Duration = .milliseconds(800)
    /// How long a notice stands on the status line.
    package var noticeLife: Duration = .seconds(10)
    /// How long it hides what stands there otherwise.
    package var noticeFront: Duration = .seconds(5)
    /// Within this time a second `Ctrl-C` asks whether to quit.
    package var interruptWindow: Duration = .seconds(2)
    /// The widest the list of conversations gets; on a narrow screen it gets less (`Layout.rosterWidth`).
    package var rosterWidth = 24
    package var uses24Hours = true
    package var ringsBell = true
    /// Whether right-to-left text is put into visual order.
    package var reordersText = true
    /// After so many minutes somebody waits long, and too long, for an answer.
    package var waitWarning = 2
    package var waitAlarm = 5
    /// After so many hours nobody is waiting any more; 0 is never.
    package var waitForgotten = 24
    /// Whether the list begins with people who are waiting.
    package var listsWaitingFirst = false
    /// Minutes without a key, and without the terminal's focus, after which others see us away; 0 is never.
    package var awayWhenIdle = 10
    package var awayWhenUnfocused = 0

    package init() {}
}

/// What is known of the way to the desk, for the status line.
package struct LinkDetail: Equatable, Sendable {
    /// `local desk`, or the host of the desk.
    package var desk: String
    /// Whether anybody on this machine may be whoever they like there.
    package var isLocal: Bool
    package var latency: Duration?
    /// Whether this process hosts the local desk.
    package var isHost: Bool
    /// What to do where the connection is refused.
    package var remedy: String?

    package init(
        desk: String = "local desk", isLocal: Bool = true, latency: Duration? = nil, isHost: Bool = false,
        remedy: String? = nil
    ) {
        self.desk = desk
        self.isLocal = isLocal
        self.latency = latency
        self.isHost = isHost
        self.remedy = remedy
    }
}

/// The wall clock's offset from UTC where the reader sits.
package struct LocalZone: Equatable, Sendable {
    package var name: String
    package var offsetSeconds: @Sendable (Timestamp) -> Int

    package init(name: String, offsetSeconds: @escaping @Sendable (Timestamp) -> Int) {
        self.name = name
        self.offsetSeconds = offsetSeconds
    }

    package static let utc = LocalZone(name: "UTC") { _ in 0 }

    /// Two zones of one name are the same.
    package static func == (a: LocalZone, b: LocalZone) -> Bool { a.name == b.name }
}
