import Chat
import ChannelsClient
import ChannelsProtocol

// What keeps the desk, the engine or the authorization endpoint from doing its part, said for as long as it lasts.

extension Session {
    /// How long a desk in trouble is left alone before it is asked again, and as much again at random.
    private static let deskCheckPause: Duration = .seconds(5)

    /// Whether the engine is another program than the desk, so that each can fail alone.
    var isEngineElsewhere: Bool { plain == nil && identity?.host != nil }

    // MARK: The desk

    mutating func noteFault(_ failure: DeskFailure, at call: DeskCall, now: Moment) {
        guard let reason = failure.deskFault, plain == nil, chat.link.isOnline, !call.isSearch else { return }
        // A desk that is its own engine is silent because it ends or stands still: the connection tells that itself.
        guard isEngineElsewhere || failure.code != DeskFailure.unanswered else { return }
        // While the desk is polled, it is the link.
        if case .changes = call, !polling.isBeside { return }
        // A desk that says nothing says nothing of its store either: any answer ends that.
        let isStoring = call.isStoring && failure.code != DeskFailure.unanswered
        tell(.deskFailed(reason: reason, isStoring: isStoring), now: now)
        if deskCheckAt == nil { deskCheckAt = nextDeskCheck(now) }
    }

    mutating func noteAnswer(to call: DeskCall, now: Moment) {
        guard chat.deskFault != nil else { return }
        tell(.deskAnswered(isStoring: call.isStoring), now: now)
        if chat.deskFault == nil { deskCheckAt = nil }
    }

    /// Nothing else may be asked of it for hours.
    mutating func checkDesk(now: Moment) {
        deskCheckAt = nil
        guard chat.deskFault != nil else { return }
        deskCheckAt = nextDeskCheck(now)
        askIdentity()
    }

    private mutating func nextDeskCheck(_ now: Moment) -> Duration {
        now.uptime + Self.deskCheckPause * (1 + ids.fraction())
    }

    // MARK: Channels

    /// A subscription failed, for good or until the next attempt.
    mutating func refused(_ channel: ChannelName, reason: String, now: Moment) {
        effects.append(.log("\(channel): \(reason)"))
        if plain != nil, channel == wire(chat.lobby) { return notAdmitted(reason, now: now) }
        let isRetried = if case .retrying = connection.subscription(channel) { true } else { false }
        let isInbox = ConversationName.inboxOwner(channel: channel.text) != nil
        settlePolling(now: now)
        if isRetried, chat.deskFault != nil {
            // The desk did not sign: that is said of the desk.
        } else if isInbox {
            tell(.subscriptionRefused(.inbox, reason: reason, isRetried: isRetried), now: now)
        } else if let name = conversation(of: channel), channel == messageChannel(name) {
            // Without a conversation's other channel there is no typing, and nothing is missing.
            tell(.subscriptionRefused(.conversation(name), reason: reason, isRetried: isRetried), now: now)
        }
        // Without an inbox the list is all there is to go by.
        if isInbox { tell(.inboxReady, now: now) }
    }

    // MARK: An application without a desk

    /// The presence channel does not let us in: nobody sees us, calls us or hears us.
    private mutating func notAdmitted(_ reason: String, now: Moment) {
        switch connection.subscription(wire(chat.lobby)) {
        case .retrying(let at, _): tell(.linkChanged(.notAdmitted(reason: reason, retryAt: at)), now: now)
        case .failed: refuse(DeskFailure(.refused, reason), now: now)
        case .idle, .authorizing, .pending, .subscribed, nil: break
        }
    }

    /// Whose answer is awaited before an application without a desk lets us in; nil where none is.
    package var awaitedAnswer: String? {
        guard let settings = plain?.settings, connection.status.socketID != nil else { return nil }
        switch connection.subscription(settings.channel(settings.lobby)) {
        case .authorizing: return "the authorization endpoint has not answered yet"
        case .pending: return "the engine has not answered yet"
        case .idle, .subscribed, .retrying, .failed, nil: return nil
        }
    }

    /// The presence channel let us in, or we do not want to be there.
    mutating func admitted(now: Moment) {
        guard plain != nil, connection.status.socketID != nil, !chat.link.isOnline, !isSignedOut else { return }
        tell(.linkChanged(.online), now: now)
        tell(.inboxReady, now: now)
    }
}
