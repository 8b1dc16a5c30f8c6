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
    /// The conversation a place is for `me`; refused in a sentence where it is oneself, or no room of this desk.
    func conversation(_ place: Place, _ me: Identity) throws(Failure) -> ConversationName {
        let name = try me.conversation(place, at: target.name)
        // The local desk makes whoever is written to; a comma may be part of an id, and mostly is none.
        if target.localFolder != nil, case .peer(let id) = place, id.text.contains(","),
            try !people().contains(where: { $0.id == id })
        {
            let names = id.text.split(separator: ",").joined(separator: " and ")
            throw Failure(.usage, "\(id): there is no such user; if \(names) are meant, give them one at a time")
        }
        return name
    }

    /// Everybody who can be written to, or who is in the room that `call` asks for.
    func people(_ call: DeskCall = .users) throws(Failure) -> [DeskUser] {
        try ask(call) { status, body throws(DeskFailure) in try DeskReply.people(status: status, body: body) }
    }
}

extension Identity {
    /// The conversation a place is for this user at `desk`; refused in a sentence where it is oneself, or no room there.
    func conversation(_ place: Place, at desk: String) throws(Failure) -> ConversationName {
        if let name = place.conversation(me: id, rooms: rooms) { return name }
        guard case .room = place else {
            throw Failure(.usage, "\(id): that is you; there is no conversation with oneself")
        }
        let names = rooms.prefix(10).map { "#" + $0.name }.joined(separator: " ")
        let more = rooms.count > 10 ? " and \(rooms.count - 10) more" : ""
        throw Failure(.noSuchUser, "\(place.argument): is no room for \(id) at \(desk); there are \(names)\(more)")
    }
}
