import ArgumentParser
import ChannelsProtocol
import Chat
import ChatSession

/// The option of every verb that prints data.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object a line.")
    var json = false
}

extension DeskClient {
    /// The conversation a place is for `me`; refused in a sentence where it is oneself.
    func conversation(_ place: Place, _ me: Identity) throws(Failure) -> ConversationName {
        guard let name = place.conversation(me: me.id, lobby: me.lobby) else {
            throw Failure.oneself(me.id)
        }
        return name
    }
}

extension Failure {
    static func oneself(_ me: UserID) -> Failure {
        Failure(.usage, "\(me): that is you; there is no conversation with oneself")
    }
}
