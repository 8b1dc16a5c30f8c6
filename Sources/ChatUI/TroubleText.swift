import Chat

/// What is closed to us and what the desk does not do, in words.
enum TroubleText {
    /// `not in #lobby`, short enough for the status line; nil for what needs no mention there.
    static func mark(_ channel: RefusedChannel, _ chat: ChatState) -> String? {
        switch channel {
        case .inbox: "new messages come late"
        case .conversation(let name) where name.isRoom: "not in \(chat.title(of: name))"
        // Without its channel a conversation lacks typing, and messages come by the inbox.
        case .conversation(let name): name == chat.open ? "typing is not shown here" : nil
        }
    }

    /// The refusals that the status line shows, the lobby's first.
    static func marked(_ chat: ChatState) -> [(mark: String, refusal: Refusal)] {
        let lobby = RefusedChannel.conversation(chat.lobby)
        return chat.refusals.sorted {
            ($0.key != lobby ? 1 : 0, $0.value.since) < ($1.key != lobby ? 1 : 0, $1.value.since)
        }
        .compactMap { channel, refusal in mark(channel, chat).map { ($0, refusal) } }
    }

    /// A sentence without its full stop: what is refused, why, and what happens instead.
    static func sentence(_ channel: RefusedChannel, _ refusal: Refusal, _ chat: ChatState) -> String {
        let retry: String
        switch channel {
        case .conversation(let name) where name.isRoom: retry = "/enter \(chat.title(of: name)) tries again"
        case .conversation, .inbox: retry = "/reconnect tries again"
        }
        return what(channel, chat) + ": \(refusal.reason); " + (refusal.isRetried ? "trying again by itself" : retry)
            + instead(channel, chat)
    }

    private static func what(_ channel: RefusedChannel, _ chat: ChatState) -> String {
        switch channel {
        case .inbox: "New messages do not come live"
        case .conversation(let name) where name.isRoom: "Not in \(chat.title(of: name))"
        case .conversation(let name): "Not live with \(chat.title(of: name))"
        }
    }

    private static func instead(_ channel: RefusedChannel, _ chat: ChatState) -> String {
        guard !chat.isLiveOnly else { return "" }
        switch channel {
        case .inbox: return "; the desk is asked for them meanwhile"
        case .conversation(let name):
            return name.isRoom ? "; the desk is asked for messages and people meanwhile" : ""
        }
    }
}
