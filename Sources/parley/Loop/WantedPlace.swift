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
        let isSignedIn = session.identity != nil
        if isSignedIn { self.place = nil }
        guard openedAs != me, let name = name(place, me, session.chat, isSignedIn) else { return nil }
        openedAs = me
        return name
    }

    /// Which rooms there are is known once the desk has told; of one that is none of them the chat says so.
    private func name(_ place: Place, _ me: UserID, _ chat: ChatState, _ isSignedIn: Bool) -> ConversationName? {
        if let name = place.conversation(me: me, rooms: chat.rooms) { return name }
        guard isSignedIn, case .room(let room) = place else { return nil }
        return UserID(room).map { ChatRoom($0).conversation }
    }
}
