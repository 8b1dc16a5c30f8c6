import Chat
import ChatSession

/// One message in an application without a desk, on a loop of its caller's: said once there is a connection, and settled
/// when somebody confirms it, or nobody did in time.
struct PlainDelivery {
    enum Outcome {
        /// The message as it stands here now; in a room nobody confirms it.
        case said(Message)
        case failed(reason: String)
    }

    /// As long as the session waits for a confirmation, and a moment more.
    static let patience: Duration = .seconds(11)

    let place: Place
    let text: String
    let clientID: String
    private var isSaid = false

    init(_ text: String, to place: Place, clientID: String) {
        (self.text, self.place, self.clientID) = (text, place, clientID)
    }

    /// To be called whenever something may have changed; `notices` are those since the last time.
    mutating func step(_ runner: SessionRunner, _ notices: [ChatNotice]) throws(Failure) -> Outcome? {
        let chat = runner.session.chat
        if !isSaid, chat.roster.isKnown, let identity = runner.session.identity {
            let name = try identity.conversation(place, at: identity.host ?? "")
            guard !name.isRoom || chat.isKnown(name) else {
                if !chat.isIn(name) { runner.perform(.follow(name, after: nil)) }
                return nil
            }
            isSaid = true
            runner.perform(.send(name, text: text, clientID: clientID))
        }
        for notice in notices {
            switch notice {
            case .sent(let message) where message.clientID == clientID: return .said(message)
            case .failed(let message, let reason) where message.clientID == clientID: return .failed(reason: reason)
            default: continue
            }
        }
        return nil
    }

    /// Says it and waits for the end of that, on a connection of its own.
    mutating func run(_ route: DeskRoute, within limit: Duration) throws -> Message {
        let loop = VerbLoop(route: route, joinsLobby: true)
        var outcome: Outcome?
        _ = try loop.run(until: Now.uptime + limit) { () throws(Failure) in
            outcome = try step(loop.runner, loop.runner.takeNotices())
            return outcome != nil
        }
        switch outcome {
        case .said(let message): return message
        case .failed(let reason): throw Self.failure(reason)
        case nil:
            throw isSaid
                ? Self.failure("not confirmed in time; it may have arrived") : PlainRoster.outside(loop, limit)
        }
    }

    static func failure(_ reason: String) -> Failure {
        Failure(reason.hasPrefix("not confirmed") ? .tryAgain : .refused, reason)
    }
}
