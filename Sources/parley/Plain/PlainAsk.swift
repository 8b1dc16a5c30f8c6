import Chat
import ChatSession

/// A question where there is no desk: a message that names the choices. The answer is the peer's first message after it
/// that is one of them.
struct PlainAsk {
    let peer: UserID
    let text: String
    let choices: [String]
    let clientID: String
    let timeout: Duration
    let grace: Duration

    func run(_ route: DeskRoute) throws -> (AskOutcome, Message) {
        let loop = VerbLoop(route: route, joinsLobby: true)
        var delivery = PlainDelivery(text, to: .peer(peer), clientID: clientID)
        var question: Message?
        var outcome: AskOutcome?
        var presence = PeerPresence()
        let next = { presence.leftAt(grace) }
        _ = try loop.run(until: Now.uptime + timeout, next: next) { () throws(Failure) in
            let notices = loop.runner.takeNotices()
            switch question == nil ? try delivery.step(loop.runner, notices) : nil {
            case .said(let message): question = message
            case .failed(let reason): throw PlainDelivery.failure(reason)
            case nil: break
            }
            if let question { outcome = notices.lazy.compactMap { answer($0, to: question) }.first }
            if outcome != nil { return true }
            let roster = loop.runner.session.chat.roster
            presence.note(isOnline: roster.isKnown ? roster.isOnline(peer) : nil, now: Now.uptime)
            guard question != nil, let left = presence.leftAt(grace), left <= Now.uptime else { return false }
            outcome = .peerLeft
            return true
        }
        guard let question else { throw PlainRoster.outside(loop, timeout) }
        return (outcome ?? .timedOut, question)
    }

    private func answer(_ notice: ChatNotice, to question: Message) -> AskOutcome? {
        guard case .message(let message) = notice, message.conversation == question.conversation, message.from == peer,
            message.seq > question.seq
        else { return nil }
        let words = message.text?.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return choices.first { $0.lowercased() == words }.map { .answered(message, choice: $0) }
    }
}
