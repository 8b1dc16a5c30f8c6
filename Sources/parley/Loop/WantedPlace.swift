import Chat
import ChatSession

/// The conversation that `--with` named, opened as soon as it is known who we are; and once more where the user of the last
/// time turns out to be somebody else.
struct WantedPlace {
    private var place: Place?
    private var openedAs: UserID?

    init(_ place: Place?) { self.place = place }

    /// What is to be opened now, if anything.
    mutating func take(_ session: Session) -> ConversationName? {
        guard let place, let me = session.chat.me else { return nil }
        if session.identity != nil { self.place = nil }
        guard openedAs != me else { return nil }
        openedAs = me
        return place.conversation(me: me, lobby: session.chat.lobby)
    }
}
