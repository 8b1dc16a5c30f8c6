import Chat
import ChannelsProtocol

/// A question on its way in.
struct IncomingQuestion: Equatable, Sendable {
    enum End: Equatable, Sendable {
        case at(Timestamp)
        case after(seconds: Int)
    }
    let choices: [String]
    let end: End

    /// By the desk's clock.
    func end(_ now: Timestamp) -> Timestamp {
        switch end {
        case .at(let time): time
        case .after(let seconds): Timestamp(milliseconds: now.milliseconds + Int64(seconds) * 1000)
        }
    }
}

/// Why an answer is not taken.
enum AnswerProblem: Error, Equatable {
    case unknownQuestion
    case ownQuestion
    case unknownChoice([String])
    case answered
}

extension IncomingMessage {
    /// Whether this is what `earlier` was made of.
    func isSame(as earlier: StoredMessage) -> Bool {
        earlier.conversation == conversation.channel && earlier.text.utf8.elementsEqual(text.utf8)
            && earlier.isAutomated == isAutomated
            && earlier.question?.choices == question?.choices && earlier.answer?.questionID == answer?.questionID
            && earlier.answer?.choice == answer?.choice
    }
}

extension DeskStore {
    /// An answer as it is stored: to a question of the other side in this conversation that has none yet.
    static func checked(
        _ answer: GivenAnswer, of message: IncomingMessage, at: Timestamp, _ db: any StoreConnection
    ) throws -> GivenAnswer {
        guard let asked = try db.row(select + " WHERE m.id = ?", [answer.questionID]).map(Self.message),
            asked.conversation == message.conversation.channel, let question = asked.question
        else { throw AnswerProblem.unknownQuestion }
        guard asked.from != message.from.id.text else { throw AnswerProblem.ownQuestion }
        if let choice = answer.choice, !question.choices.contains(where: { $0.utf8.elementsEqual(choice.utf8) }) {
            throw AnswerProblem.unknownChoice(question.choices)
        }
        if try db.row("SELECT 1 FROM messages WHERE answers = ?", [answer.questionID]) != nil {
            throw AnswerProblem.answered
        }
        return GivenAnswer(to: answer.questionID, choice: answer.choice, isLate: at > question.until)
    }

    static func choicesText(_ choices: [String]) -> String { JSON.array(choices.map { .string($0) }).text }

    static func question(_ row: StoreRow) -> Question? {
        guard let text = row[9] as String?, let until = row[10] as Int64?,
            let choices = (try? JSON(parsing: text))?.array?.compactMap(\.string)
        else { return nil }
        return Question(choices: choices, until: Timestamp(milliseconds: until))
    }
}
