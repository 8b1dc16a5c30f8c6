import Chat
import Screen

/// Answering a question: with one key at its message, or with `/answer` and `/decline`.
extension UIState {
    mutating func showQuestion(_ chat: ChatState, _ now: Moment) {
        guard let name = chat.open, let asked = chat.conversation(name).openQuestion(for: chat.me) else {
            say("no question waits for your answer here", now: now)
            return
        }
        enterMessages(chat)
        let flow = flow(chat, name)
        guard let index = flow.index(of: .message(seq: asked.seq)) else { return }
        change(name) { $0.selection = flow.id(index) }
        moveSelection(0, chat)
    }

    mutating func choose(_ key: Key, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let index = keys.index(of: key, for: .chooseAnswer) else { return [] }
        return answerSelected(index + 1, chat, now)
    }

    /// - Parameter number: of the choice, counted from 1; nil declines.
    mutating func answerSelected(_ number: Int?, _ chat: ChatState, _ now: Moment) -> [UIEffect] {
        guard let name = chat.open, case .message(let seq) = view(name).selection,
            let message = chat.conversation(name).messages.last(where: { $0.seq == seq }),
            let question = message.question, message.from != chat.me
        else {
            say("this message asks nothing of you", now: now)
            return []
        }
        guard chat.conversation(name).isOpenQuestion(message, me: chat.me) else {
            say("this question has its answer", now: now)
            return []
        }
        guard let number else { return answer(message, nil, name, chat) }
        guard question.choices.indices.contains(number - 1) else {
            say("there are only \(question.choices.count) choices", now: now)
            return []
        }
        return answer(message, question.choices[number - 1], name, chat)
    }

    /// `/answer TEXT`: the newest open question here. Nil where that cannot be done.
    mutating func answerTyped(_ text: String, _ chat: ChatState, _ now: Moment) -> [UIEffect]? {
        guard let (name, asked, question) = open(chat, now) else { return nil }
        let choice =
            question.choices.first { $0.lowercased() == text.lowercased() }
            ?? Int(text).flatMap { question.choices.indices.contains($0 - 1) ? question.choices[$0 - 1] : nil }
        guard let choice else {
            say("choose one of: \(question.choices.joined(separator: ", "))", isError: true, now: now)
            return nil
        }
        return answer(asked, choice, name, chat)
    }

    mutating func declineTyped(_ chat: ChatState, _ now: Moment) -> [UIEffect]? {
        guard let (name, asked, _) = open(chat, now) else { return nil }
        return answer(asked, nil, name, chat)
    }

    private mutating func open(_ chat: ChatState, _ now: Moment) -> (ConversationName, Message, Chat.Question)? {
        guard let name = chat.open, let asked = chat.conversation(name).openQuestion(for: chat.me),
            let question = asked.question
        else {
            say("no question waits for your answer here", isError: true, now: now)
            return nil
        }
        return (name, asked, question)
    }

    private mutating func answer(
        _ message: Message, _ choice: String?, _ name: ConversationName, _ chat: ChatState
    ) -> [UIEffect] {
        if focus == .messages { leaveMessages(chat) }
        change(name) { $0.anchor = .end }
        return [.chat(.answer(name, question: message.id, choice: choice, clientID: ""))]
    }
}
